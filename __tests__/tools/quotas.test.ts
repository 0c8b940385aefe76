import { told } from "../../tools/support/failure";
import { type Usage, judged } from "../../tools/support/quotas";
import { type UsageError } from "../../deployment";

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
