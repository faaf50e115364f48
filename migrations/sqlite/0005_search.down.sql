drop table search_documents;
drop table search_index;
