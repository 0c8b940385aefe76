import { type TerraformStack, Testing } from "cdktf";
import fc from "fast-check";
import { type Deployment, UsageError, previewPrefix } from "../deployment";
import { accounts } from "../environments/accounts";
import { type Account } from "../environments/environment";
import { physicalName } from "../modules/naming";
import { systems } from "../stacks";
import { AWS_NAMES, NAME_ARGUMENT, NOT_OURS, TAG_VALUE } from "./support/aws-names";
import { at } from "./support/construct-at";
import { type Resource, type StackJson, environmentApp, everyEnvironment, resources } from "./support/synth";

/** Each is the beginning of the next, and the last is the longest. */
const PREVIEWS = ["", "-1", "-111111111"];
const DOMAIN = { domain: "example.com", hostedZoneId: "Z0123456789" };

interface Made {
  /** "fb-11-dev", or "dev-state-stack" for what all the systems of an environment share. */
  readonly of: string;
  readonly stack: StackJson;
}

/** Every environment of every system, with a domain and as its previews; and what they share, once. */
let made: readonly Made[];

beforeAll(() => {
  const shared = new Map<string, Made>();
  const deployments = everyEnvironment.flatMap(([name, environment]) => {
    const { shortName, environments } = systems[name] as (typeof systems)[string];
    const previews = environments[environment]?.previews ? PREVIEWS : [""];
    // The domain differs from account to account; the rest of the account does not separate what is compared here.
    const domain = { ...DOMAIN, domain: `${environment}.example.com` };
    const account = { ...(accounts[environment] as Account), https: domain };
    return previews.map((number) => {
      const { app } = environmentApp(name, environment, { prefix: `${shortName}${number}`, account });
      for (const id of [`${environment}-state-stack`, `${environment}-account-stack`]) {
        if (!shared.has(id)) shared.set(id, { of: id, stack: json(app.node.findChild(id)) });
      }
      return { of: `${shortName}${number}-${environment}`, stack: json(app.node.findChild(`${environment}-stack`)) };
    });
  });
  made = [...deployments, ...shared.values()];
});

function json(stack: unknown): StackJson {
  return JSON.parse(Testing.synth(stack as TerraformStack)) as StackJson;
}

interface Name {
  /** "aws_lb.name" */
  readonly argument: string;
  readonly value: string;
  readonly resource: Resource;
}

/** The arguments that look like a name and have a value; what refers to another resource is that one's name. */
function namesIn(stack: StackJson): Name[] {
  return resources(stack).flatMap((resource) =>
    Object.entries(resource.args).flatMap(([key, value]) =>
      typeof value === "string" && NAME_ARGUMENT.test(key) && !value.includes("${")
        ? [{ argument: `${resource.type}.${key}`, value, resource }]
        : [],
    ),
  );
}

function ours(stack: StackJson): Name[] {
  return namesIn(stack).filter(({ argument }) => !NOT_OURS.has(argument));
}

test("any two deployments, of any systems, environments and previews, give disjoint names to everything in AWS", () => {
  const owners = new Map<string, string>();
  const doubles: string[] = [];
  for (const { of, stack } of made) {
    for (const { argument, value, resource } of ours(stack)) {
      const { within } = AWS_NAMES[argument] ?? {};
      const scope = within === undefined ? "" : String(resource.args[within]);
      if (scope.includes("${")) continue; // Unique in a resource of the deployment's own.
      const name = `${argument} ${scope} ${value}`;
      const owner = owners.get(name) ?? of;
      owners.set(name, owner);
      if (owner !== of) doubles.push(`${name}: ${owner} and ${of}`);
    }
  }
  expect(doubles).toEqual([]);
  expect(owners.size).toBeGreaterThan(1000);
});

test("every name is within AWS's length limit and of its characters, and every tag's value", () => {
  const wrong = made.flatMap(({ stack }) => [
    ...ours(stack)
      .filter(({ argument, value }) => {
        const rule = AWS_NAMES[argument];
        return rule === undefined || value.length > rule.max || !rule.pattern.test(value);
      })
      .map(({ argument, value }) => `${argument} "${value}" (${String(value.length)})`),
    ...resources(stack).flatMap(({ address, args }) =>
      Object.entries((args["tags"] ?? {}) as Record<string, string>)
        .filter(([, value]) => !TAG_VALUE.test(value))
        .map(([key, value]) => `${address}: tag ${key} "${value}"`),
    ),
  ]);
  // A name that the table does not have is to be added there, with AWS's limit.
  expect(wrong).toEqual([]);
});

test("any two deployments have disjoint state keys, and lock items and objects", () => {
  const keys = made.flatMap(({ stack }) => {
    const { bucket, key } = stack.terraform.backend.s3;
    const state = `${String(bucket)}/${String(key)}`;
    return [state, `${state}-md5`, `${state}.tflock`, `${state}.release`];
  });
  expect(new Set(keys).size).toBe(4 * made.length);
});

test("what a deployment may do in AWS, by a wildcard too, names no resource of another", () => {
  const foreign: string[] = [];
  const deployments = made.map(({ of }) => of);
  for (const { of, stack } of made) {
    const granted = JSON.stringify(resources(stack).map(({ args }) => args)).match(/arn:aws:[^"\\]*/g) ?? [];
    for (const arn of new Set(granted)) {
      const other = deployments.find((one) => one !== of && new RegExp(`(?<![\\w-])${one}(?![\\w])`).test(arn));
      // `role/fb-1*` would be the role of fb-11 as well.
      const open = /[a-z]+-\d+\*/.exec(arn);
      if (other !== undefined || open) foreign.push(`${of}: ${arn}`);
    }
  }
  expect(foreign).toEqual([]);
});

const shortNames = Object.values(systems).map(({ shortName }) => shortName);
const shortName = fc.constantFrom(...shortNames);
const number = fc.integer({ min: 1, max: 999999999 });
const prefix = fc.oneof(
  shortName,
  fc.tuple(shortName, number).map(([short, n]) => `${short}-${String(n)}`),
);
const deployment = fc
  .tuple(prefix, fc.constantFrom(...Object.keys(accounts)))
  .map(([first, environment]) => `${first}-${environment}`);

test("names of any two deployments differ, also where they are cut, whatever the constructs are called", () => {
  const id = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/);
  const path = fc.array(id, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(deployment, deployment, path, path, fc.integer({ min: 32, max: 80 }), (one, two, a, b, max) => {
      fc.pre(one !== two);
      const names = [
        physicalName(at(a, one), { max }),
        physicalName(at(a, two), { max }),
        physicalName(at(b, two), { max }),
      ];
      expect(names[0]).not.toBe(names[1]);
      expect(names[0]).not.toBe(names[2]);
      for (const name of names) expect(name).toMatch(new RegExp(`^(?=.{1,${String(max)}}$)[a-z][a-z0-9-]*[a-z0-9]$`));
    }),
  );
});

describe("whatever a branch is called", () => {
  const long: Readonly<Record<string, string>> = Object.fromEntries(
    Object.entries(systems).map(([name, system]) => [system.shortName, name]),
  );
  const kind = fc.constantFrom("feature", "bug", "hotfix", "release", "");
  const anything = fc.string({ unit: "binary", maxLength: 300 });
  const named = fc.oneof(
    shortName,
    fc.constantFrom("constructor", "valueof", "proto", "dev", "state", "account"),
    fc.stringMatching(/^[a-z]{1,8}$/),
  );
  const digits = fc.oneof(
    number.map(String),
    fc.stringMatching(/^\d{1,24}$/),
    fc.constantFrom("0", "00", "-1", "1e9", "٣"),
  );
  const branch = fc.oneof(
    anything,
    fc.tuple(kind, named, digits, anything).map(([first, name, n, tail]) => `${first}/${name}-${n}${tail}`),
  );

  test("its prefix is the system's short name, with or without a number up to nine digits, or an error says what to do", () => {
    fc.assert(
      fc.property(shortName, branch, (short, name) => {
        const result = attempt(short, name);
        if (result instanceof UsageError) {
          expect(result.message).toContain(`The branch "${name}"`);
          expect(result.message).toMatch(/(Set SYSTEM=[a-z-]+, or PREFIX=[a-z]+ |Rename the branch, or set PREFIX)/);
        } else {
          expect(result).toMatch(new RegExp(`^${short}(-[1-9]\\d{0,8})?$`));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("the same branch never gives previews to two systems, and two numbers never one preview", () => {
    fc.assert(
      fc.property(fc.uniqueArray(shortName, { minLength: 2, maxLength: 2 }), number, number, ([a, b], n, m) => {
        const first = `feature/${String(a)}-${String(n)}`;
        expect(attempt(String(a), first)).toBe(`${String(a)}-${String(n)}`);
        expect(attempt(String(b), first)).toBeInstanceOf(UsageError);
        if (n !== m)
          expect(attempt(String(a), `feature/${String(a)}-${String(m)}`)).not.toBe(`${String(a)}-${String(n)}`);
      }),
    );
  });

  function attempt(short: string, name: Deployment["name"]): string | UsageError {
    try {
      return previewPrefix({ shortName: short, systems: long, branch: name, override: undefined });
    } catch (error) {
      if (error instanceof UsageError) return error;
      throw error;
    }
  }
});
