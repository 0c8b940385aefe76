import {
  DefaultTokenResolver,
  StringConcat,
  TerraformDataSource,
  TerraformElement,
  TerraformOutput,
  TerraformResource,
  type TerraformStack,
  Tokenization,
} from "cdktf";

/** The arguments that hold a resource's name in AWS, and those that make it unique together with its name. */
const NAME_ARGUMENTS = [
  "name",
  "bucket",
  "identifier",
  "cluster_identifier",
  "replication_group_id",
  "function_name",
  "alarm_name",
  "dashboard_name",
  "family",
] as const;
const NAMESPACE_ARGUMENTS = ["role", "resource_id", "cluster", "rest_api_id", "api_id", "group_name"] as const;

/**
 * The pairs of elements that Terraform or AWS would take for one: CDKTF silently keeps one of two resources that
 * share type and address, and AWS refuses the second of a name in the middle of an apply. One line a pair, with both paths.
 */
export function collisions(stack: TerraformStack): string[] {
  const seen = new Map<string, string>();
  const found: string[] = [];
  for (const element of stack.node.findAll().filter((node) => TerraformElement.isTerraformElement(node))) {
    for (const identity of identities(stack, element)) {
      const { path } = element.node;
      const other = seen.get(identity);
      if (other === undefined) seen.set(identity, path);
      else found.push(`${other} and ${path} are both ${identity}. Give one of them another id.`);
    }
  }
  return found;
}

function identities(stack: TerraformStack, element: TerraformElement): string[] {
  if (TerraformOutput.isTerraformOutput(element)) return [`output ${element.friendlyUniqueId}`];
  if (TerraformDataSource.isTerraformDataSource(element)) {
    return [`data.${element.terraformResourceType}.${element.friendlyUniqueId}`];
  }
  if (!TerraformResource.isTerraformResource(element)) return [];
  const type = element.terraformResourceType;
  return [`${type}.${element.friendlyUniqueId}`, ...awsName(stack, element, type)];
}

function awsName(stack: TerraformStack, element: TerraformResource, type: string): string[] {
  const rendered = element.toTerraform() as { resource: Record<string, Record<string, Arguments>> };
  const args = rendered.resource[type]?.[element.friendlyUniqueId] ?? {};
  const values = (of: readonly string[]): string[] =>
    of.map((argument) => resolved(stack, args[argument])).filter((value) => typeof value === "string");
  const [name] = values(NAME_ARGUMENTS);
  return name === undefined ? [] : [`${type} "${[...values(NAMESPACE_ARGUMENTS), name].join("/")}" in AWS`];
}

function resolved(scope: TerraformStack, value: unknown): unknown {
  return Tokenization.resolve(value, { scope, resolver: new DefaultTokenResolver(new StringConcat()) });
}

type Arguments = Readonly<Record<string, unknown>>;
