-- One webhook that is due once. The API writes pending events, the scheduler queues what is due, the delivery settles it.
create table events (
  -- Random, not counted: whoever knows it may read and cancel the event. The webhook's idempotency key in every attempt.
  id uuid primary key default gen_random_uuid(),

  -- The caller's own key: the same request sent again makes no second event.
  client_key text unique check (length(client_key) between 1 and 255),

  url text not null check (url like 'https://%' and length(url) <= 2048),

  due_at timestamptz not null check (isfinite(due_at)),

  -- As text, so that numbers keep their digits and keys their order. The API takes 64 KiB.
  payload json not null check (octet_length(payload::text) <= 65536),

  status text not null default 'pending'
    check (status in ('pending', 'queued', 'delivered', 'failed', 'cancelled')),

  attempts integer not null default 0,

  -- What the last attempt failed for.
  reason text,

  -- Until then an attempt is under way, and no second one begins.
  leased_until timestamptz,

  -- When the scheduler or an attempt last had it in hand: a message is lost where that is long ago.
  touched_at timestamptz,

  -- When it was delivered, failed or was cancelled.
  settled_at timestamptz,

  -- Whether a failed one is in the dead-letter queue already.
  dead_lettered boolean not null default false,

  created_at timestamptz not null default now()
);

create index events_due on events (due_at) where status = 'pending';
create index events_in_hand on events (touched_at) where status = 'queued' or (status = 'failed' and not dead_lettered);
