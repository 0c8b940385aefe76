import { type TerraformStack } from "cdktf";
import { type SynthesizedResource, resourcesIn } from "../../tools/support/synthesized-resources";
import { environmentApp } from "./synth";

/** An environment's resources with their place in the code, which `Testing.synth` leaves out. */
export function resourcesOf(system: string, environment: string): SynthesizedResource[] {
  const stack = environmentApp(system, environment).app.node.findChild(`${environment}-stack`) as TerraformStack;
  stack.prepareStack();
  return resourcesIn(JSON.stringify(stack.toTerraform()));
}
