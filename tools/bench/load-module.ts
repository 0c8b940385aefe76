import { createRequire } from "node:module";
import "cdktf";

/* What a module costs beside cdktf, which every app loads. Run as: ts-node -T tools/bench/load-module.ts [folder] */
const [, , path] = process.argv;
if (path !== undefined) createRequire(__filename)(`../../${path}`);
