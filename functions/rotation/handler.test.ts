import { AwsError } from "../../__tests__/support/aws-api";
import { RotatedPostgres } from "../../__tests__/support/rotated-postgres";
import { STEPS } from "../../__tests__/support/secrets-manager";

// Each begins with a database of its own, which takes a second or, on a busy machine, several.
let aws: RotatedPostgres;

beforeAll(async () => {
  aws = await RotatedPostgres.start();
});

beforeEach(() => aws.reset());

afterAll(() => aws.stop());

const user = () => aws.secret.value()?.["username"];
const step = (Step: (typeof STEPS)[number], ClientRequestToken: string, SecretId = aws.secret.arn) =>
  aws.invoke({ Step, SecretId, ClientRequestToken });

describe("the first login", () => {
  test("is made, works, holds its parts and the ready URL, and is not told to Terraform", async () => {
    expect(await aws.ensure()).toEqual({ arn: aws.secret.arn });
    const { password = "", ...parts } = aws.secret.value() ?? {};
    expect(password).toMatch(/^[\w-]{40}$/);
    expect(parts).toEqual({
      username: "app_a",
      host: "127.0.0.1",
      port: expect.any(Number) as number,
      dbname: "app",
      DATABASE_URL: `postgresql://app_a:${password}@127.0.0.1:${String(parts["port"])}/app?sslmode=verify-full`,
    });
    expect(await aws.query("select session_user as login, current_user as role")).toEqual({
      login: "app_a",
      role: "app",
    });
    expect(aws.rolled).toEqual([]);
  });

  test("stays as it is while it works, however often it is asked for", async () => {
    await aws.ensure();
    const before = aws.secret.value();
    await aws.ensure();
    expect(aws.secret.value()).toEqual(before);
    expect(aws.secret.versions.size).toBe(1);
  });

  test("is one only, when two ask at once", async () => {
    await Promise.all([aws.ensure(), aws.ensure()]);
    expect(user()).toBe("app_a");
    expect(await aws.query("select 1 as one")).toEqual({ one: 1 });
  });

  test("is made anew for a database that was restored from another time, and the services are rolled", async () => {
    await aws.ensure();
    await aws.admin("alter role app_a password 'from the snapshot'");
    await aws.ensure();
    expect(user()).toBe("app_b");
    expect(await aws.query("select 1 as one")).toEqual({ one: 1 });
    expect(aws.rolled).toEqual(["cluster/api"]);
  });

  test("is tried for again while a permission has not taken effect yet, and not when something else is wrong", async () => {
    aws.timeLeft = 60_000;
    let refused = 0;
    aws.secret.interfere = () => {
      if (refused++ === 0) throw new AwsError(400, "AccessDeniedException", "not yet");
    };
    await aws.ensure();
    expect([user(), refused > 1]).toEqual(["app_a", true]);

    await aws.reset();
    aws.timeLeft = 60_000;
    await aws.admin("drop database app with (force)");
    await expect(aws.ensure()).rejects.toThrow('database "app" does not exist');
  });
});

describe("a rotation", () => {
  beforeEach(() => aws.ensure());

  test("gives the login to the other user, and leaves the one in use its password until the next one", async () => {
    const first = aws.secret.value();
    await aws.rotate();
    expect(user()).toBe("app_b");
    expect(aws.secret.value("AWSPREVIOUS")).toEqual(first);
    expect(await aws.query("select session_user as login", "AWSPREVIOUS")).toEqual({ login: "app_a" });
    await aws.rotate();
    expect(user()).toBe("app_a");
    expect(aws.secret.value()?.["password"]).not.toBe(first?.["password"]);
  });

  test("rolls the services after it, those only that are there", async () => {
    await aws.rotate();
    expect(aws.rolled).toEqual(["cluster/api"]);
  });

  test("lets both users use and change what either made", async () => {
    await aws.query("create table notes (id int)");
    await aws.rotate();
    await aws.query("insert into notes values (1)");
    await aws.query("alter table notes add text text");
    await aws.rotate();
    expect(await aws.query("select id, text from notes")).toEqual({ id: 1, text: null });
    const [owner] = await aws.admin("select tableowner from pg_tables where tablename = 'notes'", "app");
    expect(owner).toEqual({ tableowner: "app" });
  });

  test("keeps no password in the server but as SCRAM, nor sends one", async () => {
    await aws.rotate();
    const rows = await aws.admin("select rolpassword as p from pg_authid where rolname like 'app\\__'");
    expect(rows).toHaveLength(2);
    for (const { p } of rows) expect(p).toMatch(/^SCRAM-SHA-256\$4096:/);
  });

  test("may have each of its steps called twice", async () => {
    const token = aws.secret.beginRotation();
    for (const each of STEPS) {
      await step(each, token);
      await step(each, token);
    }
    expect(user()).toBe("app_b");
    expect(await aws.query("select current_user as role")).toEqual({ role: "app" });
  });

  test("that broke off after any step goes on where it stopped", async () => {
    for (const broken of STEPS.keys()) {
      const before = user();
      const token = aws.secret.beginRotation();
      for (const each of STEPS.slice(0, broken)) await step(each, token);
      expect(await aws.query("select current_user as role")).toEqual({ role: "app" });
      await aws.rotate(token);
      expect(user()).not.toBe(before);
      expect(await aws.query("select current_user as role")).toEqual({ role: "app" });
    }
  });

  test("whose services could not be rolled is finished by the next try, which rolls them", async () => {
    const token = aws.secret.beginRotation();
    for (const each of STEPS.slice(0, 3)) await step(each, token);
    aws.secret.interfere = (operation, when) => {
      if (operation === "UpdateSecretVersionStage" && when === "after")
        throw new AwsError(400, "BrokenOff", "broken off"); // The SDK does not try again.
    };
    await expect(step("finishSecret", token)).rejects.toThrow();
    expect(aws.rolled).toEqual([]);
    aws.secret.interfere = () => undefined;
    await step("finishSecret", token);
    expect(aws.rolled).toEqual(["cluster/api"]);
  });

  test("that Secrets Manager only tries out, with a copy of the current login, passes", async () => {
    const token = aws.secret.beginRotation();
    const version = aws.secret.versions.get(token);
    if (version) version.value = JSON.stringify(aws.secret.value());
    await step("testSecret", token);
    await expect(step("setSecret", token)).rejects.toThrow("app_a, who is in use");
    expect(await aws.query("select 1 as one")).toEqual({ one: 1 });
  });
});

describe("a step is refused", () => {
  test("while rotation is not enabled", async () => {
    await aws.ensure();
    const [token = ""] = aws.secret.versions.keys();
    await expect(step("createSecret", token)).rejects.toThrow("is not enabled");
  });

  test("with a token that no rotation has, or one that another has taken the place of", async () => {
    await aws.ensure();
    aws.secret.beginRotation();
    await expect(step("createSecret", "unknown")).rejects.toThrow("has no version unknown");
    const late = aws.secret.beginRotation.bind(aws.secret);
    expect(late).toThrow("A previous rotation isn't complete");
    aws.secret.versions.set("late", { value: "{}", stages: new Set(["MINE"]) });
    await expect(step("setSecret", "late")).rejects.toThrow("is not AWSPENDING");
  });

  test("for another secret, or when there is no such step", async () => {
    await aws.ensure();
    const token = aws.secret.beginRotation();
    await expect(step("createSecret", token, "arn:other")).rejects.toThrow("not arn:other");
    await expect(step("steal" as "createSecret", token)).rejects.toThrow("no step steal");
  });

  test("before there is anything to set or test", async () => {
    await aws.ensure();
    const token = aws.secret.beginRotation();
    await expect(step("setSecret", token)).rejects.toThrow("createSecret comes first");
    await expect(step("testSecret", token)).rejects.toThrow("createSecret comes first");
  });

  test("when the new login does not act as the owner", async () => {
    await aws.ensure();
    const token = aws.secret.beginRotation();
    await step("createSecret", token);
    await step("setSecret", token);
    await aws.admin("alter role app_b reset role");
    await expect(step("testSecret", token)).rejects.toThrow("acts as app_b, not as app");
    expect(user()).toBe("app_a");
  });
});
