import { migrateHandler } from "../../common/migrate/handler";
import { migrations } from "../migrations";

/** `npm run migrate`. Environment: DATABASE_SECRET_ARN. */
export const handler = migrateHandler(migrations);
