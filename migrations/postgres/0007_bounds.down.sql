drop index search_documents_newest;
drop index tasks_done;
drop index tasks_open_urgent;
drop index tasks_open_due;
drop index tasks_status;
