import { LocalAws } from "../support/local-aws";

/** `npm run local -- stop` */
export async function stop(): Promise<void> {
  const stopped = await new LocalAws().stop();
  console.log(
    stopped ? "The local AWS has stopped; what is in it is kept. Next: npm run local" : "The local AWS does not run.",
  );
}
