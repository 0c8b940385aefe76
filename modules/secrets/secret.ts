import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { Construct } from "constructs";
import { checkInteger } from "../checks";
import { type Grantee, type Role } from "../iam";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { Ephemeral } from "./ephemeral";
import { type ReadableSecret } from "./readable-secret";

export interface SecretProps {
  /** What the secret is for, as the console shows it. */
  readonly description: string;
  /** What is written to the secret: an ephemeral value, or a text around one. */
  readonly value: string;
  /** Raise it by one to write `value` again: Terraform cannot compare what it does not keep. From 1. */
  readonly version: number;
  /** Keeps a deleted secret for 30 days; its name is taken that long. Otherwise it is gone at once. */
  readonly protect: boolean;
}

/** A secret whose value is in Secrets Manager only, never in the synthesized JSON, the plan or the state. */
export class Secret extends Construct implements ReadableSecret {
  /** Known only once there is a value: who uses it waits for that. */
  readonly arn: string;
  private readonly current: SecretsmanagerSecretVersion;

  constructor(scope: Construct, id: string, props: SecretProps) {
    super(scope, id);
    const what = `${pathOf(this).join("/")}: version`;
    checkInteger(this, what, props.version, 1, Number.MAX_SAFE_INTEGER, "Raise it by one to write the secret again.");
    const secret = new SecretsmanagerSecret(this, PRIMARY, {
      name: physicalName(this, { max: 512 }),
      description: props.description,
      recoveryWindowInDays: props.protect ? 30 : 0,
    });
    this.current = new SecretsmanagerSecretVersion(this, "value", {
      secretId: secret.id,
      secretStringWo: props.value,
      secretStringWoVersion: props.version,
    });
    this.arn = this.current.arn;
  }

  get valueFrom(): string {
    return this.arn;
  }

  /** Lets others read the value. */
  grantRead(...to: Grantee[]): void {
    for (const { role } of to) this.grantReadTo(role);
  }

  /** Lets a role read the value that belongs to no `Grantee`, such as the one that starts a service's tasks. */
  grantReadTo(role: Role): void {
    role.allow(`${pathOf(this).join("-")}-read`, {
      actions: ["secretsmanager:GetSecretValue"],
      resources: [this.arn],
    });
  }

  /**
   * The value, for write-only arguments. It is read back from Secrets Manager at every plan (whoever plans needs that
   * right), so that what uses it never differs from the secret, even when an apply broke off in between.
   */
  read(): string {
    const reader = new Ephemeral(this, "read", "aws_secretsmanager_secret_version", {
      secret_id: this.current.secretId,
      version_id: this.current.versionId,
    });
    return reader.get("secret_string");
  }
}
