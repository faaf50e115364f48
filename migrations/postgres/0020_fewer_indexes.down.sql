create index undo_entries_newest on undo_entries (user_id, seq, at) where not used and not reversal;
