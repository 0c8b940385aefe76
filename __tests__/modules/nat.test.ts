import { execFileSync } from "node:child_process";
import { RESOURCELESS_ACTIONS } from "../../modules/iam";
import { Network, type NetworkProps } from "../../modules/networking";
import { inStack, parsed } from "../support/module";
import { type Arguments } from "../support/synth";

const network = (nat: NetworkProps["nat"], zones = 2, use: (network: Network) => void = () => undefined) =>
  inStack((stack) => {
    use(new Network(stack, "network", { cidr: "10.0.0.0/16", zones, nat }));
  });

const instance = (): Arguments => network("instance").only("aws_instance");
const interfaceId = "${aws_network_interface.network_nat-a_interface.id}";

interface File {
  readonly path: string;
  readonly content: string;
}

/** What cloud-init is told. */
function cloudConfig(): { write_files: File[]; runcmd: string[][] } {
  const [kind, ...json] = String(instance()["user_data"]).split("\n");
  expect(kind).toBe("#cloud-config");
  return JSON.parse(json.join("\n")) as ReturnType<typeof cloudConfig>;
}

const file = (path: string): string => cloudConfig().write_files.find((one) => one.path === path)?.content ?? "";

test("one NAT instance serves all zones, by routes to its network interface, which outlives it", () => {
  const made = network("instance", 3);
  expect(made.errors).toEqual([]);
  expect(Object.keys(made.all("aws_instance"))).toEqual(["network_nat-a"]);
  expect(made.all("aws_nat_gateway")).toEqual({});
  for (const zone of ["a", "b", "c"]) {
    expect(made.all("aws_route")[`network_private-${zone}-to-nat`]).toMatchObject({
      destination_cidr_block: "0.0.0.0/0",
      network_interface_id: interfaceId,
    });
  }
  expect(made.only("aws_instance")["network_interface"]).toEqual([
    { device_index: 0, network_interface_id: interfaceId, delete_on_termination: false },
  ]);
});

test("it passes on what is neither from it nor for it, under an address that another kind of NAT keeps", () => {
  const made = network("instance");
  expect(made.only("aws_network_interface")).toMatchObject({
    source_dest_check: false,
    subnet_id: "${aws_route_table_association.network_public-a-association.subnet_id}",
  });
  expect(made.all("aws_eip")).toMatchObject({ "network_nat-a-address": { network_interface: interfaceId } });
  expect(Object.keys(network("single").all("aws_eip"))).toEqual(["network_nat-a-address"]);
});

test("it is the smallest ARM instance, takes metadata with a token from itself only, and its disk is encrypted", () => {
  expect(instance()).toMatchObject({
    instance_type: "t4g.nano",
    metadata_options: { http_endpoint: "enabled", http_tokens: "required", http_put_response_hop_limit: 1 },
    root_block_device: { encrypted: true },
    credit_specification: { cpu_credits: "standard" },
  });
  expect(instance()).not.toHaveProperty("key_name");
});

test("a newer image never replaces it by surprise, other user data does", () => {
  expect(instance()).toMatchObject({ lifecycle: { ignore_changes: ["ami"] }, user_data_replace_on_change: true });
});

test("EC2 moves it off broken hardware, and an alarm of its own reboots it when its system hangs", () => {
  const made = network("instance");
  expect(made.only("aws_instance")).toMatchObject({ maintenance_options: { auto_recovery: "default" } });
  expect(made.only("aws_cloudwatch_metric_alarm")).toMatchObject({
    metric_name: "StatusCheckFailed_Instance",
    dimensions: { InstanceId: "${aws_instance.network_nat-a.id}" },
    alarm_actions: ["arn:aws:automate:eu-west-1:ec2:reboot"],
  });
});

test("its group lets in the private subnets, which it serves, and nobody else", () => {
  const rules = Object.values(network("instance").all("aws_vpc_security_group_ingress_rule"));
  expect(rules.map((rule) => [rule["cidr_ipv4"], rule["ip_protocol"]])).toEqual([
    ["10.0.4.0/24", "-1"],
    ["10.0.5.0/24", "-1"],
  ]);
});

test("its own firewall accepts no connection, passes on from private subnets to outside the VPC, and hides them", () => {
  const rules = file("/etc/nat.nft");
  expect(rules).toContain("hook input priority filter; policy drop;");
  expect(rules).toContain("hook forward priority filter; policy drop;");
  expect(rules).not.toMatch(/dport (?!68 )/);
  expect(rules).toContain("ip saddr { 10.0.4.0/24, 10.0.5.0/24 } ip daddr != { 10.0.0.0/16, 169.254.0.0/16 } accept");
  expect(rules).toContain("ip saddr { 10.0.4.0/24, 10.0.5.0/24 } masquerade");
});

test("it is a NAT again after each boot, by a service that tries until it succeeds; nothing is passed on before the firewall stands", () => {
  const { runcmd, write_files: files } = cloudConfig();
  expect(runcmd).toContainEqual(["systemctl", "enable", "--now", "--no-block", "nat.service"]);
  const unit = file("/etc/systemd/system/nat.service");
  for (const line of ["ExecStart=/usr/local/sbin/nat", "Restart=on-failure", "WantedBy=multi-user.target"]) {
    expect(unit.split("\n")).toContain(line);
  }
  const script = file("/usr/local/sbin/nat");
  execFileSync("bash", ["-n"], { input: script });
  expect(script.indexOf("nft --file")).toBeGreaterThan(0);
  expect(script.indexOf("nft --file")).toBeLessThan(script.indexOf("sysctl"));
  expect(file("/etc/sysctl.d/90-nat.conf")).toContain("net.ipv4.ip_forward = 1");
  // Terraform would read these as its own.
  for (const { content } of files) expect(content).not.toMatch(/[$%]\{/);
});

test("its role may open a shell in Session Manager, and do nothing else", () => {
  const made = network("instance");
  const { Statement } = parsed(made.only("aws_iam_role_policy"), "policy") as {
    Statement: { Action: string[]; Resource: string[] }[];
  };
  expect(Statement.map(({ Action, Resource }) => [Action, Resource])).toEqual([
    [
      ["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"].map(
        (action) => `ssmmessages:${action}`,
      ),
      ["*"],
    ],
    [["ssm:UpdateInstanceInformation"], ["arn:aws:ec2:eu-west-1:111111111111:instance/*"]],
  ]);
  for (const action of Statement[0]?.Action ?? []) expect(RESOURCELESS_ACTIONS).toContain(action);
  expect(made.all("aws_iam_role_policy_attachment")).toEqual({});
});

test("somebody is called when a NAT instance is down or gone, or a gateway has no port left; without NAT nothing is watched", () => {
  const watched = (nat: NetworkProps["nat"], zones?: number): { alarms: unknown[]; graphs: number } => {
    let found = { alarms: [] as unknown[], graphs: 0 };
    network(nat, zones, (one) => {
      found = {
        alarms: one.alarms().map(({ id, severity, missing, every }) => [id, severity, missing, every]),
        graphs: one.graphs().length,
      };
    });
    return found;
  };
  expect(watched("instance")).toEqual({
    alarms: [
      ["nat-a-down", "critical", "alarm", undefined],
      ["nat-a-credits", "warning", undefined, 5], // EC2 tells credits every five minutes.
    ],
    graphs: 2,
  });
  expect(watched("per-zone", 3)).toEqual({
    alarms: ["a", "b", "c"].map((zone) => [`nat-${zone}-ports`, "critical", undefined, undefined]),
    graphs: 3,
  });
  expect(watched("none")).toEqual({ alarms: [], graphs: 0 });
});
