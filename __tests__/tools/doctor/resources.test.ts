import { stillThere } from "../../../tools/doctor/resource-findings";
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
