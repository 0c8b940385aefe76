-- What became of every notification that the queue brought: written at its first receipt, settled by the last attempt.
create table notifications (
  -- The sender's id, and the webhook's idempotency key in every attempt.
  id uuid primary key,

  url text not null check (url like 'https://%' and length(url) <= 2048),

  payload json not null check (octet_length(payload::text) <= 65536),

  status text not null default 'queued' check (status in ('queued', 'delivered', 'failed')),

  attempts integer not null default 0,

  -- What the last attempt failed for.
  reason text,

  -- Until then an attempt is under way, and no second one begins.
  leased_until timestamptz,

  touched_at timestamptz,

  settled_at timestamptz,

  -- Whether a failed one is in the dead-letter queue already.
  dead_lettered boolean not null default false,

  created_at timestamptz not null default now()
);

create index notifications_unsettled on notifications (created_at) where status = 'queued';
