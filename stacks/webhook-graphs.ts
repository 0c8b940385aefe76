import { type Graph } from "../modules/monitoring";

/**
 * What became of webhooks, from the metrics that `webhookConsumer` (functions/common/webhook) writes into its log.
 * @param service the function's POWERTOOLS_SERVICE_NAME
 */
export function webhookGraphs(namespace: string, service: string): Graph[] {
  const metric = (name: string, label: string, statistic = "Sum"): Graph["metrics"][number] => ({
    namespace,
    name,
    dimensions: { service },
    statistic,
    label,
  });
  return [
    {
      title: "Settled a minute",
      metrics: [metric("WebhookSuccess", "delivered"), metric("EventsFailed", "given up")],
    },
    { title: "Attempts a minute", metrics: [metric("WebhookAttempts", "attempts")] },
    {
      title: "From due to delivered",
      metrics: [metric("DeliveryDelay", "half within", "p50"), metric("DeliveryDelay", "99 of 100 within", "p99")],
      unit: "Milliseconds",
    },
  ];
}
