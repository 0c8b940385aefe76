-- When which flow is due. The scheduler function sends what is due to the flows queue and moves next_run_at on.
create table flow_schedules (
  id uuid primary key default gen_random_uuid(),

  flow_id text not null check (length(flow_id) between 1 and 255),

  -- The scheduler itself runs once a minute: a shorter interval would only skip runs. Months and years have no fixed
  -- length, so that they make no grid (date_bin refuses them): say '30 days', or keep a row for each date.
  every interval not null
    check (every >= interval '1 minute')
    check (extract(year from every) = 0 and extract(month from every) = 0),

  -- The next due time. All due times of a schedule lie on the grid next_run_at + n * every, in UTC: a day is 24 hours.
  next_run_at timestamptz not null check (isfinite(next_run_at)),

  enabled boolean not null default true,

  -- Sent along with every run. 192 KiB leaves room for the envelope in a message of 256 KiB (see message.ts): what
  -- could never be sent is refused here, where the author of the schedule reads the error.
  payload jsonb not null default '{}' check (octet_length(payload::text) <= 196608)
);

create index flow_schedules_due on flow_schedules (next_run_at) where enabled;
