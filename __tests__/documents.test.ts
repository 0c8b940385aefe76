import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { scripts } from "../package.json";

const root = resolve(__dirname, "..");
const documents = ["README.md", "CONTRIBUTING.md", "docs", "docs/adr", "global", "images", "local-aws"].flatMap(
  (path) =>
    path.endsWith(".md")
      ? [path]
      : readdirSync(join(root, path))
          .filter((name) => name.endsWith(".md"))
          .map((name) => join(path, name)),
);

/** A document without its blocks of code, whose comments look like headings. */
function proseOf(document: string): string {
  return readFileSync(join(root, document), "utf8").replace(/^( *)```.*?^\1```$/gms, "");
}

/**
 * The anchors that GitHub makes of a document's headings: what is shown of them in lower case, without what is no letter, digit,
 * hyphen or underscore, and with a hyphen for each space; "-1" behind one that was there before.
 */
function anchorsOf(document: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of proseOf(document).matchAll(/^#{1,6} +(.+?)(?: +#+)?$/gm)) {
    const shown = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1");
    const slug = shown
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${String(count)}`;
    anchors.add(anchor);
  }
  return anchors;
}

describe.each(documents)("%s", (document) => {
  const text = readFileSync(join(root, document), "utf8");

  test("leads to files that are there", () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target]) => String(target));
    const dead = links.filter((target) => !existsSync(join(root, dirname(document), target)));
    expect(dead).toEqual([]);
  });

  test("leads to headings that are there", () => {
    const links = [...proseOf(document).matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]*)\)/g)];
    const dead = links.filter(([, path = "", anchor = ""]) => {
      const target = path === "" ? document : join(dirname(document), path);
      return target.endsWith(".md") && existsSync(join(root, target)) && !anchorsOf(target).has(anchor);
    });
    expect(dead.map(([link]) => link)).toEqual([]);
  });

  test("names npm scripts that there are", () => {
    const named = [...text.matchAll(/npm run (?:--silent )?([a-z][a-z:-]*)/g)].map(([, script]) => String(script));
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

test("README's table of commands names every npm script", () => {
  const [, commands = ""] = readFileSync(join(root, "README.md"), "utf8").split("## Commands");
  const named = [...commands.matchAll(/`npm (?:run )?([a-z][a-z:-]*)/g)].map(([, script]) => script);
  expect([...new Set(named)].sort()).toEqual(Object.keys(scripts).sort());
});

test("the runbook's list of contents names every section", () => {
  const runbook = readFileSync(join(root, "docs/runbook.md"), "utf8");
  const listed = [...runbook.matchAll(/^- \[(.+)\]\(#(.+)\)$/gm)];
  expect(listed.map(([, title]) => title)).toEqual([...runbook.matchAll(/^## (.+)$/gm)].map(([, title]) => title));
  for (const [, title, anchor] of listed) expect(anchor).toBe(title?.toLowerCase().replaceAll(" ", "-"));
});

test("every decision record is in the index", () => {
  const index = readFileSync(join(root, "docs/adr/README.md"), "utf8");
  const records = readdirSync(join(root, "docs/adr")).filter((name) => /^\d{4}-/.test(name));
  expect(records.length).toBeGreaterThan(5);
  expect(records.filter((name) => !index.includes(`(${name})`))).toEqual([]);
});

test("nothing in the repository names a registry, a mirror or a home of the machine that it was written on", () => {
  const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" })
    .split("\n")
    .filter((name) => name !== "" && existsSync(join(root, name)));
  const found = files.filter((name) =>
    /"resolved": "|\/root\/|--(extra-)?index-url/.test(readFileSync(join(root, name), "utf8")),
  );
  expect(found.filter((name) => name !== "__tests__/documents.test.ts")).toEqual([]);
});
