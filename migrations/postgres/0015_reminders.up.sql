-- When a user is reminded of a task, as a document in the order in which the user sees them.
alter table tasks add column reminders json not null default '[]';
-- When the next of them fires; null when none does. The index finds what fires next, of all users.
alter table tasks add column reminder_at timestamptz;
create index tasks_reminder on tasks (reminder_at) where reminder_at is not null and deleted_at is null;

-- Each task has two bytes of reminders now.
update users
   set stored_bytes = stored_bytes + 2 * had.tasks
  from (select user_id, count(*) as tasks from tasks group by user_id) as had
 where id = had.user_id;
drop trigger recounted on tasks;
create or replace function tasks_counted() returns trigger language plpgsql as $$
begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100 + octet_length(new.title) + octet_length(new.description) + octet_length(new.labels::text) + octet_length(new.reminders::text)
     where id = new.user_id;
    return null;
end
$$;
create or replace function tasks_uncounted() returns trigger language plpgsql as $$
declare
    gone record;
begin
    for gone in
        select r.user_id, count(*) as rows,
               sum(100 + octet_length(r.title) + octet_length(r.description) + octet_length(r.labels::text) + octet_length(r.reminders::text)) as bytes
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
create or replace function tasks_recounted() returns trigger language plpgsql as $$
begin
    update users
       set stored_bytes = stored_bytes
               + (octet_length(new.title) + octet_length(new.description) + octet_length(new.labels::text) + octet_length(new.reminders::text))
               - (octet_length(old.title) + octet_length(old.description) + octet_length(old.labels::text) + octet_length(old.reminders::text))
     where id = new.user_id;
    return null;
end
$$;
create trigger recounted after update on tasks for each row
    when ((octet_length(new.title) + octet_length(new.description) + octet_length(new.labels::text) + octet_length(new.reminders::text))
          <> (octet_length(old.title) + octet_length(old.description) + octet_length(old.labels::text) + octet_length(old.reminders::text)))
    execute function tasks_recounted();

-- What the user has chosen for all devices; null until they have.
alter table users add column settings json;

-- Addresses at which a calendar program reads tasks. A user has few of them, so they are not counted.
create table feeds (
    user_id      text not null references users (id) on delete cascade,
    id           uuid not null,
    name         text not null,
    -- Names of lists; null for all tasks.
    lists        json,
    kind         text not null,
    include_done boolean not null,
    created_at   timestamptz not null,
    -- SHA-256 of the secret in the address.
    hash         bytea not null unique,
    primary key (user_id, id)
);
alter table feeds enable row level security;
alter table feeds force row level security;
create policy visible on feeds using (case
    when user_id = (select nullif(current_setting('tandem.user_id', true), '')) then 1
    when (select current_setting('tandem.system', true)) = 'on' then 1
end is not null);
