-- Names the event logs of this database; made with it.
create table epoch (
    one   integer primary key check (one = 1),
    value text    not null
);
insert into epoch (one, value) values (1, replace(gen_random_uuid()::text, '-', ''));

create table users (
    id               text        primary key,
    email            text        not null unique,
    name             text        not null,
    email_verified   boolean     not null,
    image            text,
    time_zone        text        not null,
    created_at       timestamptz not null,
    password_hash    text,
    disabled_at      timestamptz,
    -- Of the newest event in the log.
    seq              bigint      not null default 0,
    next_task_number bigint      not null default 1
);
create index users_disabled on users (disabled_at) where disabled_at is not null;

create table sessions (
    id           uuid        primary key,
    user_id      text        not null references users (id) on delete cascade,
    device_name  text,
    ip           text,
    user_agent   text,
    created_at   timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at   timestamptz not null,
    ends_at      timestamptz not null,
    revoked_at   timestamptz,
    unique (user_id, id)
);
create index sessions_revoked on sessions (revoked_at) where revoked_at is not null;
create index sessions_end on sessions (expires_at);

create table refresh_tokens (
    hash        bytea       primary key,
    user_id     text        not null,
    session_id  uuid        not null,
    replaced_at timestamptz,
    replaced_by bytea,
    foreign key (user_id, session_id) references sessions (user_id, id) on delete cascade
);
create index refresh_tokens_session on refresh_tokens (user_id, session_id);
create index refresh_tokens_spent on refresh_tokens (replaced_at) where replaced_at is not null;

create table personal_tokens (
    id           uuid        primary key,
    user_id      text        not null references users (id) on delete cascade,
    name         text        not null,
    scopes       json        not null,
    hash         bytea       not null unique,
    created_at   timestamptz not null,
    last_used_at timestamptz,
    expires_at   timestamptz
);
create index personal_tokens_user on personal_tokens (user_id, created_at);
create index personal_tokens_end on personal_tokens (expires_at) where expires_at is not null;

-- Sessions of deleted accounts, so that every node hears of their end. Names nobody; kept for a day.
create table ended_sessions (
    id       uuid        primary key,
    ended_at timestamptz not null
);
create index ended_sessions_at on ended_sessions (ended_at);

-- How far somebody has used up what may be done at once: the moment, in milliseconds since 1970, at which all of it may be
-- done again. Without a row that is now. Unlogged: cheap, and a crash that forgets the last minutes harms nobody.
create unlogged table allowances (
    key     text   primary key,
    full_at bigint not null
);
create index allowances_full on allowances (full_at);
