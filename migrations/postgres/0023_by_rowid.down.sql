create index search_documents_conversation on search_documents (user_id, conversation_id);
