-- Messages that have not ended are found by their runs, which are few. The index was written when a reply began, and when it
-- ended.
drop index messages_active;

-- The search reads texts where they belong, and has no copy. A change names in `search_pending` what it wrote, and the rest
-- is written with the words, for many texts at once.
drop table search_index;
drop trigger search_documents_added;
drop trigger search_documents_changed;
drop trigger search_documents_removed;
alter table search_documents rename to search_documents_before;
alter table search_pending rename to search_pending_before;
-- What is in the index, or was before its text changed.
create table search_documents (
    -- Its row in the index.
    key     integer primary key,
    user_id text    not null references users (id) on delete cascade,
    kind    text    not null,
    id      blob    not null,
    unique (user_id, kind, id)
) strict;
insert into search_documents (key, user_id, kind, id)
select key, user_id, kind, id
  from search_documents_before;
create table search_pending (
    user_id text not null references users (id) on delete cascade,
    id      blob not null,
    kind    text not null,
    primary key (user_id, id, kind)
) strict, without rowid;
insert into search_pending (user_id, id, kind)
select d.user_id, d.id, d.kind
  from search_pending_before as p
  join search_documents_before as d on d.key = p.key and d.user_id = p.user_id;
drop table search_pending_before;
drop table search_documents_before;
create trigger search_documents_removed after delete on search_documents begin
    delete from search_words where rowid = old.key;
    delete from search_pending where user_id = old.user_id and id = old.id and kind = old.kind;
end;

-- Segments of a size before they are merged: each word is written again half as often, and a search reads a few segments more.
insert into search_words (search_words, rank) values ('usermerge', 8);
