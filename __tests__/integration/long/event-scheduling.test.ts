import { stormTests } from "../../support/event-storm-tests";

// Longer than an attempt's lease: what the killed delivery had comes back when it may be tried again.
stormTests({ events: 10_000, kills: true }, 100);
