import { TerraformDataSource, TerraformElement, TerraformOutput, TerraformResource, type TerraformStack } from "cdktf";
import { resolved } from "./one-pass";

/** The arguments that hold a resource's name in AWS, the first that there is, and those that make it unique together with its name. */
const NAME_ARGUMENTS = [
  "name",
  "bucket",
  "identifier",
  "clusterIdentifier",
  "replicationGroupId",
  "userGroupId",
  "userId",
  "functionName",
  "alarmName",
  "dashboardName",
  "family",
];
const NAMESPACE_ARGUMENTS = ["role", "resourceId", "cluster", "restApiId", "apiId", "groupName", "functionName"];

/**
 * The pairs of elements that Terraform or AWS would take for one: CDKTF silently keeps one of two resources that
 * share type and address, and AWS refuses the second of a name in the middle of an apply. One line a pair, with both paths.
 */
export function collisions(stack: TerraformStack): string[] {
  const seen = new Map<string, TerraformElement>();
  const found: string[] = [];
  for (const element of stack.node.findAll().filter((node) => TerraformElement.isTerraformElement(node))) {
    for (const identity of identities(stack, element)) {
      const other = seen.get(identity);
      if (other === undefined) seen.set(identity, element);
      else found.push(`${other.node.path} and ${element.node.path} are both ${identity}. Give one of them another id.`);
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

/** From the arguments as they were given: rendering each resource here again would take as long as half of the synth. */
function awsName(stack: TerraformStack, element: TerraformResource, type: string): string[] {
  const given = element as unknown as Readonly<Record<`${string}Input`, unknown>>;
  const values = (of: readonly string[]): string[] =>
    of
      .map((argument) => given[`${argument}Input`])
      .filter((value) => value !== undefined)
      .map((value) => resolved(stack, value))
      .filter((value) => typeof value === "string");
  const [name] = values(NAME_ARGUMENTS);
  return name === undefined
    ? []
    : [`${type} "${[...new Set([...values(NAMESPACE_ARGUMENTS), name])].join("/")}" in AWS`];
}
