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
