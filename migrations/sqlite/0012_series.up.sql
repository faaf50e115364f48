-- A recurring task has a series, which counts from `recurrence_start`, and stands on one date of it, its `occurrence`. The due
-- date may be another: then this occurrence was moved. Until now every due date began the series anew.
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
    -- From which the rule counts.
    recurrence_start  text,
    -- The date of the rule that the due date stands for.
    occurrence        text,
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
       recurrence_rule, recurrence_anchor, recurrence_start, occurrence,
       labels, list, parent_id, position, rev, created_at, updated_at,
       completed_at, deleted_at)
select user_id, id, number, title, description, folded, status, priority, due_date, due_time, due_zone, due_at,
       recurrence_rule, recurrence_anchor, case when recurrence_rule is not null then due_date end,
       case when recurrence_rule is not null then due_date end, labels, list, parent_id, position, rev, created_at, updated_at,
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
-- The parts of a task, which are done and deleted with it.
create index tasks_parts on tasks (user_id, parent_id) where deleted_at is null and parent_id is not null;
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

-- What was done, also of tasks that go on. It stays when the task is deleted.
create table completions (
    user_id      text    not null references users (id) on delete cascade,
    id           blob    not null,
    -- No reference: what was done stays when the task is deleted.
    task_id      blob    not null,
    title        text    not null,
    -- The date that a recurring task was done for.
    occurrence   text,
    completed_at integer not null,
    -- What the task was before, to take the completion back; null for one from before this step.
    task_before  text,
    primary key (user_id, id)
) strict;
create index completions_newest on completions (user_id, completed_at, id);
create index completions_task on completions (user_id, task_id, completed_at, id);
create trigger completions_counted after insert on completions begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100 + octet_length(new.title) + coalesce(octet_length(new.task_before), 0)
     where id = new.user_id;
end;
create trigger completions_uncounted after delete on completions begin
    update users
       set stored_rows = stored_rows - 1,
           stored_bytes = stored_bytes - 100 - (octet_length(old.title) + coalesce(octet_length(old.task_before), 0))
     where id = old.user_id;
end;
-- What is done already. The key of the task is free among completions.
insert into completions (user_id, id, task_id, title, completed_at)
select user_id, id, id, title, completed_at from tasks where status = 'done' and completed_at is not null;
