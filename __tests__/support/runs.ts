/**
 * How many cases a property test tries: `few` while somebody waits, `FUZZ` times as many in `npm run test:all`. Each run
 * tries others; a failure prints the seed that brings it back.
 */
export function runs(few: number): { numRuns: number } {
  return { numRuns: few * (Number(process.env["FUZZ"]) || 1) };
}
