import { ECSClient } from "@aws-sdk/client-ecs";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type Context } from "aws-lambda";
import { CLIENT } from "../common/aws-client";
import { Database, trustedAuthorities } from "../common/database";
import { required } from "../common/required";
import { readSecret } from "../common/secret";
import { databaseUrl } from "./login";
import { Rotation, STEPS, type Step } from "./rotation";
import { SecretVersions } from "./secret-versions";
import { roll } from "./services";
import { untilItWorks } from "./until-it-works";

/** What Secrets Manager sends, once for each step. */
export interface RotationEvent {
  readonly Step: Step;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

/** What Terraform sends, and an operator after a restore. */
export interface EnsureEvent {
  readonly ensure: true;
}

// Once per container.
const secretArn = required("LOGIN_SECRET_ARN");
const masterArn = required("MASTER_SECRET_ARN");
const services = (process.env["SERVICES"] ?? "").split(",").filter(Boolean);
const place = {
  host: required("DATABASE_HOST"),
  port: Number(required("DATABASE_PORT")),
  dbname: required("DATABASE_NAME"),
};
const authorities = trustedAuthorities(process.env["NODE_EXTRA_CA_CERTS"]);
const ecs = new ECSClient(CLIENT);

const rotation = new Rotation({
  versions: new SecretVersions(new SecretsManagerClient(CLIENT), secretArn),
  place,
  owner: required("OWNER"),
  connectMaster: () => new Database(masterUrl, authorities).connect(),
  connect: (login) => new Database(() => Promise.resolve(login.DATABASE_URL), authorities).connect(),
  roll: async () => {
    const rolled = await roll(ecs, services);
    console.log(JSON.stringify({ message: "services rolled", rolled }));
  },
});

/**
 * Rotates the applications' login to a PostgreSQL between two users, by the contract of Secrets Manager; with
 * `{ "ensure": true }` it sees to it that there is one. What it returns holds no secret: Terraform keeps it in its state.
 *
 * Environment: LOGIN_SECRET_ARN (the secret that is rotated), MASTER_SECRET_ARN (JSON with username and password),
 * DATABASE_HOST, DATABASE_PORT, DATABASE_NAME, OWNER (the role that owns what applications make), SERVICES (the ARNs of
 * the ECS services that are rolled after a rotation, with commas; none by default).
 */
export async function handler(event: RotationEvent | EnsureEvent, context: Context): Promise<{ arn: string }> {
  const timeLeft = () => context.getRemainingTimeInMillis();
  if ("ensure" in event) {
    const made = await untilItWorks(() => rotation.ensure(), timeLeft);
    console.log(JSON.stringify({ message: made ? "login made" : "login works" }));
    return { arn: secretArn };
  }
  const { Step: step, SecretId: id, ClientRequestToken: token } = event;
  if (id !== secretArn) throw new Error(`This function rotates ${secretArn}, not ${id}.`);
  if (!STEPS.includes(step)) throw new Error(`There is no step ${String(step)}: ${STEPS.join(", ")}.`);
  await untilItWorks(() => rotation.step(step, token), timeLeft);
  console.log(JSON.stringify({ message: "step done", step, token }));
  return { arn: secretArn };
}

async function masterUrl(): Promise<string> {
  const { username, password } = JSON.parse(await readSecret(masterArn)) as { username: string; password: string };
  return databaseUrl(username, password, place);
}
