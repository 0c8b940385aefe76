import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Tag, EC2Client, DescribeAddressesCommand, paginateDescribeVpcs } from "@aws-sdk/client-ec2";
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import { type SynthesizedStack, servicesOf } from "../simulation/stack";
import type { ClientConfig } from "./aws-clients";
import { Failure } from "./failure";
import type { StackFolder } from "./stack-folder";
import { synthesizedResources } from "./synthesized-resources";

/** Something that AWS gives an account only so many of in a region. */
export interface Limited {
  /** "VPCs" */
  readonly name: string;
  /** What of a stack counts. */
  readonly type: string;
  /** AWS's own names of the quota. */
  readonly service: string;
  readonly code: string;
  /** Before anybody asks for more (Service Quotas, 2026). */
  readonly standard: number;
  /** Whether it is needed at each rollout, of deployments that are there too, and nobody knows what others need of it. @default false */
  readonly atRollout?: boolean;
}

/** How things stand with it. */
export interface Usage extends Limited {
  /** What the deployment still lacks; at a rollout, all that it needs. */
  readonly needed: number;
  /** The deployments that hold what is there; undefined for what is not ours. */
  readonly holders: readonly (string | undefined)[];
  readonly quota: number;
  /** Why AWS's standard is taken for the quota. @default it is the quota */
  readonly assumed?: string;
}

/**
 * Five of each, which the second to fifth deployment of an account meets. Fargate's vCPUs are below; load balancers (50) and
 * the like come much later.
 */
const LIMITED: readonly (Limited & { readonly held: (client: EC2Client) => Promise<(readonly Tag[])[]> })[] = [
  {
    ...{ name: "VPCs", type: "aws_vpc", service: "vpc", code: "L-F678F1CE", standard: 5 },
    held: async (client) => {
      const found: (readonly Tag[])[] = [];
      for await (const page of paginateDescribeVpcs({ client }, {})) {
        found.push(...(page.Vpcs ?? []).map(({ Tags = [] }) => Tags));
      }
      return found;
    },
  },
  {
    ...{ name: "elastic IP addresses", type: "aws_eip", service: "ec2", code: "L-0263D0A3", standard: 5 },
    held: async (client) => {
      const { Addresses = [] } = await client.send(new DescribeAddressesCommand({}));
      return Addresses.map(({ Tags = [] }) => Tags);
    },
  },
];

/** The vCPUs that all tasks of a region may have at a time: six of each kind, which a single large service meets. */
const VCPUS: readonly (Limited & { readonly spot: boolean })[] = [
  { ...fargate("vCPUs of Fargate on demand", "L-3032A538"), spot: false },
  { ...fargate("vCPUs of Fargate Spot", "L-36FBB829"), spot: true },
];
const CPU_UNITS = 1024;
/** A rollout runs the old and the new tasks at once: `deploymentMaximumPercent` of a service is 200. */
const AT_ROLLOUT = 2;

/**
 * Whether an account's quotas have room for what a deployment does not have yet, and, also when it is there, for the next
 * rollout of its services with the fewest tasks that they have.
 * @returns how much is used: "2 of 5 VPCs, 12 of 40 vCPUs of Fargate on demand at a rollout"; undefined when nothing is lacking
 * @throws Failure that says what is short, who holds it, and what makes room
 */
export async function checkQuotas(
  stack: Pick<StackFolder, "folder" | "deployment" | "accountId" | "region">,
  clients: ClientConfig,
): Promise<string | undefined> {
  const found = await Promise.all([standing(stack, clients), atRollout(stack.folder, clients)]);
  return judged(stack, found.flat());
}

/** What stands for as long as the deployment does. */
async function standing(stack: Pick<StackFolder, "folder" | "deployment">, clients: ClientConfig): Promise<Usage[]> {
  const types = synthesizedResources(stack.folder).map(({ type }) => type);
  const client = new EC2Client(clients);
  const usages = await Promise.all(
    LIMITED.map(async ({ held, ...limited }): Promise<Usage | undefined> => {
      const wanted = types.filter((type) => type === limited.type).length;
      if (wanted === 0) return undefined;
      const holders = (await held(client)).map((tags) => tags.find(({ Key }) => Key === "deployment")?.Value);
      const needed = wanted - holders.filter((holder) => holder === stack.deployment).length;
      return needed > 0 ? { ...limited, needed, holders, ...(await quota(limited, clients)) } : undefined;
    }),
  );
  return usages.filter((usage) => usage !== undefined);
}

async function atRollout(folder: string, clients: ClientConfig): Promise<Usage[]> {
  const json = readFileSync(join(folder, "cdk.tf.json"), "utf8");
  const needs = VCPUS.map(({ spot, ...limited }) => ({ ...limited, needed: vcpus(json, spot), holders: [] }));
  const usages = needs.filter(({ needed }) => needed > 0);
  return Promise.all(usages.map(async (usage) => ({ ...usage, ...(await quota(usage, clients)) })));
}

/** The vCPUs, on demand or Spot, that a rollout of all services of a synthesized stack needs; from the text of its `cdk.tf.json`. */
export function vcpus(json: string, ofSpot: boolean): number {
  return [...servicesOf(JSON.parse(json) as SynthesizedStack).values()]
    .filter(({ size: { spot } }) => spot === ofSpot)
    .reduce((total, { min, size: { cpu } }) => total + (AT_ROLLOUT * min * cpu) / CPU_UNITS, 0);
}

/** @throws Failure as above. What AWS's standard alone is against is only told: the account may have been given more. */
export function judged(
  { deployment, accountId, region }: Pick<StackFolder, "deployment" | "accountId" | "region">,
  usages: readonly Usage[],
): string | undefined {
  const short = usages.filter(({ needed, holders, quota }) => holders.length + needed > quota);
  const refused = short.filter(({ assumed }) => assumed === undefined);
  if (refused.length > 0) {
    const removing = refused.some(({ atRollout }) => !atRollout);
    throw new Failure(
      [
        `The quotas of account ${accountId} in ${region} have no room for ${deployment}. Nothing was changed.`,
        ...refused.map((usage) => `- ${usage.name}: ${lacking(usage)}`),
        `${removing ? "Remove what nobody needs any more (npm run deployments -- reap), or ask" : "Ask"} AWS for more, which takes from minutes to days:`,
        ...refused.map((usage) => `    ${increase(usage)}`),
      ].join("\n"),
      removing ? { next: "npm run deployments" } : {},
    );
  }
  return usages.map((usage) => described(usage, short.includes(usage))).join(", ") || undefined;
}

function lacking({ needed, holders, quota, atRollout }: Usage): string {
  return atRollout
    ? `it alone needs ${String(needed)} at a rollout, when old and new tasks run at once, and the account may run ${String(quota)} at a time.`
    : `it needs ${String(needed)}, and ${String(holders.length)} of ${String(quota)} are used${heldBy(holders)}.`;
}

function described({ name, holders, quota, assumed, needed, atRollout }: Usage, short: boolean): string {
  const used = atRollout
    ? `${String(needed)} of ${String(quota)} ${name} at a rollout`
    : `${String(holders.length)} of ${String(quota)} ${name}`;
  if (assumed === undefined) return used;
  const risk = short ? `; the ${String(needed)} that it needs may be refused` : "";
  return `${used} (AWS's standard, as Service Quotas does not tell: ${assumed}${risk})`;
}

/** " by fb-dev (2), wo-dev and 1 that is none of ours". */
function heldBy(holders: readonly (string | undefined)[]): string {
  const counts = new Map<string, number>();
  for (const holder of holders) if (holder !== undefined) counts.set(holder, (counts.get(holder) ?? 0) + 1);
  const ours = [...counts].sort().map(([name, count]) => (count > 1 ? `${name} (${String(count)})` : name));
  const others = holders.filter((holder) => holder === undefined).length;
  const all = [...ours, ...(others > 0 ? [`${String(others)} without a deployment's tag`] : [])];
  return all.length > 0 ? `: ${all.join(", ")}` : "";
}

function increase({ service, code, needed, holders }: Usage): string {
  const value = String(Math.ceil(holders.length + needed));
  return `aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code} --desired-value ${value}`;
}

/** The account's own quota, or else what AWS gives everybody: some quotas are told only once they were raised. */
async function quota(
  { service, code, standard }: Limited,
  clients: ClientConfig,
): Promise<Pick<Usage, "quota" | "assumed">> {
  const client = new ServiceQuotasClient(clients);
  const asked = { ServiceCode: service, QuotaCode: code };
  try {
    const { Quota } = await client.send(new GetServiceQuotaCommand(asked)).catch((error: Error) => {
      if (error.name !== "NoSuchResourceException") throw error;
      return client.send(new GetAWSDefaultServiceQuotaCommand(asked));
    });
    return Quota?.Value === undefined ? { quota: standard, assumed: "no value" } : { quota: Quota.Value };
  } catch (error) {
    return { quota: standard, assumed: (error as Error).name };
  }
}

function fargate(name: string, code: string): Limited {
  return { name, type: "aws_ecs_service", service: "fargate", code, standard: 6, atRollout: true };
}
