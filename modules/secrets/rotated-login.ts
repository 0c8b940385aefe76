import { join } from "node:path";
import { LambdaInvocation } from "@cdktf/provider-aws/lib/lambda-invocation";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretRotation } from "@cdktf/provider-aws/lib/secretsmanager-secret-rotation";
import { Fn, type ITerraformDependable, Lazy, Token } from "cdktf";
import { Construct } from "constructs";
import { Function } from "../lambda";
import { type AlarmSpec, type Graph, type Monitored } from "../monitoring/alarm-spec";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { type Connectable, type Network } from "../networking";
import { JsonSecret, type ReadableSecret } from "./readable-secret";
import { rotationRules } from "./rotation-rules";

/** A PostgreSQL whose master login RDS keeps in a secret: `Aurora`. */
export interface RotatableDatabase {
  readonly endpoint: string;
  readonly port: number;
  readonly databaseName: string;
  /** JSON with `username` and `password`. */
  readonly masterSecretArn: string;
  allowFrom(...from: Connectable[]): ITerraformDependable[];
}

/** A service whose tasks read the login when they start. */
export interface Rolled {
  readonly serviceArn: string;
}

export interface RotatedLoginProps {
  readonly database: RotatableDatabase;
  /** Where the function runs that rotates; it calls AWS, so there must be a way out. */
  readonly network: Network;
  /**
   * Days between two rotations, 1 to 1000, or when, in UTC: "cron(0 3 ? * SUN *)". An outdated login works until the
   * next rotation. $0.40 a month for the secret; the function's runs are a few seconds.
   */
  readonly rotateEvery: number | string;
  /** Keeps a deleted secret for 30 days; its name is taken that long. Otherwise it is gone at once. */
  readonly protect: boolean;
  /** Days that the function's log is kept. */
  readonly logRetentionDays: number;
}

/** Below modules/, so that it is found whatever folder the synth runs in. */
const ENTRY = join(__dirname, "../../functions/rotation/handler.ts");
/** The role in the database that owns what applications make; two users, `app_a` and `app_b`, take turns to act as it. */
const OWNER = "app";
/** Seconds: time to try again, while a permission or a name is too new or a paused Aurora wakes. */
const TIMEOUT = 120;

/**
 * An application's login to a PostgreSQL that a function makes and rotates. Terraform never has its value. Two users take
 * turns, so that a login that was read before a rotation goes on working until the next one.
 */
export class RotatedLogin extends Construct implements Monitored {
  /** JSON with `username`, `password`, `host`, `port`, `dbname` and `DATABASE_URL`. Who uses it waits for its first value. */
  readonly secret: JsonSecret;
  /** `DATABASE_URL`, ready to use; the client needs RDS's certificate authority to verify the connection. */
  readonly url: ReadableSecret;
  private readonly function: Function;
  private readonly rolled: string[] = [];

  constructor(scope: Construct, id: string, props: RotatedLoginProps) {
    super(scope, id);
    const rules = rotationRules(this, props.rotateEvery);
    const secret = new SecretsmanagerSecret(this, PRIMARY, {
      name: physicalName(this, { max: 512 }),
      description: "The application's login to the database; its rotation function writes it",
      recoveryWindowInDays: props.protect ? 30 : 0,
    });
    this.function = this.rotationFunction(props, secret.arn);
    const prerequisites = this.permissions(props.database, secret.arn);
    const arn = this.firstValue(props.database, secret.id, prerequisites);
    this.secret = new JsonSecret(arn, pathOf(this).join("-"));
    this.url = this.secret.key("DATABASE_URL");
    new SecretsmanagerSecretRotation(this, "rotation", {
      secretId: arn,
      rotationLambdaArn: this.function.arn,
      rotationRules: rules,
      // The first value is new already: rotating it at once would only roll services that are just starting.
      rotateImmediately: false,
      dependsOn: [this.function.allowInvoke("rotate", "secretsmanager.amazonaws.com", secret.arn)],
    });
  }

  /**
   * Has services replaced after a rotation, which is how they read the new login; those without tasks stay so. Within the
   * time from one rotation to the next they must all have been: do not rotate by hand twice within an hour.
   */
  rolls(...services: (Rolled & Construct)[]): void {
    for (const service of services) {
      this.rolled.push(service.serviceArn);
      this.function.role.allow(`${pathOf(service).join("-")}-roll`, {
        actions: ["ecs:UpdateService"],
        resources: [service.serviceArn],
      });
    }
  }

  alarms(): AlarmSpec[] {
    const { name } = this.function;
    return this.function
      .alarms()
      .filter(({ id }) => id === "errors")
      .map((alarm) => ({
        ...alarm,
        id: "rotation-failed",
        description:
          `A step of the rotation of ${pathOf(this).join("/")} failed. The login in use goes on working, and Secrets Manager ` +
          `tries again; a rotation that stays unfinished stops all later ones. Read the log group /aws/lambda/${name}, ` +
          "then see the runbook.",
      }));
  }

  graphs(): Graph[] {
    return this.function.graphs();
  }

  private rotationFunction({ database, network, logRetentionDays }: RotatedLoginProps, secretArn: string): Function {
    return new Function(this, "function", {
      network,
      entry: ENTRY,
      memory: 256,
      timeout: TIMEOUT,
      environment: {
        LOGIN_SECRET_ARN: secretArn,
        MASTER_SECRET_ARN: database.masterSecretArn,
        DATABASE_HOST: database.endpoint,
        DATABASE_PORT: Token.asString(database.port),
        DATABASE_NAME: database.databaseName,
        OWNER,
        // Known when all services have been named, which need the login before they can be.
        SERVICES: Lazy.stringValue({ produce: () => this.rolled.join(",") }),
      },
      logRetentionDays,
    });
  }

  /** What the function needs, and nothing else. Returns what it must have before it runs. */
  private permissions(database: RotatableDatabase, secretArn: string): ITerraformDependable[] {
    const { role } = this.function;
    const rotate = role.allow("rotate", {
      actions: [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
      ],
      resources: [secretArn],
    });
    const master = role.allow("master-login-read", {
      actions: ["secretsmanager:GetSecretValue"],
      resources: [database.masterSecretArn],
    });
    return [rotate, master, ...database.allowFrom(this.function)];
  }

  /**
   * Runs the function until there is a login that works; a run that was broken off is simply run again by the next apply.
   * Returns the secret's ARN as the function tells it afterwards, so that whoever uses it waits for that. The answer
   * holds nothing else: it is kept in the state.
   */
  private firstValue(database: RotatableDatabase, secretId: string, dependsOn: ITerraformDependable[]): string {
    const first = new LambdaInvocation(this, "first-value", {
      functionName: this.function.name,
      qualifier: this.function.qualifier,
      input: JSON.stringify({ ensure: true }),
      lifecycleScope: "CREATE_ONLY",
      // Another secret or another database needs a first value again.
      triggers: { secret: secretId, database: database.masterSecretArn },
      dependsOn,
    });
    return Token.asString(Fn.lookup(Fn.jsondecode(first.result), "arn"));
  }
}
