/** SQL files are texts: esbuild's text loader in a bundle, __tests__/support/sql-transform.js in tests. */
declare module "*.sql" {
  const text: string;
  export default text;
}
