from botocore.exceptions import ClientError
from server import AwsTest, new_account, shared

API = {"ServiceNamespace": "ecs", "ResourceId": "service/fb-dev/api", "ScalableDimension": "ecs:service:DesiredCount"}
WORKER = {**API, "ResourceId": "service/fb-dev/worker"}
CPU = {
    "TargetValue": 70.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    "ScaleInCooldown": 300,
    "ScaleOutCooldown": 60,
}
WAKE = {
    "AdjustmentType": "ExactCapacity",
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
    "Cooldown": 60,
}


class ApplicationAutoScaling(AwsTest):
    def setUp(self):
        super().setUp()
        self.scaling = self.aws("application-autoscaling")
        self.target = self.scaling.register_scalable_target(
            **API, MinCapacity=0, MaxCapacity=4, Tags={"deployment": "fb-dev"}
        )["ScalableTargetARN"]

    def policies(self, **filters):
        return {
            each["PolicyName"]: each
            for each in self.scaling.describe_scaling_policies(ServiceNamespace="ecs", **filters)["ScalingPolicies"]
        }

    def test_a_service_is_moved_into_its_bounds(self):
        ecs = self.aws("ecs")
        ecs.create_cluster(clusterName="fb-dev")
        ecs.register_task_definition(family="api", containerDefinitions=[{"name": "api", "image": "api"}])
        ecs.create_service(cluster="fb-dev", serviceName="api", taskDefinition="api", desiredCount=0)
        for bounds, count in (((2, 4), 2), ((0, 3), 2), ((0, 1), 1), ((0, 0), 0)):
            self.scaling.register_scalable_target(**API, MinCapacity=bounds[0], MaxCapacity=bounds[1])
            service = ecs.describe_services(cluster="fb-dev", services=["api"])["services"][0]
            self.assertEqual(service["desiredCount"], count)

    def test_a_target_is_registered_changed_and_found_by_its_resource(self):
        self.scaling.register_scalable_target(**WORKER, MinCapacity=0, MaxCapacity=2)
        self.scaling.register_scalable_target(**API, MaxCapacity=6)
        found = self.scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[API["ResourceId"]])[
            "ScalableTargets"
        ]
        self.assertEqual(
            [(each["MinCapacity"], each["MaxCapacity"], each["ScalableTargetARN"]) for each in found],
            [(0, 6, self.target)],
        )

    def test_a_new_target_needs_both_bounds(self):
        with self.assertRaises(self.scaling.exceptions.ValidationException):
            self.scaling.register_scalable_target(**WORKER, MaxCapacity=2)

    def test_a_policy_needs_its_target(self):
        with self.assertRaises(self.scaling.exceptions.ObjectNotFoundException):
            self.scaling.put_scaling_policy(
                **WORKER, PolicyName="wake", PolicyType="StepScaling", StepScalingPolicyConfiguration=WAKE
            )

    def test_policies_are_kept_as_they_were_put_and_keep_their_arn_when_put_again(self):
        self.scaling.put_scaling_policy(
            **API, PolicyName="wake", PolicyType="StepScaling", StepScalingPolicyConfiguration=WAKE
        )
        put = lambda target: self.scaling.put_scaling_policy(
            **API,
            PolicyName="cpu",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={**CPU, "TargetValue": target}
        )["PolicyARN"]
        self.assertEqual(put(70.0), put(60.0))
        self.assertEqual(self.policies()["wake"]["StepScalingPolicyConfiguration"], WAKE)
        self.assertEqual(
            self.policies(PolicyNames=["cpu"])["cpu"]["TargetTrackingScalingPolicyConfiguration"],
            {**CPU, "TargetValue": 60.0},
        )
        self.scaling.delete_scaling_policy(**API, PolicyName="cpu")
        self.assertEqual(list(self.policies(ResourceId=API["ResourceId"])), ["wake"])

    def test_a_schedule_is_kept_until_it_is_deleted(self):
        schedule = {**API, "ScheduledActionName": "night"}
        self.scaling.put_scheduled_action(
            **schedule, Schedule="cron(0 20 * * ? *)", ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0}
        )
        told = self.scaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"]
        self.assertEqual(
            [(each["ScheduledActionName"], each["Schedule"]) for each in told], [("night", "cron(0 20 * * ? *)")]
        )
        self.scaling.delete_scheduled_action(**schedule)
        self.assertEqual(self.scaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"], [])

    def test_deregistering_a_target_takes_its_policies_and_tags_along(self):
        self.scaling.put_scaling_policy(
            **API, PolicyName="wake", PolicyType="StepScaling", StepScalingPolicyConfiguration=WAKE
        )
        self.scaling.deregister_scalable_target(**API)
        self.assertEqual(self.policies(), {})
        self.assertEqual(self.scaling.list_tags_for_resource(ResourceARN=self.target)["Tags"], {})
        with self.assertRaises(self.scaling.exceptions.ObjectNotFoundException):
            self.scaling.deregister_scalable_target(**API)

    def test_tags_are_added_and_removed(self):
        self.scaling.tag_resource(ResourceARN=self.target, Tags={"environment": "dev"})
        self.scaling.untag_resource(ResourceARN=self.target, TagKeys=["deployment"])
        self.assertEqual(self.scaling.list_tags_for_resource(ResourceARN=self.target)["Tags"], {"environment": "dev"})

    def test_other_accounts_and_regions_do_not_see_a_target(self):
        elsewhere = [
            shared().client("application-autoscaling", new_account()),
            self.aws("application-autoscaling", "eu-central-1"),
        ]
        self.assertEqual(
            [each.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"] for each in elsewhere], [[], []]
        )

    def test_what_it_lacks_is_refused_by_name(self):
        with self.assertRaisesRegex(ClientError, "GetPredictiveScalingForecast is not part of the local AWS"):
            self.scaling.get_predictive_scaling_forecast(**API, PolicyName="p", StartTime=0, EndTime=1)
