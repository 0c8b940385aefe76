const MINUTE = 60_000;

/**
 * Tests of one file that build on one another: once a step has failed, the following ones fail at once and say which.
 * A step may take an hour, since what hangs shall end and nothing else; one with many parts as much for each five of them.
 * @param it how they are registered: `test.skip` where the machine cannot run them
 */
export function steps(
  it: (guarantee: string, body: () => Promise<void>, timeout: number) => void = test,
): (guarantee: string, body: () => Promise<void>, parts?: number) => void {
  let failed: string | undefined;
  return (guarantee, body, parts = 1) => {
    it(
      guarantee,
      async () => {
        if (failed !== undefined) throw notTried(failed);
        failed = guarantee;
        await body();
        failed = undefined;
      },
      60 * MINUTE * Math.ceil(parts / 5),
    );
  };
}

function notTried(failed: string): Error {
  const error = new Error(`Not tried, because this failed before it: ${failed}`);
  delete error.stack; // It leads nowhere, and buries the failure that counts.
  return error;
}

/** Asks until there is an answer. @throws Error that says what was waited for, after `seconds` */
export async function until<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${String(seconds)} s in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
