import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "../support/free-port";

const folder = resolve(__dirname, "../../images/starter");
let child: ChildProcess | undefined;

afterEach(() => {
  child?.kill("SIGKILL");
});

interface Running {
  /** What it said last, as the log has it. */
  next(): Promise<{ readonly role: string; readonly message: string }>;
  /** @returns its exit code */
  stop(): Promise<number | null>;
}

function start(args: readonly string[], env: Record<string, string> = {}): Running {
  const started = spawn(process.execPath, [`${folder}/server.mjs`, ...args], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  child = started;
  const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
  return {
    next: async () => JSON.parse(String((await lines.next()).value)) as { role: string; message: string },
    stop: async () => {
      const ended = once(started, "exit") as Promise<[number | null]>;
      started.kill("SIGTERM");
      const [exitCode] = await ended;
      return exitCode;
    },
  };
}

test("the api answers /health on PORT, nothing else, and ends on SIGTERM", async () => {
  const port = await freePort();
  const api = start(["api"], { PORT: String(port) });
  expect(await api.next()).toMatchObject({ role: "api", message: `listens on ${String(port)}` });
  const health = await fetch(`http://127.0.0.1:${String(port)}/health`);
  expect([health.status, await health.json()]).toEqual([200, { status: "ok" }]);
  expect((await fetch(`http://127.0.0.1:${String(port)}/`)).status).toBe(404);
  expect(await api.stop()).toBe(0);
});

test("a request that is under way at SIGTERM is answered, and its connection closed", async () => {
  const port = await freePort();
  const api = start(["api"], { PORT: String(port) });
  await api.next();
  const socket = connect(port, "127.0.0.1");
  socket.write("GET /health HTTP/1.1\r\nhost: x\r\n");
  await once(socket, "connect");
  // A second, whole request is answered after the first half of this one has been taken.
  await fetch(`http://127.0.0.1:${String(port)}/health`);
  const stopped = api.stop();
  expect((await api.next()).message).toBe("ends, on SIGTERM");
  socket.write("\r\n");
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n/i);
  expect(await stopped).toBe(0);
});

test("an engine's options make it a server too", async () => {
  const port = await freePort();
  const server = start(["-config", "/etc/workflow/config.yaml"], { PORT: String(port) });
  expect((await server.next()).message).toBe(`listens on ${String(port)}`);
});

test.each(["worker", "orchestrator", "reaper"])("a %s idles until SIGTERM", async (role) => {
  const service = start([role]);
  expect(await service.next()).toMatchObject({ role, message: expect.stringContaining("idles") as string });
  expect(child?.exitCode).toBeNull();
  expect(await service.stop()).toBe(0);
  expect((await service.next()).message).toBe("ends, on SIGTERM");
});

test("migrate says what it would do, and ends well", async () => {
  const migrate = start(["migrate"], { DATABASE_URL: "postgres://app:hunter2@database/app" });
  const [exitCode] = (await once(child as ChildProcess, "exit")) as [number];
  expect(exitCode).toBe(0);
  const { message } = await migrate.next();
  expect(message).toContain("would migrate");
  expect(message).not.toContain("hunter2");
});

test("its image is not root's, gets signals, and runs nothing while it is built", () => {
  const steps = readFileSync(`${folder}/Dockerfile`, "utf8").split("\n");
  expect(steps).toContain("USER 1000:1000");
  expect(steps).toContain('ENTRYPOINT ["node", "/app/server.mjs"]');
  expect(steps.filter((line) => line.startsWith("RUN"))).toEqual([]);
});
