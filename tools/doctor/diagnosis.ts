import execa from "execa";
import type { ClientConfig } from "../support/aws-clients";
import { type Holder, described, livingHolder } from "../support/release-lock";
import { bucketExists, stateVersion, tableExists } from "../support/remote-state";
import { type Command, shellText, terraformOn } from "../support/shell";
import { type StackFolder, readStack } from "../support/stack-folder";
import { parseLock } from "../support/state-lock";
import { synthesizedResources } from "../support/synthesized-resources";
import { terraformBinary } from "../support/terraform-binary";
import { checksumFindings } from "./checksum";
import { CHAPTERS, type Finding, note, problem } from "./finding";
import { type Import, readImports } from "./imports";
import { type Locks, isBusy, lockFindings } from "./lock";
import { type RecordedState, parseState } from "../support/recorded-state";
import { resourceFindings } from "./resource-findings";
import { runners } from "./runners";
import { emptyStackFolder } from "../destroy/empty-stack";
import { stateFindings } from "./state-findings";
import { type StateVersion, lockItem, stateVersions, storedObject } from "../support/state-object";
import { folderFindings, unsavedFindings } from "./work-folder";

/** How many of the state's versions are read: a few hundred kilobytes each. */
const VERSIONS_READ = 5;

export interface Patient {
  /** "dev" */
  readonly environment: string;
  readonly stack: StackFolder;
  readonly clients: ClientConfig;
  readonly env: Readonly<Record<string, string>>;
  /** The command that writes import blocks. */
  readonly write: Command;
}

export interface Diagnosis {
  /** In the order of their chapters. */
  readonly findings: readonly Finding[];
  /** What AWS has and the state has not; undefined where the two could not be compared. */
  readonly imports?: readonly Import[];
}

/** Looks at a deployment's state, its locks and what AWS has, and changes nothing. */
export async function diagnose(patient: Patient): Promise<Diagnosis> {
  const { findings, ...rest } = await examine(patient);
  return {
    findings: [...findings].sort((a, b) => CHAPTERS.indexOf(a.chapter) - CHAPTERS.indexOf(b.chapter)),
    ...rest,
  };
}

async function examine({ environment, stack, clients, env, write }: Patient): Promise<Diagnosis> {
  const name = `${environment}-stack`;
  if (!(await bucketExists(clients, stack.bucket))) {
    const findings = [
      problem(
        "State",
        `The bucket ${stack.bucket} does not exist: either nothing of ${environment} was ever deployed here, or it was lost (global/README.md, "Recover").`,
        ["npm", "run", "bootstrap", "--", environment],
      ),
    ];
    return { findings };
  }
  const [table, object, versions, lockObject, item, checksum, here, terraform, holder] = await Promise.all([
    tableExists(clients, stack.lockTable),
    storedObject(clients, stack),
    stateVersions(clients, stack),
    storedObject(clients, { bucket: stack.bucket, key: `${stack.key}.tflock` }),
    lockItem(clients, stack, `${stack.bucket}/${stack.key}`),
    lockItem(clients, stack, `${stack.bucket}/${stack.key}-md5`),
    // A destroy works in a folder of its own.
    runners([stack.folder, emptyStackFolder(stack)]),
    terraformVersion(env),
    livingHolder(stack, clients),
  ]);
  const made = table ? undefined : await stateVersion(clients, readStack(`${environment}-state-stack`));
  const read = async ({ id, deleted }: StateVersion): Promise<RecordedState | undefined> => {
    const version = deleted ? undefined : await storedObject(clients, stack, id);
    return version && parseState(version.text);
  };
  const recorded = object && parseState(object.text);
  const older = await Promise.all(versions.slice(0, VERSIONS_READ).map(read));
  const locks = bothLocks(parseLock(lockObject?.text), parseLock(item?.info));

  const state = stateFindings(stack, { object, recorded, versions, older, terraform });
  const busy = holder !== undefined || isBusy(locks, here);
  const sum = await checksumFindings(stack, {
    ...{ busy, state: object, serial: recorded?.serial, digest: checksum?.digest, versions },
    serialOf: async (version) => (await read(version))?.serial,
  });
  const unsaved = unsavedFindings(name, stack, recorded);
  const general = [
    ...state,
    ...(table ? [] : [lostTable(environment, stack, made !== undefined)]),
    ...(holder ? [inUse(stack, holder)] : lockFindings(name, stack, locks, here)),
    ...sum,
    ...unsaved,
  ];
  const reason = unknowable({
    state,
    table,
    busy,
    object: object !== undefined,
    sum,
    unsaved,
  });
  const { findings: resources, ...compared }: Diagnosis =
    reason === undefined
      ? await resourceFindings({
          ...{ stack: name, deployment: stack.deployment, clients, write },
          code: synthesizedResources(stack.folder),
          recorded: recorded?.resources ?? [],
          blocks: readImports(stack.folder),
        })
      : { findings: [note("Resources", `not looked at: ${reason}`)] };
  const all = [...general, ...resources];
  const terraforms = all.some(({ commands }) => commands.some(([program]) => program === terraformBinary(env)));
  return { findings: terraforms ? [...folderFindings(name, stack), ...all] : all, ...compared };
}

function bothLocks(object: Locks["object"], item: Locks["item"]): Locks {
  return { ...(object && { object }), ...(item && { item }) };
}

/** Whatever Terraform's own lock looks like: somebody's release, promotion or destroy gives signs of life. */
function inUse(stack: StackFolder, holder: Holder): Finding {
  return problem("Lock", `${described(stack, holder)}, and gives signs of life. Wait for it.`);
}

/** @param made whether the state stack has a state: without one its bootstrap broke off, and goes on */
export function lostTable(environment: string, { lockTable }: Pick<StackFolder, "lockTable">, made: boolean): Finding {
  if (!made) {
    return problem(
      "Lock",
      `The table ${lockTable} does not exist, and the bucket is there: the bootstrap broke off between the two. It goes on:`,
      ["npm", "run", "bootstrap", "--", environment],
    );
  }
  return problem(
    "Lock",
    `The table ${lockTable} does not exist: Terraform cannot lock. Make it anew (global/README.md, "The table is lost"), which needs: ${shellText(terraformOn(`${environment}-state-stack`, "apply", "-lock=false"))}`,
  );
}

/** Why a comparison of the state with AWS would say nothing. */
function unknowable({
  table,
  state,
  busy,
  object,
  sum,
  unsaved,
}: {
  readonly table: boolean;
  readonly state: readonly Finding[];
  readonly busy: boolean;
  readonly object: boolean;
  readonly sum: readonly Finding[];
  readonly unsaved: readonly Finding[];
}): string | undefined {
  const has = (findings: readonly Finding[]): boolean => findings.some(({ level }) => level === "problem");
  if (busy) return "it is still being worked on.";
  if (!object && (has(state) || has(sum))) return "the state was deleted.";
  if (has(state)) return "the state is not the right one.";
  if (!table) return "Terraform cannot lock the state.";
  return has(unsaved) ? "the last state has to be saved first." : undefined;
}

async function terraformVersion(env: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await execa(terraformBinary(env), ["version", "-json"], { env, extendEnv: false, reject: false });
  return /"terraform_version":\s*"([^"]+)"/.exec(stdout ?? "")?.[1] ?? "0.0.0";
}
