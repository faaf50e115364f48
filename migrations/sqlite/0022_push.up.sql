-- Devices that receive pushes, and the pushes that wait for them.

-- The key with which pushes are signed: the same on all nodes, so it is here and made once.
create table push_keys (
    id          integer primary key check (id = 1),
    -- PKCS #8.
    private_key blob not null,
    -- An uncompressed point of P-256.
    public_key  blob not null
) strict;

-- A user has few of them, so they are not counted.
create table push_subscriptions (
    user_id       text    not null references users (id) on delete cascade,
    id            blob    not null,
    -- The sign-in that it ends with.
    session_id    blob    not null,
    -- As the device names itself; it has one subscription.
    device_id     text    not null,
    endpoint      text    not null,
    -- SHA-256 of the endpoint. One browser receives the pushes of one user.
    endpoint_hash blob    not null unique,
    public_key    blob    not null,
    auth_secret   blob    not null,
    -- What is pushed, as a document.
    kinds         text    not null,
    created_at    integer not null,
    primary key (user_id, id),
    unique (user_id, device_id),
    foreign key (user_id, session_id) references sessions (user_id, id) on delete cascade
) strict;
create index push_subscriptions_session on push_subscriptions (user_id, session_id);

-- One push to one device: about one event. Kept for a day, and a bounded number for each user, so they are not counted.
create table pushes (
    user_id         text    not null,
    subscription_id blob    not null,
    -- Of the event that it is about; negative for a test.
    seq             integer not null,
    kind            text    not null,
    -- The id of the task or of the reply.
    subject_id      blob    not null,
    reminder_id     blob,
    -- Under which the answer to it is recorded.
    command_id      blob    not null,
    created_at      integer not null,
    -- When it is sent; 0 for at once, null when it was sent. While it is being sent, until when.
    next_at         integer,
    gives_up_at     integer not null,
    attempts        integer not null default 0,
    -- Whether an attempt has begun whose end is not known.
    sending         integer not null default 0,
    -- SHA-256 of the token that answers it.
    token_hash      blob unique,
    primary key (user_id, subscription_id, seq),
    foreign key (user_id, subscription_id) references push_subscriptions (user_id, id) on delete cascade
) strict;
create index pushes_next on pushes (next_at) where next_at is not null;
create index pushes_event on pushes (user_id, seq);
create index pushes_end on pushes (gives_up_at);
