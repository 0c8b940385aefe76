import { stripVTControlCharacters } from "node:util";

/** What a snapshot of addresses and AWS names would do to the data, from the difference that jest prints: a sentence each. */
export function whatItMeans(difference: string): string {
  const [gone, made] = [recorded("-", difference), recorded("+", difference)];
  const sentences = [...gone].map(([address, name]) => {
    const now = made.get(address);
    if (now !== undefined) return `${address} would be replaced: its name in AWS changes from ${name} to ${now}.`;
    const heir = [...made].find(([other, otherName]) => otherName === name && typeOf(other) === typeOf(address))?.[0];
    return heir === undefined
      ? `${address} (${name}) would be deleted: it is not in the stack any more.`
      : `${address} (${name}) would be deleted and made again as ${heir}, unless stacks/moves.ts says that it moved.`;
  });
  return [
    ...sentences,
    ...[...made].filter(([address]) => !gone.has(address)).map(([address, name]) => `${address} (${name}) is new.`),
    ...(sentences.length > 0
      ? ['Was only a construct renamed? CONTRIBUTING.md, "Rename a construct", says how its data stays.']
      : []),
    "If all of it is meant: npx jest stateful --selectProjects unit -u, and commit the list.",
  ].join("\n");
}

function recorded(sign: "-" | "+", difference: string): Map<string, string> {
  const lines = stripVTControlCharacters(difference).matchAll(/^([-+]) +"([^"]+)": "([^"]*)",?$/gm);
  return new Map([...lines].filter(([, of]) => of === sign).map(([, , address = "", name = ""]) => [address, name]));
}

function typeOf(address: string): string {
  return address.replace(/\..*/, "");
}
