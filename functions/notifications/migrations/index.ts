import { type Migration } from "../../common/migrate/migrations";
import notificationsDown from "./0001_notifications.down.sql";
import notifications from "./0001_notifications.sql";

/** In the order in which they are applied. One that was deployed is never changed: a new one follows. */
export const migrations: readonly Migration[] = [
  { name: "0001_notifications", up: notifications, down: notificationsDown },
];
