import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { PROBES } from "../../../tools/doctor/probes";
import { localClients } from "../../../tools/support/aws-clients";
import { AwsError, startAwsApi } from "../../support/aws-api";

test("a bucket that was made and not yet tagged is ours by its name; one with another's tag is not", async () => {
  let tags = "";
  const server = createServer((request, response) => {
    const asked = request.url?.includes("tagging") === true;
    const none = "<Error><Code>NoSuchTagSet</Code></Error>";
    response.writeHead(asked && tags === "" ? 404 : 200, { "content-type": "application/xml" });
    response.end(request.method === "HEAD" ? undefined : tags || none);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const clients = localClients({ port, account: { id: "111111111111", region: "eu-west-1" } });
  const ask = () => PROBES["aws_s3_bucket"]?.(() => "fb-staging-logs-111111111111", clients);
  try {
    expect(await ask()).toEqual({ id: "fb-staging-logs-111111111111" });
    tags = "<Tagging><TagSet><Tag><Key>deployment</Key><Value>fb-1</Value></Tag></TagSet></Tagging>";
    expect(await ask()).toEqual({ id: "fb-staging-logs-111111111111", deployment: "fb-1" });
  } finally {
    server.close();
  }
});

test("a domain's record is imported by its zone, name and type; the zone's next record is not taken for it", async () => {
  let name = "api.example.com.";
  const server = createServer((_, response) => {
    const record = `<Name>${name}</Name><Type>A</Type>`;
    const sets = `<ResourceRecordSets><ResourceRecordSet>${record}</ResourceRecordSet></ResourceRecordSets>`;
    response.writeHead(200, { "content-type": "application/xml" });
    response.end(`<ListResourceRecordSetsResponse>${sets}</ListResourceRecordSetsResponse>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const clients = localClients({ port, account: { id: "111111111111", region: "eu-west-1" } });
  const code: Record<string, string> = { zone_id: "Z0123456789", name: "api.example.com", type: "A" };
  const ask = () => PROBES["aws_route53_record"]?.((argument) => code[argument], clients);
  try {
    expect(await ask()).toEqual({ id: "Z0123456789_api.example.com_A" });
    name = "www.example.com.";
    expect(await ask()).toBeUndefined();
  } finally {
    server.close();
  }
});

test("a queue is imported by its URL; one that is gone, and listed by its tags still, by nothing", async () => {
  let there = true;
  const api = await startAwsApi({
    "AmazonSQS.GetQueueUrl": () => {
      if (!there) throw new AwsError(400, "com.amazonaws.sqs#QueueDoesNotExist", "It does not exist.");
      return { QueueUrl: "http://sqs/fb-dev-flows" };
    },
    "AmazonSQS.ListQueueTags": () => ({ Tags: { deployment: "fb-dev" } }),
  });
  const ask = () => PROBES["aws_sqs_queue"]?.(() => "fb-dev-flows", api.clients);
  try {
    expect(await ask()).toEqual({ id: "http://sqs/fb-dev-flows", deployment: "fb-dev" });
    there = false;
    expect(await ask()).toBeUndefined();
  } finally {
    await api.stop();
  }
});
