import type { SynthesizedResource } from "../support/synthesized-resources";
import { type Argument, kindOf } from "./kinds";
import type { RecordedResource } from "../support/recorded-state";

const REFERENCE = /\$\{(aws_\w+\.[\w-]+)\.(\w+)\}/g;

/** Resolves the references in the code's arguments: from the state, from what was found in AWS, from the code itself. */
export class Resolver {
  private readonly code: ReadonlyMap<string, SynthesizedResource>;
  private readonly recorded: ReadonlyMap<string, RecordedResource>;

  /** @param found the import ids of what AWS has and the state has not, by address */
  constructor(
    code: readonly SynthesizedResource[],
    recorded: readonly RecordedResource[],
    private readonly found: ReadonlyMap<string, string>,
  ) {
    this.code = new Map(code.map((resource) => [resource.address, resource]));
    this.recorded = new Map(recorded.filter(({ deposed }) => !deposed).map((resource) => [resource.address, resource]));
  }

  /** The arguments of a resource; one that hangs on something that is nowhere yet is undefined. */
  argumentsOf({ arguments: args }: SynthesizedResource): Argument {
    return (name) => {
      const value = args[name];
      return typeof value === "string" ? this.resolve(value) : undefined;
    };
  }

  private resolve(text: string): string | undefined {
    let known = true;
    const resolved = text.replace(REFERENCE, (_, address: string, attribute: string) => {
      const value = this.attribute(address, attribute);
      if (value === undefined) known = false;
      return value ?? "";
    });
    return known && !resolved.includes("${") ? resolved : undefined;
  }

  private attribute(address: string, attribute: string): string | undefined {
    const recorded = this.recorded.get(address)?.attributes[attribute];
    if (typeof recorded === "string") return recorded;
    const found = this.found.get(address);
    if (found !== undefined && attribute === idOf(address)) return found;
    const literal = this.code.get(address)?.arguments[attribute];
    return typeof literal === "string" ? this.resolve(literal) : undefined;
  }
}

/** The attribute that a type's import id is: AWS's id of what has no name, or the ARN. */
function idOf(address: string): "id" | "arn" | undefined {
  const kind = kindOf(address.replace(/\..*/, ""));
  if (kind?.importedBy === "arn") return "arn";
  if (kind?.type === "aws_apigatewayv2_domain_name") return "id"; // The only one with a name that others refer to by its id.
  return kind?.knownBy === "tag" && kind.importedBy === "group" ? "id" : undefined;
}
