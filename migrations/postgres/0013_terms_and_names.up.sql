-- Which version of the program made the words of a text: 0 are those before this step, and what nodes of the previous version
-- write during an upgrade. The server makes their words again while it serves, user by user.
alter table search_documents add column terms smallint not null default 0;
create index search_documents_pending on search_documents (user_id, key) where terms = 0;

-- Labels and lists of each user's tasks, and how many tasks use them: what the limit of them is compared with. Triggers count,
-- as for `stored_rows`. What is in the trash does not count.
create table task_names (
    user_id text    not null references users (id) on delete cascade,
    -- `label` or `list`.
    kind    text    not null,
    name    text    not null,
    uses    bigint  not null,
    primary key (user_id, kind, name)
);
do $$
begin
    execute 'alter table task_names enable row level security';
    execute 'alter table task_names force row level security';
    execute 'create policy visible on task_names using (case
        when user_id = (select nullif(current_setting(''tandem.user_id'', true), '''')) then 1
        when (select current_setting(''tandem.system'', true)) = ''on'' then 1
    end is not null)';
end
$$;
insert into task_names (user_id, kind, name, uses)
select user_id, 'label', label, count(*)
  from tasks, json_array_elements_text(labels) as label
 where deleted_at is null
 group by user_id, label
 union all
select user_id, 'list', list, count(*)
  from tasks
 where deleted_at is null
   and list is not null
 group by user_id, list;

create function task_names_changed() returns trigger language plpgsql as $body$
begin
    if tg_op <> 'INSERT' then
        if old.deleted_at is null then
            update task_names
               set uses = uses - 1
             where user_id = old.user_id
               and (kind = 'label' and name in (select json_array_elements_text(old.labels))
                    or kind = 'list' and name = old.list);
        end if;
    end if;
    if tg_op <> 'DELETE' then
        if new.deleted_at is null then
            insert into task_names (user_id, kind, name, uses)
            select new.user_id, 'label', label, count(*)
              from json_array_elements_text(new.labels) as label
             group by label
             union all
            select new.user_id, 'list', new.list, 1
             where new.list is not null
                on conflict (user_id, kind, name) do update set uses = task_names.uses + 1;
        end if;
    end if;
    if tg_op <> 'INSERT' then
        delete from task_names
         where user_id = old.user_id
           and (kind = 'label' and name in (select json_array_elements_text(old.labels))
                or kind = 'list' and name = old.list)
           and uses <= 0;
    end if;
    return null;
end
$body$;
create trigger names_of_new after insert on tasks for each row
    when (new.labels::text <> '[]' or new.list is not null)
    execute function task_names_changed();
create trigger names_of_changed after update on tasks for each row
    when (new.labels::text <> old.labels::text or new.list is distinct from old.list
          or (new.deleted_at is null) <> (old.deleted_at is null))
    execute function task_names_changed();
create trigger names_of_removed after delete on tasks for each row
    when (old.deleted_at is null and (old.labels::text <> '[]' or old.list is not null))
    execute function task_names_changed();

-- What is late is a day or an instant, which the time tells apart.
drop index tasks_open_due;
create index tasks_open_due on tasks (user_id, due_at, due_date, due_time)
 where deleted_at is null and status = 'open' and due_at is not null;
