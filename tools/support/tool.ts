import { Command, Help } from "commander";

/** Defaults that say nothing. */
const SILENT = / \(default: (?:false|0|\[\])\)$/;

/**
 * A command of ours, to which its words are added; who gets them wrong is told its help.
 * @param name as it is typed, up to its words: "npm run release --"
 */
export function tool(name: string): Command {
  return new Command(name)
    .configureHelp({ optionDescription: (option) => new Help().optionDescription(option).replace(SILENT, "") })
    .showHelpAfterError(`Next: ${name} --help`);
}
