import { checkPrerequisites } from "../../../tools/support/prerequisites";
import { installAwsCli, installLocalAws } from "../../../tools/support/python";

/** Before the first end-to-end test: what must be installed by hand is checked, the rest is installed once for all of them. */
export default async function setUp(): Promise<void> {
  const { python } = await checkPrerequisites();
  await installLocalAws(python);
  await installAwsCli(python);
}
