-- The rows and bytes of completions are counted by their triggers, so they go one by one.
delete from completions;
drop table completions;
drop index tasks_parts;
drop index tasks_place;
drop index tasks_list;
drop index tasks_due;
drop index tasks_trash;
drop index tasks_status;
drop index tasks_open_due;
drop index tasks_open_urgent;
drop index tasks_done;
drop index tasks_trashed;
drop trigger tasks_counted;
drop trigger tasks_uncounted;
drop trigger tasks_recounted;
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
create index tasks_status on tasks (user_id, status, position, number) where deleted_at is null;
create index tasks_open_due on tasks (user_id, due_at, due_date)
 where deleted_at is null and status = 'open' and due_at is not null;
create index tasks_open_urgent on tasks (user_id, number)
 where deleted_at is null and status = 'open' and priority in ('high', 'urgent');
create index tasks_done on tasks (user_id, completed_at) where deleted_at is null and status = 'done';
create index tasks_trashed on tasks (user_id, deleted_at) where deleted_at is not null;
create trigger tasks_counted after insert on tasks begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100 + octet_length(new.title) + octet_length(new.description) + octet_length(new.labels)
     where id = new.user_id;
end;
create trigger tasks_uncounted after delete on tasks begin
    update users
       set stored_rows = stored_rows - 1,
           stored_bytes = stored_bytes - 100 - (octet_length(old.title) + octet_length(old.description) + octet_length(old.labels))
     where id = old.user_id;
end;
create trigger tasks_recounted after update on tasks
when (octet_length(new.title) + octet_length(new.description) + octet_length(new.labels)) <> (octet_length(old.title) + octet_length(old.description) + octet_length(old.labels))
begin
    update users
       set stored_bytes = stored_bytes + (octet_length(new.title) + octet_length(new.description) + octet_length(new.labels)) - (octet_length(old.title) + octet_length(old.description) + octet_length(old.labels))
     where id = new.user_id;
end;
