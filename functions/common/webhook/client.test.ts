import { createHmac } from "node:crypto";
import { type LookupAddress } from "node:dns";
import { type IncomingHttpHeaders } from "node:http";
import net, { createServer, type AddressInfo } from "node:net";
import fc from "fast-check";
import { install } from "../../../local-aws/hosts";
import { Authority } from "../../../__tests__/support/certificates";
import { ADDRESS, HOST, WebhookReceiver } from "../../../__tests__/support/webhook-receiver";
import { WebhookClient, type WebhookClientOptions } from "./client";

const SECRET = "of the tests";
const ID = "00000000-0000-4000-8000-000000000001";

let receiver: WebhookReceiver;
let uninstall: () => void;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
});
afterAll(() => receiver.stop());
beforeEach(() => {
  uninstall = install(new Map([[HOST, ADDRESS]]));
  receiver.received.length = 0;
  receiver.answer = () => 204;
});
afterEach(() => {
  uninstall();
  jest.restoreAllMocks();
});

function post(url: string, options: Partial<WebhookClientOptions> = {}, body = '{"n":1}') {
  const authorities = [receiver.authority.cert];
  const client = new WebhookClient({ signingSecret: () => Promise.resolve(SECRET), authorities, ...options });
  return client.post({ id: ID, url, body });
}

const to =
  (...addresses: string[]) =>
  (): Promise<LookupAddress[]> =>
    Promise.resolve(addresses.map((address) => ({ address, family: net.isIP(address) })));

describe("what is sent", () => {
  test("is the body, its key, and a signature over key, time and body by the standard of webhooks", async () => {
    expect(await post(receiver.url("/a?b=c"), {}, '{"text":"ü"}')).toEqual({ kind: "delivered" });
    const [{ path, headers, body } = { path: "", headers: {}, body: "" }] = receiver.received;
    expect([path, body]).toEqual(["/a?b=c", '{"text":"ü"}']);
    expect(headers).toMatchObject({
      host: `${HOST}:${String(receiver.port)}`,
      "content-type": "application/json",
      "idempotency-key": ID,
      "webhook-id": ID,
    });
    const time = String(headers["webhook-timestamp"]);
    expect(Math.abs(Date.now() / 1000 - Number(time))).toBeLessThan(60);
    const signature = createHmac("sha256", SECRET).update(`${ID}.${time}.${body}`).digest("base64");
    expect(headers["webhook-signature"]).toBe(`v1,${signature}`);
  });

  test("is signed with the bytes of a secret that is written as whsec_ and base64", async () => {
    await post(receiver.url(), {
      signingSecret: () => Promise.resolve(`whsec_${Buffer.from(SECRET).toString("base64")}`),
    });
    const [{ headers, body } = { headers: {} as IncomingHttpHeaders, body: "" }] = receiver.received;
    const signed = `${ID}.${String(headers["webhook-timestamp"])}.${body}`;
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", SECRET).update(signed).digest("base64")}`);
  });

  test("goes nowhere while the signing secret cannot be read", async () => {
    await expect(post(receiver.url(), { signingSecret: () => Promise.reject(new Error("denied")) })).rejects.toThrow(
      "denied",
    );
    expect(receiver.received).toEqual([]);
  });
});

describe("an answer", () => {
  test.each([200, 201, 204])("of %i is a delivery", async (status) => {
    receiver.answer = () => status;
    expect(await post(receiver.url())).toEqual({ kind: "delivered" });
  });

  test.each([401, 403, 408, 425, 429, 500, 503])("of %i may be another one next time", async (status) => {
    receiver.answer = () => status;
    expect(await post(receiver.url())).toEqual({ kind: "retry", reason: `the receiver answered ${String(status)}` });
  });

  test.each([400, 404, 405, 410, 413, 414, 415, 422])("of %i is final", async (status) => {
    receiver.answer = () => status;
    expect(await post(receiver.url())).toEqual({ kind: "hopeless", reason: `the receiver answered ${String(status)}` });
  });

  test("with Retry-After says when to come back", async () => {
    receiver.answer = (_, response) => void response.writeHead(429, { "retry-after": "120" }).end();
    expect(await post(receiver.url())).toMatchObject({ kind: "retry", after: 120 });
  });

  test.each([301, 302, 303, 307, 308])("of %i is final, and nobody goes where it leads", async (status) => {
    receiver.answer = (_, response) =>
      void response.writeHead(status, { location: "http://169.254.169.254/latest/meta-data" }).end();
    expect(await post(receiver.url())).toEqual({
      kind: "hopeless",
      reason: `the receiver answered ${String(status)}: redirects are not followed (to http://169.254.169.254/latest/meta-data)`,
    });
    receiver.answer = (_, response) => void response.writeHead(status, { location: receiver.url("/other") }).end();
    await post(receiver.url());
    expect(receiver.received.map(({ path }) => path)).toEqual(["/hook", "/hook"]);
  });

  test("counts although it never ends", async () => {
    receiver.answer = (_, response) => void response.writeHead(200).write("x");
    expect(await post(receiver.url(), { timeout: 1_000 })).toEqual({ kind: "delivered" });
  });

  test("counts although it is endless, and is not read to its end", async () => {
    let written = 0;
    receiver.answer = (_, response) => {
      response.writeHead(500);
      const more = () =>
        void (response.destroyed || response.write("x".repeat(65_536), () => (written++, setImmediate(more))));
      more();
      return undefined;
    };
    expect(await post(receiver.url())).toEqual({ kind: "retry", reason: "the receiver answered 500" });
    expect(written).toBeLessThan(500);
  });

  test("that does not come is waited for until the timeout", async () => {
    receiver.answer = () => undefined;
    const started = Date.now();
    expect(await post(receiver.url(), { timeout: 500 })).toEqual({ kind: "retry", reason: "no answer within 0.5 s" });
    expect(Date.now() - started).toBeLessThan(30_000); // It would never come.
  });

  test("of DNS that does not come is waited for until the timeout", async () => {
    const silent = () => new Promise<never>(() => undefined);
    expect(await post(receiver.url(), { timeout: 300, resolve: silent })).toMatchObject({
      reason: "no answer within 0.3 s",
    });
  });

  test.each<[string, () => string]>([
    ["a name that is not there", () => "https://nowhere.invalid/"],
    ["a port that nobody listens on", () => `https://${HOST}:1/`],
  ])("of %s may be another one next time", async (_, url) => {
    expect(await post(url())).toMatchObject({
      kind: "retry",
      reason: expect.stringMatching(/ENOTFOUND|EAI_AGAIN|ECONNREFUSED/) as string,
    });
  });

  test("of a name without an address may be another one next time", async () => {
    expect(await post(receiver.url(), { resolve: to() })).toMatchObject({ kind: "retry" });
  });
});

describe("the receiver's certificate", () => {
  test("must come from a trusted authority", async () => {
    const other = await Authority.create("other");
    expect(await post(receiver.url(), { authorities: [other.cert] })).toMatchObject({ kind: "retry" });
    expect(receiver.received).toEqual([]);
  });

  test("must be the name's, though the connection is made to an address", async () => {
    uninstall();
    uninstall = install(new Map([["another.test", ADDRESS]]));
    const outcome = await post(receiver.url().replace(HOST, "another.test"));
    expect(outcome).toMatchObject({ kind: "retry", reason: expect.stringContaining("altnames") as string });
    expect(receiver.received).toEqual([]);
  });

  test("is the name's without the dot that ends it", async () => {
    expect(await post(receiver.url().replace(HOST, `${HOST}.`))).toEqual({ kind: "delivered" });
  });
});

describe("server-side request forgery", () => {
  /** Every connection that anybody opens while a test runs. */
  const opened = () => jest.spyOn(net.Socket.prototype, "connect");
  const refused = { kind: "hopeless", reason: expect.stringContaining("the URL is refused") as string };

  const octets = fc.constantFrom(
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "172.16.9.9",
    "192.168.0.1",
    "100.64.1.1",
    "0.0.0.0",
  );
  const number = (address: string) => address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const hex = (n: number) => n.toString(16);
  /** What browsers and curl take for the same IPv4 address, and what IPv6 makes of it. */
  const spellings = (address: string) => {
    const bytes = address.split(".").map(Number) as [number, number, number, number];
    const [a, b, c, d] = bytes;
    const groups = `${hex(a * 256 + b)}:${hex(c * 256 + d)}`;
    return [
      address,
      `${address}.`,
      String(number(address)),
      `0x${hex(number(address))}`,
      bytes.map((byte) => `0x${hex(byte)}`).join("."),
      bytes.map((byte) => `0${byte.toString(8)}`).join("."),
      `${String(a)}.${String(b)}.${String(c * 256 + d)}`,
      `${String(a)}.${String((b * 256 + c) * 256 + d)}`,
      [...address].map((digit) => (digit === "." ? "。" : digit)).join(""),
      [...address].map((digit) => (digit === "." ? "." : String.fromCodePoint(0xff10 + Number(digit)))).join(""),
      `%${hex(address.charCodeAt(0))}${address.slice(1)}`,
      `[::${address}]`,
      `[::ffff:${address}]`,
      `[::ffff:${groups}]`,
      `[64:ff9b::${groups}]`,
      `[2002:${groups}::]`,
    ];
  };

  test("no spelling of an address inside a network is connected to", async () => {
    const connect = opened();
    await fc.assert(
      fc.asyncProperty(
        octets,
        fc.nat(15),
        fc.constantFrom("", "user@", "hooks.test@"),
        fc.constantFrom("", ":8443"),
        async (address, n, login, port) => {
          const outcome = await post(`https://${login}${spellings(address)[n] ?? ""}${port}/x`);
          expect(outcome).toMatchObject(refused);
        },
      ),
      { numRuns: 500 },
    );
    expect(connect).not.toHaveBeenCalled();
  });

  test("every spelling is one that URLs know, so that the test above tests something", () => {
    const known = spellings("169.254.169.254").filter((host) => URL.canParse(`https://${host}/`));
    expect(known).toHaveLength(16);
  });

  test.each(["[::1]", "[fd00:ec2::254]", "[fe80::1]", "[ff02::1]", "[::]", "localhost"])(
    "%s is refused",
    async (host) => {
      const connect = opened();
      expect(await post(`https://${host}/`)).toMatchObject(refused);
      expect(connect).not.toHaveBeenCalled();
    },
  );

  test.each(["http://hooks.test/", "ftp://hooks.test/", "file:///etc/passwd", "data:,x", "not a url", ""])(
    "%p is refused",
    async (url) => expect(await post(url)).toMatchObject(refused),
  );

  test("a name with one address inside a network is refused, however many others it has, and the reason keeps the address", async () => {
    const connect = opened();
    await fc.assert(
      fc.asyncProperty(octets, fc.nat(3), async (inside, place) => {
        const addresses = [ADDRESS, "2606:4700::1111", "1.1.1.1"];
        addresses.splice(place, 0, inside);
        const outcome = await post(receiver.url(), { resolve: to(...addresses) });
        expect(outcome).toMatchObject(refused);
        expect(JSON.stringify(outcome)).not.toContain(inside);
      }),
      { numRuns: 50 },
    );
    expect(connect).not.toHaveBeenCalled();
  });

  test("a name that means another address a moment later is asked once, and the checked address is connected to", async () => {
    const inside = createServer((socket) => socket.destroy());
    let reached = 0;
    inside.on("connection", () => reached++);
    await new Promise<void>((resolve) => inside.listen(0, "127.0.0.2", resolve));
    const { port } = inside.address() as AddressInfo;
    let asked = 0;
    const rebinding = () => to(asked++ === 0 ? ADDRESS : "127.0.0.2")();
    const connect = opened();

    await post(`https://rebinding.test:${String(port)}/`, { resolve: rebinding, timeout: 1_000 });
    expect(asked).toBe(1);
    expect(reached).toBe(0);
    expect(connect.mock.calls.map(([options]) => (options as unknown as { host: string }).host)).toEqual([ADDRESS]);
    await new Promise((resolve) => inside.close(resolve));
  });
});
