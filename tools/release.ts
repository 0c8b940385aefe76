import { Option } from "commander";
import { release } from "./release/release";
import { built, tagged } from "./release/image-origins";
import { checkTag } from "./support/ecr-images";
import { ENVIRONMENTS, environmentAsked } from "./support/environment-argument";
import { command } from "./support/failure";
import { shellText } from "./support/shell";
import { tool } from "./support/tool";

interface Flags {
  readonly imageTag?: string;
  readonly migrate: boolean;
  readonly skipMigrate: boolean;
  readonly allow: readonly string[];
  readonly yes: boolean;
  readonly planOnly: boolean;
}

const AGAIN = "npm run release --";

async function run(
  given: string | undefined,
  { imageTag, migrate, skipMigrate, allow, yes, planOnly }: Flags,
): Promise<void> {
  const environment = environmentAsked(given, AGAIN);
  const options = [
    ...(imageTag === undefined ? [] : ["--image-tag", checkTag(imageTag)]),
    ...(migrate ? ["--migrate"] : []),
    ...(skipMigrate ? ["--skip-migrate"] : []),
    ...allow.flatMap((address) => ["--allow", address]),
    ...(yes ? ["--yes"] : []),
    ...(planOnly ? ["--plan-only"] : []),
  ];
  await release({
    environment,
    what: "release",
    again: [AGAIN, shellText([environment, ...options])].join(" "),
    images: (session) => (imageTag === undefined ? built(session) : tagged(imageTag, session)),
    migrate: skipMigrate ? "never" : migrate ? "again" : "once",
    allowed: allow,
    yes,
    planOnly,
  });
}

const program = tool("npm run release --")
  .description(
    "Releases a deployment: builds and pushes its images, applies the infrastructure, migrates the database, rolls the services out and sees them run. Each step can be repeated: run it again after whatever broke it off. What fails goes back to the images before.",
  )
  .argument("[environment]", ENVIRONMENTS)
  .option("--image-tag <tag>", "releases images that were pushed before by this tag, and builds nothing: v0.5.1")
  .option("--migrate", "migrates the database though this image did so before, as after its restore", false)
  .addOption(new Option("--skip-migrate", "leaves the database as it is").default(false).conflicts("migrate"))
  .option(
    "--allow <address>",
    "lets the plan of the infrastructure lose one resource that holds data, as check-plan has it (repeat it for more)",
    (address: string, before: readonly string[]) => [...before, address],
    [] as readonly string[],
  )
  .option("--yes", "answers the question that an environment with protected data asks before the first change", false)
  .option("--plan-only", "builds, pushes and plans, shows what would change, and ends", false)
  .addHelpText(
    "after",
    `
SYSTEM says which system, PREFIX or the branch which deployment: SYSTEM=workflow-orchestrator npm run release -- dev
For the local AWS: eval "$(npm run --silent local -- env)"`,
  )
  .action((environment: string | undefined, flags: Flags) => command(() => run(environment, flags)));

void program.parseAsync();
