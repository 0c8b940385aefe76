import { type ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";

/** What a service that is not there is told as; there is nothing to replace then. */
const GONE = new Set(["ServiceNotFoundException", "ServiceNotActiveException", "ClusterNotFoundException"]);

/**
 * Replaces the tasks of services, which read their secrets when they start; a service without tasks stays without. Returns
 * the services that were there.
 * @param arns "arn:aws:ecs:<region>:<account>:service/<cluster>/<name>"
 */
export async function roll(ecs: ECSClient, arns: readonly string[]): Promise<string[]> {
  const rolled = await Promise.all(arns.map((arn) => rollOne(ecs, arn)));
  return arns.filter((_, index) => rolled[index]);
}

async function rollOne(ecs: ECSClient, arn: string): Promise<boolean> {
  const [, cluster, service] = arn.split("/");
  try {
    await ecs.send(new UpdateServiceCommand({ cluster, service, forceNewDeployment: true }));
    return true;
  } catch (error) {
    if (error instanceof Error && GONE.has(error.name)) return false;
    throw error;
  }
}
