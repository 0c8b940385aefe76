import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { AuthorizeSecurityGroupEgressCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { localFolder } from "../../../tools/support/project";
import { type StackFolder } from "../../../tools/support/stack-folder";
import { obeyDoctor } from "../support/doctor";
import { type Accident, accidents, finish, survive } from "../support/kill-and-doctor";
import { Sandbox } from "../support/sandbox";
import { steps } from "../support/steps";
import { type WorkingTree } from "../support/working-tree";

const STACK = "dev-stack";

/**
 * More moments, and other ones:
 * `KILLS=20 KILL_SEED=7 npx jest __tests__/e2e/long/doctor.test.ts --selectProjects e2e -t killed`
 */
const COUNT = Number(process.env["KILLS"] ?? 3);
const SEED = Number(process.env["KILL_SEED"] ?? 4);
/** They mostly wait, but each plan costs a core for seconds. */
const AT_ONCE = 3;
/** One line of JSON for each accident. */
const REPORT = localFolder("reports", "kills.jsonl");

/** What holds data, or is named by others: an interrupted deploy must not replace it. */
const PROTECTED =
  /^aws_(db_instance|elasticache_replication_group|sqs_queue|secretsmanager_secret|kms_key|ecr_repository|cloudwatch_log_group)\./;

const step = steps();
let sandbox: Sandbox;

beforeAll(async () => {
  // A network for each accident, and one that a kill left behind may stand beside it.
  const LOCAL_QUOTAS = `vpcs=${String(2 * COUNT + 5)},addresses=${String(2 * COUNT + 5)}`;
  sandbox = await Sandbox.start("doctor", { LOCAL_QUOTAS });
  await (await sandbox.checkout()).bootstrap("dev");
});

afterAll(() => sandbox?.end());

step(
  "deploys killed at random moments are brought back to an empty plan by what the doctor says, and lose nothing",
  async () => {
    const outcomes = await sideBySide(accidents(COUNT, SEED), AT_ONCE, outcomeOf);
    expect(outcomes).toEqual(outcomes.map(() => ({ destroyed: [], changes: [], unknown: [] })));
  },
  COUNT,
);

step("half a lock, and a checksum of another state, are mended by what the doctor says", async () => {
  const { project, stack } = await survivor();
  const id = `${stack.bucket}/${stack.key}`;
  const item = (LockID: string, name: string, value: string) =>
    new PutItemCommand({ TableName: stack.lockTable, Item: { LockID: { S: LockID }, [name]: { S: value } } });
  const dynamo = new DynamoDBClient(sandbox.clients());
  const lock = { ID: "a", Operation: "OperationTypePlan", Who: "ada@laptop", Created: "2026-11-21T12:00:00Z" };
  await dynamo.send(item(id, "Info", JSON.stringify(lock)));
  await dynamo.send(item(`${id}-md5`, "Digest", "0".repeat(32)));
  expect((await project.tryTerraform(STACK, "plan")).exitCode).not.toBe(0);

  const said = (await obeyDoctor(project)).join("\n");
  expect(said).toMatch(/half a lock, only the item in DynamoDB, held by a Terraform plan of ada@laptop/);
  expect(said).toContain("Checksum: is of no version");
  await project.plan(STACK);
  await project.expectNoChanges(STACK);
});

step("a state that was deleted comes back by what the doctor says", async () => {
  const { project, stack } = await survivor();
  await new S3Client(sandbox.clients()).send(new DeleteObjectCommand({ Bucket: stack.bucket, Key: stack.key }));
  expect((await obeyDoctor(project)).join("\n")).toContain("Take the deletion back");
  await project.plan(STACK);
  await project.expectNoChanges(STACK);
});

step("a deployment whose state forgot every resource comes home whole: each type's import id is right", async () => {
  const { project } = await survivor();
  const addresses = (await project.addresses(STACK)).filter((address) => address.startsWith("aws_"));
  // What a kill leaves too, and another problem than the imports: their command must not fail for it.
  const group = await project.terraform(STACK, "state", "show", "-no-color", "aws_security_group.database_access");
  await letOut(/^ +id += "(sg-\w+)"/m.exec(group)?.[1]);
  await project.terraform(STACK, "state", "rm", ...addresses);
  const said = (await obeyDoctor(project)).join("\n");
  expect(said).toMatch(/resources exist, and the state does not know them[^]*lets out to 0\.0\.0\.0\/0 on every port/);
  const { destroyed, changes, unknown } = await finish(project, sandbox);
  expect({ destroyed, changes, unknown }).toEqual({ destroyed: [], changes: [], unknown: [] });
});

/** The first of the deployments above, as a colleague's checkout has it. */
async function survivor(): Promise<{ project: WorkingTree; stack: StackFolder }> {
  const project = await sandbox.checkout("dev", { PREFIX: "fb-1" });
  await project.cdktf("synth");
  await project.terraform(STACK, "init", "-input=false");
  return { project, stack: project.stack(STACK) };
}

/** The rule that AWS gives to each new group, and that Terraform takes away. */
async function letOut(GroupId: string | undefined): Promise<void> {
  const IpPermissions = [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];
  const client = new EC2Client(sandbox.clients());
  await client.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions }));
}

async function outcomeOf(accident: Accident): Promise<object> {
  const recovery = await survive(accident, sandbox).catch((error: unknown) => ({ ...accident, failed: String(error) }));
  mkdirSync(dirname(REPORT), { recursive: true });
  appendFileSync(REPORT, `${JSON.stringify(recovery)}\n`);
  if ("failed" in recovery) return recovery;
  const { destroyed, changes, unknown } = recovery;
  return { destroyed: destroyed.filter((address) => PROTECTED.test(address)), changes, unknown };
}

/** Does the work of all, so many at a time. */
async function sideBySide<T, R>(all: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...all.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, item] = next;
      results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
