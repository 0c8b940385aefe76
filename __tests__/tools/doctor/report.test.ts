import { mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fact, note, problem } from "../../../tools/doctor/finding";
import { importFindings, readImports, writeImports } from "../../../tools/doctor/imports";
import { type Report, asJson, asText, isHealthy } from "../../../tools/doctor/report";
import { shellText } from "../../../tools/support/shell";

const report = (change: Partial<Report>): Report => ({
  ...{ environment: "dev", deployment: "fb-dev", place: "AWS", options: "", findings: [] },
  ...change,
});
const lastLine = (change: Partial<Report>): string | undefined => asText(report(change)).split("\n").at(-1);
const lock = { ...problem("Lock", "held", ["unlock", "it"]), unlocks: true };
const stray = problem("Resources", "exists:", ["import", "it"], ["and", "more"]);

test("words that a shell would read otherwise are quoted", () => {
  expect(shellText(["aws", "--key", '{"a":"b c"}', "it's", "a/b:c=d"])).toBe(
    `aws --key '{"a":"b c"}' 'it'\\''s' a/b:c=d`,
  );
});

test("the last line is the next command", () => {
  expect(lastLine({ findings: [fact("Lock", "free")] })).toBe("Next: npx cdktf plan dev-stack");
  expect(lastLine({ findings: [note("Tainted", "next apply")] })).toBe("Next: npx cdktf deploy dev-stack");
  expect(lastLine({ findings: [problem("Checksum", "bad", ["mend", "it"])] })).toBe("Next: mend it");
  expect(lastLine({ findings: [stray] })).toBe("Next: npm run doctor -- dev --fix");
  expect(lastLine({ findings: [lock, stray], options: " --local" })).toBe(
    "Next: npm run doctor -- dev --local --fix --unlock",
  );
  expect(lastLine({ findings: [problem("Lock", "alive")] })).toBe("Next: npm run doctor -- dev");
});

test("a shell that is not set to the local AWS is told how to be, once", () => {
  const told = asText(report({ findings: [stray], prelude: 'eval "$(env)"' }));
  expect(told.match(/eval/g)).toHaveLength(1);
  expect(lastLine({ findings: [], prelude: 'eval "$(env)"' })).toBe('Next: eval "$(env)" && npx cdktf plan dev-stack');
});

test("only problems make it unhealthy, and JSON says the same as the text", () => {
  expect(isHealthy({ findings: [fact("Lock", "free"), note("Tainted", "x")] })).toBe(true);
  expect(JSON.parse(asJson(report({ findings: [stray] })))).toMatchObject({
    healthy: false,
    findings: [{ chapter: "Resources", level: "problem", commands: ["import it", "and more"], unlocks: false }],
    next: "npm run doctor -- dev --fix",
  });
});

describe("imports", () => {
  const some = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      type: "aws_lb",
      address: `aws_lb.n${String(index)}`,
      id: `arn${String(index)}`,
    }));
  const ask = (count: number, blocks?: ReadonlySet<string>) =>
    importFindings({ stack: "dev-stack", imports: some(count), blocks, write: ["write", "blocks"] });

  test("of a few are a command each, after what must be waited for", () => {
    expect(ask(2).map(({ commands }) => commands.map(shellText))).toEqual(
      ["0", "1"].map((index) => [
        `aws elbv2 wait load-balancer-available --load-balancer-arns arn${index}`,
        `terraform -chdir=cdktf.out/stacks/dev-stack import -input=false aws_lb.n${index} arn${index}`,
      ]),
    );
  });

  test("of many are import blocks, and still told one by one", () => {
    const [found] = ask(5);
    expect(found?.commands.at(-1)).toEqual(["write", "blocks"]);
    expect(found?.text.match(/ import -input=false aws_lb\.n/g)).toHaveLength(5);
  });

  test("that are written wait for the next apply, and their file goes when it has done its work", () => {
    const folder = mkdtempSync(join(tmpdir(), "doctor-"));
    expect(readImports(folder)).toBeUndefined();
    writeImports(folder, some(5));
    const blocks = readImports(folder);
    expect(ask(5, blocks)).toMatchObject([{ level: "note" }]);
    expect(ask(4, blocks)).toMatchObject([{ level: "problem" }]);
    expect(ask(0, blocks)).toMatchObject([
      { level: "problem", commands: [["rm", join("cdktf.out/stacks/dev-stack/imports.tf.json")]] },
    ]);
    expect(readdirSync(folder)).toEqual(["imports.tf.json"]);
    writeImports(folder, []);
    expect(readImports(folder)).toBeUndefined();
  });

  test("are written whole or not at all: whoever is killed meanwhile leaves nothing that Terraform would read", () => {
    const folder = mkdtempSync(join(tmpdir(), "doctor-"));
    mkdirSync(join(folder, "imports.tf.json.part")); // The first write fails, as a kill would end it.
    expect(() => writeImports(folder, some(5))).toThrow("EISDIR");
    expect(readImports(folder)).toBeUndefined();
  });

  test("of a NAT instance say that its replacement is no fault", () => {
    const nat = { type: "aws_instance", address: "aws_instance.nat", id: "i-1" };
    const question = { stack: "dev-stack", imports: [nat], blocks: new Set(["aws_instance.nat i-1"]) };
    const [waiting] = importFindings({ ...question, write: ["write", "blocks"] });
    expect(waiting).toMatchObject({ level: "note", text: expect.stringContaining("but aws_instance.nat, which") });
  });
});
