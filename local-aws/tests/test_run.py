import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from server import LOCAL_AWS, Server, new_account, start

sys.path.insert(0, str(LOCAL_AWS))
import run  # noqa: E402


class Start(unittest.TestCase):
    def refused(self, **environment):
        process = start(**environment)
        said = process.communicate(timeout=180)[0]
        self.assertNotEqual(process.returncode, 0)
        self.assertEqual(said.count("\n"), 1, said)
        return said

    def test_only_loopback_addresses_are_served(self):
        for host in ("0.0.0.0", "::", "192.168.1.5", "example.com", ""):
            with self.subTest(host):
                self.assertIn("BIND_HOST must be a loopback address", self.refused(BIND_HOST=host))

    def test_a_parent_that_is_gone_is_refused(self):
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        for parent in (str(gone.pid), "init"):
            self.assertIn("PARENT_PID must be a running process", self.refused(PARENT_PID=parent))

    def test_a_patch_that_does_not_fit_ends_the_program_with_a_sentence(self):
        misfit = "import patches.ecs, run\ndef misfit(): patches.ecs.ecs.no_such_name\n"
        broken = f"{misfit}patches.ecs.PATCHES = (misfit,)\nrun.load()"
        ended = subprocess.run(
            [sys.executable, "-c", broken], cwd=LOCAL_AWS, capture_output=True, text=True, check=False
        )
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(
            ended.stderr, r"^local-aws: patch ecs\.misfit does not fit MiniStack [^\n]*no_such_name[^\n]*\n$"
        )

    def test_another_version_of_ministack_is_refused(self):
        other = "import patches, run\npatches.MINISTACK = '0.0.0'\nrun.load()"
        ended = subprocess.run(
            [sys.executable, "-c", other], cwd=LOCAL_AWS, capture_output=True, text=True, check=False
        )
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(ended.stderr, r"^local-aws: the patches fit MiniStack 0\.0\.0, found [^\n]*\n$")

    def test_functions_inherit_no_aws_settings_and_no_other_port_is_opened(self):
        environment = {
            "AWS_PROFILE": "real",
            "AWS_ENDPOINT_URL_SQS": "https://elsewhere",
            "SFTP_ENABLED": "1",
            "PATH": "/bin",
        }
        run.confine(environment)
        self.assertEqual(
            environment, {"PATH": "/bin", "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
        )


class Life(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="local-aws-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_it_stops_and_keeps_its_state_when_its_parent_is_gone(self):
        parent = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
        server = Server(self.folder, PARENT_PID=str(parent.pid), PERSIST_STATE="1")
        self.addCleanup(server.process.kill)
        server.client("sqs", new_account()).create_queue(QueueName="flows")
        parent.communicate()
        server.process.wait(timeout=run.PARENT_POLL_SECONDS + 120)
        self.assertIn("flows", pathlib.Path(self.folder, "state/sqs.json").read_text())

    def test_it_outlives_its_poll_while_its_parent_runs(self):
        server = Server(self.folder)
        self.addCleanup(server.stop)
        time.sleep(run.PARENT_POLL_SECONDS + 1)
        self.assertIsNone(server.process.poll())

    def test_state_survives_a_restart(self):
        account, kept = new_account(), {"PERSIST_STATE": "1", "S3_PERSIST": "1"}
        target = {
            "ServiceNamespace": "ecs",
            "ResourceId": "service/c/s",
            "ScalableDimension": "ecs:service:DesiredCount",
        }
        policy = {
            "AdjustmentType": "ExactCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
        }
        server = Server(self.folder, **kept)
        s3, scaling = server.client("s3", account), server.client("application-autoscaling", account)
        s3.create_bucket(Bucket="fb-state", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_object(Bucket="fb-state", Key="terraform.tfstate", Body=b"{}")
        scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=3, Tags={"deployment": "fb-dev"})
        scaling.put_scaling_policy(
            **target, PolicyName="wake", PolicyType="StepScaling", StepScalingPolicyConfiguration=policy
        )
        before = self.everything(server, account)
        server.stop()

        again = Server(self.folder, **kept)
        self.addCleanup(again.stop)
        self.assertEqual(self.everything(again, account), before)
        self.assertEqual(before["object"], b"{}")
        self.assertEqual(before["policies"], [("wake", policy)])
        self.assertEqual(self.everything(again, new_account())["policies"], [])

    def everything(self, server, account):
        s3, scaling = server.client("s3", account), server.client("application-autoscaling", account)
        objects = [each["Name"] for each in s3.list_buckets()["Buckets"]]
        policies = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
        targets = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
        return {
            "object": s3.get_object(Bucket="fb-state", Key="terraform.tfstate")["Body"].read() if objects else None,
            "policies": [(each["PolicyName"], each["StepScalingPolicyConfiguration"]) for each in policies],
            "targets": [(each["MaxCapacity"], each["ScalableTargetARN"]) for each in targets],
            "tags": [scaling.list_tags_for_resource(ResourceARN=each["ScalableTargetARN"])["Tags"] for each in targets],
        }


if os.path.exists("/proc/self/stat"):

    class Identity(unittest.TestCase):
        def test_a_zombie_counts_as_gone(self):
            child = subprocess.Popen([sys.executable, "-c", ""])
            until = time.monotonic() + 180
            while run.birth(child.pid) and time.monotonic() < until:
                time.sleep(0.05)
            self.assertIsNone(run.birth(child.pid))
            child.wait()
