from botocore.exceptions import ClientError
from server import AwsTest


class Services(AwsTest):
    def test_a_service_keeps_its_zone_rebalancing(self):
        ecs = self.aws("ecs")
        ecs.create_cluster(clusterName="fb-dev")
        ecs.register_task_definition(
            family="api", containerDefinitions=[{"name": "api", "image": "api", "memory": 128}]
        )
        ecs.create_service(
            cluster="fb-dev",
            serviceName="api",
            taskDefinition="api",
            desiredCount=0,
            availabilityZoneRebalancing="ENABLED",
        )
        self.assertEqual(self.rebalancing(ecs), "ENABLED")
        ecs.update_service(cluster="fb-dev", service="api", availabilityZoneRebalancing="DISABLED")
        self.assertEqual(self.rebalancing(ecs), "DISABLED")
        ecs.update_service(cluster="fb-dev", service="api", desiredCount=0)
        self.assertEqual(self.rebalancing(ecs), "DISABLED")

    def rebalancing(self, ecs):
        return ecs.describe_services(cluster="fb-dev", services=["api"])["services"][0].get(
            "availabilityZoneRebalancing"
        )

    def test_a_family_is_its_newest_active_revision(self):
        ecs = self.aws("ecs")
        first, second = (
            ecs.register_task_definition(family="api", containerDefinitions=[{"name": "api", "image": image}])[
                "taskDefinition"
            ]["taskDefinitionArn"]
            for image in ("one", "two")
        )
        self.assertEqual(self.described(ecs, "api"), second)
        ecs.deregister_task_definition(taskDefinition=second)
        self.assertEqual(self.described(ecs, "api"), first)
        self.assertEqual(self.described(ecs, second), second)
        self.assertEqual(self.described(ecs, "api:2"), second)
        ecs.deregister_task_definition(taskDefinition=first)
        with self.assertRaises(ClientError):
            self.described(ecs, "api")

    def described(self, ecs, name):
        return ecs.describe_task_definition(taskDefinition=name)["taskDefinition"]["taskDefinitionArn"]
