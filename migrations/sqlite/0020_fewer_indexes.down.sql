create index undo_entries_newest on undo_entries (user_id, seq, at) where not used and not reversal;
drop index runs_unended;
create index runs_unended on runs (created_at, message_id) where state <> 'waiting';
create index runs_queued on runs (user_id, created_at, message_id) where state = 'queued';
create index runs_running on runs (user_id) where state = 'running';
create index runs_node on runs (node) where node is not null;
