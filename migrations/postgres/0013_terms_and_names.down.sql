drop trigger names_of_new on tasks;
drop trigger names_of_changed on tasks;
drop trigger names_of_removed on tasks;
drop function task_names_changed();
drop table task_names;

-- The words stay: the previous version finds most of them, and makes those of a text again when it changes.
drop index search_documents_pending;
alter table search_documents drop column terms;

drop index tasks_open_due;
create index tasks_open_due on tasks (user_id, due_at, due_date)
 where deleted_at is null and status = 'open' and due_at is not null;
