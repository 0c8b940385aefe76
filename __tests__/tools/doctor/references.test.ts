import { kindOf } from "../../../tools/doctor/kinds";
import { PROBES } from "../../../tools/doctor/probes";
import { Resolver } from "../../../tools/doctor/resolver";
import type { ClientConfig } from "../../../tools/support/aws-clients";
import { everyEnvironment, resources, synthesized } from "../../support/synth";

const NOWHERE = {} as ClientConfig;

test.each(everyEnvironment.filter(([, environment]) => environment === "production"))(
  "%s %s: what is looked for by its place is found although the state has nothing: what it hangs on is imported at once with it",
  async (system, environment) => {
    const { stack } = synthesized(system, environment);
    const made = resources(stack).map((resource) => ({ ...resource, path: [], arguments: resource.args }));
    const found = made.filter(({ type }) => kindOf(type)).map(({ address }) => [address, "found"] as const);
    const resolver = new Resolver(made, [], new Map(found));
    const unresolved: string[] = [];
    for (const resource of made) {
      await PROBES[resource.type]?.((name) => {
        const resolved = resolver.argumentsOf(resource)(name);
        if (resource.arguments[name] !== undefined && resolved === undefined)
          unresolved.push(`${resource.address}: ${name}`);
        return undefined;
      }, NOWHERE);
    }
    expect(unresolved).toEqual([]);
  },
);
