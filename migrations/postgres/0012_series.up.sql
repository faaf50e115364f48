-- A recurring task has a series, which counts from `recurrence_start`, and stands on one date of it, its `occurrence`. The due
-- date may be another: then this occurrence was moved. Until now every due date began the series anew.
alter table tasks add column recurrence_start date;
alter table tasks add column occurrence date;
update tasks set recurrence_start = due_date, occurrence = due_date where recurrence_rule is not null;
-- The parts of a task, which are done and deleted with it.
create index tasks_parts on tasks (user_id, parent_id) where deleted_at is null and parent_id is not null;

-- What was done, also of tasks that go on. It stays when the task is deleted.
create table completions (
    user_id      text    not null references users (id) on delete cascade,
    id           uuid    not null,
    -- No reference: what was done stays when the task is deleted.
    task_id      uuid    not null,
    title        text    not null,
    -- The date that a recurring task was done for.
    occurrence   date,
    completed_at timestamptz not null,
    -- What the task was before, to take the completion back; null for one from before this step.
    task_before  json,
    primary key (user_id, id)
);
create index completions_newest on completions (user_id, completed_at, id);
create index completions_task on completions (user_id, task_id, completed_at, id);

alter table completions enable row level security;
alter table completions force row level security;
create policy visible on completions using (case
    when user_id = (select nullif(current_setting('tandem.user_id', true), '')) then 1
    when (select current_setting('tandem.system', true)) = 'on' then 1
end is not null);

-- As for the other tables: added rows are counted one by one, removed ones by statement and in the order of the users.
create function completions_counted() returns trigger language plpgsql as $$
begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100 + octet_length(new.title) + coalesce(octet_length(new.task_before::text), 0)
     where id = new.user_id;
    return null;
end
$$;
create trigger counted after insert on completions for each row execute function completions_counted();
create function completions_uncounted() returns trigger language plpgsql as $$
declare
    gone record;
begin
    for gone in
        select r.user_id, count(*) as rows,
               sum(100 + octet_length(r.title) + coalesce(octet_length(r.task_before::text), 0)) as bytes
          from removed as r
         group by r.user_id
         order by r.user_id
    loop
        update users
           set stored_rows = stored_rows - gone.rows,
               stored_bytes = stored_bytes - gone.bytes
         where id = gone.user_id;
    end loop;
    return null;
end
$$;
create trigger uncounted after delete on completions referencing old table as removed
    for each statement execute function completions_uncounted();
-- What is done already. The key of the task is free among completions.
insert into completions (user_id, id, task_id, title, completed_at)
select user_id, id, id, title, completed_at from tasks where status = 'done' and completed_at is not null;
