import { type APIGatewayProxyStructuredResultV2 } from "aws-lambda";

/** What is wrong with one field. */
export interface FieldError {
  /** "dueAt", "header Idempotency-Key" */
  readonly field: string;
  /** At most 100 characters of it. */
  readonly got: string;
  readonly expected: string;
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  404: "Not Found",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
};

/** What the caller can mend, as RFC 9457 has it (application/problem+json), with what was got and expected of each field. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly errors: readonly FieldError[] = [],
  ) {
    super(detail);
  }

  response(): APIGatewayProxyStructuredResultV2 {
    const { status, message: detail, errors } = this;
    const problem = { title: TITLES[status], status, detail, ...(errors.length > 0 && { errors }) };
    return json(status, problem, { "content-type": "application/problem+json" });
  }
}

export function json(
  statusCode: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}
