import { CloudWatchLogsClient, DeleteLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DeleteSecretCommand, SecretsManagerClient, paginateListSecrets } from "@aws-sdk/client-secrets-manager";
import type { ClientConfig } from "../support/aws-clients";
import { belongsTo, logGroupsOf } from "../support/leftovers";

/**
 * Deletes what a destroyed deployment leaves behind though nobody made it: log groups that a service of AWS wrote once more
 * (container insights, the last lines of a function), and secrets that wait for their deletion and keep their names.
 * @returns "2 log groups, 1 secret"; empty when there was nothing
 */
export async function deleteRemains(deployment: string, clients: ClientConfig): Promise<string> {
  const logs = new CloudWatchLogsClient(clients);
  // AWS's own names; a log group of any other name is somebody's.
  const groups = (await logGroupsOf(deployment, clients)).filter((name) => name.startsWith("/aws/"));
  for (const logGroupName of groups) await logs.send(new DeleteLogGroupCommand({ logGroupName }));

  const client = new SecretsManagerClient(clients);
  const Filters = [{ Key: "name" as const, Values: [deployment] }];
  let secrets = 0;
  for await (const { SecretList = [] } of paginateListSecrets({ client }, { IncludePlannedDeletion: true, Filters })) {
    for (const { ARN, Name } of SecretList.filter((it) => it.DeletedDate && belongsTo(deployment, it.Name))) {
      await client.send(new DeleteSecretCommand({ SecretId: ARN ?? Name, ForceDeleteWithoutRecovery: true }));
      secrets += 1;
    }
  }
  return [number(groups.length, "log group"), number(secrets, "secret")].filter(Boolean).join(", ");
}

/** Whether a leftover is somebody's backup: it blocks nothing, and is not deleted unasked. */
export function isKept(leftover: string): boolean {
  return /^(cache )?snapshot |:(cluster-)?snapshot:/.test(leftover);
}

function number(count: number, one: string): string {
  return count === 0 ? "" : `${String(count)} ${one}${count === 1 ? "" : "s"}`;
}
