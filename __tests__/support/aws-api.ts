import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { type ClientConfig } from "../../tools/support/aws-clients";

/** An error as AWS's JSON protocol returns it. */
export class AwsError extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The operations that are answered, by their X-Amz-Target: "AmazonSQS.SendMessageBatch". Those of the services that speak
 * XML by their own names, "DescribeVpcs", with what their answer's element has in it.
 */
export type Operations = Record<string, (input: Record<string, unknown>) => unknown>;

export interface RunningAwsApi {
  readonly endpoint: string;
  /** What clients of the SDK that ask it are made with. */
  readonly clients: ClientConfig;
  stop(): Promise<void>;
}

/** AWS's JSON and query protocols on 127.0.0.1, with answers of the test's own. Any other operation answers that it is unknown. */
export async function startAwsApi(operations: Operations): Promise<RunningAwsApi> {
  // The SDK warns that versions of 2027 will want Node 22; ours are pinned, and Lambda has Node 22.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const reply = (status: number, body: unknown) => {
        response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
      };
      const target = request.headers["x-amz-target"];
      const body = Buffer.concat(chunks).toString();
      const query = target === undefined ? Object.fromEntries(new URLSearchParams(body)) : undefined;
      const name = query?.["Action"] ?? String(target);
      try {
        const operation = operations[name];
        if (!operation) throw new AwsError(400, "UnknownOperationException", name);
        if (query) {
          const answer = String(operation(query));
          response.writeHead(200, { "content-type": "text/xml" }).end(`<${name}Response>${answer}</${name}Response>`);
        } else reply(200, operation(JSON.parse(body) as Record<string, unknown>));
      } catch (error) {
        const { status, type, message } = error instanceof AwsError ? error : new AwsError(500, "Test", String(error));
        reply(status, { __type: type, message });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const credentials = { accessKeyId: "111111111111", secretAccessKey: "test" };
  return {
    endpoint,
    clients: { region: "eu-west-1", endpoint, credentials },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
