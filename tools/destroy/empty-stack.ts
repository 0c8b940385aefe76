import "../../stacks/quiet-tokens";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { App } from "cdktf";
import { accounts } from "../../environments/accounts";
import type { Account } from "../../environments/environment";
import { BaseStack } from "../../stacks/base-stack";
import { synthesize } from "../../stacks/synthesize";
import { type Variables, localFolder } from "../support/project";
import { providerLock } from "../support/terraform-binary";
import type { Target } from "./target";

/** The provider and the state of a deployment, both guarded by account, and no resource. */
class EmptyStack extends BaseStack {}

const ID = "destroy";

/**
 * Writes what Terraform needs in order to destroy a deployment: where its state is, and who may. The resources, and the order
 * in which they go, are in the state. So the branch, the system or the code that made them may be gone, nothing of theirs is
 * evaluated (a secret that is read, a check that fails), and a destroy that broke off goes on.
 * @returns the folder, one for each deployment
 */
export function writeEmptyStack(target: Target, env: Variables): string {
  const { system, environment, deployment } = target;
  const outdir = outdirOf(target);
  mkdirSync(outdir, { recursive: true });
  const app = new App({ outdir, skipValidation: true });
  const account = accounts[environment] as Account;
  new EmptyStack(app, ID, { system, environment, name: deployment, account, repository: "" });
  synthesize(app, providerLock(env));
  return emptyStackFolder(target);
}

/** Where `writeEmptyStack` puts it. */
export function emptyStackFolder(target: Pick<Target, "deployment">): string {
  return join(outdirOf(target), "stacks", ID);
}

function outdirOf({ deployment }: Pick<Target, "deployment">): string {
  return localFolder("destroy", deployment);
}
