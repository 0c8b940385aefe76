import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../tools/support/project";
import { type Outcome } from "../../../tools/support/run";
import { terraformLine } from "../../../tools/support/terraform-output";
import { type Sandbox } from "./sandbox";
import { type WorkingTree } from "./working-tree";

type Arguments = Readonly<Record<string, unknown>>;

/** What AWS says of a name that is taken. */
const TAKEN =
  /already ?exists|AlreadyExist|ResourceExists|ResourceInUse|Duplicate|EntityAlreadyExists|ConflictException/i;

/** The types whose id for `terraform import` is one of their arguments. */
const ID_ARGUMENT: Readonly<Record<string, string>> = {
  aws_cloudwatch_log_group: "name",
  aws_db_instance: "identifier",
  aws_db_parameter_group: "name",
  aws_db_subnet_group: "name",
  aws_ecr_repository: "name",
  aws_ecs_cluster: "name",
  aws_elasticache_parameter_group: "name",
  aws_elasticache_replication_group: "replication_group_id",
  aws_elasticache_subnet_group: "name",
  aws_iam_role: "name",
  aws_kms_alias: "name",
  aws_lambda_function: "function_name",
  aws_scheduler_schedule_group: "name",
  aws_ssm_parameter: "name",
};

/** The types whose id AWS gives: the AWS CLI tells it for a name. */
const ID_LOOKUP: Readonly<Record<string, (args: Arguments) => string[]>> = {
  aws_lb: ({ name }) => [
    "elbv2",
    "describe-load-balancers",
    "--names",
    String(name),
    "--query",
    "LoadBalancers[0].LoadBalancerArn",
  ],
  aws_lb_target_group: ({ name }) => [
    "elbv2",
    "describe-target-groups",
    "--names",
    String(name),
    "--query",
    "TargetGroups[0].TargetGroupArn",
  ],
  aws_secretsmanager_secret: ({ name }) => [
    "secretsmanager",
    "describe-secret",
    "--secret-id",
    String(name),
    "--query",
    "ARN",
  ],
  aws_security_group: ({ name }) => [
    ...["ec2", "describe-security-groups", "--filters", `Name=group-name,Values=${String(name)}`],
    ...["--query", "SecurityGroups[0].GroupId"],
  ],
  aws_sqs_queue: ({ name }) => ["sqs", "get-queue-url", "--queue-name", String(name), "--query", "QueueUrl"],
};

/**
 * What docs/runbook.md says for an apply that broke off: whatever AWS has and the state does not ("already exists") is
 * imported. @throws Error with the output when the deploy failed for another reason
 */
export async function importStranded(
  project: WorkingTree,
  sandbox: Sandbox,
  stack: string,
  { lines }: Outcome,
): Promise<void> {
  const output = lines.map(terraformLine).join("\n");
  const stranded = output
    .split(/\n(?=[^\w\n]*Error: )/)
    .slice(1)
    .map((error) => ({ address: /\bwith (aws_[\w.-]+)[ ,]/.exec(error)?.[1], taken: TAKEN.test(error) }));
  if (stranded.length === 0 || stranded.some(({ address, taken }) => !taken || address === undefined)) {
    throw new Error(`Not for want of an import:\n${lines.slice(-80).join("\n")}`);
  }
  for (const address of new Set(stranded.map(({ address }) => String(address)))) {
    await project.terraform(
      stack,
      "import",
      "-input=false",
      "-no-color",
      address,
      await importId(project, sandbox, stack, address),
    );
  }
}

const RUNBOOK = readFileSync(join(root, "docs/runbook.md"), "utf8");

async function importId(project: WorkingTree, sandbox: Sandbox, stack: string, address: string): Promise<string> {
  const type = address.replace(/\..*/, "");
  if (!RUNBOOK.includes(`\`${type}\``)) throw new Error(`docs/runbook.md does not say how to import ${address}.`);
  const args = project.resources(stack).find((resource) => resource.address === address)?.args ?? {};
  const lookup = ID_LOOKUP[type];
  if (lookup !== undefined) return String(await sandbox.cli(...lookup(args)));
  const argument = ID_ARGUMENT[type];
  if (argument === undefined)
    throw new Error(`${address} exists already, and the test does not know how to import its type.`);
  return String(args[argument]);
}
