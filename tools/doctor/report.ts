import { type Command, forThisDeployment, shellText } from "../support/shell";
import { CHAPTERS, type Finding } from "./finding";

export interface Report {
  readonly environment: string;
  /** "fb-dev" */
  readonly deployment: string;
  /** "AWS account 111111111111, eu-west-1" */
  readonly place: string;
  /** The options that the doctor was called with, for the next call: " --local". */
  readonly options: string;
  /** What a shell needs before the commands; undefined when it has it. */
  readonly prelude?: string;
  readonly findings: readonly Finding[];
}

export function isHealthy({ findings }: Pick<Report, "findings">): boolean {
  return findings.every(({ level }) => level !== "problem");
}

/** For people: chapters, the commands that mend indented below what they mend, and the next command as the last line. */
export function asText(report: Report): string {
  const { deployment, place, prelude, findings } = report;
  const chapters = CHAPTERS.map((chapter) => [chapter, findings.filter((it) => it.chapter === chapter)] as const);
  const told = chapters
    .filter(([, all]) => all.length > 0)
    .map(([chapter, all]) => [`${chapter}`, ...all.flatMap(lines)].join("\n"));
  const before =
    prelude !== undefined && findings.some(({ commands }) => commands.length > 0)
      ? [`The commands are for a shell after: ${prelude}`]
      : [];
  return [`${deployment} in ${place}`, ...told, ...before, verdict(report)].join("\n\n");
}

export function asJson(report: Report): string {
  const { environment, deployment, place, prelude, findings } = report;
  const told = findings.map(({ chapter, level, text, commands, unlocks = false }) => ({
    ...{ chapter, level, text, unlocks },
    commands: commands.map(shellText),
  }));
  const healthy = isHealthy(report);
  return JSON.stringify(
    { environment, deployment, place, healthy, prelude, findings: told, next: forThisDeployment(next(report)) },
    null,
    2,
  );
}

function lines({ level, text, commands }: Finding): string[] {
  const mark = { fact: " ", note: "-", problem: "!" }[level];
  return [`${mark} ${text}`, ...commands.map((command) => `    ${shellText(command)}`)];
}

function verdict(report: Report): string {
  const problems = report.findings.filter(({ level }) => level === "problem").length;
  const sum = problems === 0 ? "Healthy." : `${String(problems)} ${problems === 1 ? "thing" : "things"} to mend.`;
  return `${sum}\nNext: ${forThisDeployment(next(report))}`;
}

/** The command that goes on from here. */
function next({ environment, options, prelude, findings }: Report): string {
  const problems = findings.filter(({ level }) => level === "problem");
  const again = `npm run doctor -- ${environment}${options}`;
  const mendable = problems.filter(({ commands }) => commands.length > 0);
  if (problems.length === 0) {
    const verb = findings.some(({ level }) => level === "note") ? "deploy" : "plan";
    return `${prelude ? `${prelude} && ` : ""}npx cdktf ${verb} ${environment}-stack`;
  }
  const [only] = mendable;
  if (!only) return again;
  const first: Command | undefined = only.commands[0];
  if (mendable.length === 1 && only.commands.length === 1 && first)
    return `${prelude ? `${prelude} && ` : ""}${shellText(first)}`;
  return `${again} --fix${mendable.some(({ unlocks }) => unlocks) ? " --unlock" : ""}`;
}
