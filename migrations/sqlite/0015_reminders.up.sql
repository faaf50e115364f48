-- When a user is reminded of a task. A partial index finds what fires next, of all users.
-- The table is made again, because columns that are added stand behind the long texts.
drop index tasks_place;
drop index tasks_list;
drop index tasks_due;
drop index tasks_trash;
drop index tasks_status;
drop index tasks_open_due;
drop index tasks_open_urgent;
drop index tasks_done;
drop index tasks_trashed;
drop index tasks_parts;
drop trigger tasks_counted;
drop trigger tasks_uncounted;
drop trigger tasks_recounted;
drop trigger task_names_of_new;
drop trigger task_names_of_changed;
drop trigger task_names_of_removed;
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
    -- From which the rule counts.
    recurrence_start  text,
    -- The date of the rule that the due date stands for.
    occurrence        text,
    -- As a document, in the order in which the user sees them.
    reminders         text    not null default '[]',
    -- When the next of them fires; null when none does.
    reminder_at       integer,
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
insert into tasks (user_id, id, number, title, status, priority, due_date, due_time, due_zone, due_at,
       recurrence_rule, recurrence_anchor, recurrence_start, occurrence, labels, list, parent_id, position, rev,
       created_at, updated_at, completed_at, deleted_at, description, folded)
select user_id, id, number, title, status, priority, due_date, due_time, due_zone, due_at, recurrence_rule,
       recurrence_anchor, recurrence_start, occurrence, labels, list, parent_id, position, rev, created_at,
       updated_at, completed_at, deleted_at, description, folded
  from tasks_before;
drop table tasks_before;
create index tasks_place on tasks (user_id, position, number) where deleted_at is null;
create index tasks_list on tasks (user_id, list, position, number) where deleted_at is null;
create index tasks_due on tasks (user_id, due_date) where deleted_at is null;
create index tasks_trash on tasks (deleted_at) where deleted_at is not null;
create index tasks_status on tasks (user_id, status, position, number) where deleted_at is null;
create index tasks_open_due on tasks (user_id, due_at, due_date, due_time)
 where deleted_at is null and status = 'open' and due_at is not null;
create index tasks_open_urgent on tasks (user_id, number)
 where deleted_at is null and status = 'open' and priority in ('high', 'urgent');
create index tasks_done on tasks (user_id, completed_at) where deleted_at is null and status = 'done';
create index tasks_trashed on tasks (user_id, deleted_at) where deleted_at is not null;
create index tasks_parts on tasks (user_id, parent_id) where deleted_at is null and parent_id is not null;
create index tasks_reminder on tasks (reminder_at) where reminder_at is not null and deleted_at is null;
-- Each task has two bytes of reminders now.
update users
   set stored_bytes = stored_bytes + 2 * (select count(*) from tasks where tasks.user_id = users.id)
 where exists (select 1 from tasks where tasks.user_id = users.id);
create trigger tasks_counted after insert on tasks begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100 + octet_length(new.title) + octet_length(new.description) + octet_length(new.labels) + octet_length(new.reminders)
     where id = new.user_id;
end;
create trigger tasks_uncounted after delete on tasks begin
    update users
       set stored_rows = stored_rows - 1,
           stored_bytes = stored_bytes - 100 - (octet_length(old.title) + octet_length(old.description) + octet_length(old.labels) + octet_length(old.reminders))
     where id = old.user_id;
end;
create trigger tasks_recounted after update on tasks
when (octet_length(new.title) + octet_length(new.description) + octet_length(new.labels) + octet_length(new.reminders)) <> (octet_length(old.title) + octet_length(old.description) + octet_length(old.labels) + octet_length(old.reminders))
begin
    update users
       set stored_bytes = stored_bytes + (octet_length(new.title) + octet_length(new.description) + octet_length(new.labels) + octet_length(new.reminders)) - (octet_length(old.title) + octet_length(old.description) + octet_length(old.labels) + octet_length(old.reminders))
     where id = new.user_id;
end;
create trigger task_names_of_new after insert on tasks
when new.labels <> '[]' or new.list is not null
begin
    insert into task_names (user_id, kind, name, uses)
    select new.user_id, 'label', value, 1
      from json_each(new.labels)
     where new.deleted_at is null
        on conflict (user_id, kind, name) do update set uses = uses + 1;
    insert into task_names (user_id, kind, name, uses)
    select new.user_id, 'list', new.list, 1
     where new.deleted_at is null
       and new.list is not null
        on conflict (user_id, kind, name) do update set uses = uses + 1;
end;
create trigger task_names_of_changed after update on tasks
when new.labels <> old.labels or new.list is not old.list or (new.deleted_at is null) <> (old.deleted_at is null)
begin
    update task_names
       set uses = uses - 1
     where old.deleted_at is null
       and user_id = old.user_id
       and (kind = 'label' and name in (select value from json_each(old.labels)) or kind = 'list' and name = old.list);
    insert into task_names (user_id, kind, name, uses)
    select new.user_id, 'label', value, 1
      from json_each(new.labels)
     where new.deleted_at is null
        on conflict (user_id, kind, name) do update set uses = uses + 1;
    insert into task_names (user_id, kind, name, uses)
    select new.user_id, 'list', new.list, 1
     where new.deleted_at is null
       and new.list is not null
        on conflict (user_id, kind, name) do update set uses = uses + 1;
    delete from task_names
     where user_id = old.user_id
       and (kind = 'label' and name in (select value from json_each(old.labels)) or kind = 'list' and name = old.list)
       and uses <= 0;
end;
create trigger task_names_of_removed after delete on tasks
when old.deleted_at is null and (old.labels <> '[]' or old.list is not null)
begin
    update task_names
       set uses = uses - 1
     where old.deleted_at is null
       and user_id = old.user_id
       and (kind = 'label' and name in (select value from json_each(old.labels)) or kind = 'list' and name = old.list);
    delete from task_names
     where user_id = old.user_id
       and (kind = 'label' and name in (select value from json_each(old.labels)) or kind = 'list' and name = old.list)
       and uses <= 0;
end;

-- What the user has chosen for all devices; null until they have.
alter table users add column settings text;

-- Addresses at which a calendar program reads tasks. A user has few of them, so they are not counted.
create table feeds (
    user_id      text not null references users (id) on delete cascade,
    id           blob not null,
    name         text not null,
    -- Names of lists; null for all tasks.
    lists        text,
    kind         text not null,
    include_done integer not null,
    created_at   integer not null,
    -- SHA-256 of the secret in the address.
    hash         blob not null unique,
    primary key (user_id, id)
) strict;
