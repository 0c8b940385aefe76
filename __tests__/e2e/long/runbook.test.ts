import { type Database, startDatabase } from "../support/database";
import { commandsOf, paste } from "../support/runbook";
import { Sandbox } from "../support/sandbox";
import { steps } from "../support/steps";
import { type WorkingTree } from "../support/working-tree";

const STACK = "dev-stack";

const step = steps();
let sandbox: Sandbox;
let project: WorkingTree;
let database: Database | undefined;

beforeAll(async () => {
  sandbox = await Sandbox.start("runbook");
  project = await sandbox.checkout("dev", { SYSTEM: "event-scheduling", PREFIX: "es" });
});

afterAll(async () => {
  await database?.stop();
  await sandbox?.end();
});

step("Event Scheduling deploys, and its migrations run", async () => {
  await project.bootstrap("dev");
  await project.cdktf("deploy", STACK, "--auto-approve");
  const outputs = await project.outputs(STACK);
  database = await startDatabase(sandbox, String(outputs["database_url_secret"]));
  expect(await project.tool("migrate", "dev")).toMatch(/0001/);
});

step("the newest migration is taken back, and is there again, well within half an hour", async () => {
  const start = Date.now();
  const { exitCode, lines } = await project.tryTool("migrate", "dev", "--down", "1");
  expect([exitCode, lines.join("\n")]).toEqual([1, expect.stringMatching(/undoes on es-dev[^]*0001[^]*--yes undoes/)]);
  expect(await project.tool("migrate", "dev", "--down", "1", "--yes")).toMatch(/undone\s+0001/);
  expect(Date.now() - start).toBeLessThan(15 * 60_000);
  expect(await project.tool("migrate", "dev")).toMatch(/applied\s+0001/);
});

step("the runbook's way to a psql session lets nobody in but the database, and leaves nothing behind", async () => {
  const reader = { d: "es-dev" };
  for (const block of commandsOf("A psql session", "1. The instance")) await paste(project, block, reader);
  const [group] = await groups("es-dev-psql");
  expect(group).toMatchObject({ IpPermissions: [] });
  const sources = (await groups("es-dev-database-access")).flatMap(({ IpPermissions }) => IpPermissions);
  expect(JSON.stringify(sources)).toContain(group?.GroupId);
  const [login = ""] = commandsOf("A psql session", "2. The login");
  const told = await paste(project, `${login}\necho "$PGUSER@$PGHOST by $PGHOSTADDR, $PGSSLMODE"`, reader);
  expect(told).toMatch(/app@\S+ by 127\.0\.0\.1, verify-full/);
  for (const block of commandsOf("A psql session", "4. Taken away")) await paste(project, block, reader);
  expect(await groups("es-dev-psql")).toEqual([]);
});

step(
  "a database that the runbook restores takes the first one's place in the state, which it keeps (simulated)",
  async () => {
    const restored = (heading: string): string[] => commandsOf("The database restored to a point in time", heading);
    const reader = { d: "es-dev", db: "es-dev-database", at: new Date(Date.now() - 60_000).toISOString() };
    const first = await resourceId("es-dev-database");
    for (const heading of ["2. Nobody writes", "3. Restored beside the first", "5. The names exchanged"])
      for (const block of restored(heading)) await paste(project, block, reader);
    const [move = "", apply = ""] = restored("6. The state");
    await paste(project, move, reader);
    expect(new Set((await project.planned(STACK)).changes.map(({ action }) => action))).toEqual(new Set(["update"]));
    await paste(project, apply, reader);
    await project.expectNoChanges(STACK);
    expect(await project.terraform(STACK, "state", "show", "aws_db_instance.database")).toContain(
      await resourceId("es-dev-database"),
    );
    expect(await resourceId("es-dev-database-before")).toBe(first);
    expect(await project.tool("migrate", "dev", "--status")).toMatch(/present\s+0001/);
    for (const block of restored("7. The first one")) await paste(project, block, reader);
    await sandbox.cli("rds", "delete-db-snapshot", "--db-snapshot-identifier", "es-dev-database-before-final");
  },
);

/** The security groups of a name, as AWS tells them. */
async function groups(name: string): Promise<{ GroupId: string; IpPermissions: object[] }[]> {
  const filter = `Name=tag:Name,Values=${name}`;
  const told = await sandbox.cli("ec2", "describe-security-groups", "--filters", filter);
  return (told as { SecurityGroups: { GroupId: string; IpPermissions: object[] }[] }).SecurityGroups;
}

/** What a database instance keeps whatever it is called. */
async function resourceId(instance: string): Promise<string> {
  const told = await sandbox.cli("rds", "describe-db-instances", "--db-instance-identifier", instance);
  return (told as { DBInstances: [{ DbiResourceId: string }] }).DBInstances[0].DbiResourceId;
}
