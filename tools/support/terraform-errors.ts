import { forThisDeployment, shellText, terraformIn, terraformOn } from "./shell";
import { TAKE_STATE_OVER, isOpenTofu, providerRegistry, terraformName } from "./terraform-binary";
import { terraformLine } from "./terraform-output";

/** Which stack it was, to say what to run next. */
export interface Context {
  /** "dev-stack" */
  readonly stack: string;
  readonly environment: string;
  readonly accountId: string;
  /** The command that goes on where this one broke off. */
  readonly again: string;
  /** What a shell needs before it can run Terraform itself. @default nothing: the shell has its credentials */
  readonly prelude?: string;
  /** Where Terraform runs, from the project's folder. @default the stack's in cdktf.out */
  readonly folder?: string;
}

export interface Explanation {
  readonly message: string;
  readonly next?: string;
}

interface Rule {
  readonly pattern: RegExp;
  /** When it does not hold. @default always */
  readonly unless?: () => boolean;
  readonly explain: (match: RegExpExecArray, context: Context, output: string) => Explanation;
}

/** What people meet first, in their words and with the command that helps. The order is that of likelihood of the cause. */
const RULES: readonly Rule[] = [
  {
    pattern: /Error: Failed to (?:save|persist) state|errored\.tfstate/,
    explain: (_, context) => unsavedState(context),
  },
  {
    pattern: /Error acquiring the state lock/,
    explain: (_, context, output) => held(context, lockInfo(output)),
  },
  {
    pattern: /AWS account ID not allowed: (\d+)/,
    explain: ([, got], { environment, accountId }) => wrongAccount(environment, accountId, String(got)),
  },
  {
    pattern: /No valid credential sources found|failed to refresh cached credentials|Could not load credentials/,
    explain: (_, { environment, accountId }) => missingCredentials(environment, accountId),
  },
  {
    pattern:
      /ExpiredToken|InvalidClientTokenId|The SSO session .* has expired|security token included in the request is invalid/,
    explain: (_, { again }) => ({
      message: `The AWS credentials have expired or are not valid any more. Sign in again, then go on with ${again}.`,
      next: "aws sso login",
    }),
  },
  // These before the local AWS's: a registry may be asked through a proxy on this machine.
  {
    pattern: /This state requires provider registry\.opentofu\.org|provider\s+registry\.opentofu\.org/,
    explain: (_, context) => ({
      message: `The state of ${context.stack} was written by OpenTofu, and names the providers of OpenTofu's registry. Work on it with TERRAFORM_BINARY_NAME=tofu, or have Terraform take it over, then go on with ${context.again}.`,
      next: inShell(context, ...TAKE_STATE_OVER),
    }),
    unless: isOpenTofu,
  },
  {
    pattern: /Failed to query available provider packages|Failed to install provider/,
    explain: () => ({
      message: `${terraformName()} could not get the AWS provider 5.100.0: its registry does not answer, and this machine has no mirror (a folder that holds ${providerRegistry()}/hashicorp/aws/5.100.0).`,
      next: `curl -I https://${providerRegistry()}`,
    }),
  },
  {
    pattern: /dial tcp 127\.0\.0\.1:(\d+): connect: connection refused|ECONNREFUSED 127\.0\.0\.1:(\d+)/,
    explain: ([, go, node]) => ({
      message: `The local AWS does not run on port ${go ?? String(node)}.`,
      next: "npm run local",
    }),
  },
  {
    pattern: /S3 bucket "([^"]+)" does not exist|NoSuchBucket/,
    explain: ([, bucket], { environment }) => ({
      message: `The state bucket${bucket ? ` ${bucket}` : ""} of ${environment} does not exist yet.`,
      next: `npm run bootstrap -- ${environment}`,
    }),
  },
  {
    pattern:
      /Error: (creating [^\n]*(?:AlreadyExists|already exists|AlreadyOwnedByYou|ResourceExists)[^\n]*)(?:[^]*?with ([\w-]+\.[\w-]+))?/,
    explain: ([, error, address], context) => unknownToState(context, String(error), address),
  },
  {
    // Three paragraphs: the error, where it is, and the condition's own words.
    pattern: /Error: Resource (?:post|pre)condition failed\n[│ ]*\n[│ ]*on [^]*?\n[│ ]*\n([^]*?)(?:\n[│╵ ]*(?=\n|$)|$)/,
    explain: ([, told]) => ({
      message: String(told)
        .replace(/[│╷╵\s]+/g, " ")
        .trim(),
    }),
  },
  {
    pattern:
      /(?:lookup|ENOTFOUND|EAI_AGAIN) ([\w.-]+)|dial tcp \S+ (?:connect: )?(?:connection refused|network is unreachable|no route to host|i\/o timeout)|TLS handshake timeout|ETIMEDOUT|ECONNRESET|EHOSTUNREACH|ENETUNREACH|connection reset by peer|TimeoutError/,
    explain: ([said, host], { again }) => ({
      message: `The network is gone, or AWS does not answer${host ? `: ${host} cannot be found` : ` (${String(said)})`}. What had been begun may have been done; the next run compares it with AWS.`,
      next: again,
    }),
  },
  {
    pattern: /Command output on stderr:\s*\n+((?:[ \t]+\S.*\n?)+)/,
    explain: ([, told]) => ({
      message: String(told)
        .replace(/^[ \t]+/gm, "")
        .trim(),
    }),
  },
];

/** What a failed run of cdktf or Terraform means, as a sentence and the next command where one is known. */
export function explain(lines: readonly string[], { again, ...where }: Context): Explanation {
  // In the sentences too, which nobody completes after this.
  const context = { ...where, again: forThisDeployment(again) };
  const output = lines.map(terraformLine).join("\n");
  for (const { pattern, explain, unless } of RULES) {
    const match = pattern.exec(output);
    if (match && !unless?.()) return explain(match, context, output);
  }
  return { message: firstErrors(output), next: context.again };
}

export function wrongAccount(environment: string, expected: string, got: string): Explanation {
  return {
    message: `These credentials are of account ${got}, but ${environment} is in account ${expected} (environments/accounts.ts). Nothing was changed. Take the profile of ${expected}, or correct the file.`,
    next: "aws sts get-caller-identity",
  };
}

export function missingCredentials(environment: string, expected: string): Explanation {
  return {
    message: `There are no AWS credentials; ${environment} is in account ${expected}. Set AWS_PROFILE, or for the local AWS: eval "$(npm run --silent local -- env)".`,
    next: "aws configure list",
  };
}

interface LockInfo {
  readonly id?: string;
  readonly who?: string;
  readonly operation?: string;
  readonly created?: string;
}

/** The "Lock Info" paragraph that Terraform prints. */
export function lockInfo(output: string): LockInfo {
  const field = (name: string): string | undefined => new RegExp(`^\\W*${name}: +(.+)$`, "m").exec(output)?.[1]?.trim();
  const created = field("Created")
    ?.replace(/^(\S+ \d\d:\d\d:\d\d)\S*(.*)$/, "$1$2")
    .replace(/ \+0000 UTC$/, " UTC");
  const [id, who, operation] = [field("ID"), field("Who"), field("Operation")];
  return { ...(id && { id }), ...(who && { who }), ...(operation && { operation }), ...(created && { created }) };
}

function held(context: Context, { id, who, operation, created }: LockInfo): Explanation {
  const kind = operation?.replace(/^OperationType/, "").toLowerCase();
  const holder = [kind && `by a Terraform ${kind}`, who && `of ${who}`, created && `since ${created}`]
    .filter(Boolean)
    .join(" ");
  return {
    message: `The state of ${context.stack} is locked${holder && ` ${holder}`}. Wait until that run has ended. Only if it was killed, unlock it (docs/runbook.md, "A held lock").`,
    next: inShell(context, "force-unlock", id ?? "<lock id>"),
  };
}

/** What a lost network, or credentials that expire in the middle, leave behind. */
function unsavedState(context: Context): Explanation {
  const { folder, again } = context;
  if (folder !== undefined) {
    return {
      message: `The state could not be written to its bucket (the network or the credentials are gone). It is in ${folder}/errored.tfstate: do not delete that file. Once the bucket answers again, write it there; then go on with ${again}. Where the push says that the state is locked, this run could not give its lock back: ${inShell(context, "force-unlock", "-force", "<the ID that it tells>")} frees it.`,
      next: inShell(context, "state", "push", "errored.tfstate"),
    };
  }
  return {
    message: `The state could not be written to its bucket (the network or the credentials are gone). What was made is in cdktf.out/stacks/${context.stack}/errored.tfstate: do not delete that file, and synthesize nothing else here. Once the bucket answers again, the doctor writes it there, and frees the lock; then go on with ${context.again}.`,
    next: `npm run doctor -- ${context.environment}${context.prelude ? " --local" : ""}`,
  };
}

/** What a killed apply leaves behind, when the kill came between a creation and its record in the state. */
function unknownToState(context: Context, error: string, address = "<address>"): Explanation {
  return {
    message: `${address} exists in AWS, but the state does not know it: a run was killed before it wrote that down, or somebody else made it. The doctor says what mends it; then go on with ${context.again} (docs/runbook.md, "An apply that broke off").\n${terraformName()} said: ${error}`,
    next: `npm run doctor -- ${context.environment}${context.prelude ? " --local" : ""}`,
  };
}

/** A Terraform command on the stack, with what the shell needs before it. */
function inShell({ stack, folder, prelude }: Context, ...args: string[]): string {
  const command = shellText(folder === undefined ? terraformOn(stack, ...args) : terraformIn(folder, ...args));
  return prelude ? `${prelude} && ${command}` : command;
}

/** Terraform's own errors, the first three paragraphs that begin with "Error:". */
function firstErrors(output: string): string {
  const paragraphs = output.split(/\n(?=[^\w\n]*Error: )/).slice(1);
  const errors = paragraphs.map((text) =>
    text
      .split(/\n\s*\n/)
      .slice(0, 2)
      .join("\n")
      .replace(/^[│╷╵\s]+/gm, "")
      .trim(),
  );
  if (errors.length === 0) return output.trim().split("\n").slice(-5).join("\n");
  return [...new Set(errors)].slice(0, 3).join("\n");
}
