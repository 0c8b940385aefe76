import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunOptions, run } from "../../tools/support/run";

const folder = mkdtempSync(join(tmpdir(), "run-"));
const log = join(folder, "log");
const script = (exitCode: number): string =>
  `console.log("{}"); console.error("Warning: a\\nWarning: b"); process.exitCode = ${String(exitCode)}`;
const ended = (exitCode: number, options: Partial<RunOptions> = {}) =>
  run(process.execPath, ["-e", script(exitCode)], { cwd: folder, env: {}, log, ...options });

afterEach(() => {
  rmSync(log, { force: true });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test("all that a command says is read and logged, whichever stream it takes", async () => {
  for (const exitCode of [0, 1]) {
    const outcome = await ended(exitCode);
    expect(outcome.exitCode).toBe(exitCode);
    expect([...outcome.lines].sort()).toEqual(["Warning: a", "Warning: b", "{}"]);
  }
  expect(readFileSync(log, "utf8")).toContain("{}\n");
});

test("an answer is the standard output alone, which the log does not keep; its errors are told where it fails", async () => {
  expect(await ended(0, { answer: true })).toEqual({ exitCode: 0, lines: ["{}"] });
  expect(await ended(1, { answer: true })).toEqual({ exitCode: 1, lines: ["{}", "Warning: a", "Warning: b"] });
  const logged = readFileSync(log, "utf8");
  expect(logged).toContain("Warning: a");
  expect(logged).not.toContain("{}\n");
});

test("a program that is not there is told as such", async () => {
  const { exitCode, lines } = await run("no-such-program", [], { cwd: folder, env: {}, log });
  expect(exitCode).toBe(127);
  expect(lines[0]).toMatch(/^no-such-program could not be started/);
});
