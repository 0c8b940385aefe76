import type { ClientConfig } from "../../tools/support/aws-clients";
import { accountClients, accountVariables } from "../../tools/support/account-clients";
import { type Failure, told } from "../../tools/support/failure";
import type { ReleasedService } from "../../tools/support/released-services";
import { compared, table } from "../../tools/promote/comparison";
import { type Place, copiedImages } from "../../tools/promote/copied-images";
import { asked } from "../../tools/promote/sides";
import { Session } from "../../tools/release/session";
import { type Standing, digestsRun, standings } from "../../tools/promote/standing";
import { AwsError, type RunningAwsApi, startAwsApi } from "../support/aws-api";
import { EcrAccount } from "../support/ecr";
import { LOGIN, TestRegistry } from "../support/registry";

const [OLD, NEW] = ["1", "2"].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
const URL = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/fb-staging-api-images";

function service(path: string, image = path, deployment = "fb-staging"): ReleasedService {
  return {
    path,
    address: `aws_ecs_service.${path}`,
    name: `${deployment}-${path}`,
    cluster: `${deployment}-cluster`,
    task: { address: `aws_ecs_task_definition.${path}_task`, family: `${deployment}-${path}-task`, container: path },
    logGroup: `/ecs/${deployment}-${path}`,
    pointer: { address: `aws_ssm_parameter.${path}_image`, name: `/${deployment}/${path}/image` },
    repository: { address: "aws_ecr_repository.x", name: `${deployment}-${image}-images`, image },
  };
}

function standing(path: string, image: string, pointer: string, more: Partial<Standing> = {}): Standing {
  return { service: service(path, image), pointer, proven: true, runs: pointer, rollingOut: false, ...more };
}

function message(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    return told(error as Failure);
  }
  return "no failure";
}

test("who releases to the target is not who reads the source: neither's credentials take the other's place", () => {
  const staging = { AWS_ACCESS_KEY_ID: "AKIASTAGING", AWS_SECRET_ACCESS_KEY: "secret", AWS_REGION: "eu-west-1" };
  const target = { accountId: "333333333333", region: "eu-west-1" };
  const there = {
    clients: accountClients(target, "production", staging),
    variables: accountVariables(target, "production", staging),
  };
  const before = { ...process.env };
  const session = new Session("production", "promotion", "npm run promote -- staging production", there);
  expect(session.clients).toEqual({ region: "eu-west-1", profile: "production" });
  expect(session.env).toMatchObject({ AWS_PROFILE: "production" });
  expect(session.env).not.toHaveProperty("AWS_ACCESS_KEY_ID");
  expect(process.env).toEqual(before);
});

describe("from where to where", () => {
  const env = { SYSTEM: "workflow-orchestrator", PREFIX: "wo" };

  test("is two environments of the system", () => {
    expect(asked("dev", "production", env)).toEqual({ from: "dev", to: "production" });
    expect(asked("staging", "production", { PREFIX: "fb" })).toEqual({ from: "staging", to: "production" });
  });

  test.each([
    [undefined, undefined, "got none."],
    ["dev", undefined, "got dev."],
    ["staging", "production", "got staging production."],
    ["dev", "constructor", "got dev constructor."],
  ])("%p to %p is told which there are, and a command that works", (from, to, got) => {
    expect(message(() => asked(from, to, env))).toBe(
      `From which environment to which? workflow-orchestrator has dev, production, ${got}\nNext: npm run promote -- dev production`,
    );
  });

  test.each([
    ["flow-builder", "dev, staging, production", "staging production"],
    ["workflow-engine", "dev, staging, production", "staging production"],
    ["workflow-orchestrator", "dev, production", "dev production"],
  ])("%s is promoted towards production, never back", (SYSTEM, known, next) => {
    const only = (to?: string): string => message(() => asked(to, undefined, { SYSTEM }));
    expect(only()).toBe(
      `From which environment to which? ${SYSTEM} has ${known}, got none.\nNext: npm run promote -- ${next}`,
    );
    expect(only("staging")).toMatch(new RegExp(`got staging\\.\nNext: npm run promote -- ${next}$`));
  });

  test("is not one and the same", () => {
    expect(message(() => asked("dev", "dev", env))).toContain("dev cannot be promoted to itself.");
  });

  test("STAGE that names another target is refused", () => {
    expect(message(() => asked("dev", "production", { ...env, STAGE: "dev" }))).toContain("STAGE is dev");
  });
});

describe("what a deployment runs", () => {
  const release = "npm run release -- staging";

  test("is a digest for each image, which services may share", () => {
    const all = [
      standing("api", "app", `${URL}@${NEW}`),
      standing("worker", "app", `${URL}@${NEW}`),
      standing("mailer", "mailer", `${URL}@${OLD}`),
    ];
    expect(digestsRun("fb-staging", all, release)).toEqual(
      new Map([
        ["app", NEW],
        ["mailer", OLD],
      ]),
    );
  });

  test.each<[string, Standing[], string]>([
    ["nothing is released", [standing("api", "api", "none")], "- api: nothing is released"],
    [
      "one service is not released",
      [standing("api", "app", `${URL}@${NEW}`), standing("worker", "worker", "none")],
      "- worker: nothing is released",
    ],
    ["a tag alone", [standing("api", "api", `${URL}:v1`)], `- api: its pointer names a tag, not a digest: ${URL}:v1`],
    [
      "a rollout that goes on",
      [standing("api", "api", `${URL}@${NEW}`, { rollingOut: true })],
      "- api: is being rolled out right now",
    ],
    [
      "a release that was broken off",
      [standing("api", "api", `${URL}@${NEW}`, { runs: `${URL}@${OLD}` })],
      `- api: runs ${URL}@${OLD}, but its pointer names ${URL}@${NEW}`,
    ],
    [
      "an image that no release saw run",
      [standing("api", "api", `${URL}@${NEW}`, { proven: false })],
      "- api: no release saw it run ",
    ],
    [
      "services of one image that run two",
      [standing("api", "app", `${URL}@${NEW}`), standing("worker", "app", `${URL}@${OLD}`)],
      "- worker: runs another image than its neighbours",
    ],
  ])("with %s is refused", (_, all, problem) => {
    const text = message(() => digestsRun("fb-staging", all, release));
    expect(text).toContain("fb-staging runs nothing that could be promoted as it is:");
    expect(text).toContain(problem);
    expect(text).toMatch(/Nothing was changed\.\nNext: npm run release -- staging$/);
  });

  test("without services is nothing to promote", () => {
    expect(message(() => digestsRun("es-dev", [], release))).toContain("es-dev has no services that run images");
  });
});

describe("two accounts", () => {
  const stack = { accountId: "333333333333", region: "eu-west-1" };
  const local = { AWS_ENDPOINT_URL: "http://127.0.0.1:4566", AWS_ACCESS_KEY_ID: "111111111111" };

  test("of the local AWS need no profile: their numbers are their keys", () => {
    expect(accountClients(stack, undefined, local).credentials?.accessKeyId).toBe("333333333333");
    expect(accountVariables(stack, undefined, local)["AWS_ACCESS_KEY_ID"]).toBe("333333333333");
  });

  test("of AWS are told apart by profiles, which outrank keys in the environment", () => {
    const env = { AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "s", AWS_SESSION_TOKEN: "t", HOME: "/home/ada" };
    expect(accountClients(stack, "prod", env)).toEqual({ region: "eu-west-1", profile: "prod" });
    expect(accountVariables(stack, "prod", env)).toEqual({ HOME: "/home/ada", AWS_PROFILE: "prod" });
    expect(accountClients(stack, undefined, env)).toEqual({ region: "eu-west-1" });
    expect(accountVariables(stack, undefined, env)).toBe(env);
  });
});

describe("with AWS", () => {
  let api: RunningAwsApi | undefined;
  let accounts: Record<"staging" | "production", EcrAccount>;

  beforeEach(async () => {
    accounts = { staging: await EcrAccount.start(), production: await EcrAccount.start() };
  });

  afterEach(async () => {
    await Promise.all([api?.stop(), accounts.staging.stop(), accounts.production.stop()]);
    api = undefined;
  });

  test("pointers and services say what runs, also where nothing is deployed yet", async () => {
    const image = `${URL}@${NEW}`;
    api = await startAwsApi({
      "AmazonSSM.GetParameterHistory": ({ Name }) => {
        if (Name !== "/fb-staging/api/image") throw new AwsError(400, "ParameterNotFound", String(Name));
        return { Parameters: [{ Name, Value: image, Version: 2, Labels: ["released"] }] };
      },
      "AmazonEC2ContainerServiceV20141113.DescribeServices": ({ services }) => ({
        services:
          (services as string[])[0] === "fb-staging-api"
            ? [{ status: "ACTIVE", taskDefinition: "api:2", deployments: [{ rolloutState: "IN_PROGRESS" }] }]
            : [],
      }),
      "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition": ({ taskDefinition }) => ({
        taskDefinition: taskDefinition === "api:2" ? { containerDefinitions: [{ name: "api", image }] } : {},
      }),
    });
    const clients = { ...accounts.staging.clients, endpoint: api.endpoint };
    const [one, other] = await standings([service("api"), service("worker")], clients);
    expect(one).toMatchObject({ pointer: image, proven: true, runs: image, rollingOut: true });
    expect(other).toMatchObject({ pointer: "none", proven: false, rollingOut: false });
    expect(other?.runs).toBeUndefined();
  });

  test("the table says for each service what it runs, what it would run, and whether that changes", async () => {
    const { staging, production } = accounts;
    staging.add("fb-staging-api-images", { digest: NEW, tags: ["v2"] });
    staging.add("fb-staging-worker-images", { digest: OLD, tags: ["v1"] });
    production.add("fb-production-api-images", { digest: OLD, tags: ["v1"] });
    production.add("fb-production-worker-images", { digest: OLD, tags: [] });
    const source = ["api", "worker"].map((path, at) => standing(path, path, `${URL}@${[NEW, OLD][at] ?? ""}`));
    const target = ["api", "worker", "mailer"].map((path) => ({
      ...standing(path, path, path === "mailer" ? "none" : `${URL}@${OLD}`),
      service: service(path, path, "fb-production"),
    }));
    const rows = await compared(
      { all: source, clients: staging.clients },
      { all: target, clients: production.clients },
      new Map([
        ["api", NEW],
        ["worker", OLD],
      ]),
    );
    expect(table(rows, "fb-staging", "fb-production")).toEqual([
      "service  fb-staging runs    fb-production runs",
      "api      v2 (222222222222)  v1 (111111111111)   changes",
      "worker   v1 (111111111111)  111111111111        same",
      "mailer   none               none                changes",
    ]);
  });

  describe("images are copied", () => {
    let registries: readonly [TestRegistry, TestRegistry];
    let digest: string;

    beforeEach(async () => {
      registries = [await TestRegistry.start(), await TestRegistry.start()];
      digest = registries[0].addImage("fb-staging-api-images", ["one"], "v2");
      accounts.staging.host = registries[0].host;
      accounts.production.host = registries[1].host;
      for (const account of Object.values(accounts)) account.login = LOGIN;
      accounts.staging.add("fb-staging-api-images", { digest, tags: ["v2"] });
      accounts.production.add("fb-production-api-images");
    });

    afterEach(async () => {
      await Promise.all(registries.map((registry) => registry.stop()));
    });

    const place = (deployment: string, clients: ClientConfig): Place => ({
      deployment,
      repositories: [{ address: "aws_ecr_repository.api-images", name: `${deployment}-api-images`, image: "api" }],
      clients,
    });
    const wanted = [{ image: "api", repository: "fb-production-api-images" }];

    function origin(digests = new Map([["api", digest]])) {
      const [from, to] = [
        place("fb-staging", accounts.staging.clients),
        place("fb-production", accounts.production.clients),
      ];
      return copiedImages(from, to, digests);
    }

    /** The tags that the registry of production got; ECR knows the image from then on. */
    function arrives(...tags: readonly string[]): void {
      accounts.production.add("fb-production-api-images", { digest, tags });
    }

    test("with their digest and their tag", async () => {
      arrives();
      const [image] = await origin().provide(wanted, () => undefined);
      expect(image?.reference).toBe(`${registries[1].host}/fb-production-api-images@${digest}`);
      expect(registries[1].manifests.has("fb-production-api-images/v2")).toBe(true);
    });

    test("under a tag of its own where the tag is another image's there, and never without one", async () => {
      accounts.production.add("fb-production-api-images", { digest: OLD, tags: ["v2"] });
      arrives();
      await origin().provide(wanted, () => undefined);
      const tags = [...registries[1].manifests.keys()].filter((key) => !key.includes("sha256:"));
      expect(tags).toEqual([`fb-production-api-images/v2-${digest.slice(7, 19)}`]);

      accounts.staging.clear("fb-staging-api-images");
      accounts.staging.add("fb-staging-api-images", { digest, tags: [] });
      await origin().provide(wanted, () => undefined);
      expect(registries[1].manifests.has(`fb-production-api-images/sha256-${digest.slice(7, 19)}`)).toBe(true);
    });

    test("only when the source has them still", async () => {
      await expect(origin(new Map([["api", NEW]])).check(wanted)).rejects.toThrow(
        `fb-staging-api-images has no image ${NEW}. Nothing was changed.`,
      );
      await expect(origin(new Map()).check(wanted)).rejects.toThrow("has no image for api");
      await expect(origin().check([{ image: "mailer", repository: "x" }])).rejects.toThrow(
        "fb-staging has no images called mailer.",
      );
      await expect(origin().check(wanted)).resolves.toBeUndefined();
    });
  });
});
