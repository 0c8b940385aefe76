import { Logger } from "@aws-lambda-powertools/logger";
import { type APIGatewayProxyEventV2, type APIGatewayProxyStructuredResultV2, type Context } from "aws-lambda";
import { databaseOfEnvironment } from "../../common/database-login";
import { Events } from "./events";
import { newEvent } from "./new-event";
import { json, Problem } from "./problem";

// Once per container.
const logger = new Logger();
const events = new Events(databaseOfEnvironment());

type Route = (request: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

const ROUTES: Readonly<Record<string, Route>> = {
  "POST /events": async (request) => {
    const { event, isNew } = await events.add(newEvent(request, new Date()));
    return json(isNew ? 201 : 200, event, { location: `/events/${event.id}` });
  },
  "GET /events/{id}": async ({ pathParameters }) => json(200, await events.find(pathParameters?.["id"] ?? "")),
  "DELETE /events/{id}": async ({ pathParameters }) => json(200, await events.cancel(pathParameters?.["id"] ?? "")),
};

/**
 * The HTTP API of events, behind API Gateway (HTTP API, payload 2.0). What the caller did wrong is answered as
 * application/problem+json; what we did wrong is thrown, so that Lambda counts it and a bad release is rolled back.
 * Environment: DATABASE_SECRET_ARN.
 */
export async function handler(
  request: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  logger.addContext(context);
  try {
    const route = ROUTES[request.routeKey];
    if (!route) throw new Problem(404, `There is no ${request.routeKey}.`);
    return await route(request);
  } catch (error) {
    if (error instanceof Problem) return error.response();
    logger.error("the request failed", error as Error);
    throw error;
  }
}
