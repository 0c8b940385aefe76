import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { type ClientConfig } from "../../tools/support/aws-clients";
import { makeEcsRole } from "../../tools/support/bootstrap-state";

const ROLE = { RoleName: "AWSServiceRoleForECS", Path: "/aws-service-role/ecs.amazonaws.com/" };
const MADE =
  "<CreateServiceLinkedRoleResponse><CreateServiceLinkedRoleResult><Role>" +
  Object.entries(ROLE)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join("") +
  "</Role></CreateServiceLinkedRoleResult></CreateServiceLinkedRoleResponse>";
const refusal = (code: string, message: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

let server: Server;
let clients: ClientConfig;
let answer: readonly [status: number, body: string];
let asked: string[];

beforeAll(async () => {
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      asked.push(body);
      const [status, text] = answer;
      response.writeHead(status, { "content-type": "text/xml" }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  clients = { region: "eu-west-1", endpoint, credentials: { accessKeyId: "111111111111", secretAccessKey: "test" } };
});
beforeEach(() => (asked = []));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe("the role of ECS", () => {
  test("is made before there is a cluster", async () => {
    answer = [200, MADE];
    expect(await makeEcsRole(clients)).toBeUndefined();
    expect(asked).toEqual([
      expect.stringMatching(/Action=CreateServiceLinkedRole&.*AWSServiceName=ecs\.amazonaws\.com/),
    ]);
  });

  test("is there when AWS says that its name is taken", async () => {
    const said =
      "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix.";
    answer = [400, refusal("InvalidInput", said)];
    expect(await makeEcsRole(clients)).toBeUndefined();
  });

  test("is left to ECS, with a word, by those who may not make it", async () => {
    answer = [403, refusal("AccessDenied", "User is not authorized to perform: iam:CreateServiceLinkedRole")];
    expect(await makeEcsRole(clients)).toBe(
      "no right to make the role of ECS (iam:CreateServiceLinkedRole): if the first deploy ends with " +
        '"Unable to assume the service linked role", deploy again',
    );
  });

  test.each([
    ["InvalidInput", "The service principal is unknown"],
    ["LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000"],
  ])("is not thought to be there when AWS says %s: %s", async (code, message) => {
    answer = [400, refusal(code, message)];
    await expect(makeEcsRole(clients)).rejects.toThrow(message);
  });
});
