import {
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  ECSClient,
  paginateListTaskDefinitions,
} from "@aws-sdk/client-ecs";
import { type ClientConfig, patient } from "./aws-clients";

/** DeleteTaskDefinitions takes ten at a time. */
const AT_ONCE = 10;

/**
 * Deletes the task definitions of a deployment that is destroyed. Terraform keeps every revision (`skip_destroy`), so
 * that ECS and a release can go back to it; once the services are gone, nothing does.
 * @returns how many there were
 */
export async function deleteTaskDefinitions(deployment: string, config: ClientConfig): Promise<number> {
  // AWS lets one revision a second be deregistered, and each release makes some.
  const client = new ECSClient(patient(config));
  const active = await revisions(client, deployment, "ACTIVE");
  for (const taskDefinition of active) await client.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
  const inactive = await revisions(client, deployment, "INACTIVE");
  for (let from = 0; from < inactive.length; from += AT_ONCE) {
    const taskDefinitions = inactive.slice(from, from + AT_ONCE);
    await client.send(new DeleteTaskDefinitionsCommand({ taskDefinitions }));
  }
  return inactive.length;
}

async function revisions(client: ECSClient, deployment: string, status: "ACTIVE" | "INACTIVE"): Promise<string[]> {
  const found: string[] = [];
  for await (const page of paginateListTaskDefinitions({ client }, { status })) {
    found.push(...(page.taskDefinitionArns ?? []).filter((arn) => arn.includes(`:task-definition/${deployment}-`)));
  }
  return found;
}
