import { HttpService, LoadBalancer } from "../../modules/ecs";
import { Network } from "../../modules/networking";
import { inStack } from "../support/module";
import { api, at, surroundings } from "../support/services";

const open = (made: ReturnType<typeof api>): unknown[] =>
  Object.values(made.all("aws_vpc_security_group_ingress_rule"))
    .filter((rule) => "cidr_ipv4" in rule)
    .map((rule) => [rule["security_group_id"], rule["from_port"]])
    .sort();

const NOT_FOUND = [{ type: "fixed-response", fixed_response: { status_code: "404" } }];

test("the load balancer alone is open to the internet, on the ports that it listens on", () => {
  const group = "${aws_security_group.load-balancer_security-group.id}";
  expect(open(api())).toEqual([[group, 80]]);
  expect(open(api({ encrypted: true }))).toEqual([
    [group, 443],
    [group, 80],
  ]);
});

test("it reaches its service and nothing else", () => {
  const made = api();
  const ways = Object.values(made.all("aws_vpc_security_group_egress_rule")).filter(
    (rule) => rule["security_group_id"] === "${aws_security_group.load-balancer_security-group.id}",
  );
  expect(ways).toMatchObject([
    { from_port: 8080, to_port: 8080, referenced_security_group_id: "${aws_security_group.api_security-group.id}" },
  ]);
  expect(ways[0]).not.toHaveProperty("cidr_ipv4");
});

test("it stands in the public subnets, drops invalid headers, and resists its deletion where that is asked for", () => {
  const made = api();
  expect(made.errors).toEqual([]);
  expect(made.only("aws_lb")).toMatchObject({
    name: "fb-dev-load-balancer",
    internal: false,
    drop_invalid_header_fields: true,
    enable_deletion_protection: false,
  });
  for (const subnet of made.only("aws_lb")["subnets"] as string[]) expect(subnet).toContain("public-");
  expect(api({ protect: true }).only("aws_lb")).toMatchObject({ enable_deletion_protection: true });
});

test("with a certificate it speaks TLS 1.2 or later, and plain HTTP is only sent there", () => {
  const made = api({ encrypted: true });
  expect(made.errors).toEqual([]);
  expect(at(made, "aws_lb_listener", "load-balancer_https")).toMatchObject({
    port: 443,
    protocol: "HTTPS",
    ssl_policy: expect.stringMatching(/^ELBSecurityPolicy-TLS13-1-2-/) as string,
    default_action: NOT_FOUND,
  });
  expect(at(made, "aws_lb_listener", "load-balancer_http")).toMatchObject({
    default_action: [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443", status_code: "HTTP_301" } }],
  });
  expect(made.only("aws_lb_listener_rule")).toMatchObject({
    listener_arn: "${aws_lb_listener.load-balancer_https.arn}",
  });
});

test("without one it speaks plain HTTP, and its address says so", () => {
  const urls: string[] = [];
  const keep = (service: HttpService): number => urls.push(service.url);
  const made = api({}, keep);
  api({ encrypted: true }, keep);
  expect(Object.keys(made.all("aws_lb_listener"))).toEqual(["load-balancer_http"]);
  expect(urls).toEqual([expect.stringMatching(/^http:\/\//), "https://api.example.com"]);
});

test("it answers to one name and 404 to every other, so that scanners of addresses wake no service", () => {
  const rule = (encrypted: boolean) => api({ encrypted }).only("aws_lb_listener_rule");
  expect(rule(true)).toMatchObject({ condition: [{ host_header: { values: ["api.example.com"] } }] });
  expect(rule(false)).toMatchObject({ condition: [{ host_header: { values: ["${aws_lb.load-balancer.dns_name}"] } }] });
  expect(api().only("aws_lb_listener")).toMatchObject({ default_action: NOT_FOUND });
});

test("a second service on it is an error that names both", () => {
  const { errors } = inStack((stack) => {
    const common = { ...surroundings(stack), port: 8080, healthPath: "/" };
    const { network } = common;
    const loadBalancer = new LoadBalancer(stack, "load-balancer", { network, protect: false, plainHttp: true });
    new HttpService(stack, "api", { ...common, loadBalancer });
    new HttpService(stack, "admin", { ...common, loadBalancer });
  });
  expect(errors).toEqual([
    expect.stringMatching(/^load-balancer: services: expected one service, got \["api","admin"\]/),
  ]);
});

test("its name fits into AWS's 32 characters, however long its path", () => {
  const made = inStack((stack) => {
    const network = new Network(stack, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
    new LoadBalancer(stack, "load-balancer-of-everything-that-there-is", { network, protect: false, plainHttp: true });
  });
  expect(String(made.only("aws_lb")["name"])).toMatch(/^fb-dev-[a-z-]{1,16}-[0-9a-f]{8}$/);
});
