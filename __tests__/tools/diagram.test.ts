import { type Architecture, architecture, said } from "../../tools/diagram/architecture";
import { type Box } from "../../tools/diagram/boxes";
import { checkSize, only } from "../../tools/diagram/selection";
import { type SynthesizedResource } from "../../tools/support/synthesized-resources";
import { resourcesOf } from "../support/resources-of";

const dev = resourcesOf("flow-builder", "dev");
const production = architecture("flow-builder, production", resourcesOf("flow-builder", "production"));
const picture = architecture("flow-builder, dev", dev);

const lines = (of: Architecture): string[] => of.lines.map((line) => `${line.from} → ${line.to} ${said(line)}`.trim());
const box = (of: Architecture, id: string): Box | undefined => of.boxes.find((found) => found.id === id);
const without = (address: string): SynthesizedResource[] => {
  expect(dev.map((resource) => resource.address)).toContain(address);
  return dev.filter((resource) => resource.address !== address);
};
/** A resource as a stack would have it, for what Flow Builder has none of. */
const resource = (
  address: string,
  path: string,
  args: Readonly<Record<string, unknown>> = {},
): SynthesizedResource => ({
  address,
  type: address.replace(/\..*/, ""),
  path: path.split("/"),
  arguments: args,
});

test("a line is what security-group rules, grants and wiring say, with the port or the verb", () => {
  expect(lines(picture).sort()).toEqual([
    "api → cache 6379",
    "api → database 5432 · secret",
    "api → flows sends",
    "api-images → api",
    "every-minute → scheduler invokes",
    "flows → flows/dead-letters after 5 receives",
    "flows → worker consumes",
    "internet → load-balancer 80",
    "load-balancer → api 8080",
    "scheduler → database 5432 · secret",
    "scheduler → flows sends",
    "worker → cache 6379",
    "worker → database 5432 · secret",
    "worker-images → worker",
  ]);
});

test("who signs in to a cache is drawn as a line; its users are no boxes", () => {
  const engine = architecture("workflow-engine, dev", resourcesOf("workflow-engine", "dev"));
  expect(lines(engine)).toContain("server → cache 6379 · signs in");
  expect(engine.boxes.filter(({ part }) => part === "cache").map(({ id }) => id)).toEqual(["cache"]);
});

test("HTTPS, and the alarms' way to a person, are drawn where an environment has them", () => {
  expect(lines(production)).toEqual(
    expect.arrayContaining([
      "internet → load-balancer 80 · 443",
      "monitoring → monitoring/alarms alarms",
      "monitoring/alarms → e-mail delivers",
    ]),
  );
  expect(production.network.tiers.map(({ notes }) => notes)).toEqual([
    ["3 subnets", "internet gateway"],
    ["3 subnets", "3 NAT gateways"],
    ["3 subnets", "no route out"],
  ]);
});

test.each([
  ["aws_iam_role_policy.api_role_flows-send", "api → flows sends", undefined],
  ["aws_vpc_security_group_ingress_rule.cache_access_from-worker", "worker → cache 6379", undefined],
  [
    "aws_vpc_security_group_ingress_rule.database_access_from-api",
    "api → database 5432 · secret",
    "api → database secret",
  ],
  ["aws_iam_role_policy.worker_role_flows-consume", "flows → worker consumes", undefined],
])("without %s the line is gone", (address, gone, left) => {
  const found = lines(architecture("", without(address)));
  expect(lines(picture)).toContain(gone);
  expect(found).not.toContain(gone);
  expect(found).toHaveLength(picture.lines.length - (left === undefined ? 1 : 0));
  if (left !== undefined) expect(found).toContain(left);
});

test("a tier is what its routes say, not its name", () => {
  expect(picture.boxes.flatMap(({ id, tier }) => (tier ? [`${tier}: ${id}`] : [])).sort()).toEqual([
    "isolated: cache",
    "isolated: database",
    "private: api",
    "private: scheduler",
    "private: worker",
    "public: load-balancer",
  ]);
  const unrouted = dev.filter(({ type }) => type !== "aws_route");
  expect(new Set(architecture("", unrouted).boxes.map(({ tier }) => tier))).toEqual(new Set([undefined, "isolated"]));
});

test("a part of a type that the pictures do not know is a plain box, and a detail of that kind is none", () => {
  const strange = [
    resource("aws_mq_broker.events", "events"),
    resource("aws_mq_configuration.events_settings", "events/settings"),
    resource("aws_s3_bucket.files", "files"),
    resource("aws_s3_bucket_versioning.files-versions", "files-versions"),
  ];
  const { boxes } = architecture("", [...dev, ...strange]);
  expect(boxes.filter(({ id }) => /events|files/.test(id))).toEqual([
    { id: "events", part: "events", family: "other", glyph: "cube", label: "mq broker" },
    { id: "files", part: "files", family: "store", glyph: "bucket", label: "S3 bucket" },
  ]);
});

test("what Flow Builder has none of is drawn too: APIs, event sources, subscriptions, literal ARNs, unknown actions", () => {
  const policy = (Action: string, Resource: string): string =>
    JSON.stringify({ Statement: { Effect: "Allow", Action, Resource } });
  const role = "${aws_iam_role.consumer_role.name}";
  const other = architecture("", [
    resource("aws_apigatewayv2_api.api", "api", { protocol_type: "HTTP" }),
    resource("aws_apigatewayv2_integration.api_to", "api/to", {
      api_id: "${aws_apigatewayv2_api.api.id}",
      integration_uri: "${aws_lambda_function.consumer.invoke_arn}",
    }),
    resource("aws_lambda_function.consumer", "consumer"),
    resource("aws_iam_role.consumer_role", "consumer/role"),
    resource("aws_iam_role_policy.read", "consumer/role/read", {
      role,
      policy: policy("s3:GetObject", "${aws_s3_bucket.files.arn}/*"),
    }),
    resource("aws_iam_role_policy.odd", "consumer/role/odd", {
      role,
      policy: policy("sqs:PurgeQueue", "arn:aws:sqs:eu-west-1:111111111111:x-jobs"),
    }),
    resource("aws_iam_role_policy.all", "consumer/role/all", { role, policy: policy("sqs:ListQueues", "*") }),
    resource("aws_lambda_event_source_mapping.consumer_jobs", "consumer/jobs", {
      event_source_arn: "${aws_sqs_queue.jobs.arn}",
      function_name: "${aws_lambda_function.consumer.arn}",
    }),
    resource("aws_sqs_queue.jobs", "jobs", { name: "x-jobs", fifo_queue: true }),
    resource("aws_s3_bucket.files", "files", { bucket: "x-files" }),
    resource("aws_rds_cluster.database", "database", { engine: "aurora-postgresql", engine_version: "16.6" }),
    resource("aws_lambda_function.database_rotation", "database/rotation"),
    resource("aws_secretsmanager_secret.database_login", "database/login"),
    resource("aws_secretsmanager_secret_rotation.r", "database/login/rotation", {
      secret_id: "${aws_secretsmanager_secret.database_login.id}",
      rotation_lambda_arn: "${aws_lambda_function.database_rotation.arn}",
    }),
  ]);
  expect(lines(other).sort()).toEqual([
    "api → consumer requests",
    "consumer → files reads",
    "consumer → jobs uses",
    "database/rotation → database rotates",
    "internet → api HTTPS",
    "jobs → consumer consumes",
  ]);
  expect(box(other, "database")?.label).toBe("Aurora PostgreSQL 16.6");
  expect(box(other, "jobs")?.label).toBe("SQS queue, FIFO");
  expect(architecture("", dev, { folded: true }).boxes.map(({ id }) => id)).not.toContain("flows/dead-letters");
});

test("--only draws some parts and what they talk to, and names the parts for one that there is not", () => {
  expect(
    only(picture, ["flows"], "")
      .boxes.map(({ id }) => id)
      .sort(),
  ).toEqual(["api", "flows", "flows/dead-letters", "scheduler", "worker"]);
  expect(() => only(picture, ["flow"], "")).toThrow(/expected parts of the stack \(api, .*flows\), got "flow"/);
});

test("a stack that is too large to draw is refused with what makes it smaller", () => {
  const queues = Array.from({ length: 201 }, (_, index) => `q${String(index)}`);
  const large = architecture(
    "big, dev",
    queues.map((id) => resource(`aws_sqs_queue.${id}`, id)),
  );
  const again = "npm run diagram -- dev";
  const refused = (of: Architecture): (() => void) => {
    return () => {
      checkSize(of, again);
    };
  };
  expect(refused(large)).toThrow(/^big, dev is too large to draw: 201 boxes \(at most 200\)\. .*--depth 1.*--only/);
  expect(refused(only(large, ["q7"], again))).not.toThrow();
  const line = { from: "q1", to: "q2", labels: [], flow: "call" as const };
  expect(refused({ ...large, lines: Array.from({ length: 501 }, () => line) })).toThrow(/501 lines \(at most 500\)/);
  const long = { ...line, labels: ["x".repeat(60_000)] };
  expect(refused({ ...picture, lines: [long] })).toThrow(/characters of Mermaid \(at most 50000\)/);
});
