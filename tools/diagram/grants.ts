import { type Arrow, type Flow } from "./arrow";
import { type Boxes } from "./boxes";
import { type References } from "./references";

interface Verb {
  readonly actions: RegExp;
  readonly label: string;
  readonly flow: Flow;
  /** The arrow follows what is fetched: from the queue to the worker. */
  readonly fetches?: boolean;
}

/** What a grant lets do, from its actions; the first that fits an action says it. */
const VERBS: readonly Verb[] = [
  { actions: /^sqs:SendMessage/, label: "sends", flow: "message" },
  { actions: /^sqs:ReceiveMessage/, label: "consumes", flow: "message", fetches: true },
  { actions: /^sns:Publish/, label: "publishes", flow: "message" },
  { actions: /^events:PutEvents/, label: "publishes", flow: "message" },
  { actions: /^lambda:Invoke/, label: "invokes", flow: "call" },
  { actions: /^states:Start/, label: "starts", flow: "call" },
  { actions: /^ecs:RunTask/, label: "runs", flow: "call" },
  { actions: /^execute-api:Invoke/, label: "calls", flow: "call" },
  { actions: /^ecr:BatchGetImage/, label: "", flow: "image", fetches: true },
  { actions: /^ecr:PutImage/, label: "pushes", flow: "access" },
  { actions: /^(rds-db|elasticache):Connect/i, label: "signs in", flow: "access" },
  { actions: /^secretsmanager:GetSecretValue/, label: "secret", flow: "access" },
  { actions: /^secretsmanager:(Put|Update)/, label: "rotates", flow: "access" },
  { actions: /^(s3|dynamodb|ssm):(Get|BatchGet|Query|Scan)/, label: "reads", flow: "access" },
  { actions: /^(s3|dynamodb|ssm):(Put|BatchWrite|Update|Delete)/, label: "writes", flow: "access" },
];

interface Statement {
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
}

/** Who may do what with whom: from the inline policies of the roles. A grant whose actions no verb fits is drawn as "uses". */
export function grants(references: References, boxes: Boxes): Arrow[] {
  return references.of("aws_iam_role_policy").flatMap(({ arguments: { role, policy } }) => {
    const who = boxes.of(references.first(role));
    if (!who) return [];
    return statements(policy).flatMap(({ Effect, Action = [], Resource = [] }) => {
      if (Effect !== "Allow") return [];
      const verbs = verbsOf([Action].flat());
      return references.in(Resource).flatMap((resource) => {
        const what = boxes.of(resource);
        if (!what) return [];
        return verbs.map(({ label, flow, fetches }) => ({
          ...(fetches ? { from: what, to: who } : { from: who, to: what }),
          label,
          flow,
        }));
      });
    });
  });
}

function verbsOf(actions: readonly string[]): readonly Verb[] {
  const found = VERBS.filter((verb) => actions.some((action) => verb.actions.test(action)));
  return found.length > 0 ? found : [{ actions: /./, label: "uses", flow: "access" }];
}

function statements(policy: unknown): readonly Statement[] {
  const { Statement = [] } = JSON.parse(String(policy)) as { Statement?: Statement | readonly Statement[] };
  return [Statement].flat();
}
