import unittest
import urllib.error
import urllib.request

from tasks import Account, until

HOST = "api.example.test"


class LoadBalancers(unittest.TestCase):
    def setUp(self):
        self.account = Account()
        self.elb = self.account.client("elbv2")
        self.host = f"{self.account.id}.{HOST}"
        balancer = self.elb.create_load_balancer(Name="fb-dev", Subnets=[self.account.subnet])["LoadBalancers"][0]
        vpc = self.account.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
        group = self.elb.create_target_group(Name="api", Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip")
        self.group = group["TargetGroups"][0]["TargetGroupArn"]
        self.name = balancer["DNSName"]
        redirect = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
        not_found = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
        self.listener(balancer, 80, {"Type": "redirect", "RedirectConfig": redirect})
        self.elb.create_rule(
            ListenerArn=self.listener(balancer, 443, not_found),
            Priority=1,
            Conditions=[{"Field": "host-header", "HostHeaderConfig": {"Values": [self.host]}}],
            Actions=[{"Type": "forward", "TargetGroupArn": self.group}],
        )

    def listener(self, balancer, port, action):
        request = {"LoadBalancerArn": balancer["LoadBalancerArn"], "Protocol": "HTTP", "DefaultActions": [action]}
        return self.elb.create_listener(Port=port, **request)["Listeners"][0]["ListenerArn"]

    def test_listeners_answer_by_the_port_of_the_host_whoever_asks(self):
        self.assertEqual(self.ask(self.name), 301)
        self.assertEqual(self.ask(self.host), 301)
        self.assertEqual(self.ask(f"{self.name}:443"), 404)
        self.assertEqual(self.ask(f"{self.host}:443"), 503)

    def test_a_target_group_answers_while_a_service_has_tasks_in_it(self):
        self.serve(self.account.image("v1"))
        until(lambda: self.ask(f"{self.host}:443"), lambda status: status == 200)
        self.assertEqual(self.health(), "healthy")
        self.account.update_service(desiredCount=0)
        until(lambda: self.ask(f"{self.host}:443"), lambda status: status == 503)

    def test_an_image_may_be_unhealthy(self):
        self.serve(self.account.image("v1", health=500))
        until(lambda: self.ask(f"{self.host}:443"), lambda status: status == 500)
        self.assertEqual(self.health(), "unhealthy")

    def test_tasks_that_fail_their_health_checks_make_a_rollout_fail(self):
        self.serve(self.account.image("v1"))
        self.account.steady()
        bad = self.account.definition(self.account.image("v2", rollout="fails", health=503))
        self.account.update_service(taskDefinition=bad)
        stopped = until(lambda: self.account.tasks("STOPPED"), bool)[0]
        self.assertEqual(stopped["stoppedReason"], f"Task failed ELB health checks in (target-group {self.group})")
        self.assertEqual(stopped["stopCode"], "ServiceSchedulerInitiated")
        until(lambda: self.account.messages(), lambda told: any("rolling back" in message for message in told))

    def serve(self, image):
        target = {"targetGroupArn": self.group, "containerName": "api", "containerPort": 8080}
        self.account.create_service(self.account.definition(image), loadBalancers=[target])

    def health(self):
        [target] = self.elb.describe_target_health(TargetGroupArn=self.group)["TargetHealthDescriptions"]
        return target["TargetHealth"]["State"]

    def ask(self, host):
        request = urllib.request.Request(f"{self.account.server.url}/health", headers={"Host": host})
        try:
            with opener.open(request) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code


class Unredirected(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


opener = urllib.request.build_opener(Unredirected)
