import execa from "execa";
import { root } from "../../../tools/support/project";

const RUNS = 60;

test(`Flow Builder's scaling keeps its promises under ${String(RUNS)} random loads of each kind (simulated)`, async () => {
  const args = ["--selectProjects", "simulation", "--runTestsByPath", "__tests__/simulation/flow-builder.test.ts"];
  const { exitCode, all } = await execa("jest", args, {
    cwd: root,
    localDir: root,
    preferLocal: true,
    env: { SIMULATIONS: String(RUNS) },
    all: true,
    reject: false,
  });
  expect({ exitCode, all }).toMatchObject({ exitCode: 0 });
}, 3_600_000);
