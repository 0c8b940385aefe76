import { setTimeout as sleep } from "node:timers/promises";
import { AwsError } from "../support/aws-api";
import { RotatedPostgres } from "../support/rotated-postgres";

const ROTATIONS = 20;
const CLIENTS = 12;
/** Twelve clients and PostgreSQL on a busy machine: it is a refusal that must not happen, not a delay. */
const PATIENT = { connectTimeout: 60_000, statementTimeout: 60_000 };
/** Milliseconds between two connections of a client: without, they would take all of the machine, and the rotation times out. */
const REST = 25;
/** Enough to tell what is wrong: clients that cannot connect would fail without end. */
const MOST_FAILURES = 20;

let aws: RotatedPostgres;

beforeAll(async () => {
  aws = await RotatedPostgres.start();
  await aws.ensure();
  await aws.query("create table visits (id bigint generated always as identity, client int)");
});

afterAll(() => aws.stop());

test("20 rotations while 12 clients open connections and query: no query fails, and each was done once", async () => {
  let over = false;
  const failures: unknown[] = [];
  const visits = Array.from({ length: CLIENTS }, () => 0);
  let reads = 0;

  // Each has the login that it read once, as a container does, and reads it again only when PostgreSQL refuses it.
  const clients = visits.map(async (_, client) => {
    const database = aws.consumer(() => reads++);
    while (!over) {
      try {
        const connection = await database.connect(PATIENT);
        // Some stay for a while: a connection outlives the rotation of its login.
        const queries = 1 + (client % 4) * 5;
        for (let query = 0; query < queries; query++) {
          await connection.query("insert into visits (client) values ($1)", [client]);
          visits[client] = (visits[client] ?? 0) + 1;
        }
        await connection.end();
        await sleep(REST);
      } catch (error) {
        failures.push(error);
        over = failures.length >= MOST_FAILURES;
      }
    }
  });

  const users: unknown[] = [];
  try {
    for (let rotation = 0; rotation < ROTATIONS; rotation++) {
      await rotateWithPatience();
      users.push(aws.secret.value()?.["username"]);
      await sleep(100);
    }
  } finally {
    over = true;
    await Promise.all(clients);
  }

  expect(failures).toEqual([]);
  expect(users).toEqual(Array.from({ length: ROTATIONS }, (_, index) => (index % 2 === 0 ? "app_b" : "app_a")));
  const done = await aws.query("select count(*)::int as visits, count(distinct client)::int as clients from visits");
  expect(done).toEqual({ visits: visits.reduce((a, b) => a + b), clients: CLIENTS });
  for (const client of visits) expect(client).toBeGreaterThan(ROTATIONS);
  // The clients were refused, and read the login again: the test did meet what it is about.
  expect(reads).toBeGreaterThan(2 * CLIENTS);
});

/** As Secrets Manager, which tries a rotation again: on a busy machine a connection may take longer than the function's 5 s. */
async function rotateWithPatience(): Promise<void> {
  const token = aws.secret.beginRotation();
  for (let attempt = 1; ; attempt++) {
    try {
      await aws.rotate(token);
      return;
    } catch (error) {
      if (attempt === 20 || !/timeout expired/.test(String(error))) throw error;
    }
  }
}

test("a rotation that broke off at any call to Secrets Manager goes on where it stopped, and the login works all the time", async () => {
  await aws.reset();
  await aws.ensure();
  for (const when of ["before", "after"] as const) {
    for (let broken = 1, whole = false; !whole; broken++) {
      let calls = 0;
      aws.secret.interfere = (_, moment) => {
        if (moment === when && ++calls === broken) throw new AwsError(400, "BrokenOff", "broken off"); // The SDK does not try again.
      };
      const before = aws.secret.value()?.["username"];
      const token = aws.secret.beginRotation();
      whole = await aws.rotate(token).then(
        () => true,
        () => false,
      );
      aws.secret.interfere = () => undefined;
      expect(await aws.query("select current_user as role")).toEqual({ role: "app" });
      await aws.rotate(token);
      expect(aws.secret.value()?.["username"]).not.toBe(before);
      expect(await aws.query("select current_user as role")).toEqual({ role: "app" });
      expect(broken).toBeLessThan(40);
    }
  }
});

test.each([1, 2, 3, 4, 5, 6, 7])(
  "the first login is made by the next try, after the first broke off at call %i",
  async (broken) => {
    for (const when of ["before", "after"] as const) {
      await aws.reset();
      let calls = 0;
      aws.secret.interfere = (_, moment) => {
        if (moment === when && ++calls === broken) throw new AwsError(400, "BrokenOff", "broken off"); // The SDK does not try again.
      };
      await aws.ensure().catch(() => undefined);
      aws.secret.interfere = () => undefined;
      await aws.ensure();
      expect(await aws.query("select current_user as role")).toEqual({ role: "app" });
    }
  },
);
