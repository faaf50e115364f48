-- What each user has stored: rows, and the bytes of what is in them. Triggers count, so that no statement can forget to.
-- A row costs 100 bytes beside its content: no row is free. What is derived (`folded`, the documents of the search) is not
-- counted, and the text of a reply is counted when the reply has ended: a checkpoint counts nothing.
alter table users add column stored_rows integer not null default 0;
alter table users add column stored_bytes integer not null default 0;
-- Of these bytes, those of events, undo entries and answers of commands.
alter table users add column log_bytes integer not null default 0;
-- Of the bytes of the log, those of the answers of commands.
alter table users add column command_bytes integer not null default 0;

-- The log is shortened by its order.
create index undo_entries_log on undo_entries (user_id, seq);
create index commands_log on commands (user_id, seq);
-- What is in the trash goes first when there is no room for something new.
create index tasks_trashed on tasks (user_id, deleted_at) where deleted_at is not null;
create index conversations_trashed on conversations (user_id, deleted_at) where deleted_at is not null;

-- Members of the answer that are read from the log instead; null when the body is whole.
alter table commands add column kept_elsewhere text;

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

create trigger conversations_counted after insert on conversations begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100 + coalesce(octet_length(new.title), 0)
     where id = new.user_id;
end;
create trigger conversations_uncounted after delete on conversations begin
    update users
       set stored_rows = stored_rows - 1,
           stored_bytes = stored_bytes - 100 - (coalesce(octet_length(old.title), 0))
     where id = old.user_id;
end;
create trigger conversations_recounted after update on conversations
when (coalesce(octet_length(new.title), 0)) <> (coalesce(octet_length(old.title), 0))
begin
    update users
       set stored_bytes = stored_bytes + (coalesce(octet_length(new.title), 0)) - (coalesce(octet_length(old.title), 0))
     where id = new.user_id;
end;

create trigger messages_counted after insert on messages begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100 + case when new.state in ('queued', 'streaming') then 0 else octet_length(new.parts) end
     where id = new.user_id;
end;
create trigger messages_uncounted after delete on messages begin
    update users
       set stored_rows = stored_rows - 1,
           stored_bytes = stored_bytes - 100 - (case when old.state in ('queued', 'streaming') then 0 else octet_length(old.parts) end)
     where id = old.user_id;
end;
create trigger messages_recounted after update on messages
when (case when new.state in ('queued', 'streaming') then 0 else octet_length(new.parts) end) <> (case when old.state in ('queued', 'streaming') then 0 else octet_length(old.parts) end)
begin
    update users
       set stored_bytes = stored_bytes + (case when new.state in ('queued', 'streaming') then 0 else octet_length(new.parts) end) - (case when old.state in ('queued', 'streaming') then 0 else octet_length(old.parts) end)
     where id = new.user_id;
end;

create trigger runs_counted after insert on runs begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100
     where id = new.user_id;
end;
create trigger runs_uncounted after delete on runs begin
    update users
       set stored_rows = stored_rows - 1,
           stored_bytes = stored_bytes - 100
     where id = old.user_id;
end;

create trigger run_steps_counted after insert on run_steps begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100 + octet_length(new.step)
     where id = new.user_id;
end;
create trigger run_steps_uncounted after delete on run_steps begin
    update users
       set stored_rows = stored_rows - 1,
           stored_bytes = stored_bytes - 100 - (octet_length(old.step))
     where id = old.user_id;
end;
create trigger run_steps_recounted after update on run_steps
when (octet_length(new.step)) <> (octet_length(old.step))
begin
    update users
       set stored_bytes = stored_bytes + (octet_length(new.step)) - (octet_length(old.step))
     where id = new.user_id;
end;

create trigger events_counted after insert on events begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100 + octet_length(new.data),
           log_bytes = log_bytes + 100 + octet_length(new.data)
     where id = new.user_id;
end;
create trigger events_uncounted after delete on events begin
    update users
       set stored_rows = stored_rows - 1,
           stored_bytes = stored_bytes - 100 - (octet_length(old.data)),
           log_bytes = log_bytes - 100 - (octet_length(old.data))
     where id = old.user_id;
end;
create trigger events_recounted after update on events
when (octet_length(new.data)) <> (octet_length(old.data))
begin
    update users
       set stored_bytes = stored_bytes + (octet_length(new.data)) - (octet_length(old.data)),
           log_bytes = log_bytes + (octet_length(new.data)) - (octet_length(old.data))
     where id = new.user_id;
end;

create trigger undo_entries_counted after insert on undo_entries begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100 + octet_length(new.changes),
           log_bytes = log_bytes + 100 + octet_length(new.changes)
     where id = new.user_id;
end;
create trigger undo_entries_uncounted after delete on undo_entries begin
    update users
       set stored_rows = stored_rows - 1,
           stored_bytes = stored_bytes - 100 - (octet_length(old.changes)),
           log_bytes = log_bytes - 100 - (octet_length(old.changes))
     where id = old.user_id;
end;
create trigger undo_entries_recounted after update on undo_entries
when (octet_length(new.changes)) <> (octet_length(old.changes))
begin
    update users
       set stored_bytes = stored_bytes + (octet_length(new.changes)) - (octet_length(old.changes)),
           log_bytes = log_bytes + (octet_length(new.changes)) - (octet_length(old.changes))
     where id = new.user_id;
end;

create trigger commands_counted after insert on commands begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100 + octet_length(new.body),
           log_bytes = log_bytes + 100 + octet_length(new.body),
           command_bytes = command_bytes + 100 + octet_length(new.body)
     where id = new.user_id;
end;
create trigger commands_uncounted after delete on commands begin
    update users
       set stored_rows = stored_rows - 1,
           stored_bytes = stored_bytes - 100 - (octet_length(old.body)),
           log_bytes = log_bytes - 100 - (octet_length(old.body)),
           command_bytes = command_bytes - 100 - (octet_length(old.body))
     where id = old.user_id;
end;
create trigger commands_recounted after update on commands
when (octet_length(new.body)) <> (octet_length(old.body))
begin
    update users
       set stored_bytes = stored_bytes + (octet_length(new.body)) - (octet_length(old.body)),
           log_bytes = log_bytes + (octet_length(new.body)) - (octet_length(old.body)),
           command_bytes = command_bytes + (octet_length(new.body)) - (octet_length(old.body))
     where id = new.user_id;
end;

create trigger sessions_counted after insert on sessions begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100 + coalesce(octet_length(new.device_name), 0) + coalesce(octet_length(new.user_agent), 0)
     where id = new.user_id;
end;
create trigger sessions_uncounted after delete on sessions begin
    update users
       set stored_rows = stored_rows - 1,
           stored_bytes = stored_bytes - 100 - (coalesce(octet_length(old.device_name), 0) + coalesce(octet_length(old.user_agent), 0))
     where id = old.user_id;
end;
create trigger sessions_recounted after update on sessions
when (coalesce(octet_length(new.device_name), 0) + coalesce(octet_length(new.user_agent), 0)) <> (coalesce(octet_length(old.device_name), 0) + coalesce(octet_length(old.user_agent), 0))
begin
    update users
       set stored_bytes = stored_bytes + (coalesce(octet_length(new.device_name), 0) + coalesce(octet_length(new.user_agent), 0)) - (coalesce(octet_length(old.device_name), 0) + coalesce(octet_length(old.user_agent), 0))
     where id = new.user_id;
end;

create trigger refresh_tokens_counted after insert on refresh_tokens begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100
     where id = new.user_id;
end;
create trigger refresh_tokens_uncounted after delete on refresh_tokens begin
    update users
       set stored_rows = stored_rows - 1,
           stored_bytes = stored_bytes - 100
     where id = old.user_id;
end;

create trigger personal_tokens_counted after insert on personal_tokens begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100 + octet_length(new.name)
     where id = new.user_id;
end;
create trigger personal_tokens_uncounted after delete on personal_tokens begin
    update users
       set stored_rows = stored_rows - 1,
           stored_bytes = stored_bytes - 100 - (octet_length(old.name))
     where id = old.user_id;
end;
create trigger personal_tokens_recounted after update on personal_tokens
when (octet_length(new.name)) <> (octet_length(old.name))
begin
    update users
       set stored_bytes = stored_bytes + (octet_length(new.name)) - (octet_length(old.name))
     where id = new.user_id;
end;

-- What is there already.
update users
   set stored_rows = stored_rows + had.rows,
       stored_bytes = stored_bytes + had.bytes
  from (select user_id, count(*) as rows, sum(100 + octet_length(tasks.title) + octet_length(tasks.description) + octet_length(tasks.labels)) as bytes from tasks group by user_id) as had
 where id = had.user_id;
update users
   set stored_rows = stored_rows + had.rows,
       stored_bytes = stored_bytes + had.bytes
  from (select user_id, count(*) as rows, sum(100 + coalesce(octet_length(conversations.title), 0)) as bytes from conversations group by user_id) as had
 where id = had.user_id;
update users
   set stored_rows = stored_rows + had.rows,
       stored_bytes = stored_bytes + had.bytes
  from (select user_id, count(*) as rows, sum(100 + case when messages.state in ('queued', 'streaming') then 0 else octet_length(messages.parts) end) as bytes from messages group by user_id) as had
 where id = had.user_id;
update users
   set stored_rows = stored_rows + had.rows,
       stored_bytes = stored_bytes + had.bytes
  from (select user_id, count(*) as rows, 100 * count(*) as bytes from runs group by user_id) as had
 where id = had.user_id;
update users
   set stored_rows = stored_rows + had.rows,
       stored_bytes = stored_bytes + had.bytes
  from (select user_id, count(*) as rows, sum(100 + octet_length(run_steps.step)) as bytes from run_steps group by user_id) as had
 where id = had.user_id;
update users
   set stored_rows = stored_rows + had.rows,
       stored_bytes = stored_bytes + had.bytes,
       log_bytes = log_bytes + had.bytes
  from (select user_id, count(*) as rows, sum(100 + octet_length(events.data)) as bytes from events group by user_id) as had
 where id = had.user_id;
update users
   set stored_rows = stored_rows + had.rows,
       stored_bytes = stored_bytes + had.bytes,
       log_bytes = log_bytes + had.bytes
  from (select user_id, count(*) as rows, sum(100 + octet_length(undo_entries.changes)) as bytes from undo_entries group by user_id) as had
 where id = had.user_id;
update users
   set stored_rows = stored_rows + had.rows,
       stored_bytes = stored_bytes + had.bytes,
       log_bytes = log_bytes + had.bytes,
       command_bytes = command_bytes + had.bytes
  from (select user_id, count(*) as rows, sum(100 + octet_length(commands.body)) as bytes from commands group by user_id) as had
 where id = had.user_id;
update users
   set stored_rows = stored_rows + had.rows,
       stored_bytes = stored_bytes + had.bytes
  from (select user_id, count(*) as rows, sum(100 + coalesce(octet_length(sessions.device_name), 0) + coalesce(octet_length(sessions.user_agent), 0)) as bytes from sessions group by user_id) as had
 where id = had.user_id;
update users
   set stored_rows = stored_rows + had.rows,
       stored_bytes = stored_bytes + had.bytes
  from (select user_id, count(*) as rows, 100 * count(*) as bytes from refresh_tokens group by user_id) as had
 where id = had.user_id;
update users
   set stored_rows = stored_rows + had.rows,
       stored_bytes = stored_bytes + had.bytes
  from (select user_id, count(*) as rows, sum(100 + octet_length(personal_tokens.name)) as bytes from personal_tokens group by user_id) as had
 where id = had.user_id;
