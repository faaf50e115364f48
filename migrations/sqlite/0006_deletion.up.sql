-- Set: the account is being removed, some rows at a time. Its address is free, its sessions have ended.
alter table users add column deleted_at integer;
create index users_deleted on users (deleted_at) where deleted_at is not null;
