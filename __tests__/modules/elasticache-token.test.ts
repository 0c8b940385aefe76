import { readFileSync } from "node:fs";
import { join } from "node:path";
import execa from "execa";

const root = join(__dirname, "../..");
const [, example = ""] =
  /```js\n(import .*?export async function token.*?)```/s.exec(readFileSync(join(root, "docs/redis-iam.md"), "utf8")) ??
  [];

/** What the document's example makes at one moment with an example's credentials. */
async function token(credentials: Readonly<Record<string, string>>): Promise<Map<string, string>> {
  const clock = `const RealDate = Date;
    globalThis.Date = class extends RealDate {
      constructor(...given) { super(...(given.length > 0 ? given : ["2026-11-21T15:30:00Z"])); }
    };`;
  const script = `${example}\n${clock}\nprocess.stdout.write(await token("wo-dev-cache", "wo-dev-cache"));`;
  const { stdout } = await execa(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: root,
    env: { PATH: process.env["PATH"], AWS_REGION: "eu-west-1", ...credentials },
    extendEnv: false,
  });
  expect(stdout).toMatch(/^wo-dev-cache\/\?[^/]*$/);
  return new Map(
    stdout
      .split("?")[1]
      ?.split("&")
      .map((parameter) => parameter.split("=") as [string, string]),
  );
}

const common = {
  Action: "connect",
  User: "wo-dev-cache",
  "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
  "X-Amz-Credential": "AKIDEXAMPLE%2F20261121%2Feu-west-1%2Felasticache%2Faws4_request",
  "X-Amz-Date": "20261121T153000Z",
  "X-Amz-Expires": "900",
  "X-Amz-SignedHeaders": "host",
};
const key = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "not-a-secret" };

// The signatures are botocore's, of RequestSigner.generate_presigned_url for http://wo-dev-cache/?Action=connect&User=wo-dev-cache.
test("the document's example makes the token that botocore signs", async () => {
  expect(Object.fromEntries(await token(key))).toEqual({
    ...common,
    "X-Amz-Signature": "93de4e6d07f811fd24cefb896d995d8f5aa6d72f3fdac1740a9c62e7c73fe042",
  });
});

test("it does so with the credentials of a role, which carry a session token", async () => {
  expect(Object.fromEntries(await token({ ...key, AWS_SESSION_TOKEN: "a+b/c=" }))).toEqual({
    ...common,
    "X-Amz-Security-Token": "a%2Bb%2Fc%3D",
    "X-Amz-Signature": "dde84424ea09dae53762dd97b2d0f10e2ce2a1c7a862b9d9ec8f969e579224c8",
  });
});
