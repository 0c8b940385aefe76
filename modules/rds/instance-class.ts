/** GiB of the smallest t class and of the `large` of each other family; they double with the size. */
const SIZES = ["micro", "small", "medium", "large", "xlarge", "2xlarge"];
const LARGE = { m: 8, r: 16 };

const PATTERN = /^db\.(?:t(?:3|4g)\.(micro|small|medium|large|2?xlarge)|([mr])[5-9][a-z]*\.(?:large|(\d*)xlarge))$/;

/**
 * The memory of an instance class in GiB: t3 and t4g from 1 (micro) to 32 (2xlarge), m 8 and r 16 (large), and as many
 * times that as the size says. Undefined for anything else.
 */
export function memoryOf(instanceClass: unknown): number | undefined {
  const match = PATTERN.exec(String(instanceClass));
  if (!match) return undefined;
  const [, burstable, family, times] = match;
  if (burstable) return 2 ** SIZES.indexOf(burstable);
  return LARGE[family as keyof typeof LARGE] * (times === undefined ? 1 : 2 * Number(times || 1));
}

/**
 * How many connections RDS lets a class have: LEAST(DBInstanceClassMemory / 9531392, 5000). That memory is what RDS
 * leaves over, about a quarter GiB less than the class has.
 */
export function maxConnections(memory: number): number {
  return Math.min(Math.floor(((memory - 0.25) * 2 ** 30) / 9_531_392), 5000);
}
