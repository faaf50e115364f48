-- These rows are in the order of time already, which is that of their `rowid`: the oldest are found without an index, and each
-- index was a page more to write for every row.
drop index events_at;
drop index commands_at;
drop index undo_entries_at;
-- The documents of a conversation are found by the messages that it has.
drop index search_documents_conversation;
