import { Construct } from "constructs";
import { Network, type NetworkProps, SecurityGroup } from "../../modules/networking";
import { inStack } from "../support/module";

const dev: NetworkProps = { cidr: "10.0.0.0/16", zones: 2, nat: "none" };

const groups = (build: (make: (id: string, outbound?: "anywhere" | "nowhere") => SecurityGroup) => void) =>
  inStack((stack) => {
    const vpc = new Network(stack, "network", dev);
    build((id, outbound = "nowhere") => {
      return new SecurityGroup(new Construct(stack, id), "access", {
        network: vpc,
        description: `For ${id}`,
        outbound,
      });
    });
  });

test("a security group lets nobody in and nothing out until it is told whom", () => {
  const made = groups((make) => make("database"));
  expect(made.all("aws_vpc_security_group_ingress_rule")).toEqual({});
  expect(made.all("aws_vpc_security_group_egress_rule")).toEqual({});
  expect(made.only("aws_security_group")).not.toHaveProperty("ingress");
});

test("allowFrom opens one port to the members of another group", () => {
  const made = groups((make) => {
    make("database").allowFrom(5432, { securityGroup: make("api", "anywhere") });
  });
  expect(made.only("aws_vpc_security_group_ingress_rule")).toMatchObject({
    security_group_id: "${aws_security_group.database_access.id}",
    referenced_security_group_id: "${aws_security_group.api_access.id}",
    ip_protocol: "tcp",
    from_port: 5432,
    to_port: 5432,
  });
});

test("a security group with another description has another name, and is made before the old one goes", () => {
  const nameOf = (description: string): unknown => {
    const made = inStack((stack) => {
      const vpc = new Network(stack, "network", dev);
      new SecurityGroup(stack, "access", { network: vpc, description, outbound: "nowhere" });
    });
    expect(made.only("aws_security_group")["lifecycle"]).toEqual({ create_before_destroy: true });
    return made.only("aws_security_group")["name"];
  };
  expect(nameOf("Old")).not.toBe(nameOf("New"));
  expect(nameOf("Old")).toMatch(/^fb-dev-access-[0-9a-f]{8}$/);
});
