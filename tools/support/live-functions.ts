import {
  GetAliasCommand,
  LambdaClient,
  UpdateAliasCommand,
  paginateListVersionsByFunction,
} from "@aws-sdk/client-lambda";
import type { ClientConfig } from "./aws-clients";
import { Failure } from "./failure";
import { synthesizedResources } from "./synthesized-resources";

/** A function of a synthesized stack. */
export interface LiveFunction {
  /** Its place in the stack's code: "delivery". */
  readonly path: string;
  /** Its name in AWS: "es-dev-delivery". */
  readonly name: string;
  /** Whether CodeDeploy shifts its traffic; otherwise an apply does, at once. */
  readonly shifted: boolean;
}

/** What the alias `live` stands for. */
export interface Live {
  readonly version: number;
  /** The other version and its part of the traffic, while a shift is under way. */
  readonly shifting?: { readonly version: number; readonly weight: number };
}

export const ALIAS = "live";

/** The functions of a stack that was synthesized, by their place in it. */
export function liveFunctions(folder: string): LiveFunction[] {
  const resources = synthesizedResources(folder);
  const of = (type: string): string[] =>
    resources.filter((resource) => resource.type === type).map(({ path }) => path.join("/"));
  const shifts = new Set(of("aws_codedeploy_deployment_group"));
  return resources
    .filter(({ type }) => type === "aws_lambda_function")
    .map(({ path, arguments: { function_name } }) => ({
      path: path.join("/"),
      name: String(function_name),
      shifted: shifts.has([...path, "shift"].join("/")),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** @throws Failure when the function is not deployed */
export async function live(name: string, config: ClientConfig, next: string): Promise<Live> {
  try {
    const alias = await new LambdaClient(config).send(new GetAliasCommand({ FunctionName: name, Name: ALIAS }));
    const [other] = Object.entries(alias.RoutingConfig?.AdditionalVersionWeights ?? {});
    return {
      version: Number(alias.FunctionVersion),
      ...(other && { shifting: { version: Number(other[0]), weight: other[1] } }),
    };
  } catch (error) {
    if ((error as Error).name !== "ResourceNotFoundException") throw error;
    throw new Failure(`The function ${name} is not deployed.`, { next });
  }
}

/** The published versions, the newest first. */
export async function versions(name: string, client: ClientConfig): Promise<number[]> {
  const found: number[] = [];
  for await (const page of paginateListVersionsByFunction(
    { client: new LambdaClient(client) },
    { FunctionName: name },
  )) {
    found.push(...(page.Versions ?? []).map(({ Version }) => Number(Version)).filter((version) => version > 0));
  }
  return found.sort((a, b) => b - a);
}

/** Gives all the traffic to one version, from the next call on. */
export async function pointAt(name: string, version: number, config: ClientConfig): Promise<void> {
  await new LambdaClient(config).send(
    new UpdateAliasCommand({
      FunctionName: name,
      Name: ALIAS,
      FunctionVersion: String(version),
      RoutingConfig: { AdditionalVersionWeights: {} },
    }),
  );
}
