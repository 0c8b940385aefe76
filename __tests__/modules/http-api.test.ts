import { join } from "node:path";
import { HttpApi, type HttpApiProps } from "../../modules/api-gateway";
import { Function } from "../../modules/lambda";
import { Network } from "../../modules/networking";
import { inStack, parsed } from "../support/module";

const SOURCE = join(__dirname, "../../functions/flow-builder/scheduler/handler.ts");
const DOMAIN = {
  domain: "events.example.com",
  certificateArn: "arn:aws:acm:eu-west-1:111111111111:certificate/00000000-0000-4000-8000-000000000000",
};

const api = (props: Partial<HttpApiProps> = {}, paths = ["POST /events", "GET /events/{id}"]) =>
  inStack((stack) => {
    const network = new Network(stack, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
    const base = { network, entry: SOURCE, memory: 256, timeout: 29, logRetentionDays: 7 };
    const handler = new Function(stack, "api", base);
    const routes = Object.fromEntries(paths.map((path) => [path, handler]));
    new HttpApi(stack, "http-api", { routes, throttle: { rate: 50, burst: 100 }, logRetentionDays: 7, ...props });
  });

test("each route leads to its function's alias, through one integration and one permission for this API alone", () => {
  const { all, only, errors } = api();
  expect(errors).toEqual([]);
  const target = "integrations/${aws_apigatewayv2_integration.http-api_api.id}";
  expect(all("aws_apigatewayv2_route")).toMatchObject({
    "http-api_post-events": { route_key: "POST /events", target },
    "http-api_get-events-id": { route_key: "GET /events/{id}", target },
  });
  expect(only("aws_apigatewayv2_integration")).toMatchObject({
    integration_type: "AWS_PROXY",
    integration_uri: "${aws_lambda_alias.api_alias.arn}",
    payload_format_version: "2.0",
  });
  expect(only("aws_lambda_permission")).toMatchObject({
    qualifier: "${aws_lambda_alias.api_alias.name}",
    principal: "apigateway.amazonaws.com",
    source_arn: "${aws_apigatewayv2_api.http-api.execution_arn}/*/*",
  });
});

test("it takes only so much, and writes down who asked for what, but nothing of what they sent", () => {
  const { all, only } = api();
  expect(only("aws_apigatewayv2_stage")).toMatchObject({
    name: "$default",
    auto_deploy: true,
    default_route_settings: { throttling_rate_limit: 50, throttling_burst_limit: 100 },
    access_log_settings: { destination_arn: "${aws_cloudwatch_log_group.http-api_logs.arn}" },
  });
  const settings = only("aws_apigatewayv2_stage")["access_log_settings"] as Record<string, string>;
  const format = parsed(settings, "format") as Record<string, string>;
  expect(Object.values(format)).toEqual(expect.arrayContaining(["$context.routeKey", "$context.status"]));
  expect(JSON.stringify(format)).not.toMatch(/authorizer|header|body/i);
  expect(all("aws_cloudwatch_log_group")["http-api_logs"]).toMatchObject({ retention_in_days: 7 });
});

test("with a name of its own it has one door, over TLS 1.2 or later", () => {
  const { only } = api({ domain: DOMAIN });
  expect(only("aws_apigatewayv2_api")).toMatchObject({ disable_execute_api_endpoint: true });
  expect(only("aws_apigatewayv2_domain_name")).toMatchObject({
    domain_name: "events.example.com",
    domain_name_configuration: { security_policy: "TLS_1_2", certificate_arn: DOMAIN.certificateArn },
  });
  expect(only("aws_apigatewayv2_api_mapping")).toMatchObject({
    stage: "${aws_apigatewayv2_stage.http-api_stage.name}",
  });
});

test("two routes whose paths read the same stay two", () => {
  const { all, errors } = api({}, ["GET /a-b", "GET /a/b"]);
  expect(errors).toEqual([]);
  const keys = Object.values(all("aws_apigatewayv2_route")).map(({ route_key }) => route_key);
  expect(keys.sort()).toEqual(["GET /a-b", "GET /a/b"]);
});

test.each(["post /events", "POST events", "POST  /events", "FETCH /events", "/events", ""])(
  "the route %p is an error that shows how one is written",
  (path) => {
    expect(api({}, [path]).errors).toContainEqual(
      expect.stringContaining("http-api: routes: expected a method and a path"),
    );
  },
);

test.each<[Partial<HttpApiProps>, string]>([
  [
    { throttle: { rate: 0, burst: 100 } },
    "throttle.rate: expected an integer from 1 to 10000 requests a second, got 0.",
  ],
  [{ throttle: { rate: 50, burst: 5001 } }, "throttle.burst: expected an integer from 1 to 5000 requests, got 5001."],
  [{ logRetentionDays: 8 }, "logRetentionDays: expected one of 1, 3, 5, 7, 14"],
])("%j is an error that says what may be", (props, message) => {
  expect(api(props).errors).toEqual([expect.stringContaining(`http-api: ${message}`)]);
});
