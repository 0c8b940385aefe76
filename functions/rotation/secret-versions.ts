import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { type Login } from "./login";

/** How far a version is in its rotation. */
export type Stage = "pending" | "current";

/** The versions of the login's secret. A version's id is the token of the rotation that makes it. */
export class SecretVersions {
  constructor(
    private readonly client: SecretsManagerClient,
    readonly arn: string,
  ) {}

  /** @throws Error when the secret is not being rotated with this token: a call that is late, or not from Secrets Manager */
  async stage(token: string): Promise<Stage> {
    const { RotationEnabled, VersionIdsToStages = {} } = await this.describe();
    if (!RotationEnabled) throw new Error(`Rotation of ${this.arn} is not enabled.`);
    const stages = VersionIdsToStages[token];
    if (!stages) throw new Error(`${this.arn} has no version ${token}: there is no such rotation.`);
    if (stages.includes("AWSCURRENT")) return "current";
    if (stages.includes("AWSPENDING")) return "pending";
    throw new Error(`Version ${token} of ${this.arn} is not AWSPENDING: another rotation has taken its place.`);
  }

  /** What applications read; undefined before the first. */
  current(): Promise<Login | undefined> {
    return this.read({ VersionStage: "AWSCURRENT" });
  }

  /** What a rotation has made so far; undefined before its first step. */
  version(token: string): Promise<Login | undefined> {
    return this.read({ VersionId: token });
  }

  /** Keeps a login as the next one. Secrets Manager takes it twice if it is the same, and never another for the token. */
  async keepPending(token: string, login: Login): Promise<void> {
    await this.client.send(
      new PutSecretValueCommand({
        SecretId: this.arn,
        ClientRequestToken: token,
        SecretString: JSON.stringify(login),
        VersionStages: ["AWSPENDING"],
      }),
    );
  }

  /** Makes a version the current one, at once for all readers. */
  async makeCurrent(token: string): Promise<void> {
    const { VersionIdsToStages = {} } = await this.describe();
    const now = Object.keys(VersionIdsToStages).find((id) => VersionIdsToStages[id]?.includes("AWSCURRENT"));
    if (now === token) return;
    await this.client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: this.arn,
        VersionStage: "AWSCURRENT",
        MoveToVersionId: token,
        RemoveFromVersionId: now,
      }),
    );
  }

  private describe() {
    return this.client.send(new DescribeSecretCommand({ SecretId: this.arn }));
  }

  private async read(which: { VersionStage?: string; VersionId?: string }): Promise<Login | undefined> {
    try {
      const { SecretString } = await this.client.send(new GetSecretValueCommand({ SecretId: this.arn, ...which }));
      return SecretString ? this.parsed(SecretString) : undefined;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  private parsed(json: string): Login {
    try {
      return JSON.parse(json) as Login;
    } catch {
      // The error's own text would quote the secret.
      throw new Error(`${this.arn} holds no JSON: somebody else wrote it.`);
    }
  }
}
