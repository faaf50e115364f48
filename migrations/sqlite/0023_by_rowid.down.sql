create index events_at on events (at);
create index commands_at on commands (at);
create index undo_entries_at on undo_entries (at);
create index search_documents_conversation on search_documents (user_id, conversation_id);
