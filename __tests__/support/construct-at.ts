import { App, TerraformStack } from "cdktf";
import { Construct } from "constructs";

/** A construct at a path of ids in a stack, of a deployment if one is given. */
export function at(path: readonly string[], deployment?: string): Construct {
  const stack = new TerraformStack(new App(), "dev-stack");
  if (deployment !== undefined) stack.node.setContext("deployment", deployment);
  return path.reduce<Construct>((scope, id) => new Construct(scope, id), stack);
}
