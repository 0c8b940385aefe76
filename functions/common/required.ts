/** The value of an environment variable. @throws Error that says that the stack did not set it */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: the stack sets it in the function's environment.`);
  return value;
}
