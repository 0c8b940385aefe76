import json
import time

import botocore.exceptions
from server import AwsTest


class MessageMoveTasks(AwsTest):
    def setUp(self):
        super().setUp()
        self.sqs = self.aws("sqs")

    def pair(self, name="flows", end="", **attributes):
        """A queue and its dead-letter queue: their URLs, and the latter's ARN."""
        letters = self.sqs.create_queue(QueueName=f"{name}-dead-letters{end}", Attributes=attributes)["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
        queue = self.sqs.create_queue(QueueName=name + end, Attributes={**attributes, "RedrivePolicy": policy})
        return queue["QueueUrl"], letters, arn

    def fail_all(self, queue, bodies, **settings):
        """Sends messages and lets each fail once, so that the queue moves them away."""
        for body in bodies:
            self.sqs.send_message(QueueUrl=queue, MessageBody=body, **settings)
        for _ in range(3 * len(bodies)):
            self.sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0, MaxNumberOfMessages=10)

    def bodies(self, queue):
        found = self.sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, MessageSystemAttributeNames=["ApproximateReceiveCount"]
        )
        return [(one["Body"], one["Attributes"]["ApproximateReceiveCount"]) for one in found.get("Messages", [])]

    def tasks(self, arn):
        return self.sqs.list_message_move_tasks(SourceArn=arn, MaxResults=10)["Results"]

    def ended(self, arn):
        for _ in range(2000):
            if self.tasks(arn)[0]["Status"] != "RUNNING":
                return self.tasks(arn)[0]
            time.sleep(0.05)
        raise AssertionError("the task still runs")

    def test_dead_letters_go_back_to_their_queue_as_new_messages(self):
        queue, letters, arn = self.pair()
        self.fail_all(queue, ["a", "b"])
        self.sqs.start_message_move_task(SourceArn=arn)
        task = self.ended(arn)
        moved = (task["Status"], task["ApproximateNumberOfMessagesMoved"], task["ApproximateNumberOfMessagesToMove"])
        self.assertEqual(moved, ("COMPLETED", 2, 2))
        self.assertNotIn("TaskHandle", task)
        self.assertEqual(sorted(self.bodies(queue)), [("a", "1"), ("b", "1")])
        self.assertEqual(self.bodies(letters), [])

    def test_fifo_dead_letters_go_back_in_their_order(self):
        queue, _, arn = self.pair("orders", ".fifo", FifoQueue="true", ContentBasedDeduplication="true")
        self.fail_all(queue, ["1", "2", "3"], MessageGroupId="g")
        self.sqs.start_message_move_task(SourceArn=arn)
        self.assertEqual(self.ended(arn)["ApproximateNumberOfMessagesMoved"], 3)
        self.assertEqual([body for body, _ in self.bodies(queue)], ["1", "2", "3"])

    def test_one_task_runs_at_a_time_and_can_be_cancelled(self):
        queue, _, arn = self.pair()
        self.fail_all(queue, [*"abcdefghijklmnopqrst"])  # 20 seconds' work.
        handle = self.sqs.start_message_move_task(SourceArn=arn, MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
        with self.assertRaisesRegex(botocore.exceptions.ClientError, "already a task running"):
            self.sqs.start_message_move_task(SourceArn=arn)
        self.assertEqual(self.tasks(arn)[0]["TaskHandle"], handle)
        self.sqs.cancel_message_move_task(TaskHandle=handle)
        task = self.ended(arn)
        self.assertEqual((task["Status"], task["ApproximateNumberOfMessagesMoved"] < 20), ("CANCELLED", True))

    def test_a_letter_that_came_from_no_queue_fails_the_task(self):
        _, letters, arn = self.pair()
        self.sqs.send_message(QueueUrl=letters, MessageBody="by hand")
        self.sqs.start_message_move_task(SourceArn=arn)
        task = self.ended(arn)
        self.assertEqual((task["Status"], task["FailureReason"]), ("FAILED", "CouldNotDetermineMessageSource"))

    def test_a_letter_that_came_from_no_queue_goes_to_a_queue_that_is_named(self):
        queue, letters, arn = self.pair()
        self.sqs.send_message(QueueUrl=letters, MessageBody="by hand")
        named = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.sqs.start_message_move_task(SourceArn=arn, DestinationArn=named)
        self.assertEqual((self.ended(arn)["Status"], self.bodies(queue)), ("COMPLETED", [("by hand", "1")]))

    def test_only_a_dead_letter_queue_has_tasks(self):
        url = self.sqs.create_queue(QueueName="alone")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        with self.assertRaisesRegex(botocore.exceptions.ClientError, "Dead Letter Queue"):
            self.sqs.start_message_move_task(SourceArn=arn)
