import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ReceiveMessageCommand, SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
import { leftovers } from "../../../tools/support/leftovers";
import { deleteTaskDefinitions } from "../../../tools/support/task-definitions";
import { obeyDoctor } from "../support/doctor";
import { Sandbox } from "../support/sandbox";
import { steps, until } from "../support/steps";
import { type WorkingTree } from "../support/working-tree";

const STACK = "dev-stack";
const DOMAIN = "api.example.com";

const step = steps();
let sandbox: Sandbox;
let project: WorkingTree;
let zone: string;
let outputs: Readonly<Record<string, string>>;

beforeAll(async () => {
  sandbox = await Sandbox.start("public-api");
  project = await sandbox.checkout("dev", { SYSTEM: "public-api", PREFIX: "pa" });
  // For every command that synthesizes, as it would be in a project with this system.
  const file = join(project.folder, "cdktf.json");
  const config = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  writeFileSync(
    file,
    JSON.stringify({ ...config, app: "node_modules/.bin/ts-node -T __tests__/fixtures/public-api.ts" }),
  );
});

afterAll(() => sandbox?.end());

step("a plan refuses a hosted zone that the name is not in", async () => {
  zone = await hostedZone("example.com");
  project = project.with({ HOSTED_ZONE: await hostedZone("example.org") });
  await project.bootstrap("dev");
  const { exitCode, lines } = await project.tryCdktf("plan", STACK);
  expect(exitCode).not.toBe(0);
  expect(lines.join(" ").replace(/[│\s]+/g, " ")).toMatch(
    /api\.example\.com cannot be in the hosted zone \S+ example\.org/,
  );
});

step("it deploys, and the second plan is empty", async () => {
  project = project.with({ HOSTED_ZONE: zone });
  await project.cdktf("deploy", STACK, "--auto-approve");
  outputs = await project.outputs(STACK);
  expect(outputs["api_url"]).toBe(`https://${DOMAIN}`);
  await unchanged();
});

step("the name leads to the load balancer, whose certificate is proved by a record in the zone", async () => {
  const balancer = await loadBalancer();
  const { ResourceRecordSets: records } = await ask<{
    ResourceRecordSets: { Name: string; Type: string; AliasTarget?: { DNSName: string } }[];
  }>("route53", "list-resource-record-sets", "--hosted-zone-id", zone);
  const alias = records.find(({ Name, Type }) => Name === `${DOMAIN}.` && Type === "A");
  expect(alias?.AliasTarget?.DNSName.replace(/\.$/, "").toLowerCase()).toBe(balancer.DNSName.toLowerCase());
  expect(records.filter(({ Type }) => Type === "CNAME")).toHaveLength(1);

  const { Listeners: listeners } = await ask<{
    Listeners: { Port: number; Protocol: string; Certificates?: { CertificateArn: string }[] }[];
  }>("elbv2", "describe-listeners", "--load-balancer-arn", balancer.LoadBalancerArn);
  const https = listeners.find(({ Port }) => Port === 443);
  const { Certificate: certificate } = await ask<{ Certificate: { DomainName: string; Status: string } }>(
    ...["acm", "describe-certificate", "--certificate-arn", String(https?.Certificates?.[0]?.CertificateArn)],
  );
  expect(certificate).toMatchObject({ DomainName: DOMAIN, Status: "ISSUED" });
});

step("the name's record, which a kill left out of the state, is found by the doctor and imported", async () => {
  const addresses = await project.addresses(STACK);
  const record = String(addresses.find((address) => /^aws_route53_record\..*_alias$/.test(address)));
  await project.terraform(STACK, "state", "rm", record);
  expect((await obeyDoctor(project)).join("\n")).toContain(`${record} exists, and the state does not know it`);
  await unchanged();
});

step("the load balancer writes access logs to its bucket", async () => {
  const { LoadBalancerArn } = await loadBalancer();
  const { Attributes: attributes } = await ask<{ Attributes: { Key: string; Value: string }[] }>(
    ...["elbv2", "describe-load-balancer-attributes", "--load-balancer-arn", LoadBalancerArn],
  );
  expect(attributes).toEqual(
    expect.arrayContaining([
      { Key: "access_logs.s3.enabled", Value: "true" },
      { Key: "access_logs.s3.bucket", Value: "pa-dev-load-balancer-access-logs-111111111111" },
      { Key: "routing.http.drop_invalid_header_fields.enabled", Value: "true" },
    ]),
  );
});

step("a replaced NAT instance keeps its routes and its public address", async () => {
  const before = await nat();
  expect(before.routes).toEqual([before.networkInterface, before.networkInterface]);
  await project.terraform(
    STACK,
    ...["apply", "-input=false", "-no-color", "-auto-approve", "-replace=aws_instance.network_nat-a"],
  );
  const after = await nat();
  expect(after.instance).not.toBe(before.instance);
  expect({ ...after, instance: before.instance }).toEqual(before);
  await unchanged();
});

step(
  "hours are kept in their time zone; what they change in the bounds is left alone, a release comes through",
  async () => {
    expect(await bounds()).toEqual([0, 0]);
    await sandbox.cli(
      ...["ssm", "put-parameter", "--overwrite", "--name", String(outputs["api_image"])],
      ...["--value", `${String(outputs["api_repository"])}:v1`],
    );
    await project.plan(STACK);
    await project.apply(STACK);
    expect(await bounds()).toEqual([1, 2]);
    const { ScheduledActions: actions } = await ask<{ ScheduledActions: Record<string, unknown>[] }>(
      ...["application-autoscaling", "describe-scheduled-actions", "--service-namespace", "ecs"],
    );
    expect(
      actions.map(({ Schedule, Timezone, ScalableTargetAction }) => [Schedule, Timezone, ScalableTargetAction]).sort(),
    ).toEqual([
      ["cron(0 20 * * ? *)", "Europe/Berlin", { MinCapacity: 0, MaxCapacity: 0 }],
      ["cron(0 7 * * ? *)", "Europe/Berlin", { MinCapacity: 1, MaxCapacity: 2 }],
    ]);
    const { ScalingPolicies: policies } = await ask<{ ScalingPolicies: unknown[] }>(
      ...["application-autoscaling", "describe-scaling-policies", "--service-namespace", "ecs"],
    );
    expect(policies).toHaveLength(3);

    // What Application Auto Scaling does at eight in the evening.
    await sandbox.cli(
      ...["application-autoscaling", "register-scalable-target", "--service-namespace", "ecs"],
      ...["--resource-id", "service/pa-dev-cluster/pa-dev-api", "--scalable-dimension", "ecs:service:DesiredCount"],
      ...["--min-capacity", "0", "--max-capacity", "0"],
    );
    await unchanged();
    expect(await bounds()).toEqual([0, 0]);
  },
);

step("redrive shows why messages failed and sends them back in their order", async () => {
  const sqs = new SQSClient(sandbox.clients());
  const orders = String(outputs["orders_url"]);
  expect(await redrive("orders")).toMatch(
    /orders has 0 dead letters in pa-dev-orders-dead-letters\.fifo\.\s+There is nothing to do\./,
  );
  for (const body of ["first", "second", "third"]) {
    await sqs.send(new SendMessageCommand({ QueueUrl: orders, MessageBody: body, MessageGroupId: "customer" }));
  }
  await until("all have failed once", 300, async () => {
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: orders, VisibilityTimeout: 0, WaitTimeSeconds: 0 }));
    const attributes = [
      "--queue-url",
      `${orders.replace(/\.fifo$/, "")}-dead-letters.fifo`,
      "--attribute-names",
      "All",
    ];
    const { Attributes } = await ask<{ Attributes: { ApproximateNumberOfMessages: string } }>(
      ...["sqs", "get-queue-attributes", ...attributes],
    );
    return Attributes.ApproximateNumberOfMessages === "3" ? true : undefined;
  });

  await expect(redrive("order")).rejects.toThrow('Which queue? Expected one of orders, got "order".');
  await expect(redrive("orders")).rejects.toThrow("There is no terminal to ask at. Nothing was changed;");
  const output = await redrive("orders", "--yes", "--show");
  for (const told of [
    "orders has 3 dead letters in pa-dev-orders-dead-letters.fifo.",
    "3 × no reason given",
    ": first",
    "3 sent back",
    "orders has 0 dead letters",
  ]) {
    expect(output).toContain(told);
  }
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: orders, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
  );
  expect(Messages.map(({ Body }) => Body)).toEqual(["first", "second", "third"]);
});

step("destroy leaves nothing of it, in the zone either", async () => {
  await project.cdktf("destroy", STACK, "--auto-approve");
  expect(await project.addresses(STACK)).toEqual([]);
  await deleteTaskDefinitions("pa-dev", sandbox.clients());
  expect(await leftovers("pa-dev", sandbox.clients())).toEqual([]);
  const { ResourceRecordSets: records } = await ask<{ ResourceRecordSets: { Type: string }[] }>(
    ...["route53", "list-resource-record-sets", "--hosted-zone-id", zone],
  );
  expect(records.map(({ Type }) => Type).sort()).toEqual(["NS", "SOA"]);
});

async function ask<T>(...args: string[]): Promise<T> {
  return (await sandbox.cli(...args)) as T;
}

async function unchanged(): Promise<void> {
  await project.cdktf("plan", STACK);
  await project.expectNoChanges(STACK);
}

/** The id of a new public zone, which is made outside of the stack. */
async function hostedZone(name: string): Promise<string> {
  const { HostedZone } = await ask<{ HostedZone: { Id: string } }>(
    ...["route53", "create-hosted-zone", "--name", name, "--caller-reference", name],
  );
  return HostedZone.Id.replace("/hostedzone/", "");
}

async function loadBalancer(): Promise<{ DNSName: string; LoadBalancerArn: string }> {
  const { LoadBalancers } = await ask<{ LoadBalancers: { DNSName: string; LoadBalancerArn: string }[] }>(
    ...["elbv2", "describe-load-balancers", "--names", "pa-dev-load-balancer"],
  );
  return LoadBalancers[0] ?? { DNSName: "", LoadBalancerArn: "" };
}

async function bounds(): Promise<number[]> {
  const { ScalableTargets } = await ask<{ ScalableTargets: { MinCapacity: number; MaxCapacity: number }[] }>(
    ...["application-autoscaling", "describe-scalable-targets", "--service-namespace", "ecs"],
  );
  return ScalableTargets.flatMap(({ MinCapacity, MaxCapacity }) => [MinCapacity, MaxCapacity]);
}

/** `npm run redrive -- dev …`, as somebody runs it whose shell has no terminal. */
async function redrive(...args: string[]): Promise<string> {
  return project.tool("redrive", "dev", ...args);
}

interface Nat {
  readonly instance: string | undefined;
  readonly networkInterface: string | undefined;
  readonly publicIp: string | undefined;
  /** Where the private subnets' routes to the internet lead. */
  readonly routes: (string | undefined)[];
}

async function nat(): Promise<Nat> {
  const named = (...names: string[]): string[] => ["--filters", `Name=tag:Name,Values=${names.join(",")}`];
  const { Reservations } = await ask<{
    Reservations: {
      Instances: { InstanceId: string; State: { Name: string }; NetworkInterfaces: { NetworkInterfaceId: string }[] }[];
    }[];
  }>("ec2", "describe-instances", ...named("pa-dev-network-nat-a"));
  const instance = Reservations.flatMap(({ Instances }) => Instances).find(({ State }) => State.Name === "running");
  const { Addresses } = await ask<{ Addresses: { PublicIp: string; NetworkInterfaceId: string }[] }>(
    ...["ec2", "describe-addresses", ...named("pa-dev-network-nat-a")],
  );
  const { RouteTables } = await ask<{
    RouteTables: { Routes: { DestinationCidrBlock: string; NetworkInterfaceId?: string }[] }[];
  }>("ec2", "describe-route-tables", ...named("pa-dev-network-private-a", "pa-dev-network-private-b"));
  const networkInterface = instance?.NetworkInterfaces[0]?.NetworkInterfaceId;
  return {
    instance: instance?.InstanceId,
    networkInterface,
    publicIp: Addresses.find((address) => address.NetworkInterfaceId === networkInterface)?.PublicIp,
    routes: RouteTables.map(
      ({ Routes }) => Routes.find((route) => route.DestinationCidrBlock === "0.0.0.0/0")?.NetworkInterfaceId,
    ),
  };
}
