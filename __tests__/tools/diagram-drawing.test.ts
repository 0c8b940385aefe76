import { readFileSync } from "node:fs";
import { join } from "node:path";
import { architecture } from "../../tools/diagram/architecture";
import { type Box } from "../../tools/diagram/boxes";
import { layout } from "../../tools/diagram/layout";
import { mermaid } from "../../tools/diagram/mermaid";
import { illustrated, shownIn } from "../../tools/diagram/readme";
import { svg } from "../../tools/diagram/svg";
import { resourcesOf } from "../support/resources-of";

const root = join(__dirname, "../..");

test("no address of a person is in a picture", async () => {
  const production = architecture("flow-builder, production", resourcesOf("flow-builder", "production"));
  expect((await svg(production)) + mermaid(production)).not.toMatch(/@|\d{12}/);
});

test("a tier lies below the one before, though nobody talks across, and nothing overlaps", async () => {
  const inner = (id: string, tier: Box["tier"]): Box => ({
    id,
    part: id,
    family: "compute",
    glyph: "cube",
    label: "ECS",
    ...(tier && { tier }),
  });
  const boxes = [
    inner("front", "public"),
    inner("a", "private"),
    inner("b", "private"),
    inner("c", "isolated"),
    inner("d", "isolated"),
    inner("q", undefined),
  ];
  const line = (from: string, to: string) => ({ from, to, labels: ["5432"], flow: "network" as const });
  const network = {
    vpc: "VPC",
    tiers: (["public", "private", "isolated"] as const).map((name) => ({ name, notes: [] })),
  };
  const size = { width: 100, height: 50 };
  const upwards = {
    title: "",
    network,
    boxes,
    lines: [line("b", "a"), line("d", "c"), line("d", "front"), line("q", "c")],
  };
  const { tiers, boxes: placed } = await layout(upwards, {
    box: () => size,
    line: () => size,
    title: () => size,
    strip: 90,
  });
  const [front, middle, back] = tiers.map(({ at }) => at);
  expect(front && middle && back && front.y + front.height < middle.y && middle.y + middle.height < back.y).toBe(true);
  for (const {
    box: { id },
    at: one,
  } of placed) {
    for (const { box: other, at: two } of placed) {
      if (id === other.id) continue;
      expect(Math.abs(one.x - two.x) >= 100 || Math.abs(one.y - two.y) >= 50).toBe(true);
    }
  }
});

test("the same stack gives the same bytes, in whatever order its resources come", async () => {
  const dev = resourcesOf("flow-builder", "dev");
  const picture = architecture("flow-builder, dev", dev);
  const again = architecture("flow-builder, dev", [...dev].reverse());
  expect(await svg(again)).toBe(await svg(picture));
  expect(mermaid(again)).toBe(mermaid(picture));
});

const readme = readFileSync(join(root, "README.md"), "utf8");
const shown = shownIn(readme);

test("the README shows the default system", () => {
  expect(shown).toContainEqual({ system: "flow-builder", environment: "dev" });
});

test.each(shown)(
  "the README's picture of $system, $environment is what is synthesized",
  async ({ system, environment }) => {
    const wanted = await illustrated(
      readme,
      { system, environment },
      architecture(`${system}, ${environment}`, resourcesOf(system, environment)),
    );
    const stale = Object.entries(wanted).filter(
      ([path, content]) => readFileSync(join(root, path), "utf8") !== content,
    );
    const command = `${system === "flow-builder" ? "" : `SYSTEM=${system} `}npm run diagram -- ${environment} --readme`;
    expect(stale.map(([path]) => `${path} is out of date. Run ${command}`)).toEqual([]);
  },
);
