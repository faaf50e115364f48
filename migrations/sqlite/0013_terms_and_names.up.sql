-- Words of the search may contain signs, such as `c++` and `a@b.example`; the tokenizer must not split there. The words of
-- all texts are made in another way: without accents, and in pairs of characters for scripts without spaces.
drop table search_words;
create virtual table search_words using fts5 (
    title, body,
    content = '', contentless_delete = 1, detail = none, prefix = '9 10 11', tokenize = "ascii tokenchars '+#@._%-'"
);
insert into search_words (search_words, rank) values ('automerge', 0);
insert into search_words (search_words, rank) values ('crisismerge', 64);
-- The server fills the index while it serves, user by user.
delete from search_pending;
insert into search_pending (user_id, key) select user_id, key from search_documents;

-- Labels and lists of each user's tasks, and how many tasks use them: what the limit of them is compared with. Triggers count,
-- as for `stored_rows`. What is in the trash does not count.
create table task_names (
    user_id text    not null references users (id) on delete cascade,
    -- `label` or `list`.
    kind    text    not null,
    name    text    not null,
    uses    integer not null,
    primary key (user_id, kind, name)
) strict;
insert into task_names (user_id, kind, name, uses)
select user_id, 'label', value, count(*)
  from tasks, json_each(tasks.labels)
 where deleted_at is null
 group by user_id, value
 union all
select user_id, 'list', list, count(*)
  from tasks
 where deleted_at is null
   and list is not null
 group by user_id, list;
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

-- What is late is a day or an instant, which the time tells apart.
drop index tasks_open_due;
create index tasks_open_due on tasks (user_id, due_at, due_date, due_time)
 where deleted_at is null and status = 'open' and due_at is not null;
