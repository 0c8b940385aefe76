import tempfile

from botocore.exceptions import ClientError
from server import AwsTest, Server, start

VPCS = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
ADDRESSES = {"ServiceCode": "ec2", "QuotaCode": "L-0263D0A3"}
FARGATE = {"ServiceCode": "fargate", "QuotaCode": "L-3032A538"}
SPOT = {"ServiceCode": "fargate", "QuotaCode": "L-36FBB829"}


class Quotas(AwsTest):
    def test_quotas_are_told_one_by_one_and_by_service(self):
        quotas = self.aws("service-quotas")
        for asked in (VPCS, ADDRESSES):
            for action in (quotas.get_service_quota, quotas.get_aws_default_service_quota):
                quota = action(**asked)["Quota"]
                self.assertEqual((quota["Value"], quota["QuotaCode"]), (5, asked["QuotaCode"]))
            for action in (quotas.list_service_quotas, quotas.list_aws_default_service_quotas):
                [quota] = action(ServiceCode=asked["ServiceCode"])["Quotas"]
                self.assertEqual(quota["QuotaCode"], asked["QuotaCode"])
        with self.assertRaises(quotas.exceptions.NoSuchResourceException):
            quotas.get_service_quota(ServiceCode="vpc", QuotaCode="L-00000000")

    def test_fargate_has_more_vcpus_than_aws_gives_everybody(self):
        quotas = self.aws("service-quotas")
        for asked in (FARGATE, SPOT):
            self.assertEqual(quotas.get_service_quota(**asked)["Quota"]["Value"], 4000)
            self.assertEqual(quotas.get_aws_default_service_quota(**asked)["Quota"]["Value"], 6)
        told = quotas.list_service_quotas(ServiceCode="fargate")["Quotas"]
        self.assertEqual(
            [(quota["QuotaCode"], quota["ServiceName"]) for quota in told],
            [("L-3032A538", "AWS Fargate"), ("L-36FBB829", "AWS Fargate")],
        )

    def test_fargate_has_as_few_vcpus_as_it_is_told(self):
        with tempfile.TemporaryDirectory(prefix="local-aws-") as folder:
            server = Server(folder, LOCAL_QUOTAS="fargate=6,fargatespot=8")
            self.addCleanup(server.stop)
            quotas = server.client("service-quotas", self.account)
            values = [quotas.get_service_quota(**asked)["Quota"]["Value"] for asked in (FARGATE, SPOT, VPCS)]
            self.assertEqual(values, [6, 8, 5])

    def test_what_is_beyond_a_quota_is_refused(self):
        with tempfile.TemporaryDirectory(prefix="local-aws-") as folder:
            server = Server(folder, LOCAL_QUOTAS="vpcs=2,addresses=1")
            self.addCleanup(server.stop)
            ec2, quotas = server.client("ec2", self.account), server.client("service-quotas", self.account)
            self.assertEqual(quotas.get_service_quota(**VPCS)["Quota"]["Value"], 2)
            self.assertEqual(quotas.get_aws_default_service_quota(**VPCS)["Quota"]["Value"], 5)
            self.assertEqual(len(ec2.describe_vpcs()["Vpcs"]), 1)
            ec2.create_vpc(CidrBlock="10.0.0.0/16")
            ec2.allocate_address()
            self.refused("VpcLimitExceeded", ec2.create_vpc, CidrBlock="10.1.0.0/16")
            self.refused("AddressLimitExceeded", ec2.allocate_address)
            ec2.release_address(AllocationId=ec2.describe_addresses()["Addresses"][0]["AllocationId"])
            ec2.allocate_address()
            asked = {"AttributeNames": ["vpc-max-elastic-ips"]}
            self.assertNotIn("max-elastic-ips", self.attributes(ec2, **asked))
            self.assertEqual(self.attributes(ec2)["vpc-max-elastic-ips"], ["1"])

    def test_what_cannot_be_read_ends_the_program_with_a_sentence(self):
        for quotas in ("vpcs=5,", "gateways=5"):
            said = start(LOCAL_QUOTAS=quotas).communicate(timeout=180)[0]
            self.assertEqual(said, f"local-aws: LOCAL_QUOTAS must be like vpcs=5,addresses=5, got {quotas}.\n")

    def attributes(self, ec2, **asked):
        attributes = ec2.describe_account_attributes(**asked)["AccountAttributes"]
        return {
            each["AttributeName"]: [value["AttributeValue"] for value in each["AttributeValues"]]
            for each in attributes
        }

    def refused(self, code, action, **request):
        with self.assertRaises(ClientError) as raised:
            action(**request)
        self.assertEqual(raised.exception.response["Error"]["Code"], code)
