import botocore.exceptions
from server import AwsTest


class Retries(AwsTest):
    def setUp(self):
        super().setUp()
        self.table = self.aws("dynamodb")
        self.table.create_table(
            TableName="locks",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        )

    def lock(self, invocation):
        name = lambda request, **_: request.headers.update({"amz-sdk-invocation-id": invocation})
        self.table.meta.events.register("before-send", name)
        self.table.put_item(
            TableName="locks",
            Item={"LockID": {"S": "state"}},
            ConditionExpression="attribute_not_exists(LockID)",
        )

    def test_a_retry_of_a_call_that_succeeded_gets_its_answer_and_another_call_does_not(self):
        self.lock("one")
        self.lock("one")
        with self.assertRaises(botocore.exceptions.ClientError) as refused:
            self.lock("two")
        self.assertEqual(refused.exception.response["Error"]["Code"], "ConditionalCheckFailedException")
