/** What went wrong on the way to AWS, by the codes of Node.js and the SDK. */
const UNREACHABLE =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|EPIPE|TimeoutError|NetworkingError)$/;

/**
 * An error of a call to AWS as a sentence: that it could not be reached, or what it refused. Undefined for any other error,
 * such as a mistake of ours.
 */
export function awsProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message, code, cause, $metadata } = error as Error & { code?: string; $metadata?: object };
  const [failed] = [code, name, (cause as { code?: string } | undefined)?.code].filter(
    (one) => one !== undefined && UNREACHABLE.test(one),
  );
  if (failed !== undefined) return `AWS could not be reached (${message || failed}).`;
  if (/CredentialsProviderError|ExpiredToken|TokenRefreshRequired/.test(name)) {
    return `The AWS credentials are missing or have expired (${message}).`;
  }
  return $metadata === undefined ? undefined : `AWS refused: ${name}: ${message}`;
}
