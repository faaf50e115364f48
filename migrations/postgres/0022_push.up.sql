-- Devices that receive pushes, and the pushes that wait for them.

-- The key with which pushes are signed: the same on all nodes, so it is here and made once.
create table push_keys (
    id          integer primary key check (id = 1),
    -- PKCS #8.
    private_key bytea not null,
    -- An uncompressed point of P-256.
    public_key  bytea not null
);

-- A user has few of them, so they are not counted.
create table push_subscriptions (
    user_id       text    not null references users (id) on delete cascade,
    id            uuid    not null,
    -- The sign-in that it ends with.
    session_id    uuid    not null,
    -- As the device names itself; it has one subscription.
    device_id     text    not null,
    endpoint      text    not null,
    -- SHA-256 of the endpoint. One browser receives the pushes of one user.
    endpoint_hash bytea    not null unique,
    public_key    bytea    not null,
    auth_secret   bytea    not null,
    -- What is pushed, as a document.
    kinds         json    not null,
    created_at    timestamptz not null,
    primary key (user_id, id),
    unique (user_id, device_id),
    foreign key (user_id, session_id) references sessions (user_id, id) on delete cascade
);
create index push_subscriptions_session on push_subscriptions (user_id, session_id);

alter table push_subscriptions enable row level security;
alter table push_subscriptions force row level security;
create policy visible on push_subscriptions using (case
    when user_id = (select nullif(current_setting('tandem.user_id', true), '')) then 1
    when (select current_setting('tandem.system', true)) = 'on' then 1
end is not null);

-- One push to one device: about one event. Kept for a day, and a bounded number for each user, so they are not counted.
create table pushes (
    user_id         text    not null,
    subscription_id uuid    not null,
    -- Of the event that it is about; negative for a test.
    seq             bigint not null,
    kind            text    not null,
    -- The id of the task or of the reply.
    subject_id      uuid    not null,
    reminder_id     uuid,
    -- Under which the answer to it is recorded.
    command_id      uuid    not null,
    created_at      timestamptz not null,
    -- When it is sent; the year 1970 for at once, null when it was sent. While it is being sent, until when.
    next_at         timestamptz,
    gives_up_at     timestamptz not null,
    attempts        bigint not null default 0,
    -- Whether an attempt has begun whose end is not known.
    sending         boolean not null default false,
    -- SHA-256 of the token that answers it.
    token_hash      bytea unique,
    primary key (user_id, subscription_id, seq),
    foreign key (user_id, subscription_id) references push_subscriptions (user_id, id) on delete cascade
);
create index pushes_next on pushes (next_at) where next_at is not null;
create index pushes_event on pushes (user_id, seq);
create index pushes_end on pushes (gives_up_at);

alter table pushes enable row level security;
alter table pushes force row level security;
create policy visible on pushes using (case
    when user_id = (select nullif(current_setting('tandem.user_id', true), '')) then 1
    when (select current_setting('tandem.system', true)) = 'on' then 1
end is not null);
