import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/project";
import { stateVersion } from "../support/remote-state";
import { readStack } from "../support/stack-folder";
import { type Options, STACK, session } from "./session";

/** `npm run local -- status` */
export async function status(options: Options): Promise<void> {
  const { aws, clients } = session("status", options);
  const running = await aws.running();
  if (!running) {
    console.log("The local AWS does not run. Next: npm run local");
    return;
  }
  console.log(`The local AWS runs on 127.0.0.1:${String(running.port)} (process ${String(running.pid)}).`);
  if (!existsSync(join(root, "cdktf.out", "stacks", STACK))) {
    console.log("Nothing is synthesized here. Next: npm run local");
    return;
  }
  const stack = readStack(STACK);
  const deployed = (await stateVersion(clients, stack)) !== undefined;
  console.log(
    deployed
      ? `${stack.deployment} has a state. Next: npx cdktf plan ${STACK}`
      : `${stack.deployment} is not deployed. Next: npm run local`,
  );
}
