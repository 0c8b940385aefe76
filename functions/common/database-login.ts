import { Database, trustedAuthorities } from "./database";
import { required } from "./required";
import { readSecret } from "./secret";

/**
 * The database whose URL is in the secret of the environment variable DATABASE_SECRET_ARN: the secret's string, or in a
 * JSON object its key DATABASE_URL.
 */
export function databaseOfEnvironment(): Database {
  const readUrl = async () => {
    const arn = required("DATABASE_SECRET_ARN");
    return databaseUrl(await readSecret(arn), arn);
  };
  return new Database(readUrl, trustedAuthorities(process.env["NODE_EXTRA_CA_CERTS"]));
}

/** @throws Error that names the secret and never tells its value */
export function databaseUrl(secret: string, arn: string): string {
  if (!secret.trimStart().startsWith("{")) return secret;
  const url = parsed(secret)["DATABASE_URL"];
  if (typeof url === "string" && url !== "") return url;
  throw new Error(`The secret ${arn} must hold the URL of the database, or JSON with the key DATABASE_URL.`);
}

function parsed(json: string): Record<string, unknown> {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return {}; // The error's text would quote the secret.
  }
}
