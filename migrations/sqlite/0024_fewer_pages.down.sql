create index messages_active on messages (user_id, created_at) where state in ('queued', 'streaming');

insert into search_words (search_words, rank) values ('usermerge', 4);
drop trigger search_documents_removed;
alter table search_documents rename to search_documents_after;
alter table search_pending rename to search_pending_after;
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
-- What only waits for the index has no row yet.
insert into search_documents_after (user_id, kind, id)
select user_id, kind, id
  from search_pending_after
 where true
    on conflict do nothing;
insert into search_documents (key, user_id, kind, id, conversation_id, title, body)
select key, user_id, kind, id, null, title, description
  from search_documents_after
  join tasks using (user_id, id)
 where kind = 'task' and deleted_at is null;
insert into search_documents (key, user_id, kind, id, conversation_id, title, body)
select key, user_id, kind, id, conversation_id, '', (select coalesce(group_concat(value ->> 'text', ''), '')
                                                       from json_each(parts)
                                                      where value ->> 'type' = 'text')
  from search_documents_after
  join messages using (user_id, id)
 where kind = 'message';
insert into search_documents (key, user_id, kind, id, conversation_id, title, body)
select key, user_id, kind, id, id, title, ''
  from search_documents_after
  join conversations using (user_id, id)
 where kind = 'conversation' and deleted_at is null and title is not null;
create table search_pending (
    user_id text    not null references users (id) on delete cascade,
    key     integer not null,
    primary key (user_id, key)
) strict, without rowid;
insert into search_pending (user_id, key)
select d.user_id, d.key
  from search_pending_after as p
  join search_documents as d using (user_id, id, kind);
drop table search_pending_after;
drop table search_documents_after;
create virtual table search_index using fts5 (
    owner, title, body,
    content = 'search_documents', content_rowid = 'key', tokenize = 'unicode61 remove_diacritics 0'
);
insert into search_index (search_index, rank) values ('secure-delete', 1);
create trigger search_documents_added after insert on search_documents begin
    insert into search_pending (user_id, key) values (new.user_id, new.key);
end;
create trigger search_documents_removed after delete on search_documents begin
    delete from search_words where rowid = old.key;
    delete from search_pending where user_id = old.user_id and key = old.key;
end;
create trigger search_documents_changed after update on search_documents begin
    delete from search_words where rowid = old.key;
    -- Not `insert or ignore`: inside of a trigger the policy of the statement that fires it holds, which is to fail.
    insert into search_pending (user_id, key)
    select new.user_id, new.key
     where not exists (select 1 from search_pending where user_id = new.user_id and key = new.key);
end;
