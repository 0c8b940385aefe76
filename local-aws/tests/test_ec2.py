from server import AwsTest


class SecurityGroupRules(AwsTest):
    def setUp(self):
        super().setUp()
        self.ec2 = self.aws("ec2")
        vpc = self.vpc()
        self.group = self.ec2.create_security_group(GroupName="api", Description="api", VpcId=vpc)["GroupId"]

    def test_the_default_egress_rule_is_revoked_with_the_ports_0_to_0(self):
        everything = {"IpProtocol": "-1", "FromPort": 0, "ToPort": 0, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        self.ec2.revoke_security_group_egress(GroupId=self.group, IpPermissions=[everything])
        group = self.ec2.describe_security_groups(GroupIds=[self.group])["SecurityGroups"][0]
        self.assertEqual(group["IpPermissionsEgress"], [])

    def test_a_rule_tells_its_prefix_list_and_is_tagged(self):
        permission = {
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "PrefixListIds": [{"PrefixListId": "pl-6da54004", "Description": "to S3"}],
        }
        tags = [{"ResourceType": "security-group-rule", "Tags": [{"Key": "deployment", "Value": "fb-dev"}]}]
        created = self.ec2.authorize_security_group_egress(
            GroupId=self.group, IpPermissions=[permission], TagSpecifications=tags
        )
        identity = created["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        rule = self.ec2.describe_security_group_rules(SecurityGroupRuleIds=[identity])["SecurityGroupRules"][0]
        self.assertEqual((rule.get("PrefixListId"), rule["FromPort"], rule["ToPort"]), ("pl-6da54004", 443, 443))
        self.assertEqual((rule["Description"], rule["Tags"]), ("to S3", tags[0]["Tags"]))
        self.assertNotIn("CidrIpv4", rule)


class NatGateways(AwsTest):
    def test_a_nat_gateway_tells_its_elastic_ip(self):
        ec2 = self.aws("ec2")
        address = ec2.allocate_address(Domain="vpc")
        gateway = ec2.create_nat_gateway(SubnetId=self.subnet(self.vpc()), AllocationId=address["AllocationId"])[
            "NatGateway"
        ]
        told = ec2.describe_nat_gateways(NatGatewayIds=[gateway["NatGatewayId"]])["NatGateways"][0][
            "NatGatewayAddresses"
        ]
        self.assertEqual(told, [{"AllocationId": address["AllocationId"], "PublicIp": address["PublicIp"]}])


class FlowLogs(AwsTest):
    def setUp(self):
        super().setUp()
        self.ec2 = self.aws("ec2")

    def create(self, **settings):
        created = self.ec2.create_flow_logs(
            ResourceIds=[self.vpc()],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestination=f"arn:aws:logs:eu-west-1:{self.account}:log-group:flow",
            DeliverLogsPermissionArn=f"arn:aws:iam::{self.account}:role/flow",
            **settings,
        )
        return self.ec2.describe_flow_logs(FlowLogIds=created["FlowLogIds"])["FlowLogs"][0]

    def test_a_flow_log_keeps_its_role_interval_format_and_tags(self):
        tags = [{"Key": "deployment", "Value": "fb-dev"}]
        told = self.create(
            MaxAggregationInterval=60,
            LogFormat="${srcaddr}",
            TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": tags}],
        )
        self.assertEqual(told.get("DeliverLogsPermissionArn"), f"arn:aws:iam::{self.account}:role/flow")
        self.assertEqual(
            (told.get("MaxAggregationInterval"), told.get("LogFormat"), told.get("Tags")), (60, "${srcaddr}", tags)
        )

    def test_a_flow_log_aggregates_for_600_seconds_in_the_default_format(self):
        told = self.create()
        self.assertEqual(told.get("MaxAggregationInterval"), 600)
        self.assertTrue(told["LogFormat"].startswith("${version} ${account-id} ${interface-id}"))
        self.assertTrue(told["LogFormat"].endswith("${action} ${log-status}"))
