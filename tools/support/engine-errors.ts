import { basename } from "node:path";
import { Failure } from "./failure";

/** Lines of an engine's output that are shown; the log has them all. */
const SHOWN = 12;

interface Hint {
  readonly when: RegExp;
  /** What it means. */
  readonly means: string;
  readonly next?: string;
}

const BUILD_HINTS: readonly Hint[] = [
  {
    when: /exec format error/i,
    means:
      "The Dockerfile runs programs for ARM (linux/arm64, which the tasks run on), and this machine cannot: it lacks an emulator.",
    next: "install qemu-user-static, or build on an ARM machine and release with --image-tag",
  },
  { when: /no space left on device/i, means: "The disk is full." },
  {
    when: /no match(ing manifest)? for (platform|linux)|no image found in (image index|manifest list)/i,
    means: "The base image is not there for linux/arm64: name another one in FROM.",
  },
  {
    when: /toomanyrequests|rate limit/i,
    means:
      "The base image's registry allows no more downloads for now: log in there, or take the image from public.ecr.aws.",
  },
  {
    when: /i\/o timeout|no such host|connection refused|network is unreachable|failed to resolve source metadata/i,
    means: "Something that the Dockerfile needs could not be downloaded.",
  },
];

const PUSH_HINTS: readonly Hint[] = [
  {
    when: /immutable|ImageTagAlreadyExists|cannot be overwritten/i,
    means:
      "The repository has the tag already, and a tag never moves to another image. Somebody pushed it meanwhile: the next try takes what is there.",
  },
  {
    when: /not authorized|denied|unauthorized|no basic auth|forbidden|\b40[13]\b/i,
    means:
      "These credentials may not push: that takes ecr:GetAuthorizationToken, and on the repository ecr:BatchCheckLayerAvailability, InitiateLayerUpload, UploadLayerPart, CompleteLayerUpload and PutImage.",
    next: "aws sts get-caller-identity",
  },
  { when: /no space left on device/i, means: "The disk is full." },
  {
    when: /name unknown|repository .* (does not exist|not found)/i,
    means: "There is no such repository yet: the deployment makes it.",
  },
  {
    when: /connection refused|i\/o timeout|no such host|TLS handshake|connection reset|EOF|network is unreachable/i,
    means: "The registry could not be reached. Nothing is lost: what has been pushed is not pushed again.",
  },
];

/** @param problems of each engine that was tried, why it does not work */
export function noEngine(problems: readonly string[]): Failure {
  const installed = problems.some((problem) => !problem.endsWith("not installed"));
  const lines = problems.map((problem) => `- ${problem}`);
  return new Failure(`No container engine works here, and images must be built:\n${lines.join("\n")}`, {
    next: installed
      ? "start the engine (Docker Desktop, `systemctl start docker`, `podman machine start`), or release with --image-tag what has been pushed"
      : "install Docker (https://docs.docker.com/engine/install) or Podman (https://podman.io/docs/installation), or release with --image-tag what has been pushed",
  });
}

/** Why an engine does not answer, in a line. */
export function reason(output: string, timedOut: boolean): string {
  if (timedOut) return "does not answer; is its daemon, or its virtual machine, running?";
  return (
    output
      .trim()
      .split("\n")
      .at(-1)
      ?.replace(/^(ERROR|Error): /, "") || "does not work"
  );
}

export function buildFailure(folder: string, lines: readonly string[], log: string): Failure {
  return failure(`The image of ${basename(folder)} (${folder}) could not be built.`, BUILD_HINTS, lines, log);
}

export function pushFailure(name: string, lines: readonly string[], log: string): Failure {
  return failure(`${name} could not be pushed.`, PUSH_HINTS, lines, log);
}

function failure(what: string, hints: readonly Hint[], lines: readonly string[], log: string): Failure {
  const said = lines.filter((line) => line.trim() !== "").slice(-SHOWN);
  const hint = hints.find(({ when }) => when.test(said.join("\n")));
  const message = [what, ...(hint ? [hint.means] : []), "It ended with:", ...said.map((line) => `  ${line}`)];
  return new Failure(message.join("\n"), { log, ...(hint?.next && { next: hint.next }) });
}
