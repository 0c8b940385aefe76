import { AssetType, TerraformAsset } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { check } from "../checks";
import { PRIMARY, pathOf } from "../naming";
import { bundle, type Bundle } from "./bundle";

export interface FunctionCodeProps {
  /** The path of the handler's source; the handler is its export `handler`. */
  readonly entry: string;
}

/**
 * A function's code beside the synthesized JSON, so that a plan made on one machine can be applied on another: path
 * and bytes are the same wherever the same source is synthesized.
 */
export class FunctionCode extends Construct {
  /** `filename`: relative to the stack's folder. Empty when the source cannot be bundled, which is an error of the synth. */
  readonly path: string;
  /** `source_code_hash`: SHA-256 of the zip in base64. */
  readonly hash: string;
  /** `handler`. */
  readonly handler: string;

  constructor(scope: Construct, id: string, { entry }: FunctionCodeProps) {
    super(scope, id);
    const code = this.bundled(entry);
    this.path = code ? this.asset(code) : "";
    this.hash = code?.sha256 ?? "";
    this.handler = code?.handler ?? "";
  }

  private asset({ path, digest }: Bundle): string {
    return new TerraformAsset(this, PRIMARY, { path, type: AssetType.FILE, assetHash: digest }).path;
  }

  private bundled(entry: string): Bundle | undefined {
    try {
      return once(this.node.root, entry);
    } catch (error) {
      check(this, false, {
        what: `${pathOf(this).join("/")}: entry`,
        got: entry,
        expected: "the path of a source that can be bundled",
        fix: error instanceof Error ? error.message : String(error),
      });
      return undefined;
    }
  }
}

const bundles = new WeakMap<IConstruct, Map<string, Bundle>>();

/** An app's environments share a source's bundle: looking whether it changed takes 10 ms, and between two environments it must not. */
function once(app: IConstruct, entry: string): Bundle {
  const known = bundles.get(app) ?? new Map<string, Bundle>();
  const made = known.get(entry) ?? bundle(entry);
  bundles.set(app, known.set(entry, made));
  return made;
}
