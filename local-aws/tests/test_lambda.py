import io
import zipfile

from server import AwsTest


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
