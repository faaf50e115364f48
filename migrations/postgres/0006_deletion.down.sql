-- Nobody else would finish what has begun.
delete from users where deleted_at is not null;
drop index users_deleted;
alter table users drop column deleted_at;
