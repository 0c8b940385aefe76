import io
import json
import socket
import tempfile
import threading
import zipfile

from server import AwsTest, Server, new_account


class Functions(AwsTest):
    def setUp(self):
        super().setUp()
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.mjs", "export const handler = async () => 1;")
        self.functions = self.aws("lambda")
        self.functions.create_function(
            FunctionName="scheduler",
            Runtime="nodejs22.x",
            Handler="index.handler",
            Role=f"arn:aws:iam::{self.account}:role/scheduler",
            Timeout=180,
            Code={"ZipFile": code.getvalue()},
        )

    def test_the_event_age_is_told_only_when_it_was_set(self):
        created = self.functions.put_function_event_invoke_config(FunctionName="scheduler", MaximumRetryAttempts=0)
        self.assertNotIn("MaximumEventAgeInSeconds", created)
        told = self.functions.get_function_event_invoke_config(FunctionName="scheduler")
        self.assertEqual((told["MaximumRetryAttempts"], "MaximumEventAgeInSeconds" in told), (0, False))
        self.functions.put_function_event_invoke_config(FunctionName="scheduler", MaximumEventAgeInSeconds=60)
        self.assertEqual(
            self.functions.get_function_event_invoke_config(FunctionName="scheduler")["MaximumEventAgeInSeconds"], 60
        )

    def test_a_tagged_event_source_mapping_is_listed_by_the_tagging_api(self):
        queue = self.aws("sqs").create_queue(QueueName="flows")["QueueUrl"]
        wanted = {"TagFilters": [{"Key": "deployment", "Values": ["fb-dev"]}]}
        mapping = self.functions.create_event_source_mapping(
            EventSourceArn=f"arn:aws:sqs:eu-west-1:{self.account}:{queue.rsplit('/', 1)[1]}",
            FunctionName="scheduler",
            Tags={"deployment": "fb-dev"},
        )
        listed = self.aws("resourcegroupstaggingapi").get_resources(**wanted)["ResourceTagMappingList"]
        self.assertEqual(
            [each["ResourceARN"].split(":", 5)[5] for each in listed], [f"event-source-mapping:{mapping['UUID']}"]
        )

    def test_a_function_writes_to_the_log_group_that_is_there_and_makes_none(self):
        logs, group = self.aws("logs"), "/aws/lambda/scheduler"
        self.functions.invoke(FunctionName="scheduler")
        self.assertEqual(logs.describe_log_groups()["logGroups"], [])
        logs.create_log_group(logGroupName=group)
        self.functions.invoke(FunctionName="scheduler")
        self.assertEqual(len(logs.describe_log_streams(logGroupName=group)["logStreams"]), 1)


class Network(AwsTest):
    CODE = """
        import dns from "node:dns/promises";
        import net from "node:net";
        export const handler = async ({ host, port }) => {
          const [{ address }] = await dns.lookup(host, { all: true });
          const socket = net.connect({ host: address, port });
          await new Promise((resolve, reject) => socket.once("data", resolve).once("error", reject));
          socket.destroy();
          return { address };
        };"""

    def test_a_function_reaches_the_hosts_of_LOCAL_HOSTS_by_their_public_addresses(self):
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.mjs", self.CODE)
        with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as host:
            server = Server(folder, LOCAL_HOSTS="hooks.test=93.184.215.14")
            try:
                account = new_account()
                functions = server.client("lambda", account)
                functions.create_function(
                    FunctionName="delivery",
                    Runtime="nodejs22.x",
                    Handler="index.handler",
                    Role=f"arn:aws:iam::{account}:role/delivery",
                    Timeout=180,
                    Code={"ZipFile": code.getvalue()},
                )
                event = {"host": "hooks.test", "port": host.getsockname()[1]}
                host.settimeout(180)
                answer = self.invoke(functions, event, host)
                functions.close()
            finally:
                server.stop()
        self.assertEqual(answer["address"], "93.184.215.14")

    def invoke(self, functions, event, host):
        def greet():
            with host.accept()[0] as peer:
                peer.sendall(b"hello")

        greeting = threading.Thread(target=greet)
        greeting.start()
        answer = functions.invoke(FunctionName="delivery", Payload=json.dumps(event))
        greeting.join()
        return json.loads(answer["Payload"].read())
