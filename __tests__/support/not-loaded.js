/**
 * Instead of what a dependency loads and no test needs, which each test file would compile anew: archiver (80 ms), with
 * which cdktf zips assets (ours are files, modules/lambda/function-code.ts), and zod's messages in 60 languages (20 ms).
 */
module.exports = () => {
  throw new Error("This is not loaded in unit tests: see moduleNameMapper in jest.config.js.");
};
