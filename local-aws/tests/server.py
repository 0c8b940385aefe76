"""A local AWS on a free port for one run of the tests, with a state folder of its own. Each test has an account of its
own in it."""

import atexit
import functools
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import botocore.config
import botocore.parsers
import botocore.serialize
import botocore.session

LOCAL_AWS = pathlib.Path(__file__).resolve().parent.parent
REGION = "eu-west-1"
READY_SECONDS = 120


class Server:
    def __init__(self, folder, **environment):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = start(
            GATEWAY_PORT=str(self.port),
            MINISTACK_HOST="127.0.0.1",
            MINISTACK_REGION=REGION,
            STATE_DIR=f"{folder}/state",
            S3_DATA_DIR=f"{folder}/s3",
            TMPDIR=str(folder),
            **{"PARENT_PID": str(os.getpid()), **environment},
        )
        self._wait()

    def _wait(self):
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the local AWS ended:\n{self.process.communicate()[0]}")
            try:
                with urllib.request.urlopen(f"{self.url}/_ministack/ready", timeout=1):
                    return
            except (OSError, urllib.error.URLError):
                time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"the local AWS was not ready after {READY_SECONDS} s")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=120)

    def client(self, service, account, region=REGION):
        return _session().create_client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=account,
            aws_secret_access_key="test",
            config=botocore.config.Config(retries={"total_max_attempts": 1}),
        )


@functools.cache
def _session():
    session = botocore.session.Session(profile=None)
    session.set_config_variable("ignore_configured_endpoint_urls", True)
    return session


def start(**environment):
    """run.py as a process; nothing of the caller's environment but PATH reaches it."""
    return subprocess.Popen(
        [sys.executable, str(LOCAL_AWS / "run.py")],
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "LOG_LEVEL": "ERROR", **environment},
        stdout=subprocess.DEVNULL if "GATEWAY_PORT" in environment else subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@functools.cache
def shared():
    folder = tempfile.TemporaryDirectory(prefix="local-aws-")
    server = Server(folder.name)
    atexit.register(folder.cleanup)
    atexit.register(server.stop)
    return server


def new_account():
    return str(random.randrange(10**11, 10**12))


class AwsTest(unittest.TestCase):
    def setUp(self):
        self.account = new_account()

    def aws(self, service, region=REGION):
        client = shared().client(service, self.account, region)
        self.addCleanup(client.close)
        return client

    def query(self, service, operation, **parameters):
        """A call in the query protocol, which Terraform's provider still speaks where botocore has moved on."""
        model = _session().get_service_model(service).operation_model(operation)
        request = botocore.serialize.create_serializer("query").serialize_to_request(parameters, model)
        scope = f"{self.account}/20260101/{REGION}/{model.service_model.signing_name}/aws4_request"
        http = urllib.request.Request(
            shared().url,
            data=urllib.parse.urlencode(request["body"]).encode(),
            headers={
                "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
                **request["headers"],
            },
        )
        with urllib.request.urlopen(http) as answer:
            raw = {"status_code": answer.status, "headers": dict(answer.headers), "body": answer.read()}
        return botocore.parsers.create_parser("query").parse(raw, model.output_shape)

    def vpc(self):
        return self.aws("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    def subnet(self, vpc):
        return self.aws("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
