import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findEngine } from "../../tools/support/container-engine";
import { buildFailure, pushFailure } from "../../tools/support/engine-errors";
import { type Failure, told } from "../../tools/support/failure";
import { until } from "../e2e/support/steps";
import { type Behaviour, TestEngines } from "../support/engines";

const DIGEST = `sha256:${"4f".repeat(32)}`;
const REGISTRY = "111111111111.dkr.ecr.eu-west-1.amazonaws.com";
const NAME = `${REGISTRY}/fb-dev-api-images:v1`;
const LOGIN = { username: "AWS", password: "hunter2" };
const AUTH = Buffer.from("AWS:hunter2").toString("base64");
const DOCKER: Behaviour = { version: "Docker version 29.1.3", push: [0, `v1: digest: ${DIGEST} size: 527\n`] };
const PODMAN: Behaviour = { version: "podman version 4.3.1", push: [0, "Writing manifest\n"], digest: DIGEST };
const NO_DAEMON =
  "Client: Docker Engine\nERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n";

let engines: TestEngines | undefined;

afterEach(() => {
  engines?.end();
  engines = undefined;
});

function on(behaviours: Readonly<Record<string, Behaviour>>): TestEngines {
  engines = new TestEngines(behaviours);
  return engines;
}

async function failure(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => "no failure",
    (error: Failure) => told(error),
  );
}

async function push({ env, log }: TestEngines, name = NAME): Promise<string> {
  return (await findEngine(env)).push({ name, login: LOGIN }, { env, log });
}

/** Those of other tests too, which push at the same time: each is there for a moment. */
function loginFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("groundplan-login-"));
}

describe("which engine", () => {
  test("is Docker when it works, or what CONTAINER_ENGINE names", async () => {
    const { env } = on({ docker: DOCKER, podman: PODMAN });
    expect((await findEngine(env)).name).toBe("docker");
    expect((await findEngine({ ...env, CONTAINER_ENGINE: "podman" })).name).toBe("podman");
  });

  test("is Podman beside a Docker whose daemon does not run", async () => {
    const { env } = on({ docker: { ...DOCKER, info: [1, NO_DAEMON] }, podman: PODMAN });
    expect(await findEngine(env)).toMatchObject({ name: "podman", version: "podman version 4.3.1" });
  });

  test("is Podman where it answers to docker's name", async () => {
    const { env } = on({ docker: PODMAN });
    expect((await findEngine(env)).name).toBe("podman");
  });

  test("is told to be missing, with what to install", async () => {
    const { env } = on({});
    const text = await failure(findEngine(env));
    expect(text).toContain("- docker: not installed\n- podman: not installed\nNext: install Docker (https://");
    expect(text).toContain("or release with --image-tag what has been pushed");
  });

  test("is told not to run by its own last sentence, and how to start it", async () => {
    const { env } = on({ docker: { ...DOCKER, info: [1, NO_DAEMON] } });
    expect(await failure(findEngine(env))).toMatch(
      /- docker: Cannot connect to the Docker daemon at unix.+\n- podman: not installed\nNext: start the engine/,
    );
  });
});

describe("a build", () => {
  test("is for ARM, under all of its names", async () => {
    const test = on({ docker: DOCKER });
    await (await findEngine(test.env)).build("/app", ["a:1", "b:1"], { env: test.env, log: test.log });
    expect(test.calls[0]?.args).toEqual(["build", "--platform", "linux/arm64", "--tag", "a:1", "--tag", "b:1", "/app"]);
  });

  test("that fails shows how it ended, and where the rest is", async () => {
    const output = [...Array(30).keys()].map((line) => `step ${String(line)}`).join("\n");
    const { env, log } = on({ docker: { ...DOCKER, build: [1, output] } });
    const text = await failure((await findEngine(env)).build("/somewhere/app", ["a:1"], { env, log }));
    expect(text).toMatch(/^The image of app \(\/somewhere\/app\) could not be built\.\nIt ended with:\n {2}step 18\n/);
    expect(text).toMatch(/step 29\nLog: .*engine\.log$/);
    expect(readFileSync(log, "utf8")).toContain("step 0");
  });

  test.each([
    ["exec /bin/sh: exec format error", "lacks an emulator"],
    ["write /var/lib/docker: no space left on device", "The disk is full."],
    ["no match for platform in manifest: not found", "not there for linux/arm64"],
    ["toomanyrequests: You have reached your pull rate limit", "allows no more downloads"],
    ["dial tcp: lookup public.ecr.aws: no such host", "could not be downloaded"],
  ])("that ends with %p says what that means", (output, means) => {
    expect(told(buildFailure("/app", ["Step 1", output, ""], "/log"))).toContain(means);
  });
});

describe.each([
  ["docker", DOCKER],
  ["podman", PODMAN],
])("a push by %s", (command, behaviour) => {
  test("gives the registry's digest", async () => {
    expect(await push(on({ [command]: behaviour }))).toBe(DIGEST);
  });

  test.each([0, 1])("that ends with %p had its login in a file of its own, which is gone", async (exitCode) => {
    const before = loginFolders();
    const test = on({ [command]: { ...behaviour, push: [exitCode, behaviour.push?.[1] ?? ""] } });
    const outcome = await failure(push(test));
    expect(outcome).toContain(exitCode === 0 ? "no failure" : "could not be pushed");
    const [call] = test.calls;
    expect(JSON.parse(call?.login ?? "")).toEqual({ auths: { [REGISTRY]: { auth: AUTH } } });
    expect(call?.args.join(" ")).not.toMatch(/hunter2/);
    const left = () => loginFolders().filter((name) => !before.includes(name));
    await until("no login is left", 60, () => Promise.resolve(left().length === 0 || undefined));
    expect(readdirSync(test.home)).toEqual([]);
    expect(readFileSync(test.log, "utf8")).not.toMatch(new RegExp(`hunter2|${AUTH}`));
  });

  test("that tells no digest is no success", async () => {
    const test = on({ [command]: { ...behaviour, push: [0, "done\n"], digest: "" } });
    expect(await failure(push(test))).toContain("did not say by which digest");
  });
});

test.each([
  ["tag invalid: The image tag 'v1' already exists and cannot be overwritten because the tag is immutable.", "moves"],
  ["denied: User: arn:aws:iam::1:user/x is not authorized to perform: ecr:InitiateLayerUpload", "may not push"],
  ["no basic auth credentials", "may not push"],
  ["write /tmp/x: no space left on device", "The disk is full."],
  ["name unknown: The repository with name 'x' does not exist in the registry", "no such repository yet"],
  ["dial tcp 10.0.0.1:443: i/o timeout", "could not be reached"],
])("a push that is refused with %p says what that means", (output, means) => {
  const text = told(pushFailure(NAME, ["Pushing", output], "/log"));
  expect(text).toMatch(/^\S+:v1 could not be pushed\.\n/);
  expect(text).toContain(means);
  expect(text).toContain(output);
});

test("Podman takes plain HTTP from this machine alone", async () => {
  const test = on({ podman: PODMAN });
  for (const host of ["127.0.0.1:4566", "localhost:5000", "registry.example.com", "127.0.0.1.example.com"]) {
    await push(test, `${host}/x:v1`);
  }
  expect(test.calls.map(({ args }) => args.includes("--tls-verify=false"))).toEqual([true, true, false, false]);
});

test("Docker keeps its own settings, its contexts and plugins, and none of its logins", async () => {
  const test = on({ docker: DOCKER });
  const own = join(test.home, ".docker");
  mkdirSync(join(own, "contexts"), { recursive: true });
  const config = { currentContext: "colima", credsStore: "desktop", credHelpers: {}, auths: { other: { auth: "x" } } };
  writeFileSync(join(own, "config.json"), JSON.stringify(config));
  await push(test);
  const [call] = test.calls;
  expect(call?.settings).toEqual(["config.json", "contexts"]);
  expect(JSON.parse(call?.login ?? "")).toEqual({ currentContext: "colima", auths: { [REGISTRY]: { auth: AUTH } } });
  expect(JSON.parse(readFileSync(join(own, "config.json"), "utf8"))).toEqual(config);
});
