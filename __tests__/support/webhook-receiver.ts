import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, type Socket } from "node:net";
import { Authority } from "./certificates";

/** The name and public address under which functions see receivers, by local-aws/hosts.js. */
export const HOST = "hooks.test";
export const ADDRESS = "93.184.215.14";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers a webhook: with a status, by itself when it wants to, or not at all. */
export type Answer = (received: Received, response: ServerResponse) => number | undefined;

/** A real HTTPS server on 127.0.0.1, with a certificate for HOST. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  answer: Answer = () => 204;

  private constructor(
    readonly authority: Authority,
    readonly port: number,
    private readonly end: () => Promise<void>,
  ) {}

  static async start(authority?: Authority): Promise<WebhookReceiver> {
    const issuer = authority ?? (await Authority.create("receivers"));
    const sockets = new Set<Socket>();
    const server = createServer(await issuer.issue(HOST));
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const receiver = new WebhookReceiver(issuer, port, async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      sockets.forEach((socket) => socket.destroy());
      await closed;
    });
    server.on("request", (request: IncomingMessage, response: ServerResponse) => receiver.take(request, response));
    return receiver;
  }

  url(path = "/hook"): string {
    return `https://${HOST}:${String(this.port)}${path}`;
  }

  stop(): Promise<void> {
    return this.end();
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const received = { path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() };
      this.received.push(received);
      const status = this.answer(received, response);
      if (status !== undefined) response.writeHead(status).end();
    });
  }
}
