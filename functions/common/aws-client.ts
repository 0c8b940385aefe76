/**
 * What every SDK client of a function is made with: two attempts of 3 s each, so that a call that hangs fails well before
 * Lambda cuts the run off. Without the last setting the SDK would only warn and wait on.
 */
export const CLIENT = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};
