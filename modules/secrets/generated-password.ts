import { Construct } from "constructs";
import { PRIMARY } from "../naming";
import { Ephemeral } from "./ephemeral";
import { Secret, type SecretProps } from "./secret";

export type GeneratedPasswordProps = Omit<SecretProps, "value">;

/** 40 letters and digits, 238 bits: long instead of punctuated, so that it needs no escaping in a URL. */
const LENGTH = 40;

/** A password that AWS generates at apply and only its secret keeps; a raised `version` makes a new one. */
export class GeneratedPassword extends Construct {
  /** Holds it, for what reads it by itself. */
  readonly secret: Secret;
  private readValue?: string;

  constructor(scope: Construct, id: string, props: GeneratedPasswordProps) {
    super(scope, id);
    const random = new Ephemeral(this, "random", "aws_secretsmanager_random_password", {
      password_length: LENGTH,
      exclude_punctuation: true,
    });
    this.secret = new Secret(this, PRIMARY, { ...props, value: random.get("random_password") });
  }

  /** For write-only arguments; Terraform refuses it anywhere else. Read at every plan from here on, and not before: see `Secret.read`. */
  get value(): string {
    this.readValue ??= this.secret.read();
    return this.readValue;
  }
}
