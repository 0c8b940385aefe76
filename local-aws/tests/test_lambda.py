import io
import zipfile

from server import AwsTest


class EventInvokeConfig(AwsTest):
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
        self.assertEqual(self.functions.get_function_event_invoke_config(FunctionName="scheduler")["MaximumEventAgeInSeconds"], 60)
