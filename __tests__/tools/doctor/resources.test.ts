import { stillThere, twinFindings } from "../../../tools/doctor/resource-findings";
import type { ClientConfig } from "../../../tools/support/aws-clients";
import type { RecordedResource } from "../../../tools/support/recorded-state";
import { startAwsApi } from "../../support/aws-api";

const head = (service: string): string => `arn:aws:${service}:eu-west-1:111111111111`;
const NOWHERE = {} as ClientConfig;
const facts = new Map();

function tainted(address: string, attributes: Readonly<Record<string, unknown>>): RecordedResource {
  return { address, type: address.replace(/\..*/, ""), tainted: true, deposed: false, attributes };
}

test("a key that waits for its deletion is gone, though AWS lists it by its tags for a week", async () => {
  let KeyState = "PendingDeletion";
  const api = await startAwsApi({ "TrentService.DescribeKey": () => ({ KeyMetadata: { KeyId: "1", KeyState } }) });
  const tagged = [{ arn: `${head("kms")}:key/1`, name: "fb-staging-alarms-key" }];
  const ask = () => stillThere(tagged, { recorded: [], clients: api.clients }, facts);
  try {
    expect(await ask()).toEqual([]);
    KeyState = "Enabled";
    expect(await ask()).toEqual(tagged);
  } finally {
    await api.stop();
  }
});

test("a tainted part of the network that EC2 does not know any more is gone, and not waited for", async () => {
  const arn = `${head("ec2")}:natgateway/nat-1`;
  const recorded = [tainted("aws_nat_gateway.network_nat-a", { id: "nat-1" })];
  expect(await stillThere([{ arn }], { recorded, clients: NOWHERE }, facts)).toEqual([]);
  expect(await stillThere([{ arn }], { recorded, clients: NOWHERE }, new Map([["nat-1", {}]]))).toEqual([{ arn }]);
});

test("what was made to replace another may be in use already: then the state takes it, by the id that its type is imported by", () => {
  const arn = `${head("elasticloadbalancing")}:targetgroup/fb-dev-api-2/1`;
  const twins = [
    { type: "aws_lb_target_group", id: "fb-dev-api-2", arn, address: "aws_lb_target_group.api_targets" },
    { type: "aws_eip", id: "eipalloc-2", arn: `${head("ec2")}:elastic-ip/eipalloc-2`, address: "aws_eip.nat" },
  ];
  const [address, group] = twinFindings("dev-stack", { twins });
  expect(group?.text).toMatch(
    /was replaced by fb-dev-api-2, and the state has the one before\. Delete it \(or, where it is in use/,
  );
  const terraform = "terraform -chdir=cdktf.out/stacks/dev-stack";
  expect(group?.text).toContain(
    `${terraform} state rm aws_lb_target_group.api_targets && ${terraform} import -input=false aws_lb_target_group.api_targets ${arn};`,
  );
  expect(address?.text).toMatch(/was made twice: eipalloc-2 .*Delete it:$/);
  // Its id is a URL, which its name is not.
  const queue = {
    type: "aws_sqs_queue",
    id: "fb-dev-jobs",
    arn: `${head("sqs")}:fb-dev-jobs`,
    address: "aws_sqs_queue.x",
  };
  expect(twinFindings("dev-stack", { twins: [queue] })[0]?.text).not.toContain("import");
});
