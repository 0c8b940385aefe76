import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { terraform } from "../support/cdktf";
import { Failure } from "../support/failure";
import type { Health, ReleasedService } from "../support/released-services";
import { checkInterrupted } from "../support/run";
import { RolloutFailed } from "./failed-rollout";
import type { Session } from "./session";

/** Where a service answers, and where the question is sent. */
export interface Question {
  /** "https://fb.example.com/health" */
  readonly url: URL;
  /** The load balancer's own name, which is asked even before the domain points there; on the local AWS its endpoint. */
  readonly at: { readonly host: string; readonly port: number; readonly tls: boolean };
  /** What the request's Host header says. */
  readonly host: string;
}

/** A status, or why there was none. */
export type Answer = { readonly status: number } | { readonly error: string };

/** Milliseconds that it may take until the first 200: targets register and caches of DNS expire in less. */
const PATIENCE = 120_000;
const POLL = 1_000;
const TIMEOUT = 10_000;

/**
 * Asks until a service answers 200 where its callers do, for two minutes at most.
 * @throws RolloutFailed when it answers, but something else; Failure when nothing answers from here
 */
export async function smokeTest(
  service: ReleasedService,
  question: Question,
  tell: (progress: string) => void,
  patience = PATIENCE,
): Promise<void> {
  const deadline = Date.now() + patience;
  for (;;) {
    checkInterrupted();
    const answer = await ask(question);
    if ("status" in answer && answer.status === 200) return;
    const got = "status" in answer ? `answers ${String(answer.status)}` : `does not answer (${answer.error})`;
    if (Date.now() > deadline) throw notHealthy(service, question, answer, got, patience);
    tell(`${question.url.href} ${got}`);
    await sleep(POLL);
  }
}

/** Where to ask each service that has a health check. */
export async function questions(session: Session): Promise<Map<string, Question>> {
  const asked = session.released.services.flatMap(({ path, health }) => (health ? [{ path, health }] : []));
  if (asked.length === 0) return new Map();
  const { stack, context, env, log, clients } = session;
  const { lines } = await terraform(stack.folder, ["output", "-json"], context, { env, log, answer: true });
  const outputs = JSON.parse(lines.join("\n")) as Record<string, { value: unknown }>;
  return new Map(
    asked.map(({ path, health }) => {
      const dns = health.dnsOutput === undefined ? undefined : outputs[health.dnsOutput]?.value;
      return [path, questionOf(health, dns === undefined ? undefined : String(dns), clients.endpoint)];
    }),
  );
}

/** @param endpoint of the local AWS, which stands for all of its load balancers, told apart by the Host header */
export function questionOf({ scheme, domain, path }: Health, dns: string | undefined, endpoint?: string): Question {
  const name = domain ?? dns ?? "";
  const url = new URL(`${scheme}://${name}${path}`);
  if (endpoint !== undefined) {
    const { hostname, port } = new URL(endpoint);
    // Of one endpoint for all, the Host header tells which is meant: its name must be what the rules are for, its port is the listener.
    const host = `${name}${scheme === "https" ? ":443" : ""}`;
    return { url, at: { host: hostname, port: Number(port || 80), tls: false }, host };
  }
  const tls = scheme === "https";
  return { url, at: { host: dns ?? name, port: tls ? 443 : 80, tls }, host: name };
}

/** One request. The certificate must be the domain's, whatever the load balancer is called. */
export function ask({ url, at, host }: Question): Promise<Answer> {
  return new Promise((resolve) => {
    const options = {
      ...{
        host: at.host,
        port: at.port,
        path: url.pathname,
        timeout: TIMEOUT,
        headers: { host },
        agent: false as const,
      },
      ...(at.tls && { servername: host }),
    };
    const sent = (at.tls ? httpsRequest : httpRequest)(options, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0 });
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 10 s")));
    sent.on("error", (error: NodeJS.ErrnoException) => {
      resolve({ error: error.code ?? error.message });
    });
    sent.end();
  });
}

function notHealthy(service: ReleasedService, { url, at }: Question, answer: Answer, got: string, patience: number) {
  const waited = `for ${String(Math.round(patience / 1000))} s`;
  if ("status" in answer) return new RolloutFailed(service, `${url.href} ${got} ${waited}; expected 200`);
  return new Failure(
    `The tasks of ${service.path} are steady, but ${url.href} ${got} ${waited}, asked at ${at.host}. The release stays: from here nothing reaches the load balancer, which says nothing about the image. Ask from elsewhere, and look at the network in between.`,
    { next: `curl -sv ${url.href}` },
  );
}
