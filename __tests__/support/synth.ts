import { App, type TerraformStack, Testing } from "cdktf";
import { type Account, type Environment } from "../../environments/environment";
import { accounts } from "../../environments/accounts";
import { type System, systems } from "../../stacks";
import { addEnvironment } from "../../stacks/add-environment";
import "./terraform-version";

export type Arguments = Readonly<Record<string, unknown>>;

/** A stack as Terraform reads it. */
export interface StackJson {
  readonly terraform: { readonly backend: { readonly s3: Arguments } };
  readonly resource: Readonly<Record<string, Readonly<Record<string, Arguments>>>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, Arguments>>>>;
  readonly output: Readonly<Record<string, { readonly value: string; readonly description?: string }>>;
}

/** One resource of a synthesized stack. */
export interface Resource {
  readonly type: string;
  /** The address without its type: "flows_dead-letters". */
  readonly id: string;
  readonly address: string;
  readonly args: Arguments;
}

/** Every environment of every system: [system, environment]. */
export const everyEnvironment: readonly (readonly [string, string])[] = Object.entries(systems).flatMap(
  ([name, system]) => Object.keys(system.environments).map((environment) => [name, environment] as const),
);

interface Overrides {
  readonly prefix?: string;
  readonly env?: Environment;
  readonly account?: Account;
}

/** An environment's stacks, as main.ts makes them, and what is wrong with the shape of its values. */
export function environmentApp(
  name: string,
  environment: string,
  overrides: Overrides = {},
): { app: App; misshapen: string[] } {
  const system = systems[name] as System;
  const app = new App();
  const deployment = {
    system: name,
    environment,
    name: `${overrides.prefix ?? system.shortName}-${environment}`,
    account: overrides.account ?? (accounts[environment] as Account),
    repository: "groundplan",
  };
  const env = overrides.env ?? (system.environments[environment] as Environment);
  return { app, misshapen: addEnvironment(app, system, deployment, env) };
}

interface Synthesis {
  readonly stack: StackJson;
  readonly state: StackJson;
  readonly account: StackJson;
  readonly errors: readonly string[];
}

const committed = new Map<string, Synthesis>();

/** An environment's stacks as Terraform reads them, and all the errors of their synth; without overrides made once in each test file. */
export function synthesized(name: string, environment: string, overrides?: Overrides): Synthesis {
  if (overrides) return synthesize(name, environment, overrides);
  const key = `${name} ${environment}`;
  const made = committed.get(key) ?? synthesize(name, environment, {});
  committed.set(key, made);
  return made;
}

function synthesize(name: string, environment: string, overrides: Overrides): Synthesis {
  const { app, misshapen } = environmentApp(name, environment, overrides);
  const found = app.node.findAll().flatMap(({ node }) => node.validate());
  const json = (id: string): StackJson => {
    const stack = app.node.tryFindChild(id);
    return stack === undefined ? EMPTY : (JSON.parse(Testing.synth(stack as TerraformStack)) as StackJson);
  };
  const errors = [...misshapen, ...found];
  const broken = errors.length > 0;
  return {
    stack: broken ? EMPTY : json(`${environment}-stack`),
    state: broken ? EMPTY : json(`${environment}-state-stack`),
    account: broken ? EMPTY : json(`${environment}-account-stack`),
    errors,
  };
}

const EMPTY: StackJson = { terraform: { backend: { s3: {} } }, resource: {}, output: {} };

/** The resources of a stack, of one type or of all. */
export function resources(stack: StackJson, type?: string): Resource[] {
  return Object.entries(stack.resource)
    .filter(([of]) => type === undefined || of === type)
    .flatMap(([of, byId]) =>
      Object.entries(byId).map(([id, args]) => ({ type: of, id, address: `${of}.${id}`, args })),
    );
}
