-- What can be found: conversations by their title, messages by their text, tasks by both.
create table search_documents (
    key             bigint   primary key generated always as identity,
    user_id         text     not null references users (id) on delete cascade,
    kind            text     not null,
    id              uuid     not null,
    conversation_id uuid,
    title           text     not null,
    body            text     not null,
    -- The words of title (weight A) and body, split by the server. There is no GIN index: `@@` is not leakproof, so under
    -- row-level security it is never used. A search reads its owner's rows.
    words           tsvector not null,
    unique (user_id, kind, id)
);
create index search_documents_conversation on search_documents (user_id, conversation_id);

do $$
declare
    name text;
begin
    foreach name in array array['search_documents'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy visible on %I using (case
            when user_id = (select nullif(current_setting(''tandem.user_id'', true), '''')) then 1
            when (select current_setting(''tandem.system'', true)) = ''on'' then 1
        end is not null)', name);
    end loop;
end
$$;
