import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";
import { check } from "../checks";
import { PRIMARY, physicalName } from "../naming";
import { RESOURCELESS_ACTIONS } from "./resourceless-actions";

/** Something that acts under a role of its own: a service, a function. */
export interface Grantee {
  readonly role: Role;
}

export interface Statement {
  /** Named actions, "sqs:SendMessage": never a wildcard. */
  readonly actions: readonly string[];
  /** ARNs; `*` only for actions that AWS gives no resource for (`RESOURCELESS_ACTIONS`). */
  readonly resources: readonly string[];
  /** IAM conditions, as in a policy document. @default none */
  readonly conditions?: Conditions;
  /** When the same is denied instead, whatever else allows it. @default never */
  readonly deniedWhen?: Conditions;
}

/** `{ StringEquals: { "aws:SourceAccount": "111111111111" } }` */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export interface RoleProps {
  /** The AWS service that takes the role: "ecs-tasks.amazonaws.com". */
  readonly service: string;
  /** What the role is for, as the console shows it. */
  readonly description: string;
}

/**
 * The services that send aws:SourceAccount when they take a role, by their own documentation. Without the condition
 * another account's resource could make the service use our role (the "confused deputy"). Lambda sends none.
 */
const GUARDED: ReadonlySet<string> = new Set([
  "ecs-tasks.amazonaws.com",
  "scheduler.amazonaws.com",
  "vpc-flow-logs.amazonaws.com",
]);

/** A role that one AWS service of this account may take, and that may do nothing until something is granted to it. */
export class Role extends Construct {
  readonly arn: string;
  readonly name: string;
  private readonly role: IamRole;

  constructor(scope: Construct, id: string, props: RoleProps) {
    super(scope, id);
    const account = this.node.tryGetContext("account") as string | undefined;
    this.role = new IamRole(this, PRIMARY, {
      name: physicalName(this, { max: 64 }),
      description: props.description,
      assumeRolePolicy: policy([
        {
          Effect: "Allow",
          Principal: { Service: props.service },
          Action: "sts:AssumeRole",
          ...(account &&
            GUARDED.has(props.service) && { Condition: { StringEquals: { "aws:SourceAccount": account } } }),
        },
      ]),
    });
    this.arn = this.role.arn;
    this.name = this.role.name;
  }

  /**
   * Allows actions: one grant is one inline policy is one line in the plan.
   * @param id what is allowed, as the plan shows it: "flows-send"
   * @returns the policy, to depend on where AWS checks permissions before it creates something
   */
  allow(id: string, ...statements: Statement[]): IamRolePolicy {
    for (const { actions, resources } of statements) this.checkNamed(id, actions, resources);
    return new IamRolePolicy(this, id, {
      name: id,
      role: this.role.name,
      policy: policy(
        statements.flatMap(({ actions, resources, conditions, deniedWhen }) => [
          statement("Allow", actions, resources, conditions),
          ...(deniedWhen ? [statement("Deny", actions, resources, deniedWhen)] : []),
        ]),
      ),
    });
  }

  private checkNamed(id: string, actions: readonly string[], resources: readonly string[]): void {
    for (const action of actions) {
      check(this, !action.includes("*"), {
        what: `${this.node.path}: ${id}: action`,
        got: action,
        expected: "named actions",
        fix: "Name each action that is needed.",
      });
      check(this, !resources.includes("*") || RESOURCELESS_ACTIONS.has(action), {
        what: `${this.node.path}: ${id}: resource of ${action}`,
        got: "*",
        expected: "ARNs",
        fix: "Name the resources; only the actions of RESOURCELESS_ACTIONS may have *.",
      });
    }
  }
}

function statement(
  effect: "Allow" | "Deny",
  actions: readonly string[],
  resources: readonly string[],
  conditions?: Conditions,
): object {
  return { Effect: effect, Action: actions, Resource: resources, ...(conditions && { Condition: conditions }) };
}

function policy(statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
