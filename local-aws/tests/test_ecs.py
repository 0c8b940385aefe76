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
