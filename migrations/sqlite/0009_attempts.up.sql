-- How often a reply was claimed from a node that was gone: one that takes its nodes with it is not tried for ever.
alter table runs add column takeovers integer not null default 0;
-- How many replies of a user run and wait is counted for each message.
create index runs_running on runs (user_id) where state = 'running';
create index runs_queued on runs (user_id, created_at, message_id) where state = 'queued';

-- Whether the change took another one back: it is found by its token alone.
alter table undo_entries add column reversal integer not null default 0;
drop index undo_entries_newest;
create index undo_entries_newest on undo_entries (user_id, seq, at) where not used and not reversal;
