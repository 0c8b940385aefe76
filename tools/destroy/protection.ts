import { systems } from "../../stacks";
import { isStateful, keepsLess } from "../../stacks/stateful";
import { Failure } from "../support/failure";
import type { RecordedResource } from "../support/recorded-state";
import { forThisDeployment } from "../support/shell";
import type { Target } from "./target";

/** A resource that resists its deletion. */
export interface Protected {
  readonly address: string;
  /** "deletion protection" */
  readonly by: string;
  /** Whether `check-plan` refuses to lift it, unless that is allowed. */
  readonly refused: boolean;
}

interface Protection {
  readonly argument: string;
  /** The only type that means it so: a service of ECS has a `force_delete` too. @default any */
  readonly only?: string;
  /** "deletion protection"; undefined where the value protects nothing. */
  readonly by: (value: unknown) => string | undefined;
  /** The value that lifts it. */
  readonly lifted: unknown;
}

const deletion = (value: unknown): string | undefined => (value === true ? "deletion protection" : undefined);
const empty = (value: unknown): string | undefined => (value === false ? "it must be empty" : undefined);

/** By the arguments that the state has: those are what a destroy goes by, whatever the code says now. */
const PROTECTIONS: readonly Protection[] = [
  { argument: "deletion_protection", by: deletion, lifted: false },
  { argument: "deletion_protection_enabled", by: deletion, lifted: false },
  { argument: "enable_deletion_protection", by: deletion, lifted: false },
  { argument: "skip_final_snapshot", by: (value) => (value === false ? "a final snapshot" : undefined), lifted: true },
  { argument: "final_snapshot_identifier", by: (value) => (value ? "a final snapshot" : undefined), lifted: undefined },
  { argument: "force_delete", only: "aws_ecr_repository", by: empty, lifted: true },
  { argument: "force_destroy", only: "aws_s3_bucket", by: empty, lifted: true },
  {
    argument: "recovery_window_in_days",
    by: (value) => (Number(value ?? 0) > 0 ? `it can be recovered for ${String(value)} days` : undefined),
    lifted: 0,
  },
];

/** What of a state resists its deletion. An argument without a value, as after an import, does not. */
export function protections(resources: readonly RecordedResource[], environment: string): Protected[] {
  return resources.flatMap(({ address, type, attributes }) => {
    const on = PROTECTIONS.filter(
      ({ argument, only = type, by }) => only === type && by(attributes[argument]) !== undefined,
    );
    const by = new Set(on.map(({ argument, by }) => by(attributes[argument])));
    const refused =
      isStateful(type, environment) &&
      on.some(({ argument, lifted }) => keepsLess(argument, attributes[argument], lifted));
    return on.length > 0 ? [{ address, by: [...by].join(", "), refused }] : [];
  });
}

/** Whether the environment's file says `protect: true`. */
export function isProtected({ system, environment }: Pick<Target, "system" | "environment">): boolean {
  return systems[system]?.environments[environment]?.protect ?? false;
}

/** How the protection of a deployment is lifted: two steps, the first of which somebody reviews. */
function refusal(target: Target, resources: readonly Protected[], again: string): string {
  const { system, environment, deployment } = target;
  const file = `environments/${system}/${environment}.ts`;
  const allowed = resources
    .filter(({ refused }) => refused)
    .map(({ address }) => ` \\\n         --allow ${address}`)
    .join("");
  const stack = `${environment}-stack`;
  const first = isProtected(target)
    ? [`1. Set protect: false in ${file}, have that reviewed, and deploy it:`]
    : [`1. ${file} says protect: false already, but that is not deployed yet:`];
  return [
    `${deployment} is protected. Nothing was changed.`,
    ...resources.map(({ address, by }) => `- ${address}: ${by}`),
    "To destroy it all the same takes two steps, each of which is meant:",
    ...first,
    `     ${forThisDeployment(`npx cdktf plan ${stack}`)}`,
    `     ${forThisDeployment(`npm run check-plan -- ${stack}`)}${allowed}`,
    `     ${forThisDeployment(`npx cdktf deploy ${stack}`)}`,
    "2. Destroy it by its name. There will be no final snapshot, and backups go with their database:",
    `     ${again} --confirm ${deployment}`,
  ].join("\n");
}

/** @throws Failure where something protects a deployment: its state, or its environment's file */
export function checkUnprotected(target: Target, resources: readonly RecordedResource[], again: string): void {
  const found = protections(resources, target.environment);
  if (found.length > 0 || isProtected(target)) throw new Failure(refusal(target, found, again));
}
