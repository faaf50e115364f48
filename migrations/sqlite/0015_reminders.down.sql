drop table feeds;

alter table users drop column settings;

drop index tasks_reminder;
drop trigger tasks_counted;
drop trigger tasks_uncounted;
drop trigger tasks_recounted;
update users
   set stored_bytes = stored_bytes - coalesce((select sum(octet_length(reminders)) from tasks where tasks.user_id = users.id), 0);
alter table tasks drop column reminder_at;
alter table tasks drop column reminders;
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
