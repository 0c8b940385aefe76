import { type Counts, type Letter } from "./dead-letters";
import { type RedrivableQueue } from "./queues";

/** "flows has 12 dead letters, and 3 that somebody holds at the moment". */
export function countReport({ path, deadLetters }: RedrivableQueue, { waiting, held }: Counts): string {
  const also = held > 0 ? `, and ${String(held)} that somebody holds at the moment` : "";
  return `${path} has ${letters(waiting)} in ${deadLetters}${also}.`;
}

/** Why the letters of a sample failed, most frequent first; with their bodies, if asked for. */
export function sampleReport(sample: readonly Letter[], { show }: { readonly show: boolean }): string[] {
  if (sample.length === 0) return ["None could be looked at just now."];
  const byReason = new Map<string, Letter[]>();
  for (const letter of sample) {
    const reason = letter.reason ?? "no reason given (see the consumer's log)";
    byReason.set(reason, [...(byReason.get(reason) ?? []), letter]);
  }
  const groups = [...byReason].sort(([, a], [, b]) => b.length - a.length);
  return [
    `A sample of ${String(sample.length)}:`,
    ...groups.flatMap(([reason, of]) => [
      `  ${String(of.length)} × ${plain(reason)}; ${times(of)}, sent ${period(of)}`,
      ...(show ? of.map(({ id, body }) => `      ${id}: ${plain(body)}`) : []),
    ]),
    ...(show ? [] : ["  Their bodies may hold personal data: --show shows them."]),
  ];
}

export function letters(count: number): string {
  return `${String(count)} dead letter${count === 1 ? "" : "s"}`;
}

function times(of: readonly Letter[]): string {
  const counts = of.map(({ receives }) => receives);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return `received ${least === most ? String(most) : `${String(least)}–${String(most)}`} times`;
}

function period(of: readonly Letter[]): string {
  const [first, ...more] = of.map(({ sent }) => sent.getTime()).sort((a, b) => a - b);
  const last = more.at(-1);
  const told = (time = 0): string => `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return last === undefined || told(first) === told(last) ? told(first) : `${told(first)} to ${told(last)}`;
}

/** What a message says must not move the cursor of a terminal, nor fill the screen. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- it is these that are taken out
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  return line.length > 500 ? `${line.slice(0, 500)}… (${String(line.length)} characters)` : line;
}
