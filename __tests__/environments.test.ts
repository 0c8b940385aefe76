import fc from "fast-check";
import { IPv4 } from "ipaddr.js";
import { accounts } from "../environments/accounts";
import { type Account, type Environment } from "../environments/environment";
import { dev } from "../environments/flow-builder/dev";
import { type NotificationsEnvironment } from "../environments/notifications/environment";
import { runs } from "./support/runs";
import { systems } from "../stacks";
import { everyEnvironment, resources, synthesized } from "./support/synth";

type Path = readonly string[];

/** What an environment needs that is no preview. */
const withDomain: Account = {
  ...(accounts["dev"] as Account),
  https: { domain: "dev.example.com", hostedZoneId: "Z0123456789" },
};

const CERTIFICATE = "arn:aws:acm:eu-west-1:111111111111:certificate/00000000-0000-4000-8000-000000000000";

/** Every setting of an environment: ["api", "tasks", "min"]. */
function settings(of: object, at: Path = []): Path[] {
  return Object.entries(of).flatMap(([key, value]) =>
    typeof value === "object" && value !== null
      ? [[...at, key], ...settings(value as object, [...at, key])]
      : [[...at, key]],
  );
}

/** A copy of an object with one setting changed. */
function changed<T extends object>(of: T, [key, ...rest]: Path, value: unknown): T {
  const before = (of as Record<string, unknown>)[String(key)];
  return { ...of, [String(key)]: rest.length === 0 ? value : changed(before as object, rest, value) };
}

/** Every two of a list. */
function pairs<T>(of: readonly T[]): [T, T][] {
  return of.flatMap((one, index) => of.slice(index + 1).map((other): [T, T] => [one, other]));
}

/** Whether two ranges, "10.0.0.0/16", have an address in common: one of the two then begins in the other. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [IPv4.parseCIDR(one), IPv4.parseCIDR(other)];
  return a[0].match(b[0], Math.min(a[1], b[1]));
}

test("an environment that is wrong in six ways tells all six, each once, with what, got, expected and the fix", () => {
  const wrong = {
    ...dev,
    network: { ...dev.network, cidr: "10.10.0.0/30", nat: "both" as "none" },
    logRetentionDays: 8,
    database: { ...dev.database, backupDays: 36 },
    api: { cpu: 512, memory: 512, tasks: { min: 3, max: 2 } },
  };
  const { errors } = synthesized("flow-builder", "dev", { env: wrong });
  const text = errors.join("\n");
  expect(text).toMatch(/cidr.*expected .*got "10\.10\.0\.0\/30"/);
  expect(text).toMatch(/retention.*expected .*got 8/i);
  expect(text).toMatch(/backup.*expected .*got 36/i);
  expect(text).toMatch(/api: memory: expected 1024–4096 MiB.*512 CPU units.*got 512/);
  expect(text).toMatch(/min.*got \{"min":3,"max":2\}/);
  expect(text.match(/nat: expected .*got "both"/g)).toHaveLength(1);
  expect(new Set(errors).size).toBe(errors.length);
});

test("a misspelt key, a missing section and a number in quotes are told by name and file", () => {
  const { cache: _cache, ...rest } = dev;
  const wrong = { ...rest, protcet: true, logRetentionDays: "7" } as unknown as Environment;
  const text = synthesized("flow-builder", "dev", { env: wrong }).errors.join("\n");
  expect(text).toMatch(/protcet.*environments\/flow-builder\/dev\.ts/);
  expect(text).toMatch(/cache: expected object, got nothing/);
  expect(text).toMatch(/logRetentionDays: expected number, got "7"/);
});

test("an account of another form is told by name", () => {
  const wrong = { id: "1234", region: "Ireland", alarmEmail: "nobody" };
  const text = synthesized("flow-builder", "dev", { account: wrong }).errors.join("\n");
  expect(text).toMatch(/id: .*12 digits.*got "1234"/);
  expect(text).toMatch(/region: .*got "Ireland"/);
  expect(text).toMatch(/alarmEmail: .*got "nobody"/);
});

test.each([
  [
    { domain: "EXAMPLE.com" },
    /^https\.domain: expected .* lower case.*, got "EXAMPLE\.com"\. Mend it in environments\/accounts\.ts: dev/,
  ],
  [{ domain: "example" }, /^https\.domain: expected .*, got "example"\. /],
  [
    { certificateArn: `${CERTIFICATE}/../x y` },
    /^https\.certificateArn: expected the ARN .*, got "arn:aws:acm:.*x y"\. /,
  ],
  [
    { certificateArn: CERTIFICATE.replace("eu-west-1", "us-east-1") },
    /^https\.certificateArn: expected a certificate of the account and region themselves, got "arn:aws:acm:us-east-1:/,
  ],
])("of an account, %j is told with the value that was entered", (wrong, message) => {
  const https = { domain: "example.com", certificateArn: CERTIFICATE, ...wrong };
  const { errors } = synthesized("notifications", "dev", { account: { ...(accounts["dev"] as Account), https } });
  expect(errors.filter((error) => /environments\/accounts\.ts/.test(error))).toEqual([
    expect.stringMatching(/^dev-stack: /),
  ]);
  expect(errors[0]?.replace("dev-stack: ", "")).toMatch(message);
});

test("alarms without anybody to tell are an error", () => {
  const { alarmEmail: _email, ...rest } = accounts["production"] as Account;
  expect(synthesized("flow-builder", "production", { account: rest }).errors.join()).toMatch(/alarmEmail/);
});

test("what is protected is never a preview, which would need no HTTPS and be destroyed for less", () => {
  const { errors } = synthesized("flow-builder", "dev", { env: { ...dev, previews: true, protect: true } });
  expect(errors).toEqual([
    expect.stringMatching(
      /^previews: expected false where protect is true, got "true, .*environments\/flow-builder\/dev\.ts\.$/,
    ),
  ]);
  for (const [previews, protect] of [
    [true, false],
    [false, true],
  ] as const) {
    expect(
      synthesized("flow-builder", "dev", { env: { ...dev, previews, protect }, account: withDomain }).errors,
    ).toEqual([]);
  }
});

test.each(Object.entries(systems))(
  "without NAT nothing of %s could start in private subnets",
  (name, { environments }) => {
    const { dev } = environments as { dev: Environment };
    for (const tasks of [{}, { tasks: "private" as const }]) {
      const network = { cidr: dev.network.cidr, zones: dev.network.zones, nat: "none" as const, ...tasks };
      expect(synthesized(name, "dev", { env: { ...dev, network } }).errors).toEqual([
        expect.stringMatching(/^network: nat: expected a way out of the private subnets.*Nothing could start/),
      ]);
    }
  },
);

test.each([30, 59, 301, 900])(
  "a worker of Notifications with %i s loses rows, or holds messages for too long",
  (timeout) => {
    const of = systems["notifications"]?.environments["dev"] as NotificationsEnvironment;
    const { errors } = synthesized("notifications", "dev", { env: changed(of, ["worker", "timeout"], timeout) });
    expect(errors).toEqual([
      expect.stringMatching(
        new RegExp(`^worker: timeout: expected an integer from 60 to 300 seconds, got ${String(timeout)}\\. `),
      ),
    ]);
  },
);

test("an empty name of a shift does not switch shifts off unseen", () => {
  const of = systems["event-scheduling"]?.environments["production"] as Environment;
  const { errors } = synthesized("event-scheduling", "production", { env: changed(of, ["functions", "shift"], "") });
  for (const name of ["api", "scheduler", "delivery"]) {
    expect(errors).toContainEqual(expect.stringMatching(new RegExp(`^${name}: shift: expected one of .*, got ""`)));
  }
});

test("whatever stands in one setting, the synth either succeeds or says what is wrong: it never crashes", () => {
  const garbage = fc.oneof(
    fc.constantFrom<unknown>(
      undefined,
      null,
      "",
      NaN,
      Infinity,
      -1,
      0,
      0.5,
      1e9,
      true,
      [],
      {},
      "${aws_vpc.x.id}",
      "10.0.0.0/8",
    ),
    fc.string(),
    fc.integer(),
  );
  fc.assert(
    fc.property(fc.constantFrom(...settings(dev)), garbage, (path, value) => {
      const { errors, stack } = synthesized("flow-builder", "dev", { env: changed(dev, path, value) });
      if (errors.length > 0) for (const error of errors) expect(error).toMatch(/expected .+, got .+|are both/s);
      else expect(Object.keys(stack.resource).length).toBeGreaterThan(10);
    }),
    runs(12),
  );
});

test("no two environments have an address in common, but those of Notifications: its source document gives each the same range", () => {
  const networks = everyEnvironment.flatMap(([system, environment]) =>
    resources(synthesized(system, environment).stack, "aws_vpc").map(({ args }) => ({
      system,
      environment: `${system} ${environment}`,
      range: String(args["cidr_block"]),
    })),
  );
  expect(networks.map(({ environment }) => environment)).toEqual(everyEnvironment.map((names) => names.join(" ")));
  const shared = pairs(networks)
    // Whoever peers two of its environments gives them ranges of their own first.
    .filter(([one, other]) => one.system !== "notifications" || other.system !== "notifications")
    .filter(([one, other]) => overlap(one.range, other.range))
    .map(([one, other]) => `${one.environment} and ${other.environment}: ${one.range}, ${other.range}`);
  expect(shared).toEqual([]);
});

test.each(Object.entries(systems))(
  "the environments of %s say what they share in the same order",
  (_, { environments }) => {
    const orders = Object.entries(environments).map(([name, env]) => ({
      name,
      order: settings(env).map((path) => path.join(".")),
    }));
    expect(orders.length).toBeGreaterThan(1);
    for (const [one, other] of pairs(orders)) {
      const shared = one.order.filter((setting) => other.order.includes(setting));
      expect(shared.length).toBeGreaterThan(10);
      expect({ [other.name]: other.order.filter((setting) => one.order.includes(setting)) }).toEqual({
        [other.name]: shared,
      });
    }
  },
);

test("two deployments of one system share no name, in any resource", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999999999 }), fc.integer({ min: 1, max: 999999999 }), (a, b) => {
      fc.pre(a !== b);
      const names = (number: number): Set<string> =>
        new Set(
          [
            ...JSON.stringify(
              synthesized("flow-builder", "dev", { prefix: `fb-${String(number)}` }).stack.resource,
            ).matchAll(/"(?:name|identifier|bucket|family|[a-z_]+_name|replication_group_id)":"([^"$]+)"/g),
          ].map(([, name]) => String(name)),
        );
      const [one, other] = [names(a), names(b)];
      const shared = [...one].filter((name) => other.has(name) && name.includes("fb-"));
      expect(shared).toEqual([]);
      expect(one.size).toBeGreaterThan(20);
    }),
    runs(1),
  );
});

test("no two deployments of an account answer to one name, whatever the system", () => {
  const account = {
    ...(accounts["dev"] as Account),
    https: { domain: "dev.example.com", hostedZoneId: "Z0123456789" },
  };
  const names = Object.entries(systems).flatMap(([system, { shortName }]) =>
    [shortName, `${shortName}-42`].map((prefix) => {
      const { stack } = synthesized(system, "dev", { prefix, account });
      return Object.values(stack.resource["aws_acm_certificate"] ?? {}).map((args) => args["domain_name"]);
    }),
  );
  expect(names).toEqual(names.map(() => [expect.stringMatching(/^[a-z]{2}(-42)?\.dev\.example\.com$/)]));
  expect(new Set(names.flat()).size).toBe(names.length);
});

test("outputs tell where an API's domain must point", () => {
  const target = (system: string, environment: string, output: string) =>
    synthesized(system, environment).stack.output[output]?.value;
  expect(target("notifications", "production", "load_balancer_dns")).toBe("${aws_lb.load-balancer.dns_name}");
  expect(target("event-scheduling", "production", "api_dns")).toMatch(
    /^\$\{aws_apigatewayv2_domain_name\..*target_domain_name\}$/,
  );
  expect(target("event-scheduling", "dev", "api_dns")).toMatch(
    /^\$\{trimprefix\(aws_apigatewayv2_api\..*api_endpoint, "https:\/\/"\)\}$/,
  );
});
