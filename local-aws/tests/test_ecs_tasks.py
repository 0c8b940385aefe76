import json
import pathlib
import tempfile
import time
import unittest

from botocore.exceptions import ClientError
from server import Server
from tasks import Account, shared, until


class Tasks(unittest.TestCase):
    def setUp(self):
        self.account = Account()

    def test_a_task_runs_the_command_of_its_image_and_tells_its_exit_code(self):
        script = 'echo "$1 $2 in $PWD"; echo wrong >&2; exit 3'
        image = self.account.image("v1", command=["sh", "-c", script, "sh"])
        definition = self.account.definition(image, command=["migrate", "--all"])
        arn = self.account.run(definition)
        task = self.account.stopped(arn)
        self.assertEqual(task["stopCode"], "EssentialContainerExited")
        self.assertEqual(task["stoppedReason"], "Essential container in task exited")
        [container] = task["containers"]
        self.assertEqual((container["exitCode"], container["lastStatus"]), (3, "STOPPED"))
        self.assertEqual(self.account.log(arn), [f"migrate --all in {shared().tasks.resolve().parent}", "wrong"])

    def test_a_container_has_its_environment_its_secrets_and_its_accounts_credentials(self):
        secret = self.account.client("secretsmanager").create_secret(Name="db", SecretString='{"password": "pass"}')
        image = self.account.image("v1", command=["env"])
        definition = self.account.definition(
            image,
            environment=[{"name": "STAGE", "value": "dev"}, {"name": "MODE", "value": "?"}],
            secrets=[
                {"name": "ALL", "valueFrom": secret["ARN"]},
                {"name": "PASSWORD", "valueFrom": f"{secret['ARN']}:password::"},
            ],
        )
        override = {"name": "api", "environment": [{"name": "MODE", "value": "migrate"}]}
        arn = self.account.run(definition, overrides={"containerOverrides": [override]})
        self.account.stopped(arn)
        found = dict(line.split("=", 1) for line in self.account.log(arn))
        wanted = {
            **{"STAGE": "dev", "MODE": "migrate", "ALL": '{"password": "pass"}', "PASSWORD": "pass"},
            "AWS_ENDPOINT_URL": shared().url,
            "AWS_ACCESS_KEY_ID": self.account.id,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": "eu-west-1",
        }
        self.assertEqual({name: found.get(name) for name in wanted}, wanted)
        self.assertEqual([name for name in found if "LOCAL_TASKS" in name or "CREDENTIALS" in name], [])

    def test_a_task_without_a_command_is_simulated_and_says_so(self):
        image = self.account.image("v1")
        arn = self.account.run(self.account.definition(image, command=["migrate"]))
        self.assertEqual(self.account.stopped(arn)["containers"][0]["exitCode"], 0)
        self.assertEqual(self.account.log(arn), [f"simulated: {image} migrate"])

    def test_what_an_image_does_is_said_by_its_digest_or_a_tag_and_read_each_time(self):
        by_digest = self.account.image("v1", command=["false"])
        by_tag = by_digest.partition("@")[0] + ":v1"
        for image in (by_digest, by_tag):
            self.assertEqual(self.exit_code(image), 1)
        other = self.account.image(self.account.id)
        self.assertEqual(self.exit_code(other), 0)
        self.say(self.account.id, command=["sh", "-c", "exit 4"])
        self.assertEqual(self.exit_code(other), 4)

    def test_a_secret_without_a_value_keeps_a_task_from_starting(self):
        secret = self.account.client("secretsmanager").create_secret(Name="empty")["ARN"]
        image = self.account.image("v1")
        arn = self.account.run(self.account.definition(image, secrets=[{"name": "KEY", "valueFrom": secret}]))
        task = self.account.stopped(arn)
        self.assertEqual(task["stopCode"], "TaskFailedToStart")
        self.assertRegex(task["stoppedReason"], "^ResourceInitializationError: unable to pull secrets .*empty")
        self.assertNotIn("exitCode", task["containers"][0])
        self.assertEqual(task["containers"][0]["reason"], task["stoppedReason"])

    def test_a_command_that_is_not_there_exits_with_127(self):
        self.assertEqual(self.exit_code(self.account.image("v1", command=["/no/such/command"])), 127)

    def test_a_task_is_stopped_on_request_with_its_process(self):
        image = self.account.image("v1", command=["sh", "-c", "echo $$; exec sleep 600"])
        arn = self.account.run(self.account.definition(image))
        [process] = until(lambda: self.log_so_far(arn), bool)
        self.account.ecs.stop_task(cluster="fb-dev", task=arn, reason="Not needed")
        task = self.account.stopped(arn)
        self.assertEqual((task["stopCode"], task["stoppedReason"]), ("UserInitiated", "Not needed"))
        self.assertEqual(task["containers"][0]["exitCode"], 143)
        until(lambda: pathlib.Path("/proc", process).exists(), lambda runs: not runs)

    def test_what_ecs_refuses_is_refused(self):
        definition = self.account.definition(self.account.image("v1"))
        old = self.account.definition(self.account.image("v1"), family="old")
        self.account.ecs.deregister_task_definition(taskDefinition=old)
        gone = {"awsvpcConfiguration": {"subnets": ["subnet-gone"]}}
        spot = [{"capacityProvider": "FARGATE_SPOT"}]
        for code, said, request in (
            ("ClusterNotFoundException", "Cluster not found", {"cluster": "gone"}),
            ("ClientException", "not found", {"taskDefinition": "gone"}),
            ("ClientException", "inactive", {"taskDefinition": old}),
            ("InvalidParameterException", "not associated", {"capacityProviderStrategy": spot}),
            ("InvalidParameterException", "subnet-gone", {"networkConfiguration": gone}),
            ("InvalidParameterException", "worker is not", {"overrides": {"containerOverrides": [{"name": "worker"}]}}),
        ):
            self.refused(code, said, **{"definition": request.pop("taskDefinition", definition), **request})
        with self.assertRaises(ClientError) as raised:
            self.account.ecs.run_task(cluster="fb-dev", taskDefinition=definition)
        self.assertIn("Network Configuration must be provided", str(raised.exception))
        self.assertEqual(self.account.ecs.list_clusters()["clusterArns"][0].rsplit("/", 1)[1], "fb-dev")
        self.assertEqual(len(self.account.ecs.list_clusters()["clusterArns"]), 1)

    def test_a_file_that_is_no_json_is_the_reason_that_a_task_does_not_start(self):
        with tempfile.TemporaryDirectory(prefix="local-aws-") as folder:
            file = pathlib.Path(folder, "tasks.json")
            server = Server(folder, LOCAL_TASKS=str(file))
            self.addCleanup(server.stop)
            account = Account(server)
            definition = account.definition(account.image("v1"))
            file.write_text("{")
            self.assertRegex(account.stopped(account.run(definition))["stoppedReason"], r"^LOCAL_TASKS: .* is no JSON")

    def exit_code(self, image):
        return self.account.stopped(self.account.run(self.account.definition(image)))["containers"][0]["exitCode"]

    def say(self, name, **does):
        shared().tasks.write_text(json.dumps({**json.loads(shared().tasks.read_text()), name: does}))

    def log_so_far(self, arn):
        try:
            return self.account.log(arn)
        except ClientError:
            return []

    def refused(self, code, said, definition, **request):
        with self.assertRaises(ClientError) as raised:
            self.account.run(definition, **request)
        error = raised.exception.response["Error"]
        self.assertEqual(error["Code"], code)
        self.assertIn(said, error["Message"])


class Life(unittest.TestCase):
    def test_tasks_end_with_the_local_aws_and_say_so_afterwards(self):
        for end in (lambda server: server.stop(), lambda server: server.process.kill()):
            with tempfile.TemporaryDirectory(prefix="local-aws-") as folder:
                file = pathlib.Path(folder, "tasks.json")
                server = Server(folder, LOCAL_TASKS=str(file), PERSIST_STATE="1")
                server.tasks = file
                account = Account(server)
                image = account.image("v1", command=["sh", "-c", "echo $$ > pid; exec sleep 600"])
                arn = account.run(account.definition(image))
                pid = until(lambda: (file.parent / "pid").exists() and (file.parent / "pid").read_text().strip(), bool)
                end(server)
                server.process.wait()
                until(lambda: pathlib.Path("/proc", pid).exists(), lambda runs: not runs)
                if server.process.returncode >= 0:
                    account.server = again = Server(folder, LOCAL_TASKS=str(file), PERSIST_STATE="1")
                    account.ecs = account.client("ecs")
                    task = account.task(arn)
                    again.stop()
                    self.assertEqual((task["lastStatus"], task["desiredStatus"]), ("STOPPED", "STOPPED"))
                    self.assertEqual(task["stoppedReason"], "The local AWS was stopped")
