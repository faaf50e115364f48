drop table search_words;
create virtual table search_words using fts5 (
    title, body,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0'
);
delete from search_pending;
insert into search_pending (user_id, key) select user_id, key from search_documents;
