import { type Migration } from "../../common/migrate/migrations";
import eventsDown from "./0001_events.down.sql";
import events from "./0001_events.sql";

/** In the order in which they are applied. One that was deployed is never changed: a new one follows. */
export const migrations: readonly Migration[] = [{ name: "0001_events", up: events, down: eventsDown }];
