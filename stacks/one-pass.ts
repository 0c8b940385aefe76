import {
  DefaultTokenResolver,
  StringConcat,
  TerraformElement,
  TerraformOutput,
  TerraformStack,
  Tokenization,
} from "cdktf";
import { deepMerge } from "cdktf/lib/util";
import { type Construct, type IConstruct } from "constructs";

export type Block = Record<string, unknown>;

const RESOLVER = new DefaultTokenResolver(new StringConcat());

/** A value with its tokens replaced by what they stand for. A reference to another stack is told to that stack, as CDKTF's own preparation does. */
export function resolved(scope: Construct, value: unknown): unknown {
  return Tokenization.resolve(value, { scope, resolver: RESOLVER, preparing: true });
}

/**
 * A stack as Terraform gets it, the same as `TerraformStack.toTerraform()` returns. CDKTF resolves every element three
 * times: to find references to other stacks, for its block, and once more in the whole. Once is enough where no stack
 * refers to another, and halves what a resource costs.
 * @param overrides of the stack itself
 */
export function toTerraform(stack: TerraformStack, version: string, overrides: Block): Block {
  const elements = elementsOf(stack);
  const own = Object.keys(overrides);
  const metadata = { version, stackName: stack.node.id, ...(own.length > 0 && { overrides: { stack: own } }) };
  const outputs = elements.filter((element) => TerraformOutput.isTerraformOutput(element));
  return deepMerge(
    { "//": { metadata, outputs: {} } },
    ...elements.map((element) => ({ "//": { metadata: resolved(stack, element.toMetadata()) } })),
    ...outputs.map((output) => ({ "//": { outputs: outputId(output) } })),
    ...elements.map((element) => resolved(stack, element.toTerraform())),
    overrides,
  ) as Block;
}

/** Where `cdktf output` finds an output's name: below the path of its construct. */
function outputId({ node, friendlyUniqueId }: TerraformElement): Block {
  return node.path.split("/").reduceRight<unknown>((inner, id) => ({ [id]: inner }), friendlyUniqueId) as Block;
}

function elementsOf(construct: IConstruct): TerraformElement[] {
  const nested = construct.node.children.filter((child) => !TerraformStack.isStack(child)).flatMap(elementsOf);
  return TerraformElement.isTerraformElement(construct) ? [construct, ...nested] : nested;
}
