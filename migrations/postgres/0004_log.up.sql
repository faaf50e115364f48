create table events (
    user_id    text        not null references users (id) on delete cascade,
    seq        bigint      not null,
    at         timestamptz not null,
    name       text        not null,
    data       json        not null,
    actor_kind text        not null,
    device_id  text,
    command_id uuid,
    primary key (user_id, seq)
);
create index events_at on events (at);

-- What commands answered, so that a repetition gets the same answer.
create table commands (
    user_id     text        not null references users (id) on delete cascade,
    id          uuid        not null,
    fingerprint bytea       not null,
    status      integer     not null,
    seq         bigint      not null,
    body        text        not null,
    at          timestamptz not null,
    primary key (user_id, id)
);
create index commands_at on commands (at);

create table undo_entries (
    user_id text        not null references users (id) on delete cascade,
    token   text        not null,
    at      timestamptz not null,
    -- Where the log stood: the order of the entries, which clocks do not give.
    seq     bigint      not null,
    used    boolean     not null,
    changes json        not null,
    -- The tool call that did it, if one did.
    origin  json,
    primary key (user_id, token)
);
create index undo_entries_newest on undo_entries (user_id, seq, at) where not used;
create index undo_entries_at on undo_entries (at);

do $$
declare
    name text;
begin
    foreach name in array array['events', 'commands', 'undo_entries'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy visible on %I using (case
            when user_id = (select nullif(current_setting(''tandem.user_id'', true), '''')) then 1
            when (select current_setting(''tandem.system'', true)) = ''on'' then 1
        end is not null)', name);
    end loop;
end
$$;
