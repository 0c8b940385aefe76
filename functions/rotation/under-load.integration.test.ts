import { RotatedPostgres } from "../../__tests__/support/rotated-postgres";

const ROTATIONS = 20;
const CLIENTS = 12;

let aws: RotatedPostgres;

beforeAll(async () => {
  aws = await RotatedPostgres.start();
  await aws.ensure();
  await aws.query("create table visits (id bigint generated always as identity, client int)");
}, 30_000);

afterAll(() => aws.stop());

test("20 rotations while 12 clients open connections and query: no query fails, and each was done once", async () => {
  let over = false;
  const failures: unknown[] = [];
  const visits = Array.from({ length: CLIENTS }, () => 0);
  const reads = jest.spyOn(aws.secret, "value");

  // Each has the login that it read once, as a container does, and reads it again only when PostgreSQL refuses it.
  const clients = visits.map(async (_, client) => {
    const database = aws.consumer();
    while (!over) {
      try {
        const connection = await database.connect();
        // Some stay for a while: a connection outlives the rotation of its login.
        const queries = 1 + (client % 4) * 5;
        for (let query = 0; query < queries; query++) {
          await connection.query("insert into visits (client) values ($1)", [client]);
          visits[client] = (visits[client] ?? 0) + 1;
        }
        await connection.end();
      } catch (error) {
        failures.push(error);
      }
    }
  });

  const users: unknown[] = [];
  for (let rotation = 0; rotation < ROTATIONS; rotation++) {
    await aws.rotate();
    users.push(aws.secret.value()?.["username"]);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  over = true;
  await Promise.all(clients);

  expect(failures).toEqual([]);
  expect(users).toEqual(Array.from({ length: ROTATIONS }, (_, index) => (index % 2 === 0 ? "app_b" : "app_a")));
  const done = await aws.query("select count(*)::int as visits, count(distinct client)::int as clients from visits");
  expect(done).toEqual({ visits: visits.reduce((a, b) => a + b), clients: CLIENTS });
  for (const client of visits) expect(client).toBeGreaterThan(ROTATIONS);
  // The clients were refused, and read the login again: the test did meet what it is about.
  expect(reads.mock.calls.length).toBeGreaterThan(ROTATIONS + CLIENTS);
}, 180_000);
