import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack } from "cdktf";
import { FunctionCode } from "../../modules/lambda/function-code";
import { HANDLER, checkout, temporaries, temporary, write } from "../support/checkout";

describe("a function's code", () => {
  /** A stack with one function in a folder of its own: the JSON, and the zip that it names. */
  function synthesized(entry: string) {
    const outdir = join(temporary(), "cdktf.out");
    const app = new App({ outdir });
    const stack = new TerraformStack(app, "dev-stack");
    new AwsProvider(stack, "aws");
    const { path: filename, hash: sourceCodeHash, handler } = new FunctionCode(stack, "code", { entry });
    new LambdaFunction(stack, "function", { functionName: "greet", role: "role", filename, sourceCodeHash, handler });
    app.synth();
    const folder = join(outdir, "stacks/dev-stack");
    return {
      filename,
      json: readFileSync(join(folder, "cdk.tf.json"), "utf8"),
      zip: readFileSync(join(folder, filename)),
    };
  }

  test("is the same path, hash and bytes beside the JSON, wherever it is synthesized", () => {
    const one = synthesized(join(checkout("one"), HANDLER));
    const two = synthesized(join(checkout("two folders/on"), HANDLER));
    expect(two).toEqual(one);
    expect(one.filename).toMatch(/^assets\/[\w-]+\/[0-9a-f]{64}\/greet\.zip$/);
    expect(one.json).toContain(createHash("sha256").update(one.zip).digest("base64"));
    for (const folder of temporaries) expect(one.json).not.toContain(folder);
  });

  test.each<[string, unknown, RegExp]>([
    ["is not there", "functions/none/handler.ts", /no such file/],
    ["is no path", undefined, /entry: expected the path of a source that can be bundled, got undefined/],
    ["does not compile", { [HANDLER]: "export const = ;" }, /handler\.ts:1:13: ERROR: Expected identifier/],
    ["imports what is not installed", { [HANDLER]: `import "absent";` }, /Could not resolve "absent"/],
  ])("whose source %s is an error of the synth, not an exception", (_, source, expected) => {
    const root = checkout();
    if (typeof source === "object") write(root, source as Record<string, string>);
    const stack = new TerraformStack(new App(), "dev-stack");
    const entry = typeof source === "object" ? join(root, HANDLER) : (source as string);
    const code = new FunctionCode(stack, "code", { entry });
    expect(code.node.validate().join()).toMatch(expected);
  });
});
