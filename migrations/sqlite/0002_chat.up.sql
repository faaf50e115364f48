create table conversations (
    user_id         text    not null references users (id) on delete cascade,
    id              blob    not null,
    title           text,
    -- 0 nobody, 1 the first message, 2 a model, 3 the user.
    title_source    integer not null,
    created_at      integer not null,
    updated_at      integer not null,
    last_message_at integer,
    -- The last message, or the creation: what lists are ordered by.
    active_at       integer not null,
    unread          integer not null,
    -- Set: the row is there only so that the id stays spent.
    deleted_at      integer,
    primary key (user_id, id)
) strict;
create index conversations_activity on conversations (user_id, active_at, id) where deleted_at is null;

create table messages (
    user_id         text    not null,
    id              blob    not null,
    conversation_id blob    not null,
    position        integer not null,
    parent_id       blob,
    role            text    not null,
    state           text    not null,
    parts           text    not null,
    attempt         integer not null,
    provider        text,
    error           text,
    usage           text,
    created_at      integer not null,
    completed_at    integer,
    primary key (user_id, id),
    unique (user_id, conversation_id, position),
    foreign key (user_id, conversation_id) references conversations (user_id, id) on delete cascade
) strict;
create index messages_active on messages (user_id, created_at) where state in ('queued', 'streaming');

-- Replies that have not ended.
create table runs (
    user_id          text    not null,
    message_id       blob    not null,
    conversation_id  blob    not null,
    state            text    not null,
    attempt          integer not null,
    node             text,
    lease_until      integer,
    cancel_requested integer not null,
    created_at       integer not null,
    primary key (user_id, message_id),
    foreign key (user_id, message_id) references messages (user_id, id) on delete cascade
) strict;
create index runs_conversation on runs (user_id, conversation_id, created_at);
create index runs_node on runs (node) where node is not null;
-- Each node looks every second for those that could go on. Many wait for an answer that never comes.
create index runs_unended on runs (created_at, message_id) where state <> 'waiting';

create table run_steps (
    user_id    text    not null,
    message_id blob    not null,
    step_index integer not null,
    step       text    not null,
    primary key (user_id, message_id, step_index),
    foreign key (user_id, message_id) references runs (user_id, message_id) on delete cascade
) strict;
