import { readFileSync } from "node:fs";
import { join } from "node:path";
import { systems } from "../../stacks";
import { type Architecture, type Line, architecture } from "../../tools/diagram/architecture";
import { type Box } from "../../tools/diagram/boxes";
import { layout } from "../../tools/diagram/layout";
import { mermaid } from "../../tools/diagram/mermaid";
import { DOCUMENTS, illustrated, shownIn } from "../../tools/diagram/documents";
import { svg } from "../../tools/diagram/svg";
import { resourcesOf } from "../support/resources-of";

const root = join(__dirname, "../..");
const dev = resourcesOf("flow-builder", "dev");
const production = architecture("flow-builder, production", resourcesOf("flow-builder", "production"));

test("no address of a person is in a picture", async () => {
  expect((await svg(production)) + mermaid(production)).not.toMatch(/@|\d{12}/);
});

describe("of a stack whose lines lead upwards or nowhere", () => {
  const TIERS = { front: "public", a: "private", b: "private", c: "isolated", d: "isolated", q: undefined } as const;
  const boxes = Object.entries(TIERS).map(([id, tier]): Box => ({
    id,
    part: id,
    family: "compute",
    glyph: "cube",
    label: "ECS",
    ...(tier && { tier }),
  }));
  const line = (from: string, to: string): Line => ({ from, to, labels: ["5432"], flow: "network" });
  const lines = [line("b", "a"), line("d", "c"), line("d", "front"), line("q", "c"), line("c", "q")];
  const tiers = (["public", "private", "isolated"] as const).map((name) => ({ name, notes: [] }));
  const size = { width: 100, height: 50 };
  const sizes = { box: () => size, line: () => size, title: () => size, strip: 90 };
  const drawn = (of: Partial<Architecture>) =>
    layout({ title: "", network: { vpc: "VPC", tiers }, boxes, lines, ...of }, sizes);

  test.each([
    ["lines lead upwards", { lines }],
    ["there is no line", { lines: [] }],
    ["nothing is in the first tier", { boxes: boxes.slice(1), lines: lines.filter(({ to }) => to !== "front") }],
  ])("each tier lies below the one before when %s", async (_, of) => {
    const [front, middle, back] = (await drawn(of)).tiers.map(({ at }) => at);
    if (!front || !middle || !back) throw new Error("A tier is missing.");
    expect(front.y + front.height).toBeLessThan(middle.y);
    expect(middle.y + middle.height).toBeLessThan(back.y);
  });

  test("boxes do not overlap, and every line ends at its box", async () => {
    const { boxes: placed, lines: led } = await drawn({});
    const at = new Map(placed.map((found) => [found.box.id, found.at]));
    for (const [one, { x, y }] of at) {
      for (const [other, two] of at) {
        if (one !== other) expect(Math.abs(x - two.x) >= size.width || Math.abs(y - two.y) >= size.height).toBe(true);
      }
    }
    expect(led).toHaveLength(lines.length);
    for (const { line: drawnLine, end } of led) {
      const { x, y } = at.get(drawnLine.to) ?? { x: NaN, y: NaN };
      expect(end.x).toBeGreaterThan(x - 2);
      expect(end.x).toBeLessThan(x + size.width + 2);
      expect(end.y).toBeGreaterThan(y - 2);
      expect(end.y).toBeLessThan(y + size.height + 2);
    }
  });
});

test("the same stack gives the same bytes, in whatever order its resources come", async () => {
  const picture = architecture("flow-builder, dev", dev);
  const again = architecture("flow-builder, dev", [...dev].reverse());
  expect(await svg(again)).toBe(await svg(picture));
  expect(mermaid(again)).toBe(mermaid(picture));
});

const shown = DOCUMENTS.flatMap((path) => {
  const text = readFileSync(join(root, path), "utf8");
  return shownIn(text).map((one) => ({ ...one, path, text }));
});

test("the README shows the default system, and the documents all of them, each once", () => {
  const [readme] = shown;
  expect(readme).toMatchObject({ path: "README.md", system: "flow-builder", environment: "dev" });
  expect(shown.map(({ system }) => system).sort()).toEqual(Object.keys(systems).sort());
});

test.each(shown)(
  "the picture of $system, $environment in $path is what is synthesized",
  async ({ path, text, ...one }) => {
    const title = `${one.system}, ${one.environment}`;
    const wanted = await illustrated(path, text, one, architecture(title, resourcesOf(one.system, one.environment)));
    const stale = Object.entries(wanted).filter(
      ([file, content]) => readFileSync(join(root, file), "utf8") !== content,
    );
    const command = `${one.system === "flow-builder" ? "" : `SYSTEM=${one.system} `}npm run diagram -- ${one.environment} --docs`;
    expect(stale.map(([file]) => `${file} is out of date. Run ${command}`)).toEqual([]);
  },
);
