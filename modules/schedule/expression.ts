/** A schedule that EventBridge Scheduler understands. */
export interface Expression {
  /** Minutes from run to run; undefined where they are not evenly spaced. */
  readonly minutes?: number;
  /** Whether there is a last run: at(), and cron() in certain years. */
  readonly ends?: true;
}

const MINUTES = { minute: 1, hour: 60, day: 1440 } as const;
type Unit = keyof typeof MINUTES;

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/** The days of each month, of February in its longest year. */
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/**
 * A year before this project is past for everybody, and what is past never runs. The clock would know more of them, but what
 * is synthesized must not depend on the day.
 */
const FIRST_YEAR = 2026;

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** What may stand instead of a number, the first for `min`. */
  readonly names?: readonly string[];
  /** Whole values that only this field may have. */
  readonly special?: RegExp;
}

const MONTH: Field = { name: "month", min: 1, max: 12, names: MONTHS };
const FIELDS: readonly Field[] = [
  { name: "minutes", min: 0, max: 59 },
  { name: "hours", min: 0, max: 23 },
  { name: "day of month", min: 1, max: 31, special: /^(\?|L|([1-9]|[12]\d|3[01])W)$/ },
  MONTH,
  {
    name: "day of week",
    min: 1,
    max: 7,
    names: DAYS,
    special: /^(\?|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5]))$/,
  },
  { name: "year", min: FIRST_YEAR, max: 2199 },
];

/** What a schedule's expression means; what is wrong with it, as a text of what is expected, if it means nothing. */
export function parseExpression(expression: unknown): Expression | string {
  const [, kind, body = ""] = /^(rate|cron|at)\((.*)\)$/.exec(String(expression)) ?? [];
  if (kind === "rate") return parseRate(body);
  if (kind === "cron") return parseCron(body);
  if (kind === "at") return parseAt(body);
  return "rate(…), cron(…) or at(…)";
}

function parseRate(body: string): Expression | string {
  const [, digits, unit, plural] = /^([1-9]\d{0,5}) (minute|hour|day)(s?)$/.exec(body) ?? [];
  const value = Number(digits);
  if (unit === undefined || (value === 1) !== (plural === "")) {
    return "a whole number from 1 and its unit, singular for 1: rate(1 minute), rate(12 hours), rate(2 days)";
  }
  return { minutes: value * MINUTES[unit as Unit] };
}

function parseCron(body: string): Expression | string {
  const values = body.split(" ");
  if (values.length !== FIELDS.length) return `six fields: ${FIELDS.map(({ name }) => name).join(", ")}`;
  const wrong = FIELDS.find((field, index) => !fits(field, values[index] ?? ""));
  if (wrong) return `${wrong.name} from ${String(wrong.min)} to ${String(wrong.max)}, as a value, list, range or step`;
  if ((values[2] === "?") === (values[4] === "?")) return "? in either day of month or day of week, and not in both";
  const [, , day = "", month = "", , year = ""] = values;
  if (!comes(day, month)) return "a day that one of its months has";
  return year.startsWith("*") ? {} : { ends: true };
}

/** Whether one of the months is long enough for the first of the days. What is no number, such as L, every month has. */
function comes(days: string, months: string): boolean {
  const first = Math.min(...days.split(",").map((day) => parseInt(day, 10) || 1));
  return LENGTHS.some(
    (length, index) => length >= first && months.split(",").some((item) => has(MONTH, item, index + 1)),
  );
}

/** Whether an item that `fitsItem` has a value in it: "4/5" has 4 and 9. */
function has(field: Field, item: string, value: number): boolean {
  const [range = "", step] = item.split("/");
  const [from = field.min, to] = range.split("-").map((end) => numberOf(field, end));
  const last = range === "*" || (to === undefined && step !== undefined) ? field.max : (to ?? from);
  return value >= from && value <= last && (value - from) % Number(step ?? 1) === 0;
}

function fits(field: Field, value: string): boolean {
  return field.special?.test(value) === true || value.split(",").every((item) => fitsItem(field, item));
}

/** "*", "5", "MON-FRI", "10/15", "*\/5". */
function fitsItem(field: Field, item: string): boolean {
  const [range = "", step, ...more] = item.split("/");
  const [from, to, ...further] = range.split("-").map((value) => numberOf(field, value));
  if (more.length > 0 || further.length > 0) return false;
  if (step !== undefined && !(/^[1-9]\d{0,2}$/.test(step) && Number(step) <= field.max)) return false;
  return range === "*" || (from !== undefined && (!range.includes("-") || (to !== undefined && from <= to)));
}

function numberOf({ min, max, names = [] }: Field, value: string): number | undefined {
  const named = names.indexOf(value);
  if (named >= 0) return min + named;
  const number = /^\d{1,4}$/.test(value) ? Number(value) : NaN;
  return number >= min && number <= max ? number : undefined;
}

/** Without an offset: the schedule's time zone says what it means. */
function parseAt(body: string): Expression | string {
  const format = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/;
  const time = format.test(body) ? Date.parse(`${body}Z`) : NaN;
  // Date.parse takes the 31st of June for the 1st of July.
  const exists = !Number.isNaN(time) && new Date(time).toISOString().startsWith(body);
  return exists && new Date(time).getUTCFullYear() >= FIRST_YEAR
    ? { ends: true }
    : `a date and time that exist, from ${String(FIRST_YEAR)} on and without an offset: at(2030-01-31T12:00:00)`;
}
