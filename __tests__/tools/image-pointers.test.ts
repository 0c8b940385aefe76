import { readPointers, writePointers } from "../../tools/support/image-pointers";
import { type RunningAwsApi, AwsError, startAwsApi } from "../support/aws-api";

const MOST = 100;
const name = "/wo-dev/api/image";
const api = { path: "api", pointer: { address: "aws_ssm_parameter.api_image", name } };

/** One parameter as SSM keeps it: its versions, the oldest first. */
let versions: { Version: number; Value: string; Labels: string[] }[];
let aws: RunningAwsApi;
const clients = () => aws.clients;

beforeAll(async () => {
  aws = await startAwsApi({
    "AmazonSSM.GetParameters": () => ({ Parameters: [{ Name: name, Value: versions.at(-1)?.Value }] }),
    "AmazonSSM.GetParameterHistory": () => ({ Parameters: versions }),
    "AmazonSSM.PutParameter": ({ Value }) => {
      if (versions.length === MOST) {
        if (versions[0]?.Labels.length) throw new AwsError(400, "ParameterMaxVersionLimitExceeded", "has a label");
        versions.shift();
      }
      versions.push({ Version: (versions.at(-1)?.Version ?? 0) + 1, Value: String(Value), Labels: [] });
      return { Version: versions.at(-1)?.Version };
    },
    "AmazonSSM.UnlabelParameterVersion": ({ ParameterVersion, Labels }) => {
      const version = versions.find(({ Version }) => Version === ParameterVersion);
      if (version) version.Labels = version.Labels.filter((label) => !(Labels as string[]).includes(label));
      return {};
    },
  });
});
afterAll(() => aws.stop());

test("the hundred-and-first version is written though the oldest has a label, which it loses alone", async () => {
  versions = Array.from({ length: MOST }, (_, index) => ({
    Version: index + 1,
    Value: `v${String(index)}`,
    Labels: [],
  }));
  versions[0]?.Labels.push("migrated");
  versions[50]?.Labels.push("released");
  expect(await writePointers([api], new Map([["api", "new"]]), clients())).toEqual(["api"]);
  expect(await readPointers([api], clients())).toEqual(new Map([["api", "new"]]));
  expect(versions.flatMap(({ Labels }) => Labels)).toEqual(["released"]);
  expect(versions.map(({ Version }) => Version)).toEqual(Array.from({ length: MOST }, (_, index) => index + 2));
});

test("a pointer that says so already is not written", async () => {
  versions = [{ Version: 1, Value: "here", Labels: ["released"] }];
  expect(await writePointers([api], new Map([["api", "here"]]), clients())).toEqual([]);
  expect(versions).toHaveLength(1);
});
