import fc from "fast-check";
import { HttpService, LoadBalancer } from "../../modules/ecs";
import { inStack } from "../support/module";
import { runs } from "../support/runs";
import { api, at, container, surroundings } from "../support/services";

const group = (settings = {}) => api(settings).only("aws_lb_target_group");

test("an HTTP service is reached by its load balancer alone, on its port", () => {
  const made = api();
  expect(made.errors).toEqual([]);
  expect(at(made, "aws_vpc_security_group_ingress_rule", "api_security-group_from-load-balancer")).toMatchObject({
    from_port: 8080,
    to_port: 8080,
    referenced_security_group_id: "${aws_security_group.load-balancer_security-group.id}",
  });
  expect(Object.keys(made.all("aws_vpc_security_group_ingress_rule"))).toHaveLength(2);
});

test("an HTTP service is not asked for before its load balancer has a way to it: AWS would refuse it", () => {
  expect(api().only("aws_ecs_service")["depends_on"]).toContain("aws_lb_listener_rule.api_rule");
});

test("an HTTP service drops no request in a deploy: a task may answer for longer than the load balancer sends it any", () => {
  const delay = Number(group()["deregistration_delay"]);
  expect(container(api())["stopTimeout"]).toBeGreaterThan(delay);
  expect(container(api({ stopTimeout: 45 }))["stopTimeout"]).toBe(45);
  expect(api({ stopTimeout: 20 }).errors).toEqual([
    expect.stringMatching(/^api: stopTimeout: expected an integer from 30 to 120 seconds, got 20/),
  ]);
});

test("an HTTP service has time to start before failed health checks count", () => {
  const { interval, unhealthy_threshold } = group()["health_check"] as Record<string, number>;
  const grace = Number(api().only("aws_ecs_service")["health_check_grace_period_seconds"]);
  expect(grace).toBeGreaterThan(Number(interval) * Number(unhealthy_threshold));
  expect(group()["health_check"]).toMatchObject({ path: "/health", matcher: "200" });
});

test("an HTTP service gets a target group of another name, made before the old one goes, when what replaces it changes", () => {
  expect(group({ port: 9090 })["name"]).not.toBe(group()["name"]);
  expect(group({ healthPath: "/ready" })["name"]).toBe(group()["name"]);
  expect(group()).toMatchObject({ target_type: "ip", lifecycle: { create_before_destroy: true } });
});

test("an HTTP service has a target group whose name fits into AWS's 32 characters, however long its own", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z0-9]{0,20}(-[a-z0-9]{1,20}){0,3}$/), (id) => {
      const made = inStack((stack) => {
        const common = surroundings(stack);
        const loadBalancer = new LoadBalancer(stack, "load-balancer", {
          network: common.network,
          protect: false,
          plainHttp: true,
        });
        new HttpService(stack, `x-${id}`, { ...common, loadBalancer, port: 8080, healthPath: "/" });
      });
      expect(String(made.only("aws_lb_target_group")["name"])).toMatch(/^fb-dev-[a-z0-9-]{1,25}$/);
    }),
    runs(8),
  );
});
