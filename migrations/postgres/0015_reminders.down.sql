drop table feeds;

alter table users drop column settings;

update users
   set stored_bytes = stored_bytes - had.bytes
  from (select user_id, sum(octet_length(reminders::text)) as bytes from tasks group by user_id) as had
 where id = had.user_id;
drop trigger recounted on tasks;
create or replace function tasks_counted() returns trigger language plpgsql as $$
begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100 + octet_length(new.title) + octet_length(new.description) + octet_length(new.labels::text)
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
               sum(100 + octet_length(r.title) + octet_length(r.description) + octet_length(r.labels::text)) as bytes
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
               + (octet_length(new.title) + octet_length(new.description) + octet_length(new.labels::text))
               - (octet_length(old.title) + octet_length(old.description) + octet_length(old.labels::text))
     where id = new.user_id;
    return null;
end
$$;
create trigger recounted after update on tasks for each row
    when ((octet_length(new.title) + octet_length(new.description) + octet_length(new.labels::text))
          <> (octet_length(old.title) + octet_length(old.description) + octet_length(old.labels::text)))
    execute function tasks_recounted();

drop index tasks_reminder;
alter table tasks drop column reminder_at;
alter table tasks drop column reminders;
