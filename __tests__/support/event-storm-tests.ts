import { type MigrateReport } from "../../functions/common/migrate/migrations";
import { kindOf, reasonOf, storm, type Aftermath, type Storm } from "./event-storm";
import { WebhookSystem, type Dead, type WebhookSystemProps } from "./webhook-system";

/** @param queue what its messages wait for, and how often they come */
export function stormTests(settings: Storm, queue: WebhookSystemProps): void {
  const { events, kills } = settings;
  const title = `${String(events)} events, a fifth of the attempts failing${kills ? ", a scheduler and a delivery killed" : ""}`;
  const numbers = Array.from({ length: events }, (_, n) => n);
  const good = numbers.filter((n) => kindOf(n) === "good").map((n) => `/${String(n)}`);
  const poison = numbers.filter((n) => kindOf(n) !== "good");

  describe(title, () => {
    let system: WebhookSystem;
    let after: Aftermath & { ids: string[] };
    let dead: (Dead & { eventId: string })[];

    beforeAll(async () => {
      system = await WebhookSystem.start(queue);
      const migrate = await system.function("event-scheduling/migrate");
      await migrate.invoke<MigrateReport>({ command: "up" });
      after = await storm(system, settings);
      dead = (await system.deadLetters()).map((letter) => ({
        ...letter,
        eventId: (JSON.parse(letter.body) as { eventId: string }).eventId,
      }));
    }, 3_600_000);
    afterAll(() => system.stop());

    test("attempts failed as often as they should", () => {
      expect(after.failures / after.attempts).toBeGreaterThan(0.15);
      expect(after.failures / after.attempts).toBeLessThan(0.25);
    });

    test("every attempt for an event carries one key, its id", () => {
      const keys = [...after.keys].map(([path, set]) => [path, [...set]]);
      expect(keys).toEqual(keys.map(([path]) => [path, [after.ids[Number(String(path).slice(1))]]]));
    });

    test("a receiver that deduplicates by the key takes each event exactly once", () => {
      expect([...after.accepted.values()].sort()).toEqual([...good].sort());
    });

    test("every poison event is in the dead-letter queue with its reason, and no other is", () => {
      const ids = new Set(dead.map(({ eventId }) => eventId));
      expect([...ids].sort()).toEqual(poison.map((n) => after.ids[n]).sort());
      for (const { eventId, reason } of dead) expect(reason).toMatch(reasonOf(after.ids.indexOf(eventId)));
      if (!kills) expect(dead).toHaveLength(poison.length);
    });

    test("none is lost: every event is delivered or failed, and says why", async () => {
      const { rows } = await system.postgres.admin.query<{ id: string; status: string; reason: string }>(
        "select id, status, reason from events",
      );
      const found = new Map(rows.map((row) => [row.id, row]));
      expect(found.size).toBe(events);
      for (const [n, id] of after.ids.entries()) {
        expect(found.get(id)?.status).toBe(kindOf(n) === "good" ? "delivered" : "failed");
        if (kindOf(n) !== "good") expect(found.get(id)?.reason).toMatch(reasonOf(n));
      }
    });

    test("the metrics tell it", () => {
      if (kills) expect(system.metric("EventsProcessed")).toBeLessThanOrEqual(events);
      else {
        expect(system.metric("EventsProcessed")).toBe(events);
        expect(system.metric("WebhookSuccess")).toBe(good.length);
        expect(system.metric("EventsFailed")).toBe(poison.length);
        expect(system.metric("EventsQueued")).toBe(events);
      }
    });
  });
}
