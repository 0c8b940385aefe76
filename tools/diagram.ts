import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative, resolve } from "node:path";
import { Option } from "commander";
import { type Architecture, architecture } from "./diagram/architecture";
import { DOCUMENTS, illustrated, shownIn } from "./diagram/documents";
import { mermaid } from "./diagram/mermaid";
import { checkSize, only } from "./diagram/selection";
import { svg } from "./diagram/svg";
import { announce } from "./support/deployment-line";
import { ENVIRONMENTS } from "./support/environment-argument";
import { Failure, command } from "./support/failure";
import { localFolder, root } from "./support/project";
import { type StackFolder } from "./support/stack-folder";
import { synthesis } from "./support/synthesis";
import { tool } from "./support/tool";

const FORMATS = {
  svg: { extension: ".svg", draw: svg },
  mermaid: { extension: ".mmd", draw: (of: Architecture) => Promise.resolve(mermaid(of)) },
} as const;
type Format = keyof typeof FORMATS;

interface Flags {
  readonly format?: Format;
  readonly out?: string;
  readonly stdout: boolean;
  readonly depth: string;
  readonly only?: string;
  readonly docs: boolean;
}

const AGAIN = "npm run diagram --";

/** `npm run diagram -- dev`: the architecture of an environment, from its synthesized stack. */
async function diagram(environment: string | undefined, flags: Flags): Promise<void> {
  const wanted = formats(flags);
  const { stack, resources } = await synthesis(environment, AGAIN);
  announce(stack);
  const whole = architecture(`${stack.system}, ${stack.environment}`, resources, { folded: flags.depth === "1" });
  const again = `${AGAIN} ${environment ?? ""}`.trim();
  const parts = flags.only?.split(",").map((part) => part.trim());
  const drawn = parts ? only(whole, parts, again) : whole;
  checkSize(drawn, again);
  if (flags.docs) {
    await intoDocuments(stack, whole);
  } else if (flags.stdout) {
    for (const format of wanted) process.stdout.write(await FORMATS[format].draw(drawn));
  } else {
    for (const format of wanted) write(file(format, flags, stack.deployment), await FORMATS[format].draw(drawn));
  }
}

/** What to draw: as asked for, as the file's name says, or both; on stdout there is room for one. */
function formats({ format, out = "", stdout }: Flags): Format[] {
  if (format !== undefined) return [format];
  const known = Object.keys(FORMATS) as Format[];
  const named = known.filter((name) => FORMATS[name].extension === extname(out));
  if (named.length > 0) return named;
  if (extname(out) !== "") {
    const expected = known.map((name) => FORMATS[name].extension).join(" or ");
    throw new Failure(`--out: expected a file that ends in ${expected}, or a folder, got "${out}".`, {
      next: `${AGAIN} --help`,
    });
  }
  return stdout ? ["svg"] : known;
}

function file(format: Format, { out }: Flags, deployment: string): string {
  const { extension } = FORMATS[format];
  if (out !== undefined && extname(out) !== "") return resolve(out);
  return join(out === undefined ? localFolder("diagrams") : resolve(out), `${deployment}${extension}`);
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  console.log(`Wrote ${relative(process.cwd(), path)}`);
}

async function intoDocuments({ system, environment }: StackFolder, whole: Architecture): Promise<void> {
  const texts = DOCUMENTS.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
  const places = texts.filter(({ text }) =>
    shownIn(text).some((shown) => shown.system === system && shown.environment === environment),
  );
  if (places.length === 0) {
    throw new Failure(
      `Neither ${DOCUMENTS.join(" nor ")} has a place for ${whole.title}. Add two lines where it shall stand: "<!-- diagram: ${system} ${environment} -->" and "<!-- /diagram -->".`,
      { next: `${AGAIN} ${environment} --docs` },
    );
  }
  for (const { path, text } of places) {
    const files = await illustrated(path, text, { system, environment }, whole);
    for (const [name, content] of Object.entries(files)) write(join(root, name), content);
  }
}

const program = tool(AGAIN)
  .description(
    "Draws the architecture of an environment from its synthesized stack: network tiers, services, stores, queues, and who may talk to whom by the security groups' rules and the roles' grants. Nothing is drawn that no resource stands for.",
  )
  .argument("[environment]", `${ENVIRONMENTS}; dev-state, dev-account for the stacks that an account has once`)
  .addOption(
    new Option("--format <format>", "the format (default: as --out ends, or both)").choices(Object.keys(FORMATS)),
  )
  .option("--out <path>", "the file, or a folder (default: .local/diagrams/<deployment>.svg and .mmd)")
  .option("--stdout", "prints it instead, as SVG unless --format says mermaid", false)
  .addOption(
    new Option("--depth <depth>", "1: one box for each part of the stack; 2: also for what stands alone in a part")
      .choices(["1", "2"])
      .default("2"),
  )
  .option("--only <parts>", 'some parts, and what they talk to: "api,worker"')
  .addOption(
    new Option("--docs", `writes the picture in ${DOCUMENTS.join(" or ")}, which a test compares`)
      .default(false)
      .conflicts(["format", "out", "stdout", "depth", "only"]),
  )
  .addHelpText("after", "\nThe system is the one in cdktf.json, or SYSTEM=<name>.")
  .action((environment: string | undefined, flags: Flags) => command(() => diagram(environment, flags)));

void program.parseAsync();
