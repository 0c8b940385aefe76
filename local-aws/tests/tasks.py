"""A local AWS whose tasks do what a file says, and an account with a cluster, images and a network in it."""

import atexit
import functools
import json
import pathlib
import tempfile
import time

from registry import Registry
from server import REGION, Server, new_account

# Ends what hangs, and nothing else: a loaded machine takes many times as long.
SECONDS = 180
GROUP = "/ecs/fb-dev-api"
BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


@functools.cache
def shared():
    folder = tempfile.TemporaryDirectory(prefix="local-aws-")
    server = Server(folder.name, LOCAL_TASKS=f"{folder.name}/tasks.json")
    server.tasks = pathlib.Path(folder.name, "tasks.json")
    atexit.register(folder.cleanup)
    atexit.register(server.stop)
    return server


class Account:
    def __init__(self, server=None):
        self.server = server or shared()
        self.id = new_account()
        self.ecs, self.ecr, ec2 = (self.client(service) for service in ("ecs", "ecr", "ec2"))
        self.ecs.create_cluster(clusterName="fb-dev", capacityProviders=["FARGATE"])
        self.ecr.create_repository(repositoryName="images")
        self.client("logs").create_log_group(logGroupName=GROUP)
        self.subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        self.network = {"awsvpcConfiguration": {"subnets": [self.subnet]}}

    def client(self, service):
        return self.server.client(service, self.id)

    def image(self, tag, **does):
        """Pushes an image; `does` is what its tasks do."""
        digest = Registry(self.server.url, self.ecr).push("images", tag, f"{self.id} {tag}".encode())
        if does:
            said = json.loads(self.server.tasks.read_text()) if self.server.tasks.exists() else {}
            self.server.tasks.write_text(json.dumps({**said, digest: does}))
        return f"127.0.0.1:{self.server.port}/images@{digest}"

    def definition(self, image, family="api", **container):
        logs = {"awslogs-group": GROUP, "awslogs-region": REGION, "awslogs-stream-prefix": "api"}
        return self.ecs.register_task_definition(
            family=family,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[
                {
                    "name": "api",
                    "image": image,
                    "logConfiguration": {"logDriver": "awslogs", "options": logs},
                    **container,
                }
            ],
        )["taskDefinition"]["taskDefinitionArn"]

    def run(self, definition, **request):
        given = {"cluster": "fb-dev", "taskDefinition": definition, "networkConfiguration": self.network, **request}
        return self.ecs.run_task(**given)["tasks"][0]["taskArn"]

    def task(self, arn):
        return self.ecs.describe_tasks(cluster="fb-dev", tasks=[arn])["tasks"][0]

    def stopped(self, arn):
        return until(lambda: self.task(arn), lambda task: task["lastStatus"] == "STOPPED")

    def log(self, arn):
        stream = f"api/api/{arn.rsplit('/', 1)[1]}"
        events = self.client("logs").get_log_events(logGroupName=GROUP, logStreamName=stream)["events"]
        return [event["message"] for event in events]

    def create_service(self, definition, count=1, **request):
        self.ecs.create_service(
            cluster="fb-dev",
            serviceName="api",
            taskDefinition=definition,
            desiredCount=count,
            networkConfiguration=self.network,
            deploymentConfiguration=BREAKER,
            **request,
        )
        return self.steady()

    def update_service(self, **request):
        return self.ecs.update_service(cluster="fb-dev", service="api", **request)["service"]

    def service(self):
        return self.ecs.describe_services(cluster="fb-dev", services=["api"])["services"][0]

    def steady(self):
        """The service once it has one deployment, which is completed."""
        return until(self.service, lambda service: states(service) == [("PRIMARY", "COMPLETED")])

    def tasks(self, status):
        found = self.ecs.list_tasks(cluster="fb-dev", serviceName="api", desiredStatus=status)["taskArns"]
        return [self.task(arn) for arn in found]

    def messages(self):
        """The service's events, the oldest first."""
        return [event["message"] for event in reversed(self.service()["events"])]


def states(service):
    return [(each["status"], each["rolloutState"]) for each in service["deployments"]]


def until(look, fits):
    deadline = time.monotonic() + SECONDS
    while not fits(found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"after {SECONDS} s: {found}")
        time.sleep(0.05)
    return found
