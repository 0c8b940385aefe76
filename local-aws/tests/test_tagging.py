from server import AwsTest

TAGS = [{"Key": "deployment", "Value": "fb-dev"}]


def on(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


class GetResources(AwsTest):
    def listed(self, region="eu-west-1", **filters):
        """service:kind of every resource with the deployment's tag."""
        wanted = [{"Key": "deployment", "Values": ["fb-dev"]}]
        found = self.aws("resourcegroupstaggingapi", region).get_resources(TagFilters=wanted, **filters)[
            "ResourceTagMappingList"
        ]
        return sorted(each["ResourceARN"].split(":", 2)[2].replace(f":{region}:{self.account}:", ":") for each in found)

    def kinds(self):
        return sorted({each.split("/")[0] for each in self.listed()})

    def test_an_instance_its_volume_and_interface_are_listed_until_they_are_gone(self):
        ec2 = self.aws("ec2")
        created = ec2.create_network_interface(
            SubnetId=self.subnet(self.vpc()), TagSpecifications=on("network-interface")
        )
        interface = created["NetworkInterface"]["NetworkInterfaceId"]
        launched = ec2.run_instances(
            ImageId="ami-0c2023a1b2c3d4e5a",
            MinCount=1,
            MaxCount=1,
            NetworkInterfaces=[{"DeviceIndex": 0, "NetworkInterfaceId": interface}],
            TagSpecifications=[*on("instance"), *on("volume")],
        )
        self.assertEqual(self.kinds(), ["ec2:instance", "ec2:network-interface", "ec2:volume"])
        ec2.terminate_instances(InstanceIds=[launched["Instances"][0]["InstanceId"]])
        ec2.delete_network_interface(NetworkInterfaceId=interface)
        self.assertEqual(self.kinds(), [])

    def test_the_network_is_listed_until_it_is_deleted(self):
        ec2 = self.aws("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=on("vpc"))["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", TagSpecifications=on("subnet"))["Subnet"][
            "SubnetId"
        ]
        address = ec2.allocate_address(Domain="vpc", TagSpecifications=on("elastic-ip"))["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address, TagSpecifications=on("natgateway"))[
            "NatGateway"
        ]["NatGatewayId"]
        group = ec2.create_security_group(
            GroupName="g", Description="g", VpcId=vpc, TagSpecifications=on("security-group")
        )["GroupId"]
        https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ec2.authorize_security_group_ingress(
            GroupId=group, IpPermissions=[https], TagSpecifications=on("security-group-rule")
        )
        table = ec2.create_route_table(VpcId=vpc, TagSpecifications=on("route-table"))["RouteTable"]["RouteTableId"]
        gateway = ec2.create_internet_gateway(TagSpecifications=on("internet-gateway"))["InternetGateway"][
            "InternetGatewayId"
        ]
        service = "com.amazonaws.eu-west-1.s3"
        endpoint = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service, TagSpecifications=on("vpc-endpoint"))[
            "VpcEndpoint"
        ]["VpcEndpointId"]
        groups = ["security-group", "security-group-rule"]
        kinds = [
            "elastic-ip",
            "internet-gateway",
            "natgateway",
            "route-table",
            *groups,
            "subnet",
            "vpc",
            "vpc-endpoint",
        ]
        self.assertEqual(self.kinds(), [f"ec2:{kind}" for kind in kinds])

        ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
        ec2.delete_internet_gateway(InternetGatewayId=gateway)
        ec2.delete_route_table(RouteTableId=table)
        ec2.delete_security_group(GroupId=group)
        ec2.delete_nat_gateway(NatGatewayId=nat)
        ec2.release_address(AllocationId=address)
        ec2.delete_subnet(SubnetId=subnet)
        ec2.delete_vpc(VpcId=vpc)
        self.assertEqual(self.listed(), [])

    def test_a_database_is_listed_until_it_is_deleted_and_its_snapshot_after_it(self):
        rds = self.aws("rds")
        rds.create_db_parameter_group(
            DBParameterGroupName="p", DBParameterGroupFamily="postgres16", Description="p", Tags=TAGS
        )
        rds.create_db_instance(
            DBInstanceIdentifier="d",
            Engine="postgres",
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            MasterUsername="app",
            MasterUserPassword="not-a-secret",
            CopyTagsToSnapshot=True,
            Tags=TAGS,
        )
        self.assertEqual(self.listed(), ["rds:db:d", "rds:pg:p"])
        rds.delete_db_instance(DBInstanceIdentifier="d", FinalDBSnapshotIdentifier="final")
        rds.delete_db_parameter_group(DBParameterGroupName="p")
        self.assertEqual(self.listed(), ["rds:snapshot:final"])
        rds.delete_db_snapshot(DBSnapshotIdentifier="final")
        self.assertEqual(self.listed(), [])

    def test_load_balancing_is_listed_until_it_is_deleted(self):
        elb, vpc = self.aws("elbv2"), self.vpc()
        balancer = elb.create_load_balancer(Name="lb", Subnets=[self.subnet(vpc)], Tags=TAGS)["LoadBalancers"][0][
            "LoadBalancerArn"
        ]
        group = elb.create_target_group(Name="api", Protocol="HTTP", Port=80, VpcId=vpc, Tags=TAGS)["TargetGroups"][0][
            "TargetGroupArn"
        ]
        forward = [{"Type": "forward", "TargetGroupArn": group}]
        elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward, Tags=TAGS)
        kinds = [
            "elasticloadbalancing:listener",
            "elasticloadbalancing:loadbalancer",
            "elasticloadbalancing:targetgroup",
        ]
        self.assertEqual(self.kinds(), kinds)
        for listener in elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"]:
            elb.delete_listener(ListenerArn=listener["ListenerArn"])
        elb.delete_load_balancer(LoadBalancerArn=balancer)
        elb.delete_target_group(TargetGroupArn=group)
        self.assertEqual(self.listed(), [])

    def test_logs_alarms_secrets_parameters_and_scalable_targets_are_listed_until_they_are_deleted(self):
        logs, alarms, scaling = self.aws("logs"), self.aws("cloudwatch"), self.aws("application-autoscaling")
        secrets, parameters = self.aws("secretsmanager"), self.aws("ssm")
        target = {
            "ServiceNamespace": "ecs",
            "ResourceId": "service/c/s",
            "ScalableDimension": "ecs:service:DesiredCount",
        }
        logs.create_log_group(logGroupName="/fb-dev/api", tags={"deployment": "fb-dev"})
        alarms.put_metric_alarm(
            AlarmName="a",
            Namespace="n",
            MetricName="m",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            Tags=TAGS,
        )
        secret = secrets.create_secret(Name="s", SecretString="not-a-secret", Tags=TAGS)["ARN"]
        parameters.put_parameter(Name="/fb-dev/image", Value="none", Type="String", Tags=TAGS)
        scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=1, Tags={"deployment": "fb-dev"})
        services = ["application-autoscaling", "cloudwatch", "logs", "secretsmanager", "ssm"]
        self.assertEqual([each.split(":")[0] for each in self.listed()], services)
        self.assertIn("logs:log-group:/fb-dev/api", self.listed())

        logs.delete_log_group(logGroupName="/fb-dev/api")
        alarms.delete_alarms(AlarmNames=["a"])
        secrets.delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
        parameters.delete_parameter(Name="/fb-dev/image")
        scaling.deregister_scalable_target(**target)
        self.assertEqual(self.listed(), [])

    def test_a_deregistered_task_definition_is_not_listed(self):
        ecs = self.aws("ecs")
        register = lambda: ecs.register_task_definition(
            family="api",
            containerDefinitions=[{"name": "api", "image": "api", "memory": 128}],
            tags=[{"key": "deployment", "value": "fb-dev"}],
        )
        register(), register()
        ecs.deregister_task_definition(taskDefinition="api:1")
        self.assertEqual(self.listed(), ["ecs:task-definition/api:2"])
        ecs.deregister_task_definition(taskDefinition="api:2")
        ecs.delete_task_definitions(taskDefinitions=["api:1", "api:2"])
        self.assertEqual(self.listed(), [])

    def test_a_deleted_service_is_not_listed(self):
        ecs, tags = self.aws("ecs"), [{"key": "deployment", "value": "fb-dev"}]
        ecs.create_cluster(clusterName="c")
        ecs.register_task_definition(
            family="api", containerDefinitions=[{"name": "api", "image": "api", "memory": 128}]
        )
        ecs.create_service(cluster="c", serviceName="api", taskDefinition="api", desiredCount=0, tags=tags)
        self.assertEqual(self.listed(), ["ecs:service/c/api"])
        ecs.delete_service(cluster="c", service="api")
        self.assertEqual(self.listed(), [])

    def test_a_region_lists_its_own_resources(self):
        for region in ("eu-west-1", "eu-central-1"):
            self.aws("ecs", region).create_cluster(clusterName=region, tags=[{"key": "deployment", "value": "fb-dev"}])
            self.aws("elasticache", region).create_user(
                UserId=region,
                UserName=region,
                Engine="redis",
                AccessString="on",
                AuthenticationMode={"Type": "iam"},
                Tags=TAGS,
            )
            self.aws("scheduler", region).create_schedule_group(Name=region, Tags=TAGS)
        for region in ("eu-west-1", "eu-central-1"):
            own = [f"ecs:cluster/{region}", f"elasticache:user:{region}", f"scheduler:schedule-group/{region}"]
            self.assertEqual(self.listed(region), own)

    def test_resources_are_filtered_by_type(self):
        ec2 = self.aws("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=on("vpc"))["Vpc"]["VpcId"]
        ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", TagSpecifications=on("subnet"))
        self.assertEqual(self.listed(ResourceTypeFilters=["ec2:vpc"]), [f"ec2:vpc/{vpc}"])
