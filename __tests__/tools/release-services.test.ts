import { runOnce } from "../../tools/release/one-off-task";
import { imageOf } from "../../tools/release/standing";
import { keptAwake, raised, stopped, watched } from "../../tools/release/steady";
import { RolloutFailed, beginning, staysAlive } from "../../tools/release/failed-rollout";
import { type Prepared } from "../../tools/release/preparation";
import { rollOut } from "../../tools/release/rollout";
import { type Session } from "../../tools/release/session";
import { type Standing } from "../../tools/release/standing";
import { Story } from "../../tools/release/story";
import { Failure } from "../../tools/support/failure";
import { type ReleasedService } from "../../tools/support/released-services";
import { type RunningAwsApi, startAwsApi } from "../support/aws-api";

const [OLD, IMAGE] = ["registry/images@sha256:old", "registry/images@sha256:new"];
const service = {
  ...{ path: "api", name: "wo-dev-api", cluster: "wo-dev-cluster" },
  ...{ task: { container: "api" }, pointer: { name: "/wo-dev/api/image" }, health: { path: "/health" } },
} as ReleasedService;

/** What waits for AWS a second or more waits a moment. */
jest.mock("node:timers/promises", () => ({ setTimeout: () => new Promise((resolve) => setTimeout(resolve, 5)) }));
/** How often ctrl-C was pressed. */
let signals: number;
jest.mock("../../tools/support/run", () => ({
  ...jest.requireActual<object>("../../tools/support/run"),
  passSignalsOn: () => undefined,
  interruptions: () => signals,
}));
/** The second plan, and the health URL, as Terraform and the load balancer would answer. */
let plan: () => object;
let health: () => void;
jest.mock("../../tools/release/plan", () => ({
  ...jest.requireActual<object>("../../tools/release/plan"),
  planned: () => Promise.resolve().then(() => plan()),
}));
jest.mock("../../tools/release/smoke-test", () => ({
  questions: () => Promise.resolve(new Map([["api", { url: new URL("http://api.example.com/health") }]])),
  smokeTest: () => Promise.resolve().then(() => health()),
}));
jest.mock("../../tools/release/restoration", () => ({
  goBack: () => {
    asked.push(`goes back, with at least ${String(bounds.MinCapacity)} tasks`);
    throw new Failure("The release failed.");
  },
}));

/** One service of ECS and its bounds, as AWS would have them. */
let bounds: { MinCapacity: number; MaxCapacity: number };
let ecs: { desiredCount: number; deployments: object[]; events: object[] };
let containers: object[];
/** Of the migration's task, when it has ended. */
let ended: object[];
/** What was asked for, in order: "RunTask". */
let asked: string[];
/** How a task was stopped, as ECS tells it. */
let stop: object;
/** What the migration's task writes to its log, question by question, before it has ended. */
let writes: string[][];
let log: string[];
/** What the service's pointer says. */
let pointer: string;
/** What the last task was started with. */
let begun: Record<string, unknown>;
/** The tasks that are listed, call by call. */
let listed: string[][];
let aws: RunningAwsApi;
const clients = () => aws.clients;

beforeAll(async () => {
  const on = (name: string, answer: (input: Record<string, unknown>) => unknown) => {
    const of = /ScalableTarget/.test(name) ? "AnyScaleFrontendService" : "AmazonEC2ContainerServiceV20141113";
    const operation = (input: Record<string, unknown>) => {
      asked.push(name);
      return answer(input);
    };
    return [`${of}.${name}`, operation] as const;
  };
  aws = await startAwsApi({
    ...Object.fromEntries([
      on("DescribeScalableTargets", () => ({ ScalableTargets: [bounds] })),
      on("RegisterScalableTarget", ({ MinCapacity, MaxCapacity }) => {
        bounds = { MinCapacity: Number(MinCapacity), MaxCapacity: Number(MaxCapacity) };
        return {};
      }),
      on("DescribeServices", () => ({ services: [{ status: "ACTIVE", taskDefinition: "task:1", ...ecs }] })),
      on("UpdateService", ({ desiredCount }) => {
        const count = Number(desiredCount);
        const proof = { id: "proof", status: "PRIMARY", rolloutState: "COMPLETED" };
        ecs = { ...ecs, desiredCount: count, deployments: [{ ...proof, runningCount: count, desiredCount: count }] };
        return { service: { deployments: [proof] } };
      }),
      on("DescribeTaskDefinition", () => ({ taskDefinition: { family: "migrate", containerDefinitions: containers } })),
      on("RegisterTaskDefinition", () => ({ taskDefinition: { taskDefinitionArn: "migrate:2" } })),
      on("DeregisterTaskDefinition", () => ({})),
      on("ListTasks", () => ({ taskArns: listed.shift() ?? [] })),
      on("RunTask", (input) => {
        begun = input;
        return { tasks: [{ taskArn: "task/0123" }] };
      }),
      on("StopTask", () => {
        writes = [];
        return {};
      }),
      on("DescribeTasks", () => {
        const written = writes.shift();
        log.push(...(written ?? []));
        const state = written ? { lastStatus: "RUNNING" } : { lastStatus: "STOPPED", containers: ended, ...stop };
        return { tasks: [{ taskArn: "task/0123", ...state }] };
      }),
    ]),
    "Logs_20140328.GetLogEvents": ({ nextToken }) => ({
      events: log.slice(Number(nextToken ?? 0)).map((message) => ({ message: `${message}\n` })),
      nextForwardToken: String(log.length),
    }),
    "AmazonSSM.GetParameters": () => ({ Parameters: [{ Name: service.pointer.name, Value: pointer }] }),
    "AmazonSSM.PutParameter": ({ Value }) => {
      pointer = String(Value);
      asked.push(`the pointer is ${pointer}`);
      return {};
    },
    "AmazonSSM.LabelParameterVersion": () => ({}),
  });
});
afterAll(() => aws.stop());
beforeEach(() => {
  bounds = { MinCapacity: 0, MaxCapacity: 4 };
  ecs = { desiredCount: 0, deployments: [], events: [] };
  containers = [{ name: "api", image: IMAGE }];
  ended = [{ name: "migrate", exitCode: 0 }];
  asked = [];
  listed = [];
  stop = {};
  writes = [];
  log = [];
  signals = 0;
  pointer = OLD;
  plan = () => ({ changes: [], outputs: [] });
  health = () => undefined;
});

test("a sleeping service is kept awake while it is proven, and its bounds are put back", async () => {
  const putBack: (() => Promise<void>)[] = [];
  await keptAwake(service, clients(), putBack);
  expect(bounds).toEqual({ MinCapacity: 1, MaxCapacity: 4 });
  for (const back of putBack) await back();
  expect(bounds).toEqual({ MinCapacity: 0, MaxCapacity: 4 });
});

test("bounds that a schedule has set meanwhile are left alone, and those that keep a task anyway are not touched", async () => {
  const putBack: (() => Promise<void>)[] = [];
  await keptAwake(service, clients(), putBack);
  bounds = { MinCapacity: 2, MaxCapacity: 4 };
  for (const back of putBack) await back();
  expect(bounds).toEqual({ MinCapacity: 2, MaxCapacity: 4 });

  await keptAwake(service, clients(), putBack);
  expect([bounds, putBack.length]).toEqual([{ MinCapacity: 2, MaxCapacity: 4 }, 1]);
});

test("proving a service takes no task away from one that was woken meanwhile", async () => {
  expect([await raised(service, clients()), ecs.desiredCount]).toEqual(["proof", 1]);
  ecs.desiredCount = 3;
  await raised(service, clients());
  expect(ecs.desiredCount).toBe(3);
});

test("a deployment that ECS does not list yet has not failed", async () => {
  setTimeout(() => {
    const proof = { id: "proof", status: "PRIMARY", rolloutState: "COMPLETED", runningCount: 1, desiredCount: 1 };
    ecs = { ...ecs, desiredCount: 1, deployments: [proof] };
  }, 50);
  expect(await watched(service, IMAGE, clients(), () => undefined, "proof")).toBe(1);
});

test("a service that is to run nothing gets bounds of 0 first, so that nothing starts a task again", async () => {
  bounds = { MinCapacity: 2, MaxCapacity: 4 };
  ecs.desiredCount = 2;
  await stopped(service, clients());
  expect([bounds, ecs.desiredCount]).toEqual([{ MinCapacity: 0, MaxCapacity: 0 }, 0]);
});

test("a container that had another name before runs its image all the same: it is not taken for none", async () => {
  containers = [{ name: "server", image: IMAGE }];
  expect(await imageOf(service, "task:1", clients())).toBe(IMAGE);
});

test("a rollout's events begin after the newest one that ECS has, whatever this machine's clock says", async () => {
  expect((await beginning([service], clients())).getTime()).toBe(0);
  const newest = 4_102_444_800; // 2100
  ecs.events = [
    { createdAt: newest - 60, message: "b" },
    { createdAt: newest, message: "a" },
  ];
  expect((await beginning([service], clients())).getTime()).toBe(newest * 1000 + 1);
});

const invocation = {
  ...{ cluster: "wo-dev-cluster", family: "migrate", container: "migrate", image_of: "api" },
  ...{ subnets: ["subnet-1"], security_groups: ["sg-1"] },
  ...{ assign_public_ip: false, log_group: "/ecs/migrate" },
};

test("a migration's exit code is that of its own container, not of one that AWS runs beside it", async () => {
  ended = [
    { name: "aws-guardduty-agent-1", exitCode: 0 },
    { name: "migrate", exitCode: 1 },
  ];
  expect((await runOnce(invocation, IMAGE, clients(), () => undefined)).exitCode).toBe(1);
});

test("a task that starts and ends by itself is a failed rollout, though ECS calls it complete", async () => {
  const alive = () => staysAlive(service, new Date(0), clients(), () => undefined, 100);
  const left = ["task/0123"];
  stop = { stopCode: "EssentialContainerExited", taskDefinitionArn: "task:1", stoppedAt: 1 };
  listed = [left];
  await expect(alive()).rejects.toThrow("its tasks start, and end by themselves");
  // Those of the image before, and those that ECS ends, are no fault of this one.
  for (const other of [{ taskDefinitionArn: "task:0" }, { stopCode: "ServiceSchedulerInitiated" }]) {
    listed = [left];
    stop = { ...stop, taskDefinitionArn: "task:1", stopCode: "EssentialContainerExited", ...other };
    expect(await alive()).toBeUndefined();
  }
});

test("a migration runs on demand: Spot would take it back in its midst", async () => {
  await runOnce(invocation, IMAGE, clients(), () => undefined);
  expect(begun).toMatchObject({ launchType: "FARGATE" });
  expect(begun).not.toHaveProperty("capacityProviderStrategy");
});

test("a migration begins when the one that a killed release left behind has ended", async () => {
  listed = [["task/left"], []];
  const told: string[] = [];
  const { exitCode } = await runOnce(invocation, IMAGE, clients(), (line) => told.push(line));
  expect(exitCode).toBe(0);
  expect(told).toEqual([
    "waits for the end of left, which an earlier release began. To stop it instead:",
    "aws ecs stop-task --cluster wo-dev-cluster --task left",
  ]);
  const order = asked.filter((it) => ["ListTasks", "RunTask", "DeregisterTaskDefinition"].includes(it));
  expect(order).toEqual(["ListTasks", "ListTasks", "RunTask", "DeregisterTaskDefinition"]);
});

const migrating = async (tell: (line: string) => void = () => undefined) => {
  const { why } = await runOnce(invocation, IMAGE, clients(), (line) => {
    asked.push(line);
    tell(line);
  });
  return [asked.slice(asked.indexOf("RunTask") + 1, asked.indexOf("DeregisterTaskDefinition")), why];
};

test("a migration's lines are told while it runs, each once", async () => {
  writes = [["creates tables", "fills them"], [], ["checks them"]];
  const [order] = await migrating();
  expect(order).toEqual([
    ...["DescribeTasks", "creates tables", "fills them", "DescribeTasks", "DescribeTasks", "checks them"],
    "DescribeTasks",
  ]);
});

test("a first ctrl-C lets a migration end, and says so once; a second one stops its task", async () => {
  const WAITS = "waits for the migration's end; ctrl-C once more stops it half-way";
  writes = [[], []];
  signals = 1;
  expect((await migrating())[0]).toEqual(["DescribeTasks", WAITS, "DescribeTasks", "DescribeTasks"]);

  asked = [];
  writes = [[], [], [], [], []];
  stop = { stoppedReason: "Interrupted twice" };
  const [order, why] = await migrating(() => (signals = 2));
  expect(order).toEqual(["DescribeTasks", WAITS, "StopTask", "DescribeTasks"]);
  expect(why).toMatch(/^task 0123: Interrupted twice/);
});

/** The rollout of the new image, of a service that stood so before. */
async function rolledOut(stood: Partial<Standing>): Promise<[Story["chapter"], string | undefined]> {
  jest.spyOn(console, "log").mockImplementation();
  const story = new Story();
  const session = { released: { services: [service] }, clients: clients(), simulated: true } as unknown as Session;
  const before = [{ service, desired: 0, rollingOut: false, ...stood }];
  const prepared = { before, wanted: new Map([["api", IMAGE]]) } as unknown as Prepared;
  try {
    await rollOut(session, prepared, story, { migrated: true, check: () => undefined });
    return [story.chapter, undefined];
  } catch (error) {
    return [story.chapter, (error as Error).message];
  } finally {
    jest.restoreAllMocks();
  }
}

test.each([
  ["answers", undefined, undefined, []],
  ["cannot be asked from here", new Failure("Nothing answers."), "Nothing answers.", []],
  [
    "answers with an error",
    new RolloutFailed(service, "It answers 503."),
    "The release failed.",
    ["goes back, with at least 0 tasks"],
  ],
] as const)(
  "a service that sleeps gets one task that is proven, and then its bounds back: when it %s",
  async (_, outcome, message, after) => {
    let proven: object | undefined;
    health = () => {
      proven = { ...bounds, tasks: ecs.desiredCount };
      if (outcome instanceof Error) throw outcome;
    };
    expect(await rolledOut({ runs: OLD })).toEqual(["proving", message]);
    expect(proven).toEqual({ MinCapacity: 1, MaxCapacity: 4, tasks: 1 });
    expect(bounds).toEqual({ MinCapacity: 0, MaxCapacity: 4 });
    expect(asked.filter((it) => it.startsWith("goes"))).toEqual(after);
  },
);

test("a service that sleeps, and was seen to run this image before, is not woken to be proven", async () => {
  pointer = IMAGE;
  ecs.deployments = [{ status: "PRIMARY", rolloutState: "COMPLETED", runningCount: 0, desiredCount: 0 }];
  health = () => asked.push("asked for its health");
  await rolledOut({ runs: IMAGE, pointer: { value: IMAGE, labels: ["released"] } });
  expect(asked.filter((it) => /Register|Update|health/.test(it))).toEqual([]);
});

test("the pointers name again what runs when there is no plan of the rollout: the next to deploy rolls nothing out", async () => {
  plan = () => {
    throw new Failure("The network is gone.");
  };
  expect(await rolledOut({ runs: OLD })).toEqual(["unpointed", "The network is gone."]);
  expect(asked.filter((it) => it.startsWith("the pointer"))).toEqual([
    `the pointer is ${IMAGE}`,
    `the pointer is ${OLD}`,
  ]);
});
