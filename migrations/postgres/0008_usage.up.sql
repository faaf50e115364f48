-- What each user has stored: rows, and the bytes of what is in them. Triggers count, so that no statement can forget to.
-- A row costs 100 bytes beside its content: no row is free. What is derived (`folded`, the documents of the search) is not
-- counted, and the text of a reply is counted when the reply has ended: a checkpoint counts nothing.
alter table users add column stored_rows bigint not null default 0;
alter table users add column stored_bytes bigint not null default 0;
-- Of these bytes, those of events, undo entries and answers of commands.
alter table users add column log_bytes bigint not null default 0;
-- Of the bytes of the log, those of the answers of commands.
alter table users add column command_bytes bigint not null default 0;

-- The log is shortened by its order.
create index undo_entries_log on undo_entries (user_id, seq);
create index commands_log on commands (user_id, seq);
-- What is in the trash goes first when there is no room for something new.
create index tasks_trashed on tasks (user_id, deleted_at) where deleted_at is not null;
create index conversations_trashed on conversations (user_id, deleted_at) where deleted_at is not null;

-- Members of the answer that are read from the log instead; null when the body is whole.
alter table commands add column kept_elsewhere json;

-- For each table: the counters of bytes that it belongs to, and the bytes of the content of its row `r`. Added and changed
-- rows are counted one by one, removed ones by statement: a sweep removes many of the same user. It goes through the users
-- in the order of their ids, so that two sweeps never wait for each other.
do $$
declare
    counted record;
    adds    text;
    changes text;
    removes text;
    begins  text;
begin
    for counted in
        select *
          from (values
              ('tasks', array['stored_bytes'], 'octet_length(r.title) + octet_length(r.description) + octet_length(r.labels::text)'),
              ('conversations', array['stored_bytes'], 'coalesce(octet_length(r.title), 0)'),
              ('messages', array['stored_bytes'], 'case when r.state in (''queued'', ''streaming'') then 0 else octet_length(r.parts::text) end'),
              ('runs', array['stored_bytes'], '0'),
              ('run_steps', array['stored_bytes'], 'octet_length(r.step::text)'),
              ('events', array['stored_bytes', 'log_bytes'], 'octet_length(r.data::text)'),
              ('undo_entries', array['stored_bytes', 'log_bytes'], 'octet_length(r.changes::text)'),
              ('commands', array['stored_bytes', 'log_bytes', 'command_bytes'], 'octet_length(r.body)'),
              ('sessions', array['stored_bytes'], 'coalesce(octet_length(r.device_name), 0) + coalesce(octet_length(r.user_agent), 0)'),
              ('refresh_tokens', array['stored_bytes'], '0'),
              ('personal_tokens', array['stored_bytes'], 'octet_length(r.name)')
          ) as kinds (name, counters, bytes)
    loop
        select string_agg(format('%1$I = %1$I + 100 + %2$s', counter, replace(counted.bytes, 'r.', 'new.')), ', '),
               string_agg(format('%1$I = %1$I + (%2$s) - (%3$s)', counter,
                   replace(counted.bytes, 'r.', 'new.'), replace(counted.bytes, 'r.', 'old.')), ', '),
               string_agg(format('%1$I = %1$I - gone.bytes', counter), ', '),
               string_agg(format('%1$I = %1$I + had.bytes', counter), ', ')
          into adds, changes, removes, begins
          from unnest(counted.counters) as counter;

        execute format($f$
            create function %1$I() returns trigger language plpgsql as $body$
            begin
                update users set stored_rows = stored_rows + 1, %2$s where id = new.user_id;
                return null;
            end
            $body$ $f$, counted.name || '_counted', adds);
        execute format('create trigger counted after insert on %I for each row execute function %I()',
            counted.name, counted.name || '_counted');

        execute format($f$
            create function %1$I() returns trigger language plpgsql as $body$
            declare
                gone record;
            begin
                for gone in
                    select r.user_id, count(*) as rows, sum(100 + %2$s) as bytes
                      from removed as r
                     group by r.user_id
                     order by r.user_id
                loop
                    update users set stored_rows = stored_rows - gone.rows, %3$s where id = gone.user_id;
                end loop;
                return null;
            end
            $body$ $f$, counted.name || '_uncounted', counted.bytes, removes);
        execute format('create trigger uncounted after delete on %I referencing old table as removed
            for each statement execute function %I()', counted.name, counted.name || '_uncounted');

        if counted.bytes <> '0' then
            execute format($f$
                create function %1$I() returns trigger language plpgsql as $body$
                begin
                    update users set %2$s where id = new.user_id;
                    return null;
                end
                $body$ $f$, counted.name || '_recounted', changes);
            execute format('create trigger recounted after update on %I for each row when ((%s) <> (%s))
                execute function %I()', counted.name, replace(counted.bytes, 'r.', 'new.'),
                replace(counted.bytes, 'r.', 'old.'), counted.name || '_recounted');
        end if;

        -- What is there already.
        execute format('update users set stored_rows = stored_rows + had.rows, %s
            from (select r.user_id, count(*) as rows, sum(100 + %s) as bytes from %I as r group by r.user_id) as had
            where id = had.user_id', begins, counted.bytes, counted.name);
    end loop;
end
$$;
