import { type Tag, EC2Client, DescribeAddressesCommand, paginateDescribeVpcs } from "@aws-sdk/client-ec2";
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
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
}

/** How things stand with it. */
export interface Usage extends Limited {
  /** What the deployment still lacks. */
  readonly needed: number;
  /** The deployments that hold what is there; undefined for what is not ours. */
  readonly holders: readonly (string | undefined)[];
  readonly quota: number;
  /** Why AWS's standard is taken for the quota. @default it is the quota */
  readonly assumed?: string;
}

/** Five of each, which the second to fifth deployment of an account meets; load balancers (50) and the like come much later. */
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

/**
 * Whether an account's quotas have room for what a deployment does not have yet. It asks nothing of one that is there.
 * @returns how much is used: "2 of 5 VPCs, 1 of 5 elastic IP addresses"; undefined when nothing is lacking
 * @throws Failure that says what is short, who holds it, and what makes room
 */
export async function checkQuotas(
  stack: Pick<StackFolder, "folder" | "deployment" | "accountId" | "region">,
  clients: ClientConfig,
): Promise<string | undefined> {
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
  return judged(
    stack,
    usages.filter((usage) => usage !== undefined),
  );
}

/** @throws Failure as above. What AWS's standard alone is against is only told: the account may have been given more. */
export function judged(
  { deployment, accountId, region }: Pick<StackFolder, "deployment" | "accountId" | "region">,
  usages: readonly Usage[],
): string | undefined {
  const short = usages.filter(({ needed, holders, quota }) => holders.length + needed > quota);
  const refused = short.filter(({ assumed }) => assumed === undefined);
  if (refused.length > 0) {
    throw new Failure(
      [
        `The quotas of account ${accountId} in ${region} have no room for ${deployment}. Nothing was changed.`,
        ...refused.map(
          ({ name, needed, holders, quota }) =>
            `- ${name}: it needs ${String(needed)}, and ${String(holders.length)} of ${String(quota)} are used${held(holders)}.`,
        ),
        "Remove what nobody needs any more (npm run deployments -- reap), or ask AWS for more, which takes from minutes to days:",
        ...refused.map((usage) => `    ${increase(usage)}`),
      ].join("\n"),
      { next: "npm run deployments" },
    );
  }
  return usages.map((usage) => described(usage, short.includes(usage))).join(", ") || undefined;
}

function described({ name, holders, quota, assumed, needed }: Usage, short: boolean): string {
  const used = `${String(holders.length)} of ${String(quota)} ${name}`;
  if (assumed === undefined) return used;
  const risk = short ? `; the ${String(needed)} that it needs may be refused` : "";
  return `${used} (AWS's standard, as Service Quotas does not tell: ${assumed}${risk})`;
}

/** " by fb-dev (2), wo-dev and 1 that is none of ours". */
function held(holders: readonly (string | undefined)[]): string {
  const counts = new Map<string, number>();
  for (const holder of holders) if (holder !== undefined) counts.set(holder, (counts.get(holder) ?? 0) + 1);
  const ours = [...counts].sort().map(([name, count]) => (count > 1 ? `${name} (${String(count)})` : name));
  const others = holders.filter((holder) => holder === undefined).length;
  const all = [...ours, ...(others > 0 ? [`${String(others)} without a deployment's tag`] : [])];
  return all.length > 0 ? `: ${all.join(", ")}` : "";
}

function increase({ service, code, needed, holders }: Usage): string {
  const value = String(holders.length + needed);
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
