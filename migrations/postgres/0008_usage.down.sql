do $$
declare
    name text;
begin
    foreach name in array array[
        'tasks', 'conversations', 'messages', 'runs', 'run_steps', 
        'events', 'undo_entries', 'commands', 'sessions', 'refresh_tokens', 'personal_tokens'
    ] loop
        execute format('drop trigger counted on %I', name);
        execute format('drop trigger uncounted on %I', name);
        execute format('drop trigger if exists recounted on %I', name);
        execute format('drop function %I()', name || '_counted');
        execute format('drop function %I()', name || '_uncounted');
        execute format('drop function if exists %I()', name || '_recounted');
    end loop;
end
$$;

-- Without the place in the log such an answer is not whole.
delete from commands where kept_elsewhere is not null;
alter table commands drop column kept_elsewhere;
drop index conversations_trashed;
drop index tasks_trashed;
drop index commands_log;
drop index undo_entries_log;
alter table users drop column command_bytes;
alter table users drop column log_bytes;
alter table users drop column stored_bytes;
alter table users drop column stored_rows;
