import { type Command, Option } from "commander";
import { destroy } from "./local/destroy";
import { env } from "./local/env";
import { DEFAULT_PORT, type Options, checkWords } from "./local/session";
import { status } from "./local/status";
import { stop } from "./local/stop";
import { up } from "./local/up";
import { command } from "./support/failure";
import { parsePort } from "./support/port";
import { tool } from "./support/tool";

interface Flags {
  readonly port?: string;
  readonly system?: string;
}

const subcommands: Record<string, { readonly description: string; readonly run: (options: Options) => Promise<void> }> =
  {
    up: { description: "starts the local AWS, deploys dev-stack and plans it again (the default)", run: up },
    status: { description: "says what runs and what is deployed", run: status },
    env: { description: 'prints what makes a shell talk to it: eval "$(npm run --silent local -- env)"', run: env },
    destroy: { description: "takes dev-stack down and shows that nothing of it is left", run: destroy },
    stop: { description: "stops the local AWS; what is in it is kept for the next start", run: stop },
  };

const program = tool("npm run local --")
  .description("A local AWS with dev-stack deployed to it, through the real cdktf CLI, Terraform and AWS provider.")
  .helpCommand(false)
  .addHelpText(
    "after",
    `
Options of each command:
  --port <port>      where the local AWS listens on 127.0.0.1 (default: where it was first started, or ${String(DEFAULT_PORT)})
  --system <name>    the system, as in SYSTEM (default: context.system in cdktf.json)

Logs are in .local/logs.`,
  );

for (const [name, { description, run }] of Object.entries(subcommands)) {
  program
    .command(name, { isDefault: name === "up" })
    .description(description)
    .addOption(
      new Option(
        "--port <port>",
        `where the local AWS listens on 127.0.0.1 (default: where it was first started, or ${String(DEFAULT_PORT)})`,
      ),
    )
    .addOption(new Option("--system <name>", "the system, as in SYSTEM (default: context.system in cdktf.json)"))
    .allowExcessArguments()
    .action(({ port, system }: Flags, { args }: Command) =>
      command(() => {
        checkWords(args, Object.keys(subcommands));
        if (system !== undefined) process.env["SYSTEM"] = system; // What is told as the next command has it too.
        return run(port === undefined ? {} : { port: parsePort(port) });
      }),
    );
}

void program.parseAsync();
