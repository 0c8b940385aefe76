import io
import urllib.request
import zipfile

from server import AwsTest

HANDLER = "export const handler = async ({ rawPath }) => ({ statusCode: 200, body: rawPath });"


class HttpApis(AwsTest):
    def test_an_api_answers_where_its_endpoint_says(self):
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.mjs", HANDLER)
        function = self.aws("lambda").create_function(
            FunctionName="api",
            Runtime="nodejs22.x",
            Handler="index.handler",
            Role=f"arn:aws:iam::{self.account}:role/api",
            Timeout=180,
            Code={"ZipFile": code.getvalue()},
        )["FunctionArn"]
        gateway = self.aws("apigatewayv2")
        api = gateway.create_api(Name="events", ProtocolType="HTTP")
        integration = gateway.create_integration(
            ApiId=api["ApiId"],
            IntegrationType="AWS_PROXY",
            IntegrationUri=function,
            PayloadFormatVersion="2.0",
        )["IntegrationId"]
        gateway.create_route(ApiId=api["ApiId"], RouteKey="GET /events", Target=f"integrations/{integration}")
        gateway.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
        self.assertEqual(gateway.get_api(ApiId=api["ApiId"])["ApiEndpoint"], api["ApiEndpoint"])
        # Whose API it is, the local AWS takes from the request's credentials; without any, it is the account it was started with.
        credentials = {"Authorization": f"AWS4-HMAC-SHA256 Credential={self.account}/20300101/eu-west-1/execute-api/aws4_request"}
        request = urllib.request.Request(f"{api['ApiEndpoint']}/events", headers=credentials)
        with urllib.request.urlopen(request, timeout=180) as answer:
            self.assertTrue(answer.read().decode().endswith("/events"))
