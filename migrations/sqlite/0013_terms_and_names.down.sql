drop trigger task_names_of_new;
drop trigger task_names_of_changed;
drop trigger task_names_of_removed;
drop table task_names;

drop table search_words;
create virtual table search_words using fts5 (
    title, body,
    content = '', contentless_delete = 1, detail = none, prefix = '9 10 11', tokenize = 'ascii'
);
insert into search_words (search_words, rank) values ('automerge', 0);
insert into search_words (search_words, rank) values ('crisismerge', 64);
delete from search_pending;
insert into search_pending (user_id, key) select user_id, key from search_documents;

drop index tasks_open_due;
create index tasks_open_due on tasks (user_id, due_at, due_date)
 where deleted_at is null and status = 'open' and due_at is not null;
