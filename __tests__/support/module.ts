import { App, Testing } from "cdktf";
import { type Construct } from "constructs";
import { BaseStack } from "../../stacks/base-stack";
import { type Arguments } from "./synth";
import "./terraform-version";

class TestStack extends BaseStack {}

/** What a module makes in the deployment fb-dev of account 111111111111, and the errors of its synth. */
export function inStack(build: (stack: Construct) => void): {
  errors: string[];
  /** The resources of a type, by their address without it. */
  all: (type: string) => Record<string, Arguments>;
  /** The only resource of a type, whatever its address. */
  only: (type: string) => Arguments;
  /** The only data source of a type. */
  data: (type: string) => Arguments;
  locals: Readonly<Record<string, string>>;
} {
  const stack = new TestStack(new App(), "dev-stack", {
    system: "flow-builder",
    environment: "dev",
    name: "fb-dev",
    account: { id: "111111111111", region: "eu-west-1" },
    repository: "groundplan",
  });
  build(stack);
  const errors = stack.node.findAll().flatMap(({ node }) => node.validate());
  type Blocks = Readonly<Record<string, Readonly<Record<string, Arguments>>>>;
  const json = JSON.parse(Testing.synth(stack)) as {
    resource?: Blocks;
    data?: Blocks;
    locals?: Record<string, string>;
  };
  const all = (type: string): Record<string, Arguments> => ({ ...json.resource?.[type] });
  return {
    errors,
    all,
    locals: json.locals ?? {},
    only: (type) => onlyOf(type, all(type)),
    data: (type) => onlyOf(type, json.data?.[type]),
  };
}

function onlyOf(type: string, found: Readonly<Record<string, Arguments>> = {}): Arguments {
  const [only, ...more] = Object.values(found);
  if (only === undefined || more.length > 0) throw new Error(`${type}: there are ${String(more.length)} more, or none`);
  return only;
}

/** An argument that holds JSON, read. */
export function parsed(args: Arguments | undefined, argument: string): unknown {
  return JSON.parse(String(args?.[argument])) as unknown;
}
