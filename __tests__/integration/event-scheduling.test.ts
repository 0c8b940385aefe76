import { stormTests } from "../support/event-storm-tests";

stormTests({ events: 1_000, kills: false }, { visibilityTimeout: 30, maxReceives: 4 });
