import { createHash } from "node:crypto";
import { SQSClient } from "@aws-sdk/client-sqs";
import { AwsError, startAwsApi, type RunningAwsApi } from "../../__tests__/support/aws-api";
import { sendTo, sizeOf, type Message } from "./queue";

interface Entry {
  Id: string;
  MessageBody: string;
  MessageAttributes: Record<string, { DataType: string; StringValue: string }>;
}
type Answer = (entries: Entry[]) => { Successful: Entry[]; Failed?: { Id: string; Code: string; Message: string }[] };

const URL = "https://sqs.eu-central-1.amazonaws.com/111111111111/flows";
const messages = ["a", "b", "c"].map((deduplicationKey) => ({ deduplicationKey, body: `{"n":"${deduplicationKey}"}` }));
const [a, b, c] = messages as [Message, Message, Message];

let api: RunningAwsApi;
let calls: Entry[][];
let answer: Answer;

beforeAll(async () => {
  api = await startAwsApi({
    "AmazonSQS.SendMessageBatch": ({ QueueUrl, Entries }) => {
      expect(QueueUrl).toBe(URL);
      calls.push(Entries as Entry[]);
      const { Successful, Failed } = answer(Entries as Entry[]);
      const taken = Successful.map(({ Id, MessageBody }) => ({
        Id,
        MessageId: `id-${Id}`,
        MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex"),
      }));
      return {
        Successful: taken,
        ...(Failed && { Failed: Failed.map((failure) => ({ ...failure, SenderFault: false })) }),
      };
    },
  });
});
afterAll(() => api.stop());
beforeEach(() => (calls = []));

function send(batch: readonly Message[]) {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new SQSClient({ endpoint: api.endpoint, region: "eu-central-1", credentials, maxAttempts: 1 });
  return sendTo(client, URL)(batch);
}

test("all messages go in one call, each with its key as an attribute", async () => {
  answer = (Successful) => ({ Successful });
  expect(await send(messages)).toEqual(new Map());
  expect(calls).toHaveLength(1);
  expect(calls[0]?.map(({ MessageBody, MessageAttributes }) => [MessageBody, MessageAttributes])).toEqual(
    messages.map(({ body, deduplicationKey }) => [
      body,
      { DeduplicationKey: { DataType: "String", StringValue: deduplicationKey } },
    ]),
  );
});

test("the size of a message counts its body and all that its attributes say", async () => {
  answer = (Successful) => ({ Successful });
  await send([a]);
  const { MessageBody = "", MessageAttributes } = calls[0]?.[0] ?? {};
  const attributes = Object.entries(MessageAttributes ?? {}).map(
    ([name, { DataType, StringValue }]) => name + DataType + StringValue,
  );
  expect(sizeOf(a)).toBe(Buffer.byteLength([MessageBody, ...attributes].join("")));
});

test("what SQS refuses, or does not mention, is told with the reason; the rest is sent", async () => {
  answer = ([first]) => ({
    Successful: first ? [first] : [],
    Failed: [{ Id: "1", Code: "InternalError", Message: "try again" }],
  });
  expect(await send(messages)).toEqual(
    new Map([
      [b, "InternalError: try again"],
      [c, "SQS did not say what became of it"],
    ]),
  );
});

test("when SQS refuses the call for one message, the others are sent without it", async () => {
  answer = (entries) => {
    if (entries.some(({ MessageBody }) => MessageBody === b.body))
      throw new AwsError(400, "InvalidMessageContents", "U+FFFF");
    return { Successful: entries };
  };
  expect(await send(messages)).toEqual(new Map([[b, "InvalidMessageContents: U+FFFF"]]));
  expect(calls.map((call) => call.length)).toEqual([3, 1, 1, 1]);
});

test.each([
  [500, "InternalFailure"],
  [400, "RequestThrottled"],
  [503, "ServiceUnavailable"],
])(
  "an error that no message is to blame for (%i %s) is passed on, and nothing is tried one by one",
  async (status, type) => {
    answer = () => {
      throw new AwsError(status, type, "later");
    };
    await expect(send(messages)).rejects.toThrow("later");
    expect(calls).toHaveLength(1);
  },
);
