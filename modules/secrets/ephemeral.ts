import { TerraformElement, Token, propertyAccess } from "cdktf";
import { type Construct } from "constructs";

/**
 * A Terraform ephemeral resource: its values live while Terraform runs, and reach neither plan nor state. Terraform
 * lets them into write-only arguments and other ephemeral resources only. (CDKTF 0.21 has no `ephemeral` block.)
 */
export class Ephemeral extends TerraformElement {
  constructor(
    scope: Construct,
    id: string,
    private readonly type: string,
    private readonly config: Readonly<Record<string, unknown>>,
  ) {
    super(scope, id, `ephemeral.${type}`);
  }

  get(attribute: string): string {
    return Token.asString(propertyAccess(this.fqn, [attribute]));
  }

  override toTerraform(): unknown {
    return { ephemeral: { [this.type]: { [this.friendlyUniqueId]: this.config } } };
  }
}
