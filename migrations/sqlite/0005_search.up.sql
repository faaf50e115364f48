-- What can be found: conversations by their title, messages by their text, tasks by both.
create table search_documents (
    key             integer primary key,
    user_id         text    not null references users (id) on delete cascade,
    kind            text    not null,
    id              blob    not null,
    conversation_id blob,
    title           text    not null,
    body            text    not null,
    -- One word that only this user's rows have: a search reads its own part of the index.
    owner           text    not null generated always as ('u' || hex(user_id)) virtual,
    unique (user_id, kind, id)
) strict;
create index search_documents_conversation on search_documents (user_id, conversation_id);

create virtual table search_index using fts5 (
    owner, title, body,
    content = 'search_documents', content_rowid = 'key', tokenize = 'unicode61 remove_diacritics 0'
);
-- Deleted words leave the index at once, not at the next merge.
insert into search_index (search_index, rank) values ('secure-delete', 1);

create trigger search_documents_added after insert on search_documents begin
    insert into search_index (rowid, owner, title, body)
    values (new.key, new.owner, new.title, new.body);
end;
create trigger search_documents_removed after delete on search_documents begin
    insert into search_index (search_index, rowid, owner, title, body)
    values ('delete', old.key, old.owner, old.title, old.body);
end;
create trigger search_documents_changed after update on search_documents begin
    insert into search_index (search_index, rowid, owner, title, body)
    values ('delete', old.key, old.owner, old.title, old.body);
    insert into search_index (rowid, owner, title, body)
    values (new.key, new.owner, new.title, new.body);
end;
