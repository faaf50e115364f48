-- The index of the search, as it is asked: it says which documents have a word, and not where. Of a text of 10 kB a quarter is
-- left, and a search merges no positions.
-- The prefixes are one, two and three letters after the tag of the owner, which has 8: each has a list of its documents, of
-- which a search reads the newest. Without it a search of one letter would merge the lists of all words that begin with it.
-- The words come split and in lower case: `ascii` leaves every letter as it is.
drop table search_words;
create virtual table search_words using fts5 (
    -- Words of the title, with a tag of their own; all words.
    title, body,
    content = '', contentless_delete = 1, detail = none, prefix = '9 10 11', tokenize = 'ascii'
);
-- The server merges the pieces of the index, a few pages with each change. FTS5 does it in portions that hold up whoever wants
-- to write next.
insert into search_words (search_words, rank) values ('automerge', 0);
insert into search_words (search_words, rank) values ('crisismerge', 64);
-- The server fills it again, user by user.
delete from search_pending;
insert into search_pending (user_id, key) select user_id, key from search_documents;
