/** Runs a bundled handler in a process of its own, as Lambda does: one invocation at a time, asked for by messages. */
const [path] = process.argv.slice(2);
const { handler } = require(path);

process.on("disconnect", () => process.exit());
process.on("message", async ({ id, event, timeout }) => {
  const deadline = Date.now() + timeout;
  const context = {
    awsRequestId: String(id),
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:eu-west-1:111111111111:function:${process.env.AWS_LAMBDA_FUNCTION_NAME}`,
    memoryLimitInMB: "256",
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    process.send({ id, result: await handler(event, context) });
  } catch (error) {
    process.send({ id, error: error.message });
  }
});
process.send({ ready: true });
