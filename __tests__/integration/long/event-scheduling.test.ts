import { stormTests } from "../../support/event-storm-tests";

// The visibility timeout is longer than an attempt's lease, as the stack's is: what the killed delivery had comes back when it may be tried again.
stormTests({ events: 10_000, kills: true }, { visibilityTimeout: 100, maxReceives: 6 });
