import { basename } from "node:path";
import { type Command, shellText, terraformOn } from "../support/shell";
import { TAKE_STATE_OVER, isOpenTofu, isOpenTofuState, terraformBinary } from "../support/terraform-binary";
import type { StackFolder } from "../support/stack-folder";
import { type Finding, fact, note, problem } from "./finding";
import { type RecordedState, otherDeployments } from "../support/recorded-state";
import type { StateVersion, StoredObject } from "../support/state-object";
import { since, stamp } from "../support/time";

/** The format that every Terraform from 0.12 on writes. */
const FORMAT = 4;

export interface StateQuestion {
  readonly object: StoredObject | undefined;
  readonly recorded: RecordedState | undefined;
  readonly versions: readonly StateVersion[];
  /** The states of the last few versions, the newest first; undefined for one that cannot be read. */
  readonly older: readonly (RecordedState | undefined)[];
  /** "1.11.4": the Terraform on this machine. */
  readonly terraform: string;
}

/** Where the state is, what it is, its versions; and whether it is this deployment's. */
export function stateFindings(
  stack: StackFolder,
  { object, recorded, versions, older, terraform }: StateQuestion,
  now = new Date(),
): Finding[] {
  const place = `s3://${stack.bucket}/${stack.key} (${stack.region})`;
  if (!object) {
    const lost = missing(stack, versions, older);
    return [
      lost.length > 0 ? fact("State", `${place}: none`) : note("State", `${place}: none. Nothing was deployed yet.`),
      ...lost,
      ...listed(versions, older),
    ];
  }
  const size = `${String(Math.ceil(object.text.length / 1024))} KiB`;
  const written = `written ${since(object.written, now)}`;
  if (!recorded) {
    return [
      problem(
        "State",
        `${place}: ${size}, ${written}, and no state that Terraform can read. Copy an older version over it (docs/runbook.md, "An older state version restored").`,
      ),
      ...listed(versions, older),
    ];
  }
  const { serial, lineage, resources } = recorded;
  const counted = new Set(resources.map(({ address }) => address)).size;
  return [
    fact("State", `${place}: ${size}, ${written}`),
    fact("State", `serial ${String(serial)}, lineage ${lineage}, ${String(counted)} resources, by ${writer(recorded)}`),
    ...listed(versions, older),
    ...newer(recorded, terraform),
    ...byOpenTofu(stack, recorded),
    ...otherLineage(stack, recorded, older, versions),
    ...otherDeployment(stack, recorded),
  ];
}

/**
 * A deleted state lies under a delete marker, whose removal brings it back; its checksum, if the table has it, still fits.
 * One that had nothing left in it is what a destroy removes.
 */
function missing(
  { bucket, key }: StackFolder,
  versions: readonly StateVersion[],
  older: readonly (RecordedState | undefined)[],
): Finding[] {
  const marker = versions.find(({ latest, deleted }) => latest && deleted);
  const last = versions.findIndex(({ deleted }) => !deleted);
  if (!marker || last < 0) return [];
  if (older[last]?.resources.length === 0)
    return [fact("State", `It was destroyed; removed at ${stamp(marker.written)}`)];
  const version = ["--bucket", bucket, "--key", key, "--version-id", marker.id];
  return [
    problem("State", `It was deleted at ${stamp(marker.written)}. Take the deletion back:`, [
      ...(["aws", "s3api", "delete-object"] as const),
      ...version,
    ]),
  ];
}

function writer({ providers, terraformVersion }: RecordedState): string {
  return `${isOpenTofuState(providers) ? "OpenTofu" : "Terraform"} ${terraformVersion}`;
}

/** OpenTofu takes Terraform's states as they are. */
function byOpenTofu({ folder }: StackFolder, { providers }: RecordedState): Finding[] {
  if (isOpenTofu() || !isOpenTofuState(providers)) return [];
  const command = shellText(terraformOn(basename(folder), ...TAKE_STATE_OVER));
  return [
    note(
      "State",
      `OpenTofu wrote it, and Terraform's init asks OpenTofu's registry for its provider. Work on it with TERRAFORM_BINARY_NAME=tofu; or, when the init has failed, have Terraform take it over: ${command}`,
    ),
  ];
}

/** Terraform 1 reads the states of every later 1.x, and of OpenTofu, whose numbers are its own; a new format it does not. */
function newer(recorded: RecordedState, terraform: string): Finding[] {
  const { version, providers, terraformVersion } = recorded;
  if (version > FORMAT) {
    return [
      problem(
        "State",
        `It has format ${String(version)}, of ${writer(recorded)}; ${terraform}, which is on this machine, reads up to ${String(FORMAT)}. Install ${terraformVersion} or newer.`,
      ),
    ];
  }
  if (isOpenTofu() !== isOpenTofuState(providers) || compare(terraformVersion, terraform) <= 0) return [];
  return [
    note(
      "State",
      `It was written by ${writer(recorded)}, newer than the ${terraform} on this machine. Take that one (${isOpenTofu() ? ".opentofu-version" : ".terraform-version"} says which the project has), so that nobody's plan differs.`,
    ),
  ];
}

function otherLineage(
  { bucket, key }: StackFolder,
  { lineage }: RecordedState,
  older: readonly (RecordedState | undefined)[],
  versions: readonly StateVersion[],
): Finding[] {
  const at = older.findIndex((state) => state !== undefined && state.lineage !== lineage);
  const [state, version] = [older[at], versions[at]];
  if (!state || !version) return [];
  return [
    note(
      "State",
      `Its lineage differs from that of version ${version.id} of ${stamp(version.written)} (${state.lineage}): between the two it was begun anew, or another state was copied here. Look at what that one had: aws s3api get-object --bucket ${bucket} --key ${key} --version-id ${version.id} /tmp/old.tfstate && ${terraformBinary()} state list -state=/tmp/old.tfstate`,
    ),
  ];
}

/** A state that `terraform init -migrate-state` copied here from another branch's deployment. */
function otherDeployment({ deployment, bucket, key }: StackFolder, recorded: RecordedState): Finding[] {
  const foreign = otherDeployments(recorded, deployment);
  if (foreign.length === 0) return [];
  const [name = ""] = foreign;
  const list: Command = ["aws", "s3api", "list-object-versions", "--bucket", bucket, "--prefix", key];
  return [
    problem(
      "State",
      `${String(foreign.length)} of its resources are of ${name}, not of ${deployment}: the state of another deployment was copied here. Apply nothing: it would replace what ${name} runs on. Restore this one's own version (docs/runbook.md, "An older state version restored"); it is in this list: ${list.join(" ")}`,
    ),
  ];
}

function listed(versions: readonly StateVersion[], older: readonly (RecordedState | undefined)[]): Finding[] {
  if (versions.length === 0) return [];
  const lines = older.map((state, index) => {
    const version = versions[index];
    if (!version) return "";
    const what = version.deleted ? "deleted" : state ? `serial ${String(state.serial)}` : "not readable";
    return `    ${version.id}  ${stamp(version.written)}  ${what}`;
  });
  return [fact("State", [`${String(versions.length)} versions, the newest first:`, ...lines].join("\n"))];
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[.-]/).map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
