import { databaseOfEnvironment } from "../../common/database-login";
import { webhookConsumer } from "../../common/webhook/consumer";
import { accept } from "./notification";

const database = databaseOfEnvironment();

/**
 * Posts notifications to webhooks, and keeps in the table `notifications` what became of each.
 * Environment: that of `webhookConsumer`, and DATABASE_SECRET_ARN.
 */
export const handler = webhookConsumer({
  database,
  table: {
    name: "notifications",
    body: "json_build_object('notificationId', id, 'payload', payload)::text",
    dueAt: "created_at",
  },
  idOf: (body) => accept(database, body),
});
