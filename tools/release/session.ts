import type { ClientConfig } from "../support/aws-clients";
import { ambientClients } from "../support/aws-clients";
import { Failure } from "../support/failure";
import { awsEnvironment } from "../support/local-environment";
import { type Variables, freshLog } from "../support/project";
import { type Released, releasedIn } from "../support/released-services";
import { forThisDeployment } from "../support/shell";
import { type StackFolder, readStack } from "../support/stack-folder";
import { accounts } from "../../environments/accounts";
import type { Account } from "../../environments/environment";
import type { Context } from "../support/terraform-errors";

/** Who works in an account: our own calls, and what is started as a program, such as Terraform. */
export interface Worker {
  readonly clients: ClientConfig;
  readonly variables: Variables;
}

/** What one release works with, on AWS or where AWS_ENDPOINT_URL says. */
export class Session {
  /** "dev-stack" */
  readonly name: string;
  readonly clients: ClientConfig;
  readonly env: Readonly<Record<string, string>>;
  readonly log: string;
  /** The whole command, to be run again. */
  readonly again: string;
  readonly account: Account;
  /** The sha256 of the plan that was made last. @default none was */
  plan?: string | undefined;
  /** Whether Terraform was initialized in the stack's folder. */
  initialized = false;
  private synthesized?: { readonly stack: StackFolder; readonly released: Released };

  /**
   * @param command "release"
   * @param again the whole command, to be run again
   * @param there who works there @default whom the process's environment names
   */
  constructor(
    readonly environment: string,
    command: string,
    again: string,
    there?: Worker,
  ) {
    this.name = `${environment}-stack`;
    this.account = accounts[environment] as Account;
    this.again = forThisDeployment(again);
    this.env = awsEnvironment(there?.variables ?? process.env);
    this.clients = there?.clients ?? ambientClients(this.account.region, this.env);
    this.log = freshLog(command);
  }

  /** Takes what was synthesized as what is released. */
  begin(): StackFolder {
    const stack = readStack(this.name);
    this.synthesized = { stack, released: releasedIn(stack.folder) };
    return stack;
  }

  get stack(): StackFolder {
    return this.begun.stack;
  }

  get released(): Released {
    return this.begun.released;
  }

  get context(): Context {
    const { name: stack, environment, account, again } = this;
    return { stack, environment, accountId: account.id, again };
  }

  /** Whether it is the local AWS, or another that is not Amazon's. */
  get simulated(): boolean {
    return this.clients.endpoint !== undefined;
  }

  /** @throws Failure when somebody synthesized something else into cdktf.out meanwhile: another branch, system or state of the code */
  checkSame(): void {
    const [then, now] = [this.stack, readStack(this.name)];
    if (then.digest === now.digest) return;
    const what =
      then.deployment === now.deployment
        ? `${now.deployment} of other code`
        : `${now.deployment}, not ${then.deployment}`;
    throw new Failure(
      `cdktf.out was synthesized anew while this ran, and has ${what} now. Nothing more is changed from here. Two deployments at a time need two checkouts (git worktree add).`,
      { next: this.again },
    );
  }

  private get begun() {
    if (this.synthesized === undefined) throw new Error("Nothing was synthesized yet");
    return this.synthesized;
  }
}
