/**
 * A stand-in for a system's application, until a team names its own: it answers what a release looks at, and does nothing else.
 * Its first argument says which part of the system it is; a container's command appends it.
 */
import { createServer } from "node:http";
import { clearInterval, setInterval, setTimeout } from "node:timers";

/** Milliseconds that requests under way get after SIGTERM; ECS kills a task 120 s after it. */
const DRAIN = 20_000;
/** Where the load balancers of the systems ask, when PORT does not say. */
const PORTS = [8080, 3000];
/** Milliseconds: longer than the 60 s of the load balancer, else a request meets a connection that was just closed (Node's default is 5 s). */
const KEEP_ALIVE = 65_000;

const [role = "api"] = process.argv.slice(2);

switch (role) {
  case "migrate":
    log("would migrate the database that DATABASE_URL names: this image has no migrations");
    break;
  case "worker":
  case "orchestrator":
  case "reaper":
    idle();
    break;
  default:
    serve(); // "api", or an engine's own options: "-config /etc/…"
}

function serve() {
  const ports = process.env["PORT"] ? [Number(process.env["PORT"])] : PORTS;
  let draining = false;
  const servers = ports.map((port) =>
    createServer({ keepAliveTimeout: KEEP_ALIVE }, (request, response) => {
      const healthy = request.url === "/health";
      // So that a connection that is kept alive does not outlive this task.
      if (draining) response.setHeader("connection", "close");
      response.writeHead(healthy ? 200 : 404, { "content-type": "application/json" });
      response.end(JSON.stringify(healthy ? { status: "ok" } : { error: "not found" }));
    }).listen(port, () => log(`listens on ${String(port)}`)),
  );
  onStop(() => {
    draining = true;
    setTimeout(() => process.exit(0), DRAIN).unref();
    for (const server of servers) server.close();
  });
}

function idle() {
  const clock = setInterval(() => undefined, 60_000);
  onStop(() => clearInterval(clock));
  log("idles: this image has nothing to do");
}

/** @param {() => void} stop lets the process come to its end */
function onStop(stop) {
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.once(signal, () => {
      log(`ends, on ${signal}`);
      stop();
    });
  }
}

/** @param {string} message */
function log(message) {
  console.log(JSON.stringify({ time: new Date().toISOString(), role, message }));
}
