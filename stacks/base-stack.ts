import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { S3Backend, TerraformElement, TerraformOutput, TerraformStack } from "cdktf";
import { type Construct, type Node } from "constructs";
import { type Deployment, UsageError, lockTable, stateBucket, stateKey } from "../deployment";
import { pathOf } from "../modules/naming";
import { collisions } from "./collisions";
import { MovedBlocks, keptNames } from "./moved-blocks";
import { moves } from "./moves";
import { type Block, toTerraform } from "./one-pass";

/**
 * What every stack has: the provider and the remote state, both guarded by account; the default tags; addresses that
 * read like paths (`flows/dead-letters` is `aws_sqs_queue.flows_dead-letters`), a synth that fails when two resources
 * would share one, and what `moves.ts` says has moved.
 */
export abstract class BaseStack extends TerraformStack {
  constructor(scope: Construct, id: string, deployment: Deployment, key = stateKey(deployment)) {
    super(scope, id);
    const { system, environment, name, account, repository } = deployment;
    this.node.setContext("deployment", name);
    this.node.setContext("account", account.id);
    this.node.setContext("region", account.region);
    this.node.setContext("kept-names", keptNames(moves[system] ?? []));

    new AwsProvider(this, "aws", {
      region: account.region,
      allowedAccountIds: [account.id],
      defaultTags: [{ tags: { system, environment, deployment: name, "managed-by": "terraform", repository } }],
    });
    const backend = new S3Backend(this, {
      bucket: stateBucket(environment, account),
      key,
      region: account.region,
      encrypt: true,
      dynamodbTable: lockTable(environment),
    });
    // CDKTF 0.21 has no argument for these two.
    backend.addOverride("use_lockfile", true);
    backend.addOverride("allowed_account_ids", [account.id]);
    this.addOverride("terraform.required_version", ">= 1.11.0, < 2.0.0");

    new MovedBlocks(this, "moved-blocks", `stacks/moves.ts: ${system}`, moves[system] ?? []);
    this.node.addValidation({ validate: () => collisions(this) });
  }

  /** CDKTF's search for references to other stacks, which the one pass of `toTerraform` finds too. */
  override prepareStack(): void {
    this.ensureBackendExists();
  }

  override toTerraform(): Block {
    return toTerraform(this, this["cdktfVersion"], this["rawOverrides"] as Block);
  }

  /** @throws UsageError: stacks are planned, applied and locked one by one, and none reads another's state */
  override registerOutgoingCrossStackReference(reference: string): never {
    throw new UsageError(
      `${reference} is of ${this.node.id}, and another stack refers to it. Give that stack its name or ARN instead, or a data source.`,
    );
  }

  /** Adds an output. Only a stack's last paragraph makes them. */
  protected output(name: string, value: string | object, description: string): void {
    new TerraformOutput(this, name, { value, description });
  }

  protected override allocateLogicalId(element: TerraformElement | Node): string {
    const node = TerraformElement.isTerraformElement(element) ? element.node : element;
    return pathOf(node).join("_");
  }
}
