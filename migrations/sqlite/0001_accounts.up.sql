-- Names the event logs of this database; made with it.
create table epoch (
    one   integer primary key check (one = 1),
    value text    not null,
    -- By which the file is told from an older copy of it. Renewed at each start, and noted beside the file as well.
    mark  text
) strict;
insert into epoch (one, value) values (1, lower(hex(randomblob(16))));

create table users (
    id               text    primary key,
    email            text    not null unique,
    name             text    not null,
    email_verified   integer not null,
    image            text,
    time_zone        text    not null,
    created_at       integer not null,
    password_hash    text,
    disabled_at      integer,
    -- Of the newest event in the log.
    seq              integer not null default 0,
    next_task_number integer not null default 1
) strict;
create index users_disabled on users (disabled_at) where disabled_at is not null;

create table sessions (
    id           blob    primary key,
    user_id      text    not null references users (id) on delete cascade,
    device_name  text,
    ip           text,
    user_agent   text,
    created_at   integer not null,
    last_seen_at integer not null,
    expires_at   integer not null,
    ends_at      integer not null,
    revoked_at   integer,
    unique (user_id, id)
) strict;
create index sessions_revoked on sessions (revoked_at) where revoked_at is not null;
create index sessions_end on sessions (expires_at);

create table refresh_tokens (
    hash        blob    primary key,
    user_id     text    not null,
    session_id  blob    not null,
    replaced_at integer,
    replaced_by blob,
    foreign key (user_id, session_id) references sessions (user_id, id) on delete cascade
) strict;
create index refresh_tokens_session on refresh_tokens (user_id, session_id);
create index refresh_tokens_spent on refresh_tokens (replaced_at) where replaced_at is not null;

create table personal_tokens (
    id           blob    primary key,
    user_id      text    not null references users (id) on delete cascade,
    name         text    not null,
    scopes       text    not null,
    hash         blob    not null unique,
    created_at   integer not null,
    last_used_at integer,
    expires_at   integer
) strict;
create index personal_tokens_user on personal_tokens (user_id, created_at);
create index personal_tokens_end on personal_tokens (expires_at) where expires_at is not null;

-- Sessions of deleted accounts, so that every node hears of their end. Names nobody; kept for a day.
create table ended_sessions (
    id       blob    primary key,
    ended_at integer not null
) strict;
create index ended_sessions_at on ended_sessions (ended_at);

-- How far somebody has used up what may be done at once: the moment, in milliseconds since 1970, at which all of it may be
-- done again. Without a row that is now.
create table allowances (
    key     text    primary key,
    full_at integer not null
) strict, without rowid;
create index allowances_full on allowances (full_at);
