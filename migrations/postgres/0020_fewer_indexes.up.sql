-- The last change that can be taken back is among the newest ones of `undo_entries_log`.
drop index undo_entries_newest;
