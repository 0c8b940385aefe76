/** Instead of archiver, which cdktf loads (80 ms, in each test file) for the assets that it zips itself. We have none of those. */
module.exports = () => {
  throw new Error("Nothing is zipped by cdktf here: bundles are AssetType.FILE (modules/lambda/function-code.ts).");
};
