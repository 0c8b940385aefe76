import { type APIGatewayProxyEventV2, type APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import fc from "fast-check";
import { CONTEXT, FunctionEnvironment } from "../../../__tests__/support/function-environment";
import { migrations } from "../migrations";
import type * as Handler from "./handler";

const environment = new FunctionEnvironment(migrations);
const SOON = () => new Date(Date.now() + 60_000).toISOString();
const GOOD = { url: "https://hooks.example.com/a?b=c", payload: { n: 1 } };

let handler: typeof Handler.handler;
beforeAll(() => {
  ({ handler } = jest.requireActual<typeof Handler>("./handler"));
});
beforeEach(() => environment.rows("truncate events"));

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: Record<string, unknown> & { id: string };
}

async function call(routeKey: string, request: Partial<APIGatewayProxyEventV2> = {}): Promise<Answer> {
  const answer: APIGatewayProxyStructuredResultV2 = await handler(
    { routeKey, headers: {}, ...request } as APIGatewayProxyEventV2,
    CONTEXT,
  );
  const { statusCode: status = 0, headers = {}, body = "" } = answer;
  return { status, headers, body: JSON.parse(body) as Answer["body"] };
}

const post = (body: unknown, headers: Record<string, string> = {}, type = "application/json") =>
  call("POST /events", {
    headers: { "content-type": type, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const get = (id: string) => call("GET /events/{id}", { pathParameters: { id } });
const cancel = (id: string) => call("DELETE /events/{id}", { pathParameters: { id } });
const fields = ({ body }: Answer) => ((body["errors"] ?? []) as { field: string }[]).map(({ field }) => field);

describe("POST /events", () => {
  test("keeps the event as it was sent, pending, and says where it is", async () => {
    const dueAt = SOON();
    const { status, headers, body } = await post({ ...GOOD, dueAt });
    expect(status).toBe(201);
    expect(headers["location"]).toBe(`/events/${body.id}`);
    expect(body).toMatchObject({ status: "pending", url: GOOD.url, dueAt, attempts: 0, reason: null, settledAt: null });
    const [row] = await environment.rows<{ payload: unknown; at: Date }>("select payload, due_at as at from events");
    expect(row).toEqual({ payload: GOOD.payload, at: new Date(dueAt) });
  });

  test("takes any JSON as payload, base64 as API Gateway sends it, and a time of any offset", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 5 }), async (payload) => {
        const dueAt = new Date(Date.now() + 60_000);
        const inBerlin = new Date(dueAt.getTime() + 3_600_000).toISOString().replace("Z", "+01:00");
        const body = Buffer.from(JSON.stringify({ ...GOOD, payload, dueAt: inBerlin })).toString("base64");
        const headers = { "content-type": "application/json; charset=utf-8" };
        const answer = await call("POST /events", { headers, body, isBase64Encoded: true });
        expect(answer).toMatchObject({ status: 201, body: { dueAt: dueAt.toISOString() } });
        const [row] = await environment.rows<{ text: string }>(
          "select payload::text as text from events where id = $1",
          answer.body.id,
        );
        expect(row?.text).toBe(JSON.stringify(payload));
      }),
      { numRuns: 30 },
    );
  });

  test.each<[string, unknown]>([
    ["http", "http://hooks.example.com/"],
    ["a login", "https://user:password@hooks.example.com/"],
    ["a fragment", "https://hooks.example.com/#a"],
    ["the metadata service", "https://169.254.169.254/latest"],
    ["loopback in decimal", "https://2130706433/"],
    ["a mapped IPv4 address", "https://[::ffff:10.0.0.1]/"],
    ["no URL", "hooks"],
    ["2049 characters", `https://hooks.example.com/${"x".repeat(2_049)}`],
    ["a number", 1],
    ["nothing", undefined],
  ])("refuses a URL that is %s", async (_, url) => {
    const answer = await post({ ...GOOD, url, dueAt: SOON() });
    expect(answer).toMatchObject({ status: 400, headers: { "content-type": "application/problem+json" } });
    expect(answer.body["errors"]).toEqual([
      {
        field: "url",
        got: expect.any(String) as string,
        expected: expect.stringMatching(/^an https:\/\/ URL/) as string,
      },
    ]);
  });

  test.each([
    ["tomorrow", "a time with its offset"],
    ["2030-01-31T08:00:00", "a time with its offset"],
    ["2030-02-30T08:00:00Z", "a time with its offset"],
    [new Date(Date.now() - 3_600_000).toISOString(), "a time from now to 366 days ahead"],
    [new Date(Date.now() + 367 * 86_400_000).toISOString(), "a time from now to 366 days ahead"],
    [1_800_000_000, "a time with its offset"],
    [undefined, "a time with its offset"],
  ])("refuses the due time %p", async (dueAt, expected) => {
    const { status, body } = await post({ ...GOOD, dueAt });
    expect(status).toBe(400);
    expect(body["errors"]).toEqual([
      { field: "dueAt", got: String(dueAt ?? "nothing"), expected: expect.stringContaining(expected) as string },
    ]);
  });

  test.each([
    ["over 64 KiB", "x".repeat(65_535)],
    ["nested over 100 deep", JSON.parse("[".repeat(101) + "]".repeat(101)) as unknown],
    ["missing", undefined],
  ])("refuses a payload that is %s", async (_, payload) => {
    expect(fields(await post({ ...GOOD, payload, dueAt: SOON() }))).toEqual(["payload"]);
  });

  test("tells all that is wrong at once, and what it does not know", async () => {
    const answer = await post({ url: "x", dueAt: "y", kind: "z" }, { "idempotency-key": "not one" });
    expect(answer.status).toBe(400);
    expect(fields(answer).sort()).toEqual(["dueAt", "header Idempotency-Key", "kind", "payload", "url"]);
  });

  test.each<[unknown, string, number]>([
    ["{", "application/json", 400],
    ["null", "application/json", 400],
    ["[1]", "application/json", 400],
    ["{}", "text/plain", 415],
    ["{}", "", 415],
    ["x".repeat(200_000), "application/json", 413],
  ])("refuses the body %.10j of the type %j with %i", async (body, type, status) => {
    expect(await post(body, {}, type)).toMatchObject({
      status,
      body: { status, detail: expect.any(String) as string },
    });
  });

  test("makes one event of the same request sent again under the same key, also at once", async () => {
    const request = { ...GOOD, dueAt: SOON() };
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(request, { "idempotency-key": "order-1" })));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
    expect(await environment.rows("select 1 from events")).toHaveLength(1);
  });

  test("refuses another request under a key that was used, and names the event", async () => {
    const dueAt = SOON();
    const { body } = await post({ ...GOOD, dueAt }, { "idempotency-key": "order-1" });
    for (const other of [
      { payload: { n: 2 } },
      { url: "https://hooks.example.com/b" },
      { dueAt: new Date(Date.now() + 120_000) },
    ]) {
      const answer = await post({ ...GOOD, dueAt, ...other }, { "idempotency-key": "order-1" });
      expect(answer).toMatchObject({ status: 409, body: { detail: expect.stringContaining(body.id) as string } });
    }
  });
});

describe("GET and DELETE /events/{id}", () => {
  const set = (id: string, status: string) =>
    environment.rows("update events set status = $2 where id = $1", id, status);

  test("tell the event, and cancel it, twice if asked twice", async () => {
    const { body } = await post({ ...GOOD, dueAt: SOON() });
    expect(await get(body.id)).toMatchObject({ status: 200, body });
    for (let n = 0; n < 2; n++)
      expect(await cancel(body.id)).toMatchObject({ status: 200, body: { status: "cancelled" } });
    expect((await get(body.id)).body).toMatchObject({ status: "cancelled", settledAt: expect.any(String) as string });
  });

  test.each(["queued", "delivered", "failed"])("do not cancel what is %s already", async (status) => {
    const { body } = await post({ ...GOOD, dueAt: SOON() });
    await set(body.id, status);
    expect(await cancel(body.id)).toMatchObject({
      status: 409,
      body: { detail: `The event is ${status}, only a pending one can be cancelled.` },
    });
    expect((await get(body.id)).body["status"]).toBe(status);
  });

  test("a scheduler that has the event in hand wins over its cancellation", async () => {
    const { body } = await post({ ...GOOD, dueAt: SOON() });
    await environment.rows("begin");
    await environment.rows("update events set status = 'queued' where id = $1", body.id);
    const answer = cancel(body.id);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await environment.rows("commit");
    expect(await answer).toMatchObject({ status: 409, body: { detail: expect.stringContaining("queued") as string } });
  });

  test.each(["00000000-0000-4000-8000-000000000000", "1", "' or true --", ""])("answer 404 for %p", async (id) => {
    for (const answer of [await get(id), await cancel(id)]) {
      expect(answer).toMatchObject({ status: 404, headers: { "content-type": "application/problem+json" } });
    }
  });
});

test("a route that is none answers 404", async () => {
  expect((await call("PATCH /events")).status).toBe(404);
});

test("what is not the caller's fault fails the invocation, so that a release sees it", async () => {
  await environment.rows("alter table events rename to gone");
  await expect(post({ ...GOOD, dueAt: SOON() })).rejects.toThrow('relation "events" does not exist');
  await environment.rows("alter table gone rename to events");
});
