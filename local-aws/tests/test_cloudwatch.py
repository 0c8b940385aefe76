from server import AwsTest

BACKLOG = {
    "Id": "visible",
    "ReturnData": False,
    "MetricStat": {
        "Metric": {
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": "flows"}],
        },
        "Period": 60,
        "Stat": "Maximum",
    },
}
SUM = {"Id": "total", "Expression": "visible + 0", "Label": "Backlog", "ReturnData": True}
TOPIC = "arn:aws:sns:eu-west-1:111111111111:alarms"


class Alarms(AwsTest):
    def alarm(self, **settings):
        self.query("cloudwatch", "PutMetricAlarm", AlarmName="a", **settings)
        return self.query("cloudwatch", "DescribeAlarms", AlarmNames=["a"])["MetricAlarms"][0]

    def test_an_alarm_on_metric_math_keeps_its_metrics_and_has_none_of_its_own(self):
        told = self.alarm(
            ComparisonOperator="LessThanOrEqualToThreshold", EvaluationPeriods=10, Threshold=0.0, Metrics=[SUM, BACKLOG]
        )
        self.assertEqual(told.get("Metrics"), [SUM, BACKLOG])
        self.assertEqual({"MetricName", "Namespace", "Period", "Statistic"} & set(told), set())
        self.assertEqual(told["Threshold"], 0.0)

    def test_other_protocols_tell_the_same_metrics(self):
        self.alarm(
            ComparisonOperator="LessThanOrEqualToThreshold", EvaluationPeriods=10, Threshold=0.0, Metrics=[SUM, BACKLOG]
        )
        told = self.aws("cloudwatch").describe_alarms(AlarmNames=["a"])["MetricAlarms"][0]
        self.assertEqual(told.get("Metrics"), [SUM, BACKLOG])

    def test_an_anomaly_band_stands_for_a_threshold(self):
        band = {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(visible, 2)", "ReturnData": True}
        told = self.alarm(
            ComparisonOperator="GreaterThanUpperThreshold",
            EvaluationPeriods=2,
            ThresholdMetricId="band",
            Metrics=[band, {**BACKLOG, "ReturnData": True}],
        )
        self.assertEqual(told.get("ThresholdMetricId"), "band")
        self.assertNotIn("Threshold", told)

    def test_the_query_protocol_tells_every_setting(self):
        settings = {
            "AlarmDescription": "Old messages & more.",
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateAgeOfOldestMessage",
            "Statistic": "Maximum",
            "Period": 60,
            "EvaluationPeriods": 5,
            "DatapointsToAlarm": 3,
            "Threshold": 300.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "Dimensions": [{"Name": "QueueName", "Value": "flows"}],
            "ActionsEnabled": True,
            "AlarmActions": [TOPIC],
            "OKActions": [TOPIC],
            "InsufficientDataActions": [TOPIC],
        }
        told = self.alarm(**settings)
        self.assertEqual({key: told.get(key) for key in settings}, settings)

    def test_a_percentile_takes_the_place_of_a_statistic(self):
        told = self.alarm(
            Namespace="AWS/ApplicationELB",
            MetricName="TargetResponseTime",
            ExtendedStatistic="p99",
            EvaluateLowSampleCountPercentile="ignore",
            Period=60,
            EvaluationPeriods=5,
            Threshold=0.5,
            ComparisonOperator="GreaterThanThreshold",
        )
        self.assertEqual(
            (told.get("ExtendedStatistic"), told.get("EvaluateLowSampleCountPercentile")), ("p99", "ignore")
        )
        self.assertNotIn("Statistic", told)

    def test_alarms_are_found_by_prefix(self):
        self.alarm(ComparisonOperator="LessThanThreshold", EvaluationPeriods=1, Threshold=1.0, Metrics=[SUM, BACKLOG])
        found = lambda prefix: len(self.query("cloudwatch", "DescribeAlarms", AlarmNamePrefix=prefix)["MetricAlarms"])
        self.assertEqual((found("a"), found("b")), (1, 0))
