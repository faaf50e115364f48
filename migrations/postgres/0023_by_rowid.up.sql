-- The documents of a conversation are found by the messages that it has.
drop index search_documents_conversation;
