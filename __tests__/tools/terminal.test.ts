import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import execa from "execa";
import { root } from "../../tools/support/project";

/** A command at a terminal, where somebody types this after its question: what it printed, line by line as it came. */
async function atTerminal(typed: string, columns = 80): Promise<{ exitCode: number; lines: string[] }> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== "CI"));
  const command = [join(root, "node_modules/.bin/ts-node"), "-T", join(root, "__tests__/fixtures/at-a-terminal.ts")];
  const { exitCode, stdout } = await execa(
    "python3",
    [join(root, "__tests__/support/terminal.py"), String(columns), typed, ...command],
    {
      env: { ...env, TERM: "xterm", DISABLE_V8_COMPILE_CACHE: "1" }, // Others may be writing ts-node's cache just now.
      extendEnv: false,
      reject: false,
    },
  );
  const lines = stripVTControlCharacters(stdout).split(/[\r\n]+/);
  return { exitCode, lines: lines.map((line) => line.trim()) };
}

test("steps are shown in place, with their progress and outcome, and a log stays; what fails says so below them", async () => {
  const { exitCode, lines } = await atTerminal("y\r");
  expect(exitCode).toBe(1);
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^\S 3 of 12 resources$/),
      "✔ Infrastructure: 12 resources",
      "✔ api: 1 task",
      "✔ worker: 1 task",
      expect.stringMatching(/^\S 0001 applied$/),
      "✖ Migration",
    ]),
  );
  expect(lines.filter((line) => line.endsWith("Infrastructure")).length).toBeGreaterThan(1); // Its spinner turns.
  expect(lines).not.toContain("Infrastructure …"); // That is for where there is no terminal.
  expect(lines.filter((line) => line.includes("It ended with exit code 3."))).toHaveLength(1);
});

test("a terminal that does not say how wide it is, as some containers' do, gets plain lines", async () => {
  const { lines } = await atTerminal("y\r", 0);
  expect(lines).toEqual(expect.arrayContaining(["Infrastructure …", "Infrastructure: 12 resources"]));
});

test.each([
  ["anything but yes is no", "q\r", [0]],
  // Some versions of Node end the question, others the reading of it.
  ["so is the end of what is typed", "\u0004", [0, 130]],
  ["ctrl-C ends the command, as everywhere", "\u0003", [130]],
])("at a question %s, and nothing was changed", async (_, typed, exits) => {
  const { exitCode, lines } = await atTerminal(typed);
  expect(exits).toContain(exitCode);
  expect(lines).toContain("Nothing was changed.");
  expect(lines.join()).not.toContain("Infrastructure");
});
