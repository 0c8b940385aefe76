import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { servicesOf } from "../../tools/simulation/stack";
import { told } from "../../tools/support/failure";
import { type Usage, checkQuotas, judged, vcpus } from "../../tools/support/quotas";
import { type UsageError } from "../../deployment";
import { AwsError, type RunningAwsApi, startAwsApi } from "../support/aws-api";
import { everyEnvironment, synthesized } from "../support/synth";

const stack = { deployment: "wo-42-dev", accountId: "111111111111", region: "eu-west-1" };
const vpcs: Usage = {
  ...{ name: "VPCs", type: "aws_vpc", service: "vpc", code: "L-F678F1CE", standard: 5 },
  needed: 1,
  holders: ["fb-dev", "wo-dev"],
  quota: 5,
};
const addresses: Usage = {
  ...{ name: "elastic IP addresses", type: "aws_eip", service: "ec2", code: "L-0263D0A3", standard: 5 },
  needed: 3,
  holders: ["fb-dev", undefined, "wo-dev", "fb-dev"],
  quota: 5,
};
const answer = (...usages: Usage[]): string | undefined => {
  try {
    return judged(stack, usages);
  } catch (error) {
    return told(error as UsageError);
  }
};

test("where there is room, it is told how much is used; nothing where nothing is lacking", () => {
  expect(answer(vpcs, { ...addresses, quota: 7 })).toBe("2 of 5 VPCs, 4 of 7 elastic IP addresses");
  expect(answer()).toBeUndefined();
});

test("the last one fits, one more does not", () => {
  expect(answer({ ...vpcs, holders: ["a", "b", "c", "d"] })).toBe("4 of 5 VPCs");
  expect(answer({ ...vpcs, holders: ["a", "b", "c", "d", "e"] })).toContain("no room for wo-42-dev");
});

test("what is short is told all at once, with who holds it and what makes room", () => {
  expect(answer({ ...vpcs, quota: 2 }, addresses)).toBe(
    [
      "The quotas of account 111111111111 in eu-west-1 have no room for wo-42-dev. Nothing was changed.",
      "- VPCs: it needs 1, and 2 of 2 are used: fb-dev, wo-dev.",
      "- elastic IP addresses: it needs 3, and 4 of 5 are used: fb-dev (2), wo-dev, 1 without a deployment's tag.",
      "Remove what nobody needs any more (npm run deployments -- reap), or ask AWS for more, which takes from minutes to days:",
      "    aws service-quotas request-service-quota-increase --service-code vpc --quota-code L-F678F1CE --desired-value 3",
      "    aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-0263D0A3 --desired-value 7",
      "Next: npm run deployments",
    ].join("\n"),
  );
});

test("AWS's standard is only told of where the account's quota may not be asked: it may have been raised", () => {
  const assumed = "AccessDeniedException";
  expect(answer({ ...vpcs, assumed }, { ...addresses, assumed })).toBe(
    "2 of 5 VPCs (AWS's standard, as Service Quotas does not tell: AccessDeniedException), " +
      "4 of 5 elastic IP addresses (AWS's standard, as Service Quotas does not tell: AccessDeniedException; the 3 that it needs may be refused)",
  );
});

describe("the vCPUs of a rollout", () => {
  const needs = (system: string, environment: string) => {
    const json = JSON.stringify(synthesized(system, environment).stack);
    return { onDemand: vcpus(json, false), spot: vcpus(json, true) };
  };

  test("are those of the fewest tasks of each service, released or not, old and new ones at once", () => {
    expect(needs("workflow-engine", "production")).toEqual({ onDemand: 12, spot: 0 }); // 3 tasks of 2 vCPUs, twice
  });

  test("are Spot's where the tasks run on Spot, and none where a service sleeps", () => {
    const json = JSON.stringify(synthesized("workflow-engine", "production").stack);
    const spot = json.replaceAll('"capacity_provider":"FARGATE"', '"capacity_provider":"FARGATE_SPOT"');
    expect([vcpus(spot, false), vcpus(spot, true)]).toEqual([0, 12]);
    const asleep = json.replace(/("min_capacity":"\$\{.*?) : 3\}"/, '$1 : 0}"');
    expect(asleep).not.toBe(json);
    expect([vcpus(asleep, false), vcpus(asleep, true)]).toEqual([0, 0]);
  });

  test.each(everyEnvironment)("leave out no service of %s %s", (system, environment) => {
    const { stack } = synthesized(system, environment);
    const { onDemand, spot } = needs(system, environment);
    expect(servicesOf(stack).size).toBe(Object.keys(stack.resource["aws_ecs_service"] ?? {}).length);
    expect([onDemand, spot].every((need) => need >= 0 && Number.isFinite(need))).toBe(true);
  });

  describe("of a stack that has its VPC and addresses", () => {
    const folder = mkdtempSync(join(tmpdir(), "quotas-"));
    const { resource } = synthesized("workflow-engine", "production").stack;
    // No quota of these is asked for.
    const comment = { metadata: { path: "stack/some" } };
    const there = Object.entries(resource)
      .filter(([type]) => !["aws_vpc", "aws_eip"].includes(type))
      .map(([type, all]) => {
        const commented = Object.entries(all).map(([id, args]) => [id, { ...args, "//": comment }]);
        return [type, Object.fromEntries(commented)] as const;
      });
    const here = { ...stack, deployment: "we-production", folder };
    let api: RunningAwsApi;
    let quota: () => unknown;

    beforeAll(async () => {
      writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify({ resource: Object.fromEntries(there) }));
      api = await startAwsApi({ "ServiceQuotasV20190624.GetServiceQuota": () => quota() });
    });
    afterAll(() => {
      rmSync(folder, { recursive: true });
      return api.stop();
    });
    const checked = () => checkQuotas(here, api.clients).catch((error: unknown) => told(error as UsageError));

    test("are refused where the account may run fewer, also when the deployment is there", async () => {
      quota = () => ({ Quota: { Value: 6 } });
      expect(await checked()).toBe(
        [
          "The quotas of account 111111111111 in eu-west-1 have no room for we-production. Nothing was changed.",
          "- vCPUs of Fargate on demand: it alone needs 12 at a rollout, when old and new tasks run at once, and the account may run 6 at a time.",
          "Ask AWS for more, which takes from minutes to days:",
          "    aws service-quotas request-service-quota-increase --service-code fargate --quota-code L-3032A538 --desired-value 12",
        ].join("\n"),
      );
    });

    test("are told where they fit, to the last one", async () => {
      quota = () => ({ Quota: { Value: 12 } });
      expect(await checked()).toBe("12 of 12 vCPUs of Fargate on demand at a rollout");
    });

    test("are only told of where Service Quotas does not tell", async () => {
      quota = () => {
        throw new AwsError(400, "AccessDeniedException", "not authorized");
      };
      expect(await checked()).toBe(
        "12 of 6 vCPUs of Fargate on demand at a rollout (AWS's standard, as Service Quotas does not tell: AccessDeniedException; " +
          "the 12 that it needs may be refused)",
      );
    });
  });
});
