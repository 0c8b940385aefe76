import { type Grantee, type Role } from "../iam";

/** A value in Secrets Manager that a task can be given as an environment variable. */
export interface ReadableSecret {
  /** What ECS calls it by: the secret's ARN, or a key of its JSON as `<ARN>:<key>::`. Known only once there is a value. */
  readonly valueFrom: string;
  /** Lets a role read the value that belongs to no `Grantee`, such as the one that starts a service's tasks. */
  grantReadTo(role: Role): void;
}

/** A secret that holds JSON, which can be read as a whole or by its keys. */
export class JsonSecret {
  private readonly granted = new Set<Role>();

  /**
   * @param arn known only once there is a value
   * @param name what a grant is called: the secret's path with dashes
   */
  constructor(
    readonly arn: string,
    private readonly name: string,
  ) {}

  /** One key of the JSON. AWS has no right to less than the whole secret: who may read one key may read all. */
  key(name: string): ReadableSecret {
    return { valueFrom: `${this.arn}:${name}::`, grantReadTo: (role) => this.grantReadTo(role) };
  }

  /** Lets others read the value. */
  grantRead(...to: Grantee[]): void {
    for (const { role } of to) this.grantReadTo(role);
  }

  /** Lets a role read the value; once, however many keys it is given. */
  grantReadTo(role: Role): void {
    if (this.granted.has(role)) return;
    this.granted.add(role);
    role.allow(`${this.name}-read`, { actions: ["secretsmanager:GetSecretValue"], resources: [this.arn] });
  }
}
