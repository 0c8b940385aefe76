import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { GetSecretValueCommand, SecretsManagerClient, paginateListSecrets } from "@aws-sdk/client-secrets-manager";
import { unzipSync } from "fflate";
import { type ClientConfig } from "../../../tools/support/aws-clients";

/** Something that must not hold a secret: its bytes, and where they are. */
export interface Place {
  readonly where: string;
  readonly bytes: Uint8Array;
}

/** Every value that GetSecretValue returns, and the passwords in those that are URLs. */
export async function secretValues(config: ClientConfig): Promise<string[]> {
  const client = new SecretsManagerClient(config);
  const values: string[] = [];
  for await (const { SecretList = [] } of paginateListSecrets({ client }, {})) {
    for (const { ARN } of SecretList) {
      const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: ARN }));
      values.push(
        SecretString,
        ...(URL.canParse(SecretString) ? [decodeURIComponent(new URL(SecretString).password)] : []),
      );
    }
  }
  return [...new Set(values)].filter((value) => value !== "");
}

/** The places that hold one of the values: as it is, in a URL, in base64. */
export function placesWith(values: readonly string[], places: readonly Place[]): string[] {
  const needles = values.flatMap((value) => [value, encodeURIComponent(value), ...base64Forms(value)]);
  return places
    .filter(({ bytes }) => needles.some((needle) => Buffer.from(bytes).includes(needle)))
    .map(({ where }) => where);
}

/** What base64 makes of a value, at each of the three offsets that it may have in what is encoded. */
function base64Forms(value: string): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]).toString("base64");
    return encoded.slice(offset === 0 ? 0 : offset + 1, -4);
  });
}

/** The files below a folder; links (node_modules, Terraform's providers) are not followed, zips are unpacked. */
export function filesBelow(folder: string): Place[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const where = join(entry.parentPath, entry.name);
      return unpacked({ where, bytes: readFileSync(where) });
    });
}

/** A zip (a plan, a function's code) is compressed: a search must look into it. */
function unpacked(place: Place): Place[] {
  if (!Buffer.from(place.bytes.subarray(0, 4)).equals(Buffer.from("PK\u0003\u0004"))) return [place];
  return Object.entries(unzipSync(place.bytes)).map(([name, bytes]) => ({ where: `${place.where}: ${name}`, bytes }));
}
