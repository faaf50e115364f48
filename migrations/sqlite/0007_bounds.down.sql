drop trigger search_documents_added;
drop trigger search_documents_removed;
drop trigger search_documents_changed;
drop table search_pending;
drop table search_words;
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
insert into search_index (search_index) values ('rebuild');

drop index tasks_status;
drop index tasks_open_due;
drop index tasks_open_urgent;
drop index tasks_done;
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
    description       text    not null,
    -- Title and description in lower case, which `lower` does for ASCII alone.
    folded            text    not null,
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
