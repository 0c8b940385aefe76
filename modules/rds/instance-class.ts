/** The sizes of t3 and t4g: 1 GiB, and each twice the one before. */
const BURSTABLE = ["micro", "small", "medium", "large", "xlarge", "2xlarge"];
/** GiB of the `large` of the other families. */
const LARGE = { m: 8, r: 16 };

/**
 * The m and r families of RDS for PostgreSQL, each with its sizes above 16xlarge; all have the smaller ones. A family or size
 * that is new at AWS is added here.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html
 */
const FAMILIES = new Map<string, readonly number[]>([
  ...["m5", "m5d", "r5", "r5b", "r5d"].map((family) => [family, [24]] as const),
  ...["m6g", "m6gd", "m7g", "r6g", "r6gd", "r7g"].map((family) => [family, []] as const),
  ...["m6i", "m6id", "m6in", "m6idn", "r6i", "r6id", "r6in", "r6idn"].map((family) => [family, [24, 32]] as const),
  ...["m7i", "m8g", "m8gd", "r7i", "r8g", "r8gd"].map((family) => [family, [24, 48]] as const),
]);
/** Multiples of an xlarge. */
const SIZES = [1, 2, 4, 8, 12, 16];

const PATTERN = /^db\.(?:t(?:3|4g)\.(\w+)|(([mr])\d[a-z]*)\.(?:large|([1-9]\d*|)xlarge))$/;

/** The memory of an instance class in GiB; undefined for anything that RDS for PostgreSQL does not have. */
export function memoryOf(instanceClass: unknown): number | undefined {
  const match = PATTERN.exec(String(instanceClass));
  if (!match) return undefined;
  const [, burstable, family = "", letter, times] = match;
  if (burstable !== undefined) return BURSTABLE.includes(burstable) ? 2 ** BURSTABLE.indexOf(burstable) : undefined;
  const larger = FAMILIES.get(family);
  if (larger === undefined || times === "1") return undefined;
  const large = LARGE[letter as keyof typeof LARGE];
  if (times === undefined) return large;
  const size = Number(times || 1);
  return SIZES.includes(size) || larger.includes(size) ? 2 * size * large : undefined;
}

/**
 * How many connections RDS lets a class have: LEAST(DBInstanceClassMemory / 9531392, 5000). That memory is what RDS
 * leaves over, about a quarter GiB less than the class has.
 */
export function maxConnections(memory: number): number {
  return Math.min(Math.floor(((memory - 0.25) * 2 ** 30) / 9_531_392), 5000);
}
