import base64

import botocore.exceptions
from server import AwsTest

IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64"
TAGS = [{"Key": "deployment", "Value": "fb-dev"}]


class Images(AwsTest):
    def test_a_public_parameter_names_the_image_for_arm(self):
        image = self.aws("ssm").get_parameter(Name=IMAGE)["Parameter"]["Value"]
        found = self.aws("ec2").describe_images(ImageIds=[image])["Images"]
        self.assertEqual([(one["ImageId"], "arm64" in one["Name"]) for one in found], [(image, True)])


class OnInterfaces(AwsTest):
    def setUp(self):
        super().setUp()
        self.ec2 = self.aws("ec2")
        vpc = self.vpc()
        self.group = self.ec2.create_security_group(GroupName="nat", Description="nat", VpcId=vpc)["GroupId"]
        self.subnet_id = self.subnet(vpc)

    def interface(self, **settings):
        created = self.ec2.create_network_interface(SubnetId=self.subnet_id, Groups=[self.group], **settings)
        return created["NetworkInterface"]["NetworkInterfaceId"]

    def told(self, interface):
        return self.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"][0]


class Instances(OnInterfaces):
    def run_instance(self, interface, **settings):
        launched = self.ec2.run_instances(
            ImageId="ami-0c2023a1b2c3d4e5a",
            InstanceType="t4g.nano",
            MinCount=1,
            MaxCount=1,
            NetworkInterfaces=[{"DeviceIndex": 0, "NetworkInterfaceId": interface}],
            **settings,
        )
        name = launched["Instances"][0]["InstanceId"]
        return self.ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]

    def test_it_stands_on_its_interface_until_it_is_terminated(self):
        interface = self.interface()
        before = self.told(interface)
        instance = self.run_instance(interface)
        self.assertEqual(instance["NetworkInterfaces"][0]["NetworkInterfaceId"], interface)
        self.assertEqual(instance["PrivateIpAddress"], before["PrivateIpAddress"])
        self.assertEqual((instance["SubnetId"], instance["SecurityGroups"][0]["GroupId"]), (self.subnet_id, self.group))
        attachment = self.told(interface)["Attachment"]
        self.assertEqual(attachment["InstanceId"], instance["InstanceId"])
        with self.assertRaisesRegex(botocore.exceptions.ClientError, "InUse"):
            self.run_instance(interface)
        self.ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
        self.assertEqual(self.told(interface)["Status"], "available")
        with self.assertRaisesRegex(botocore.exceptions.ClientError, "InvalidAttachmentID.NotFound"):
            self.ec2.detach_network_interface(AttachmentId=attachment["AttachmentId"])
        self.run_instance(interface)

    def test_it_keeps_its_settings(self):
        disk = {"VolumeSize": 4, "VolumeType": "gp3", "Encrypted": True}
        instance = self.run_instance(
            self.interface(),
            MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
            MaintenanceOptions={"AutoRecovery": "default"},
            CreditSpecification={"CpuCredits": "unlimited"},
            BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": disk}],
            TagSpecifications=[{"ResourceType": "volume", "Tags": TAGS}],
            UserData="#cloud-config",
        )
        name = instance["InstanceId"]
        self.assertEqual(instance["MetadataOptions"]["HttpTokens"], "required")
        self.assertEqual(instance["MaintenanceOptions"], {"AutoRecovery": "default"})
        data = self.ec2.describe_instance_attribute(InstanceId=name, Attribute="userData")["UserData"]["Value"]
        self.assertEqual(base64.b64decode(data), b"#cloud-config")
        credit = self.ec2.describe_instance_credit_specifications(InstanceIds=[name])
        self.assertEqual(credit["InstanceCreditSpecifications"][0]["CpuCredits"], "unlimited")
        volume = instance["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
        told = self.ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]
        self.assertEqual((told["Size"], told["VolumeType"], told["Encrypted"], told["Tags"]), (4, "gp3", True, TAGS))


    def test_its_root_volume_goes_with_it(self):
        instance = self.run_instance(self.interface())
        volume = instance["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
        self.ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
        with self.assertRaisesRegex(botocore.exceptions.ClientError, "NotFound"):
            self.ec2.describe_volumes(VolumeIds=[volume])


class Interfaces(OnInterfaces):
    def test_an_interface_is_tagged_filtered_and_changed(self):
        tags = [{"ResourceType": "network-interface", "Tags": TAGS}]
        wanted, _ = self.interface(TagSpecifications=tags), self.interface()
        found = self.ec2.describe_network_interfaces(Filters=[{"Name": "tag:deployment", "Values": ["fb-dev"]}])
        self.assertEqual([one["NetworkInterfaceId"] for one in found["NetworkInterfaces"]], [wanted])
        nobody = self.ec2.describe_network_interfaces(Filters=[{"Name": "attachment.instance-id", "Values": ["i-1"]}])
        self.assertEqual(nobody["NetworkInterfaces"], [])
        self.ec2.modify_network_interface_attribute(NetworkInterfaceId=wanted, SourceDestCheck={"Value": False})
        self.assertFalse(self.told(wanted)["SourceDestCheck"])
        self.ec2.delete_network_interface(NetworkInterfaceId=wanted)
        with self.assertRaisesRegex(botocore.exceptions.ClientError, "NotFound"):
            self.told(wanted)

    def test_a_route_leads_to_an_interface_and_away_again(self):
        vpc = self.ec2.describe_subnets(SubnetIds=[self.subnet_id])["Subnets"][0]["VpcId"]
        table = self.ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        first, second = self.interface(), self.interface()

        def target():
            routes = self.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
            route = next(route for route in routes if route["DestinationCidrBlock"] == "0.0.0.0/0")
            return route.get("NetworkInterfaceId"), route.get("GatewayId"), route.get("NatGatewayId")

        where = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
        self.ec2.create_route(**where, NetworkInterfaceId=first)
        self.assertEqual(target(), (first, None, None))
        self.ec2.replace_route(**where, NetworkInterfaceId=second)
        self.assertEqual(target(), (second, None, None))
        self.ec2.replace_route(**where, NatGatewayId="nat-1")
        self.assertEqual(target(), (None, None, "nat-1"))

    def test_an_address_belongs_to_an_interface(self):
        interface = self.interface()
        tags = [{"ResourceType": "elastic-ip", "Tags": TAGS}]
        address = self.ec2.allocate_address(Domain="vpc", TagSpecifications=tags)["AllocationId"]
        self.ec2.allocate_address(Domain="vpc")
        association = self.ec2.associate_address(AllocationId=address, NetworkInterfaceId=interface)["AssociationId"]
        for name, value in (("tag:deployment", "fb-dev"), ("network-interface-id", interface)):
            found = self.ec2.describe_addresses(Filters=[{"Name": name, "Values": [value]}])["Addresses"]
            self.assertEqual([(one["AllocationId"], one["NetworkInterfaceId"]) for one in found], [(address, interface)])
        self.ec2.disassociate_address(AssociationId=association)
        told = self.ec2.describe_addresses(AllocationIds=[address])["Addresses"][0]
        self.assertNotIn("NetworkInterfaceId", told)
        self.ec2.release_address(AllocationId=address)
        with self.assertRaisesRegex(botocore.exceptions.ClientError, "NotFound"):
            self.ec2.describe_addresses(AllocationIds=[address])
