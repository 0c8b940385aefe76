import { parseState } from "../../../tools/support/recorded-state";
import { stateFindings } from "../../../tools/doctor/state-findings";

const stack = {
  ...{ folder: "/nowhere", system: "flow-builder", environment: "dev" },
  ...{ deployment: "fb-dev", accountId: "111111111111", region: "eu-west-1", digest: "" },
  ...{ bucket: "states", key: "flow-builder/fb-dev/terraform.tfstate", lockTable: "locks" },
};
const now = new Date("2026-11-21T12:14:00Z");

function stateFile(change: Readonly<Record<string, unknown>> = {}, deployment = "fb-dev"): string {
  const queue = { attributes: { id: "1", tags_all: { deployment } } };
  return JSON.stringify({
    ...{ version: 4, terraform_version: "1.11.4", serial: 7, lineage: "one" },
    resources: [
      { mode: "managed", type: "aws_sqs_queue", name: "flows", instances: [{ ...queue, status: "tainted" }] },
      { mode: "managed", type: "aws_vpc", name: "old", instances: [{ ...queue, deposed: "a1" }] },
      { mode: "data", type: "aws_region", name: "here", instances: [{}] },
    ],
    ...change,
  });
}

function findings(text: string | undefined, older: readonly string[] = []) {
  const recorded = text === undefined ? undefined : parseState(text);
  const written = new Date("2026-11-21T12:00:00Z");
  const versions = older.map((_, index) => ({ id: `v${String(index)}`, written, latest: index === 0, deleted: false }));
  const object = text === undefined ? undefined : { text, md5: "", written };
  const states = older.map((version) => parseState(version));
  return stateFindings(stack, { object, recorded, versions, older: states, terraform: "1.11.4" }, now);
}

const problems = (...args: Parameters<typeof findings>): string[] =>
  findings(...args)
    .filter(({ level }) => level !== "fact")
    .map(({ level, text }) => `${level}: ${text}`);

test("a state's resources are told with what is tainted and deposed, without data sources", () => {
  expect(parseState(stateFile())?.resources).toMatchObject([
    { address: "aws_sqs_queue.flows", tainted: true, deposed: false },
    { address: "aws_vpc.old", tainted: false, deposed: true },
  ]);
  expect(parseState("<html>")).toBeUndefined();
  expect(parseState("{}")).toBeUndefined();
});

test("it is told where the state is, how large, which serial and lineage, and when it was written", () => {
  const text = findings(stateFile(), [stateFile(), stateFile({ serial: 6 })])
    .map((finding) => finding.text)
    .join("\n");
  expect(text).toContain("s3://states/flow-builder/fb-dev/terraform.tfstate (eu-west-1): 1 KiB");
  expect(text).toContain("2026-11-21 12:00:00 UTC (14 minutes ago)");
  expect(text).toContain("serial 7, lineage one, 2 resources, by Terraform 1.11.4");
  expect(text).toMatch(/2 versions, the newest first:\n\s+v0 .* serial 7\n\s+v1 .* serial 6/);
});

test("no state is no fault, but nothing is deployed", () => {
  expect(problems(undefined)).toEqual([
    expect.stringMatching(/^note: s3:\S+ \(eu-west-1\): none\. Nothing was deployed/),
  ]);
});

test("a state that was deleted comes back with its delete marker's removal", () => {
  const written = new Date("2026-11-21T12:00:00Z");
  const versions = [
    { id: "marker", written, latest: true, deleted: true },
    { id: "state", written, latest: false, deleted: false },
  ];
  const question = { object: undefined, recorded: undefined, versions, older: [], terraform: "1.11.4" };
  expect(stateFindings(stack, question, now).flatMap(({ commands }) => commands)).toEqual([
    ["aws", "s3api", "delete-object", "--bucket", "states", "--key", stack.key, "--version-id", "marker"],
  ]);
});

test("a state that was empty when it was removed is what a destroy leaves: nothing to mend", () => {
  const written = new Date("2026-11-21T12:00:00Z");
  const versions = [
    { id: "marker", written, latest: true, deleted: true },
    { id: "state", written, latest: false, deleted: false },
  ];
  const older = [undefined, parseState(stateFile({ resources: [] }))];
  const question = { object: undefined, recorded: undefined, versions, older, terraform: "1.11.4" };
  const found = stateFindings(stack, question, now);
  expect(found.filter(({ level }) => level !== "fact")).toEqual([]);
  expect(found.map(({ text }) => text)).toContain("It was destroyed; removed at 2026-11-21 12:00:00 UTC");
});

test("a state of a newer format says which Terraform reads it", () => {
  expect(problems(stateFile({ version: 5, terraform_version: "2.0.0" }))).toEqual([
    expect.stringMatching(/^problem: .*format 5.*Install 2.0.0 or newer/),
  ]);
});

test("a state that OpenTofu wrote is told as that, with what lets Terraform take it over; its numbers are its own", () => {
  const resource = {
    mode: "managed",
    type: "aws_vpc",
    name: "v",
    provider: 'provider["registry.opentofu.org/hashicorp/aws"]',
  };
  const text = stateFile({ terraform_version: "1.12.6", resources: [{ ...resource, instances: [] }] });
  expect(findings(text).map((finding) => finding.text)).toContainEqual(expect.stringContaining("by OpenTofu 1.12.6"));
  expect(problems(text)).toEqual([
    expect.stringMatching(/^note: OpenTofu wrote it, .* state replace-provider -auto-approve registry\.opentofu\.org/),
  ]);
});

test("a state that a newer Terraform 1 wrote can be read, and is told", () => {
  expect(problems(stateFile({ terraform_version: "1.12.0" }))).toEqual([expect.stringMatching(/^note: .*1\.12\.0/)]);
});

test("a state that is none is not touched", () => {
  expect(problems("<html>")).toEqual([expect.stringMatching(/^problem: .*no state that Terraform can read/)]);
});

test("another deployment's state, copied here by a migration, is told with whose it is", () => {
  expect(problems(stateFile({}, "fb-42-dev"))).toEqual([
    expect.stringMatching(/^problem: 2 of its resources are of fb-42-dev, not of fb-dev/),
  ]);
});

test("a lineage that changed is told", () => {
  expect(problems(stateFile(), [stateFile(), stateFile({ lineage: "two" })])).toEqual([
    expect.stringMatching(/^note: .*version v1 .*\(two\)/),
  ]);
});
