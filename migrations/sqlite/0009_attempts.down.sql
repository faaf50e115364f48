drop index undo_entries_newest;
alter table undo_entries drop column reversal;
create index undo_entries_newest on undo_entries (user_id, seq, at) where not used;
drop index runs_queued;
drop index runs_running;
alter table runs drop column takeovers;
