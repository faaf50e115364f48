create table events (
    user_id    text    not null references users (id) on delete cascade,
    seq        integer not null,
    at         integer not null,
    name       text    not null,
    data       text    not null,
    actor_kind text    not null,
    device_id  text,
    command_id blob,
    primary key (user_id, seq)
) strict;
create index events_at on events (at);

-- What commands answered, so that a repetition gets the same answer.
create table commands (
    user_id     text    not null references users (id) on delete cascade,
    id          blob    not null,
    fingerprint blob    not null,
    status      integer not null,
    seq         integer not null,
    body        text    not null,
    at          integer not null,
    primary key (user_id, id)
) strict;
create index commands_at on commands (at);

create table undo_entries (
    user_id text    not null references users (id) on delete cascade,
    token   text    not null,
    at      integer not null,
    -- Where the log stood: the order of the entries, which clocks do not give.
    seq     integer not null,
    used    integer not null,
    changes text    not null,
    -- The tool call that did it, if one did.
    origin  text,
    primary key (user_id, token)
) strict;
create index undo_entries_newest on undo_entries (user_id, seq, at) where not used;
create index undo_entries_at on undo_entries (at);
