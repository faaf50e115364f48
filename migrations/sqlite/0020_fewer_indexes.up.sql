-- Few replies are unended at a time, and a user has few of them. One index of these finds all that five did, and each index is a
-- page more to write when a reply begins, and when it ends.
drop index runs_node;
drop index runs_running;
drop index runs_queued;
drop index runs_unended;
create index runs_unended on runs (user_id, created_at, message_id) where state <> 'waiting';
-- The last change that can be taken back is among the newest ones of `undo_entries_log`.
drop index undo_entries_newest;
