import { randomUUID } from "node:crypto";
import { AwsError, type Operations } from "./aws-api";

interface Version {
  value?: string;
  stages: Set<string>;
}

/** What Secrets Manager asks of a rotation function. */
export interface RotationRequest {
  readonly Step: "createSecret" | "setSecret" | "testSecret" | "finishSecret";
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

export const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

/** One secret, with the rules of Secrets Manager's API reference for versions and their staging labels. */
export class SecretsManager {
  readonly versions = new Map<string, Version>();
  rotationEnabled = false;
  /** Called before an operation, and after it has taken effect; what it throws is the operation's answer. */
  interfere: (operation: string, when: "before" | "after") => void = () => undefined;

  constructor(
    readonly arn: string,
    private readonly others: Readonly<Record<string, string>> = {},
  ) {}

  readonly operations: Operations = {
    "secretsmanager.DescribeSecret": this.operation("DescribeSecret", () => ({
      ARN: this.arn,
      RotationEnabled: this.rotationEnabled,
      VersionIdsToStages: Object.fromEntries(
        [...this.versions].filter(([, { stages }]) => stages.size > 0).map(([id, { stages }]) => [id, [...stages]]),
      ),
    })),
    "secretsmanager.GetSecretValue": this.operation("GetSecretValue", (input) => this.get(input)),
    "secretsmanager.PutSecretValue": this.operation("PutSecretValue", (input) => this.put(input)),
    "secretsmanager.UpdateSecretVersionStage": this.operation("UpdateSecretVersionStage", (input) => this.move(input)),
  };

  /** The value with a label; undefined when there is none. */
  value(stage = "AWSCURRENT"): Record<string, string> | undefined {
    const value = this.versions.get(this.labelled(stage) ?? "")?.value;
    return value === undefined ? undefined : (JSON.parse(value) as Record<string, string>);
  }

  /** RotateSecret: an empty version with the label AWSPENDING. Returns its token. */
  beginRotation(): string {
    const pending = this.labelled("AWSPENDING");
    if (pending !== undefined && pending !== this.labelled("AWSCURRENT")) {
      throw new AwsError(400, "InvalidRequestException", "A previous rotation isn't complete.");
    }
    this.rotationEnabled = true;
    const token = randomUUID();
    this.versions.set(token, { stages: new Set() });
    this.label("AWSPENDING", token);
    return token;
  }

  /** A whole rotation: the four steps, one after the other. */
  async rotate(invoke: (request: RotationRequest) => Promise<unknown>, token = this.beginRotation()): Promise<void> {
    for (const Step of STEPS) await invoke({ Step, SecretId: this.arn, ClientRequestToken: token });
  }

  private operation(name: string, answer: (input: Record<string, unknown>) => unknown) {
    return (input: Record<string, unknown>): unknown => {
      if (String(input["SecretId"]) in this.others)
        return { ARN: input["SecretId"], SecretString: this.others[String(input["SecretId"])] };
      if (input["SecretId"] !== this.arn)
        throw new AwsError(400, "AccessDeniedException", `No right to ${String(input["SecretId"])}`);
      this.interfere(name, "before");
      const result = answer(input);
      this.interfere(name, "after");
      return result;
    };
  }

  private get({ VersionId, VersionStage = "AWSCURRENT" }: Record<string, unknown>): unknown {
    const id = VersionId === undefined ? this.labelled(String(VersionStage)) : String(VersionId);
    const version = this.versions.get(id ?? "");
    if (version?.value === undefined) {
      throw new AwsError(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret value.");
    }
    return { ARN: this.arn, VersionId: id, SecretString: version.value, VersionStages: [...version.stages] };
  }

  private put({ ClientRequestToken, SecretString, VersionStages = ["AWSCURRENT"] }: Record<string, unknown>): unknown {
    const [id, value] = [String(ClientRequestToken), String(SecretString)];
    const version = this.versions.get(id);
    if (version?.value !== undefined && version.value !== value) {
      throw new AwsError(400, "ResourceExistsException", "You can't overwrite a version with another value.");
    }
    this.versions.set(id, { value, stages: version?.stages ?? new Set() });
    for (const stage of VersionStages as string[]) this.label(stage, id);
    return { ARN: this.arn, VersionId: id };
  }

  private move({ VersionStage, MoveToVersionId, RemoveFromVersionId }: Record<string, unknown>): unknown {
    const [stage, to] = [String(VersionStage), String(MoveToVersionId)];
    if (!this.versions.has(to)) throw new AwsError(400, "ResourceNotFoundException", `There is no version ${to}.`);
    const holder = this.labelled(stage);
    if (holder !== to && holder !== RemoveFromVersionId) {
      throw new AwsError(400, "InvalidParameterException", `${stage} is attached to ${String(holder)}.`);
    }
    if (holder !== undefined && holder !== to && stage === "AWSCURRENT") this.label("AWSPREVIOUS", holder);
    this.label(stage, to);
    return { ARN: this.arn };
  }

  private labelled(stage: string): string | undefined {
    return [...this.versions].find(([, { stages }]) => stages.has(stage))?.[0];
  }

  /** A label is on one version only; a version without any is gone. */
  private label(stage: string, id: string): void {
    for (const version of this.versions.values()) version.stages.delete(stage);
    this.versions.get(id)?.stages.add(stage);
    for (const [other, { stages }] of this.versions) if (stages.size === 0) this.versions.delete(other);
  }
}
