import type { Account } from "./environments/environment";

/** The prefixes that the branch, the process's environment and the system's short name say together. */
export interface PrefixSource {
  /** The system's short name: "fb". */
  readonly shortName: string;
  /** Every system by its short name, to tell a branch of another one: `{ fb: "flow-builder" }`. */
  readonly systems: Readonly<Record<string, string>>;
  /** The branch; undefined on a detached HEAD that no CI variable names. */
  readonly branch: string | undefined;
  /** PREFIX of the process's environment: it overrides the branch. */
  readonly override: string | undefined;
}

/** An environment under a prefix: `fb-dev`, `wo-42-dev`. It names every AWS resource and the state's key. */
export interface Deployment {
  readonly system: string;
  /** "dev", "staging" or "production". */
  readonly environment: string;
  /** The deployment's name, the first part of every AWS name: "fb-42-dev". */
  readonly name: string;
  readonly account: Account;
  /** Where the code is, for the `repository` tag. */
  readonly repository: string;
}

/** A sentence for the person at the terminal; shown without a stack trace. */
export class UsageError extends Error {
  /**
   * @param choice what is to be set for the same command to work: "PREFIX=fb-42". What was meant is not guessed, as it may be
   * something to destroy: "PREFIX=fb-<number>"
   */
  constructor(
    message: string,
    readonly choice?: string,
  ) {
    super(message);
  }
}

/** A tag's value: what AWS takes, of letters those of ASCII. Nothing of it is an expression to Terraform. */
const TAG = /^[\w .:/=+@-]{1,256}$/;

const PREVIEW_BRANCH = /^(?:feature|bug|hotfix)\/([a-z]+)-(\d+)(?![\da-zA-Z])/;

/**
 * The prefix for environments that allow previews: `fb-42` on `feature/fb-42-add-retries`, else the short name.
 * @throws UsageError for a PREFIX of another form, a branch of another system, a detached HEAD
 */
export function previewPrefix({ shortName, systems, branch, override }: PrefixSource): string {
  if (override) {
    if (new RegExp(`^${shortName}(-[1-9]\\d{0,8})?$`).test(override)) return override;
    const named = override.replace(/-.*/, "");
    const number = /(?<!\d)0*([1-9]\d{0,8})(?!\d)/.exec(override)?.[1];
    throw new UsageError(
      `PREFIX: expected ${shortName} or ${shortName}-<number>, got "${override}". Set PREFIX=${shortName}-42, or unset it to take the branch.`,
      named !== shortName && Object.hasOwn(systems, named)
        ? `SYSTEM=${String(systems[named])}`
        : `PREFIX=${shortName}-${number ?? "<number>"}`,
    );
  }
  if (branch === undefined) {
    throw new UsageError(
      `The HEAD is detached: the branch would say which dev environment this is. Set PREFIX=${shortName} for the shared one, or PREFIX=${shortName}-<number> for a preview.`,
      `PREFIX=${shortName}-<number>`,
    );
  }
  const [, named, number] = PREVIEW_BRANCH.exec(branch) ?? [];
  if (named === undefined || number === undefined || !Object.hasOwn(systems, named)) return shortName;
  if (named !== shortName) {
    throw new UsageError(
      `The branch "${branch}" is of ${String(systems[named])}. Set SYSTEM=${String(systems[named])}, or PREFIX=${shortName} to work on this system all the same.`,
      `SYSTEM=${String(systems[named])}`,
    );
  }
  if (!/^[1-9]\d{0,8}$/.test(number)) {
    throw new UsageError(
      `The branch "${branch}": expected a number from 1 to 999999999, got ${number}. Rename the branch, or set PREFIX.`,
      `PREFIX=${shortName}-<number>`,
    );
  }
  return `${shortName}-${number}`;
}

/**
 * The value of the `repository` tag: `context.repository` of cdktf.json.
 * @throws UsageError for what is no value of a tag
 */
export function repositoryTag(context: unknown): string {
  if (typeof context === "string" && TAG.test(context)) return context;
  const got = context === undefined ? "nothing" : JSON.stringify(context);
  throw new UsageError(
    `context.repository: expected 1 to 256 letters, digits, spaces and _ . : / = + - @, got ${got}. Set it in cdktf.json to where the code is: "groundplan".`,
  );
}

/**
 * The name that a deployment's API answers to, and its zone or certificate: the prefix below the account's domain, so that no
 * two deployments of an account claim one name, `fb.dev.example.com` and `fb-42.dev.example.com`. Undefined without a domain.
 */
export function httpsOf({ name, environment, account }: Deployment): Account["https"] {
  return account.https && { ...account.https, domain: `${prefixOf(name, environment)}.${account.https.domain}` };
}

/** The prefix of a deployment's name: "fb-42" of "fb-42-dev". */
export function prefixOf(name: string, environment: string): string {
  return name.slice(0, -`-${environment}`.length);
}

/** The key of a deployment's state in its environment's bucket. */
export function stateKey({ system, name }: Pick<Deployment, "system" | "name">): string {
  return `${system}/${name}/terraform.tfstate`;
}

/** The state stack's deployment: of an environment, whatever the system, and never under a preview prefix. */
export function stateDeployment(deployment: Deployment): Deployment {
  return { ...deployment, system: "state", name: `state-${deployment.environment}` };
}

/** The account stack's deployment: of an environment, whatever the system, and never under a preview prefix. */
export function accountDeployment(deployment: Deployment): Deployment {
  return { ...deployment, system: "account", name: `account-${deployment.environment}` };
}

/** The key of the state stack's own state, in the bucket that it makes. */
export function stateStackKey(environment: string): string {
  return `state/${environment}/terraform.tfstate`;
}

/** The bucket that holds an environment's states. Bucket names are global: the account's number makes it ours. */
export function stateBucket(environment: string, account: Account): string {
  return `groundplan-${environment}-state-${account.id}`;
}

/** The DynamoDB table that holds the locks on an environment's states. */
export function lockTable(environment: string): string {
  return `groundplan-${environment}-state-lock`;
}
