import "../../stacks/quiet-tokens";
import { App } from "cdktf";
import { accounts } from "../../environments/accounts";
import { type Account, type Environment } from "../../environments/environment";
import { systems, type System } from "../../stacks";
import { addEnvironment } from "../../stacks/add-environment";
import { synthesize } from "../../stacks/synthesize";
import { providerLock } from "../support/terraform-binary";

/*
 * The app that `npm run bench` grows: as main.ts, but with as many environments as are asked for, which take the
 * system's own in turn. Run as: ts-node -T tools/bench/many-environments.ts <count> <output folder>
 */
const [, , count, outdir = "cdktf.out"] = process.argv;
const app = new App({ outdir, skipValidation: true });
const name = "flow-builder";
const system = systems[name] as System;
const known = Object.keys(system.environments);

const errors = Array.from({ length: Number(count) }).flatMap((_, index) => {
  const of = known[index % known.length] as string;
  const environment = `${of}-${String(index + 1)}`;
  const account = accounts[of] as Account;
  const deployment = {
    system: name,
    environment,
    name: `${system.shortName}-${environment}`,
    account,
    repository: "groundplan",
  };
  return addEnvironment(app, system, deployment, system.environments[of] as Environment);
});
synthesize(app, providerLock(), errors);
