#!/usr/bin/env node
/* global Buffer, URL, fetch */
// What a release needs of Docker, without a daemon: "builds" an image of a folder, whose only layer is the names and digests of the
// folder's files, and really pushes it to a registry by HTTP, with the login of DOCKER_CONFIG.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [command, ...args] = process.argv.slice(2);
const images = process.env.TEST_DOCKER_IMAGES;
const sha256 = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const fileOf = (name) => join(images, encodeURIComponent(name));

if (command === "--version") console.log("Docker version 29.0.0-test, build simulated");
if (command === "build") build();
if (command === "push") await push(args.at(-1));

function build() {
  const names = args.filter((_, index) => args[index - 1] === "--tag");
  const folder = args.at(-1);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const layer = files
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
    .map((file) => `${sha256(readFileSync(file))} ${file.slice(folder.length)}\n`)
    .join("");
  mkdirSync(images, { recursive: true });
  for (const name of names) writeFileSync(fileOf(name), layer);
  console.log(`built ${names.join(", ")}`);
}

async function push(name) {
  const [, host, repository, tag] = /^([^/]+)\/(.+):([^:]+)$/.exec(name);
  const { auths } = JSON.parse(readFileSync(join(process.env.DOCKER_CONFIG, "config.json"), "utf8"));
  const authorization = `Basic ${auths[host].auth}`;
  const send = async (path, method, body, headers = {}) => {
    const url = new URL(path, `http://${host}/v2/${repository}/`);
    const answer = await fetch(url, { method, body, headers: { authorization, ...headers } });
    if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const blob = async (text, mediaType) => {
    const bytes = Buffer.from(text);
    const begun = await send("blobs/uploads/", "POST");
    const end = new URL(begun.headers.get("location"), begun.url);
    end.searchParams.set("digest", sha256(bytes));
    await send(end, "PUT", bytes, { "content-type": "application/octet-stream" });
    return { mediaType, digest: sha256(bytes), size: bytes.length };
  };
  const layer = await blob(readFileSync(fileOf(name), "utf8"), "application/vnd.oci.image.layer.v1.tar");
  const config = JSON.stringify({
    architecture: "arm64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: [layer.digest] },
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: await blob(config, "application/vnd.oci.image.config.v1+json"),
      layers: [layer],
    }),
  );
  await send(`manifests/${tag}`, "PUT", manifest, { "content-type": "application/vnd.oci.image.manifest.v1+json" });
  console.log(`${tag}: digest: ${sha256(manifest)} size: ${manifest.length}`);
}
