import io
import json
import time
import zipfile

from server import AwsTest

APPLICATION = {"applicationName": "fb-dev-worker"}
GROUP = {**APPLICATION, "deploymentGroupName": "live"}
CANARY = "CodeDeployDefault.LambdaCanary10Percent10Minutes"


class Shifts(AwsTest):
    def setUp(self):
        super().setUp()
        self.functions, self.deploy = self.aws("lambda"), self.aws("codedeploy")
        self.functions.create_function(
            FunctionName="worker",
            Runtime="nodejs22.x",
            Handler="index.handler",
            Role=f"arn:aws:iam::{self.account}:role/worker",
            Code={"ZipFile": code(1)},
        )
        for version in (1, 2):
            self.functions.update_function_code(FunctionName="worker", ZipFile=code(version))
            self.functions.publish_version(FunctionName="worker")
        self.functions.create_alias(FunctionName="worker", Name="live", FunctionVersion="1")
        self.aws("cloudwatch").put_metric_alarm(
            AlarmName="worker-errors",
            Namespace="AWS/Lambda",
            MetricName="Errors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=5,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
        )
        self.deploy.create_application(**APPLICATION, computePlatform="Lambda", tags=[{"Key": "deployment", "Value": "fb-dev"}])
        self.deploy.create_deployment_group(
            **GROUP,
            deploymentConfigName=CANARY,
            serviceRoleArn=f"arn:aws:iam::{self.account}:role/shift",
            alarmConfiguration={"enabled": True, "alarms": [{"name": "worker-errors"}]},
        )

    def shift(self):
        properties = {"Name": "worker", "Alias": "live", "CurrentVersion": "1", "TargetVersion": "2"}
        resource = {"worker": {"Type": "AWS::Lambda::Function", "Properties": properties}}
        content = json.dumps({"version": 0.0, "Resources": [resource]})
        revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}
        return self.deploy.create_deployment(**GROUP, revision=revision)["deploymentId"]

    def alias(self):
        alias = self.functions.get_alias(FunctionName="worker", Name="live")
        return alias["FunctionVersion"], alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})

    def status(self, deployment):
        return self.deploy.get_deployment(deploymentId=deployment)["deploymentInfo"]["status"]

    def test_a_canary_gets_a_tenth_and_after_its_minutes_all(self):
        deployment = self.shift()
        self.assertEqual((self.status(deployment), self.alias()), ("InProgress", ("1", {"2": 0.1})))
        until = time.monotonic() + 180
        while self.status(deployment) == "InProgress" and time.monotonic() < until:
            time.sleep(0.5)
        self.assertEqual((self.status(deployment), self.alias()), ("Succeeded", ("2", {})))

    def test_an_alarm_takes_all_the_traffic_back(self):
        deployment = self.shift()
        self.aws("cloudwatch").set_alarm_state(AlarmName="worker-errors", StateValue="ALARM", StateReason="a test")
        self.assertEqual((self.status(deployment), self.alias()), ("Stopped", ("1", {})))
        told = self.deploy.get_deployment(deploymentId=deployment)["deploymentInfo"]["errorInformation"]
        self.assertEqual(told["code"], "ALARM_ACTIVE")
        self.assertIn("worker-errors", told["message"])

    def test_a_second_shift_of_a_group_is_refused_while_one_is_under_way(self):
        first = self.shift()
        with self.assertRaises(self.deploy.exceptions.DeploymentLimitExceededException):
            self.shift()
        self.deploy.stop_deployment(deploymentId=first)
        self.assertEqual((self.status(first), self.alias()), ("Stopped", ("1", {})))
        self.shift()

    def test_a_group_is_told_as_it_was_made_and_changed(self):
        self.deploy.update_deployment_group(
            applicationName="fb-dev-worker",
            currentDeploymentGroupName="live",
            deploymentConfigName="CodeDeployDefault.LambdaLinear10PercentEvery3Minutes",
        )
        group = self.deploy.get_deployment_group(**GROUP)["deploymentGroupInfo"]
        self.assertEqual(group["deploymentConfigName"], "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes")
        self.assertEqual(group["alarmConfiguration"]["alarms"], [{"name": "worker-errors"}])
        self.assertEqual(group["computePlatform"], "Lambda")

    def test_what_was_deleted_is_gone(self):
        self.deploy.delete_deployment_group(**GROUP)
        with self.assertRaises(self.deploy.exceptions.DeploymentGroupDoesNotExistException):
            self.deploy.get_deployment_group(**GROUP)
        self.deploy.delete_application(**APPLICATION)
        with self.assertRaises(self.deploy.exceptions.ApplicationDoesNotExistException):
            self.deploy.get_application(**APPLICATION)

    def test_a_tagged_application_is_listed_by_the_tagging_api(self):
        wanted = {"TagFilters": [{"Key": "deployment", "Values": ["fb-dev"]}]}
        listed = self.aws("resourcegroupstaggingapi").get_resources(**wanted)["ResourceTagMappingList"]
        self.assertEqual([each["ResourceARN"].split(":", 5)[5] for each in listed], ["application:fb-dev-worker"])


def code(version):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("index.mjs", f"export const handler = async () => {version};")
    return archive.getvalue()
