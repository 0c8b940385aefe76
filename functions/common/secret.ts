import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CLIENT } from "./aws-client";

const secretsManager = new SecretsManagerClient(CLIENT);

/** A secret's string as it is now. @throws Error when it has none */
export async function readSecret(arn: string): Promise<string> {
  const { SecretString } = await secretsManager.send(new GetSecretValueCommand({ SecretId: arn }));
  if (!SecretString) throw new Error(`The secret ${arn} has no string.`);
  return SecretString;
}
