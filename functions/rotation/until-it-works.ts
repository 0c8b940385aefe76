/** Milliseconds between two tries. */
const PAUSE = 3_000;
/** Milliseconds that one try may take, at the most. */
const TRY = 30_000;

/**
 * What passes by itself right after everything was made: IAM lets a new policy take effect within seconds, a new
 * instance's name and port answer a little after RDS says so; and an Aurora that has paused takes 15 seconds to wake.
 */
const PASSING =
  /^(AccessDenied(Exception)?|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|57P03|TimeoutError)$/;

/** Tries again what fails for a reason that passes, for as long as there is time for another try. */
export async function untilItWorks<T>(attempt: () => Promise<T>, timeLeft: () => number, pause = PAUSE): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!passes(error) || timeLeft() < pause + TRY) throw error;
      console.warn(JSON.stringify({ message: "tried again", reason: String(error) }));
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

function passes(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, message, code } = error as Error & { code?: unknown };
  return PASSING.test(name) || PASSING.test(String(code)) || (name === "Error" && /timeout/i.test(message));
}
