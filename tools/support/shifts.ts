import { setTimeout as sleep } from "node:timers/promises";
import {
  CodeDeployClient,
  CreateDeploymentCommand,
  type DeploymentStatus,
  GetDeploymentCommand,
  ListDeploymentsCommand,
  StopDeploymentCommand,
} from "@aws-sdk/client-codedeploy";
import type { ClientConfig } from "./aws-clients";
import { Failure } from "./failure";
import { ALIAS, live } from "./live-functions";
import { checkInterrupted } from "./run";

const UNDER_WAY: DeploymentStatus[] = ["Created", "Queued", "InProgress", "Baking", "Ready"];
const POLL = 3_000;

/** Gives a version its traffic, step by step. @returns the deployment's id */
export async function startShift(name: string, from: number, to: number, config: ClientConfig): Promise<string> {
  const properties = { Name: name, Alias: ALIAS, CurrentVersion: String(from), TargetVersion: String(to) };
  const content = { version: 0.0, Resources: [{ [name]: { Type: "AWS::Lambda::Function", Properties: properties } }] };
  const { deploymentId } = await new CodeDeployClient(config).send(
    new CreateDeploymentCommand({
      applicationName: name,
      deploymentGroupName: ALIAS,
      description: `Version ${String(from)} to ${String(to)}`,
      revision: { revisionType: "AppSpecContent", appSpecContent: { content: JSON.stringify(content) } },
    }),
  );
  return deploymentId ?? "";
}

/** The shift that is under way; undefined when there is none. */
export async function runningShift(name: string, config: ClientConfig): Promise<string | undefined> {
  const { deployments = [] } = await new CodeDeployClient(config).send(
    new ListDeploymentsCommand({ applicationName: name, deploymentGroupName: ALIAS, includeOnlyStatuses: UNDER_WAY }),
  );
  return deployments[0];
}

/** Stops a shift: all the traffic goes back. */
export async function stopShift(deployment: string, config: ClientConfig): Promise<void> {
  await new CodeDeployClient(config).send(
    new StopDeploymentCommand({ deploymentId: deployment, autoRollbackEnabled: true }),
  );
}

/**
 * Follows a shift to its end. An interruption leaves it going.
 * @throws Failure when the new version was taken back, with CodeDeploy's reason
 */
export async function followShift(
  name: string,
  deployment: string,
  config: ClientConfig,
  tell: (progress: string) => void,
): Promise<void> {
  const client = new CodeDeployClient(config);
  for (;;) {
    checkInterrupted();
    const { deploymentInfo } = await client.send(new GetDeploymentCommand({ deploymentId: deployment }));
    const status = deploymentInfo?.status ?? "InProgress";
    if (status === "Succeeded") return;
    const { version, shifting } = await live(name, config, "");
    if (!UNDER_WAY.includes(status)) {
      const why = deploymentInfo?.errorInformation?.message ?? status;
      throw new Failure(
        `${name}: the new version was taken back, all the traffic goes to version ${String(version)}. CodeDeploy said: ${why}.`,
        { next: `aws logs tail /aws/lambda/${name} --since 30m --filter-pattern ERROR` },
      );
    }
    if (shifting) tell(`version ${String(shifting.version)} has ${String(Math.round(shifting.weight * 100))} %`);
    await sleep(POLL);
  }
}
