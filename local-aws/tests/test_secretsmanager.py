import io
import json
import time
import zipfile

from botocore.exceptions import ClientError
from server import AwsTest

# Does what a rotation function does, but for setting a password anywhere, and keeps the steps in the secret.
ROTATION = """
import json, os, botocore.session

def handler(event, context):
    client = botocore.session.get_session().create_client(
        "secretsmanager", endpoint_url=os.environ["AWS_ENDPOINT_URL"]
    )
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    if step == os.environ.get("BROKEN"):
        raise Exception("broken")
    if step == "createSecret":
        client.put_secret_value(
            SecretId=arn, ClientRequestToken=token, SecretString=json.dumps([step]), VersionStages=["AWSPENDING"]
        )
    if step == "testSecret":
        client.tag_resource(SecretId=arn, Tags=[{"Key": "tested", "Value": client.get_secret_value(
            SecretId=arn, VersionId=token)["SecretString"]}])
    if step == "finishSecret":
        stages = client.describe_secret(SecretId=arn)["VersionIdsToStages"]
        current = next(version for version in stages if "AWSCURRENT" in stages[version])
        client.update_secret_version_stage(
            SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
        )
"""


class SecretsTest(AwsTest):
    def setUp(self):
        super().setUp()
        self.client = self.aws("secretsmanager")

    def create(self, **settings):
        return self.client.create_secret(Name="login", **settings)["ARN"]

    def assertRefused(self, code, call, **parameters):
        with self.assertRaises(ClientError) as refused:
            call(**parameters)
        self.assertEqual(refused.exception.response["Error"]["Code"], code)


class Secrets(SecretsTest):
    def test_a_secret_without_a_value_has_no_version(self):
        arn = self.create()
        self.assertRefused("ResourceNotFoundException", self.client.get_secret_value, SecretId=arn)
        self.assertEqual(self.client.describe_secret(SecretId=arn).get("VersionIdsToStages", {}), {})

    def test_a_label_moves_to_the_version_that_is_put_with_it(self):
        arn = self.create(SecretString="first")
        for token in ("a" * 32, "b" * 32):
            self.client.put_secret_value(
                SecretId=arn, ClientRequestToken=token, SecretString=token, VersionStages=["AWSPENDING"]
            )
        stages = self.client.describe_secret(SecretId=arn)["VersionIdsToStages"]
        self.assertEqual([version for version in stages if "AWSPENDING" in stages[version]], ["b" * 32])

    def test_a_version_keeps_its_value(self):
        arn, token = self.create(SecretString="first"), "a" * 32
        version = {"SecretId": arn, "ClientRequestToken": token, "VersionStages": ["AWSPENDING"]}
        for _ in range(2):
            self.assertEqual(self.client.put_secret_value(SecretString="second", **version)["VersionId"], token)
        self.assertRefused(
            "ResourceExistsException", self.client.put_secret_value, SecretString="third", **version
        )


class Rotation(SecretsTest):
    def rotation(self, **variables):
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.py", ROTATION)
        return self.aws("lambda").create_function(
            FunctionName="rotation",
            Runtime="python3.12",
            Handler="index.handler",
            Timeout=30,
            Role=f"arn:aws:iam::{self.account}:role/rotation",
            Code={"ZipFile": code.getvalue()},
            Environment={"Variables": variables},
        )["FunctionArn"]

    def rotate(self, arn, **settings):
        rules = {"AutomaticallyAfterDays": 30}
        return self.client.rotate_secret(SecretId=arn, RotationRules=rules, **settings)["VersionId"]

    def until(self, done):
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            if found := done():
                return found
            time.sleep(0.1)
        self.fail("it did not come to pass within 180 s")

    def test_a_rotation_calls_the_function_for_each_step(self):
        arn = self.create(SecretString="first")
        token = self.rotate(arn, RotationLambdaARN=self.rotation())
        rotated = self.until(
            lambda: (found := self.client.get_secret_value(SecretId=arn))["VersionId"] == token and found
        )
        self.assertEqual(rotated["SecretString"], json.dumps(["createSecret"]))
        previous = self.client.get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")
        self.assertEqual(previous["SecretString"], "first")

    def test_a_rotation_that_is_not_to_start_only_tests_a_copy(self):
        arn = self.create(SecretString="first")
        token = self.rotate(arn, RotationLambdaARN=self.rotation(), RotateImmediately=False)
        tagged = self.until(lambda: self.client.describe_secret(SecretId=arn).get("Tags"))
        self.assertEqual(tagged, [{"Key": "tested", "Value": "first"}])
        self.until(lambda: token not in self.client.describe_secret(SecretId=arn)["VersionIdsToStages"])
        self.assertEqual(self.client.get_secret_value(SecretId=arn)["SecretString"], "first")
        self.assertTrue(self.client.describe_secret(SecretId=arn)["RotationEnabled"])

    def test_a_rotation_is_refused_while_another_is_unfinished_whose_version_has_no_value(self):
        arn = self.create(SecretString="first")
        token = self.rotate(arn, RotationLambdaARN=self.rotation(BROKEN="createSecret"))
        self.assertRefused("InvalidRequestException", self.client.rotate_secret, SecretId=arn)
        self.assertRefused(
            "ResourceNotFoundException", self.client.get_secret_value, SecretId=arn, VersionId=token
        )
        self.assertEqual(self.client.get_secret_value(SecretId=arn)["SecretString"], "first")

    def test_a_rotation_needs_a_function(self):
        missing = f"arn:aws:lambda:eu-west-1:{self.account}:function:missing"
        parameters = {"SecretId": self.create(SecretString="first"), "RotationLambdaARN": missing}
        self.assertRefused("AccessDeniedException", self.client.rotate_secret, **parameters)

    def test_a_rotation_is_turned_off(self):
        arn = self.create(SecretString="first")
        self.rotate(arn, RotationLambdaARN=self.rotation(), RotateImmediately=False)
        self.assertEqual(self.client.cancel_rotate_secret(SecretId=arn)["ARN"], arn)
        self.assertFalse(self.client.describe_secret(SecretId=arn)["RotationEnabled"])
