import { App, Testing } from "cdktf";
import { accounts } from "../../environments/accounts";
import { type Account } from "../../environments/environment";
import { accountDeployment } from "../../deployment";
import { AccountStack } from "../../global/account-stack";
import { type StackJson, resources } from "../support/synth";

const DEPLOYMENT = {
  system: "flow-builder",
  environment: "production",
  name: "fb-production",
  account: accounts["production"] as Account,
  repository: "groundplan",
};
const stack = JSON.parse(
  Testing.synth(new AccountStack(new App(), "production-account-stack", accountDeployment(DEPLOYMENT))),
) as StackJson;
const only = (type: string) => resources(stack, type)[0]?.args;

test("every call in every region of the account is recorded, in files whose digests tell a change", () => {
  expect(only("aws_cloudtrail")).toMatchObject({
    name: "account-production-trail",
    is_multi_region_trail: true,
    include_global_service_events: true,
    enable_log_file_validation: true,
    depends_on: ["aws_s3_bucket_policy.trail-logs_policy"],
  });
});

test("its bucket takes records of this trail alone, over TLS alone, and refuses to be deleted while it has some", () => {
  const { Statement } = JSON.parse(String(only("aws_s3_bucket_policy")?.["policy"])) as { Statement: object[] };
  const trail = "arn:aws:cloudtrail:eu-west-1:333333333333:trail/account-production-trail";
  const ofTrail = { Condition: { StringEquals: { "aws:SourceArn": trail } } };
  expect(Statement).toEqual([
    expect.objectContaining({ Effect: "Allow", Action: "s3:GetBucketAcl", ...ofTrail }),
    expect.objectContaining({ Effect: "Allow", Action: "s3:PutObject", ...ofTrail }),
    expect.objectContaining({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
  ]);
  expect(only("aws_s3_bucket")).not.toMatchObject({ force_destroy: true });
});

test("the costs are read where AWS bills, and every service that costs something appears by itself", () => {
  const body = String(only("aws_cloudwatch_dashboard")?.["dashboard_body"]);
  expect(body).toContain('"region":"us-east-1"');
  expect(body).toContain("{AWS/Billing,Currency,ServiceName}");
});

test("it is one for all systems of the account, whatever the branch", () => {
  expect(stack.terraform.backend.s3).toMatchObject({ key: "account/account-production/terraform.tfstate" });
});
