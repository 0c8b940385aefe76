from botocore.exceptions import ClientError
from server import AwsTest

ECS = "ecs.amazonaws.com"


class ServiceLinkedRoles(AwsTest):
    def test_the_role_of_ecs_has_the_name_that_aws_gives_it(self):
        iam = self.aws("iam")
        made = iam.create_service_linked_role(AWSServiceName=ECS)["Role"]
        for role in (made, iam.get_role(RoleName="AWSServiceRoleForECS")["Role"]):
            self.assertEqual((role["RoleName"], role["Path"]), ("AWSServiceRoleForECS", f"/aws-service-role/{ECS}/"))
            self.assertTrue(role["Arn"].endswith(f"{self.account}:role/aws-service-role/{ECS}/AWSServiceRoleForECS"))
        self.assertEqual([role["RoleName"] for role in iam.list_roles()["Roles"]], ["AWSServiceRoleForECS"])

    def test_a_second_one_is_refused_as_its_name_is_taken(self):
        iam = self.aws("iam")
        for service, name in ((ECS, "AWSServiceRoleForECS"), ("spot.amazonaws.com", "AWSServiceRoleForSpot")):
            iam.create_service_linked_role(AWSServiceName=service)
            with self.assertRaises(ClientError) as raised:
                iam.create_service_linked_role(AWSServiceName=service)
            self.assertEqual(
                raised.exception.response["Error"],
                {
                    "Type": "Sender",
                    "Code": "InvalidInput",
                    "Message": f"Service role name {name} has been taken in this account, please try a different suffix.",
                },
            )
