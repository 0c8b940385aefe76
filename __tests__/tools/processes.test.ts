import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { told } from "../../tools/support/failure";
import { type UsageError } from "../../deployment";
import { checkFree, parsePort, usedPort } from "../../tools/support/port";
import { family, parseProcesses } from "../../tools/support/processes";

test("what a process started, directly or not, is its family, and nothing else is", () => {
  const all = parseProcesses(`
    1     0 /sbin/init
   10     1 node
   11    10 /usr/local/bin/terraform
   12    11 terraform-provider-aws_v5.100.0_x5
   20     1 terraform
`);
  expect(family(all, 10).map(({ pid }) => pid)).toEqual([10, 11, 12]);
  expect(family(all, 10).filter(({ name }) => name === "terraform")).toEqual([
    { pid: 11, parent: 10, name: "terraform" },
  ]);
});

test("a used port is told with the process that listens there and another port to take", () => {
  expect(told(usedPort(4566, { pid: 71, command: "python run.py" }))).toBe(
    "Port 4566 is in use: process 71 listens there (python run.py). Stop that process, or take another port.\nNext: npm run local -- --port 4666",
  );
  expect(told(usedPort(65_535))).toContain("Next: npm run local -- --port 4600");
});

test("a port that something listens on is found out, with this process's number where the machine tells it", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const error = await checkFree(port).catch((reason: unknown) => reason as UsageError);
  await new Promise((resolve) => server.close(resolve));
  expect(String(error)).toContain(`Port ${String(port)} is in use`);
  if (process.platform === "linux") expect(String(error)).toContain(`process ${String(process.pid)} listens there`);
  await expect(checkFree(port)).resolves.toBeUndefined();
});

test.each(["0", "65536", "4566.5", "http", ""])("--port %s is refused", (text) => {
  expect(() => parsePort(text)).toThrow(`--port: expected an integer from 1 to 65535, got "${text}".`);
});
