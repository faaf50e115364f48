-- Lists of one status in their order, and how many there are.
create index tasks_status on tasks (user_id, status, position, number) where deleted_at is null;
-- What is late, and what comes first.
create index tasks_open_due on tasks (user_id, due_at, due_date)
 where deleted_at is null and status = 'open' and due_at is not null;
create index tasks_open_urgent on tasks (user_id, number)
 where deleted_at is null and status = 'open' and priority in ('high', 'urgent');
-- What was done last.
create index tasks_done on tasks (user_id, completed_at) where deleted_at is null and status = 'done';
-- The search looks at the newest things first.
create index search_documents_newest on search_documents (user_id, key);
