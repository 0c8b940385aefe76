/** @returns what takes the network away again */
export function install(hosts: ReadonlyMap<string, string>): () => void;
