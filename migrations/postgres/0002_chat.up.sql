create table conversations (
    user_id         text        not null references users (id) on delete cascade,
    id              uuid        not null,
    title           text,
    -- 0 nobody, 1 the first message, 2 a model, 3 the user.
    title_source    smallint    not null,
    created_at      timestamptz not null,
    updated_at      timestamptz not null,
    last_message_at timestamptz,
    -- The last message, or the creation: what lists are ordered by.
    active_at       timestamptz not null,
    unread          bigint      not null,
    -- Set: the row is there only so that the id stays spent.
    deleted_at      timestamptz,
    primary key (user_id, id)
);
create index conversations_activity on conversations (user_id, active_at, id) where deleted_at is null;

create table messages (
    user_id         text        not null,
    id              uuid        not null,
    conversation_id uuid        not null,
    position        bigint      not null,
    parent_id       uuid,
    role            text        not null,
    state           text        not null,
    parts           json        not null,
    attempt         bigint      not null,
    provider        json,
    error           json,
    usage           json,
    created_at      timestamptz not null,
    completed_at    timestamptz,
    primary key (user_id, id),
    unique (user_id, conversation_id, position),
    foreign key (user_id, conversation_id) references conversations (user_id, id) on delete cascade
);
create index messages_active on messages (user_id, created_at) where state in ('queued', 'streaming');

-- Replies that have not ended.
create table runs (
    user_id          text        not null,
    message_id       uuid        not null,
    conversation_id  uuid        not null,
    state            text        not null,
    attempt          bigint      not null,
    node             text,
    lease_until      timestamptz,
    cancel_requested boolean     not null,
    created_at       timestamptz not null,
    primary key (user_id, message_id),
    foreign key (user_id, message_id) references messages (user_id, id) on delete cascade
);
create index runs_conversation on runs (user_id, conversation_id, created_at);
create index runs_node on runs (node) where node is not null;
-- Each node looks every second for those that could go on. Many wait for an answer that never comes.
create index runs_unended on runs (created_at, message_id) where state <> 'waiting';

create table run_steps (
    user_id    text   not null,
    message_id uuid   not null,
    step_index bigint not null,
    step       json   not null,
    primary key (user_id, message_id, step_index),
    foreign key (user_id, message_id) references runs (user_id, message_id) on delete cascade
);

-- Rows are seen by their owner, and by sweeps over all owners. The planner takes `is not null` for nearly always true, and
-- so it is: every statement names the owner itself. A plain comparison it takes for a second, independent condition that
-- hardly any of the owner's rows meets; then it reads and sorts all of them for one page.
do $$
declare
    name text;
begin
    foreach name in array array['conversations', 'messages', 'runs', 'run_steps'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy visible on %I using (case
            when user_id = (select nullif(current_setting(''tandem.user_id'', true), '''')) then 1
            when (select current_setting(''tandem.system'', true)) = ''on'' then 1
        end is not null)', name);
    end loop;
end
$$;
