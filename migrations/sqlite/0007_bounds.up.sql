drop index tasks_place;
drop index tasks_list;
drop index tasks_due;
drop index tasks_trash;
alter table tasks rename to tasks_before;
create table tasks (
    user_id           text    not null references users (id) on delete cascade,
    id                blob    not null,
    number            integer not null,
    title             text    not null,
    status            text    not null,
    priority          text    not null,
    due_date          text,
    due_time          text,
    due_zone          text,
    -- The instant after which it is overdue.
    due_at            integer,
    recurrence_rule   text,
    recurrence_anchor text,
    labels            text    not null,
    list              text,
    parent_id         blob,
    -- Compared as bytes.
    position          text    not null,
    rev               integer not null,
    created_at        integer not null,
    updated_at        integer not null,
    completed_at      integer,
    -- In the trash since.
    deleted_at        integer,
    -- Long texts stand last: what stands behind them is read through all of their pages.
    description       text    not null,
    -- Title and description in lower case, which `lower` does for ASCII alone.
    folded            text    not null,
    primary key (user_id, id),
    unique (user_id, number)
) strict;
insert into tasks (user_id, id, number, title, description, folded, status, priority, due_date, due_time, due_zone, due_at,
       recurrence_rule, recurrence_anchor, labels, list, parent_id, position, rev, created_at, updated_at,
       completed_at, deleted_at)
select user_id, id, number, title, description, folded, status, priority, due_date, due_time, due_zone, due_at,
       recurrence_rule, recurrence_anchor, labels, list, parent_id, position, rev, created_at, updated_at,
       completed_at, deleted_at
  from tasks_before;
drop table tasks_before;
create index tasks_place on tasks (user_id, position, number) where deleted_at is null;
create index tasks_list on tasks (user_id, list, position, number) where deleted_at is null;
create index tasks_due on tasks (user_id, due_date) where deleted_at is null;
create index tasks_trash on tasks (deleted_at) where deleted_at is not null;
-- Lists of one status in their order, and how many there are.
create index tasks_status on tasks (user_id, status, position, number) where deleted_at is null;
-- What is late, and what comes first.
create index tasks_open_due on tasks (user_id, due_at, due_date)
 where deleted_at is null and status = 'open' and due_at is not null;
create index tasks_open_urgent on tasks (user_id, number)
 where deleted_at is null and status = 'open' and priority in ('high', 'urgent');
-- What was done last.
create index tasks_done on tasks (user_id, completed_at) where deleted_at is null and status = 'done';

-- The index of the search. It holds no text: a row is taken out by its key alone, where the index before had to find each
-- word of the old text. Each word begins with a tag of its owner, so that a search reads words of that owner only.
create virtual table search_words using fts5 (
    title, body,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0'
);
-- Documents whose words are not in the index: everything that is new, until the server has split it.
create table search_pending (
    user_id text    not null references users (id) on delete cascade,
    key     integer not null,
    primary key (user_id, key)
) strict, without rowid;
insert into search_pending (user_id, key) select user_id, key from search_documents;

drop trigger search_documents_added;
drop trigger search_documents_removed;
drop trigger search_documents_changed;
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
-- The version before asks this one. It stays, empty.
insert into search_index (search_index) values ('delete-all');
