import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { App, Testing } from "cdktf";
import { Construct } from "constructs";
import { PRIMARY, physicalName } from "../../modules/naming";
import { BaseStack } from "../../stacks/base-stack";
import { MovedBlocks } from "../../stacks/moved-blocks";
import { type Move, moves } from "../../stacks/moves";

class TestStack extends BaseStack {}

afterEach(() => {
  delete (moves as Record<string, unknown>)["test"];
});

const move = (from: string, to: string, names: Move["names"] = "new"): Move => ({
  ...{ from, to, names, since: "2026-02-17" },
  why: "It does more than that now.",
});

/** A system with some moves, and in each environment queues at some paths. */
function system(list: readonly unknown[], ...environments: readonly (readonly string[])[]) {
  Object.assign(moves, { test: list });
  const app = new App();
  const stacks = environments.map((paths, n) => {
    const stack = new TestStack(app, `stack-${String(n)}`, {
      system: "test",
      environment: "dev",
      name: "ts-dev",
      account: { id: "111111111111", region: "eu-west-1" },
      repository: "groundplan",
    });
    for (const path of paths) queue(stack, path.split("/"));
    return stack;
  });
  const [json] = stacks.map((stack) => JSON.parse(Testing.synth(stack)) as Json);
  return {
    moved: json?.moved,
    names: Object.values(json?.resource.aws_sqs_queue ?? {}).map(({ name }) => name),
    errors: stacks.flatMap((stack) => stack.node.findAll().flatMap(({ node }) => node.validate())),
    strays: MovedBlocks.strays(app),
  };
}

interface Json {
  readonly moved?: { from: string; to: string }[];
  readonly resource: { aws_sqs_queue: Record<string, { name: string }> };
}

function queue(stack: Construct, ids: readonly string[]): void {
  const parent = ids.reduce<Construct>(
    (scope, id) => (scope.node.tryFindChild(id) as Construct | undefined) ?? new Construct(scope, id),
    stack,
  );
  new SqsQueue(parent, PRIMARY, { name: physicalName(parent, { max: 80 }) });
}

const addresses = (pairs: [string, string][]) =>
  pairs.map(([from, to]) => ({ from: `aws_sqs_queue.${from}`, to: `aws_sqs_queue.${to}` }));

test("a stack that nothing moved in has no moved block", () => {
  expect(system([], ["flows"])).toMatchObject({ moved: undefined, errors: [], strays: [] });
});

test("a construct moves with all that is below it, and with nothing beside it", () => {
  const { moved, errors } = system([move("flows", "jobs")], ["jobs", "jobs/dead-letters", "jobs-old"]);
  expect(moved).toEqual(
    addresses([
      ["flows", "jobs"],
      ["flows_dead-letters", "jobs_dead-letters"],
    ]),
  );
  expect(errors).toEqual([]);
});

test("a state that missed a move follows the chain of them", () => {
  const { moved, errors, strays } = system([move("a", "b"), move("b", "c/d")], ["c/d"]);
  expect(moved).toEqual(
    addresses([
      ["b", "c_d"],
      ["a", "b"],
    ]),
  );
  expect([...errors, ...strays]).toEqual([]);
});

test("names follow the path, or are kept as they were, through chains and below", () => {
  const paths = ["jobs", "jobs/dead-letters", "other"];
  expect(system([move("flows", "jobs")], paths).names).toEqual([
    "ts-dev-jobs",
    "ts-dev-jobs-dead-letters",
    "ts-dev-other",
  ]);
  expect(system([move("flows", "jobs", "kept")], paths).names).toEqual([
    "ts-dev-flows",
    "ts-dev-flows-dead-letters",
    "ts-dev-other",
  ]);
  expect(system([move("a", "b", "kept"), move("b", "c", "kept")], ["c"]).names).toEqual(["ts-dev-a"]);
  expect(system([move("a", "b", "kept"), move("b", "c", "new")], ["c"]).names).toEqual(["ts-dev-c"]);
});

test("a kept name that another construct takes fails the synth", () => {
  const { errors } = system([move("flows", "jobs", "kept")], ["jobs", "flows"]);
  expect(errors).toContainEqual(expect.stringMatching(/are both aws_sqs_queue "ts-dev-flows" in AWS/));
});

test("it is rendered only where there is something at its new path, which must be in some environment", () => {
  const production = system([move("flows", "jobs")], ["other"], ["jobs"]);
  expect(production).toMatchObject({ moved: undefined, errors: [], strays: [] });
  expect(system([move("flows", "jobs")], ["other"], ["job"]).strays).toEqual([
    'stacks/moves.ts: test: flows → jobs: expected a construct of the stack, got "no resource at jobs in any environment". Write its path now, or remove the entry when flows is to be deleted.',
  ]);
});

test("what is still at the old path cannot have moved", () => {
  expect(system([move("flows", "jobs")], ["flows", "jobs"]).errors).toEqual([
    'stacks/moves.ts: test: aws_sqs_queue.flows → aws_sqs_queue.jobs: expected aws_sqs_queue.flows to be gone, got "both in the stack". Remove the entry, or give the new construct at the old path another id.',
  ]);
});

test.each([
  ["two to one", [move("a", "c"), move("b", "c")], 'a → c: expected one, got "2 that end there". Keep one of them.'],
  ["one to two", [move("a", "c"), move("a", "d")], 'a → c: expected one, got "2 from there". Keep one of them.'],
  [
    "a circle",
    [move("a", "c"), move("c", "a")],
    'a → c: expected an end, got "a way back to where it was". Remove those that were taken back.',
  ],
  ["to itself", [move("c", "c")], "c → c: expected an end"],
])("moves that contradict one another fail the synth: %s", (_, list, message) => {
  expect(system(list, ["c"]).errors.join("\n")).toContain(`stacks/moves.ts: test: ${message}`);
});

test.each([
  [
    "an address instead of a path",
    { ...move("aws_sqs_queue.flows", "jobs") },
    /from: expected a path of ids, such as "api\/scaling"/,
  ],
  ["no date", { ...move("flows", "jobs"), since: "yesterday" }, /since: expected a date, such as 2026-02-17/],
  ["another word for the names", { ...move("flows", "jobs"), names: "keep" }, /names: /],
  ["nothing", undefined, /: /],
])("an entry of another shape fails the synth, and breaks nothing: %s", (_, entry, message) => {
  const { errors, moved } = system([entry], ["jobs"]);
  expect(errors.join("\n")).toMatch(message);
  expect(moved).toBeUndefined();
});
