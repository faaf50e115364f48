-- What the user wants of a conversation: first in the list, out of the way, answered by a certain provider.
alter table conversations add column pinned boolean not null default false;
alter table conversations add column archived boolean not null default false;
alter table conversations add column provider text;
-- A device that starts is sent those that are pinned, however old they are.
create index conversations_pinned on conversations (user_id, active_at, id) where pinned and deleted_at is null;
