import { type SynthesizedResource } from "../support/synthesized-resources";
import { type Arrow, type Flow } from "./arrow";
import { type Box, type Boxes, INTERNET } from "./boxes";
import { type References } from "./references";

type Arguments = Readonly<Record<string, unknown>>;

/** A type of resource that leads from one thing to another. What is left out is the resource itself. */
interface Wire {
  readonly from?: (args: Arguments) => unknown;
  readonly to?: (args: Arguments) => unknown;
  readonly label: string | ((args: Arguments) => string);
  readonly flow: Flow;
}

const WIRES: Readonly<Record<string, readonly Wire[]>> = {
  aws_lb_listener: [
    { from: (args) => args["load_balancer_arn"], to: (args) => args["default_action"], label: "", flow: "network" },
  ],
  aws_lb_listener_rule: [
    { from: (args) => args["listener_arn"], to: (args) => args["action"], label: "", flow: "network" },
  ],
  aws_apigatewayv2_integration: [
    { from: (args) => args["api_id"], to: (args) => args["integration_uri"], label: "requests", flow: "call" },
  ],
  aws_lambda_event_source_mapping: [
    {
      from: (args) => args["event_source_arn"],
      to: (args) => args["function_name"],
      label: "consumes",
      flow: "message",
    },
  ],
  aws_scheduler_schedule: [{ to: (args) => inside(args["target"], "arn"), label: "invokes", flow: "call" }],
  aws_cloudwatch_event_target: [
    { from: (args) => args["rule"], to: (args) => args["arn"], label: "invokes", flow: "call" },
  ],
  aws_sqs_queue: [{ to: (args) => args["redrive_policy"], label: afterReceives, flow: "failure" }],
  aws_sns_topic_subscription: [
    { from: (args) => args["topic_arn"], to: (args) => args["endpoint"], label: "delivers", flow: "message" },
  ],
  aws_s3_bucket_notification: [
    { from: (args) => args["bucket"], to: ({ bucket: _, ...args }) => args, label: "notifies", flow: "message" },
  ],
  aws_lambda_function: [{ to: (args) => args["dead_letter_config"], label: "failed", flow: "failure" }],
  aws_lambda_function_event_invoke_config: [
    {
      from: (args) => args["function_name"],
      to: (args) => args["destination_config"],
      label: "failed",
      flow: "failure",
    },
  ],
  aws_secretsmanager_secret_rotation: [
    { from: (args) => args["rotation_lambda_arn"], to: (args) => args["secret_id"], label: "rotates", flow: "access" },
  ],
  aws_cloudtrail: [{ to: (args) => args["s3_bucket_name"], label: "writes", flow: "access" }],
  aws_cloudwatch_metric_alarm: [{ to: (args) => args["alarm_actions"], label: "alarms", flow: "message" }],
};

/** What leads from one box to another by the resources between them: listeners, mappings, targets, subscriptions. */
export function wiring(references: References, boxes: Boxes): Arrow[] {
  const wired = references.resources.flatMap((resource) =>
    (WIRES[resource.type] ?? []).flatMap((wire) => arrows(resource, wire, references, boxes)),
  );
  const open = boxes.all
    .filter((box) => box.open)
    .map((box) => ({ from: INTERNET, to: box, label: "HTTPS", flow: "network" as const }));
  return [...open, ...wired, ...mails(references, boxes)];
}

function arrows(
  resource: SynthesizedResource,
  { from, to, label, flow }: Wire,
  references: References,
  boxes: Boxes,
): Arrow[] {
  const ends = (end: Wire["from"]): Box[] =>
    (end ? references.in(end(resource.arguments)) : [resource])
      .map((found) => boxes.of(found))
      .filter((box) => box !== undefined);
  const said = typeof label === "string" ? label : label(resource.arguments);
  return ends(from).flatMap((source) => ends(to).map((target) => ({ from: source, to: target, label: said, flow })));
}

/** A topic's subscribers outside of AWS, without their addresses: a picture is shown around. */
function mails(references: References, boxes: Boxes): Arrow[] {
  return references.of("aws_sns_topic_subscription").flatMap(({ arguments: { topic_arn: topic, protocol } }) => {
    const from = boxes.of(references.first(topic));
    if (!from || !String(protocol).startsWith("email")) return [];
    return [
      {
        from,
        to: { id: "e-mail", family: "other", glyph: "mail", label: "people on call" },
        label: "delivers",
        flow: "message" as const,
      },
    ];
  });
}

function afterReceives({ redrive_policy: policy }: Arguments): string {
  const [, receives] = /"maxReceiveCount":\s*"?(\d+)/.exec(String(policy)) ?? [];
  return receives === undefined ? "" : `after ${receives} receives`;
}

function inside(block: unknown, key: string): unknown {
  return typeof block === "object" && block !== null ? (block as Arguments)[key] : undefined;
}
