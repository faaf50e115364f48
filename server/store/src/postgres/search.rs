//! The search on text vectors.
//!
//! Words are split by `tandem_domain::search` and not by PostgreSQL's parser, which takes addresses, paths and numbers
//! for one word and splits by the locale of the database: both databases find the same.
//!
//! Every change indexes what it writes. Pending are only documents with the words of an earlier version of the program.

use super::{
    Adapter, Conn, Row,
    documents::{self, Document},
    rows::Columns as _,
    script::Script,
};
use crate::{Result, SearchRow, shared::Expects};
use std::fmt::Write as _;
use tandem_domain::search::{self as terms, DocumentTerms};
use tandem_protocol::enums::WireEnum as _;

/// The hits of `$2` among the rows of `$1`: `$3` of them after `$4`. Those of `$6`, which have the words in their
/// titles, come first, then the newest. Only the newest `$5` hits are ordered; texts and conversations are read only of
/// those that are returned.
pub(super) const FIND: &str = "select d.kind, d.id, d.conversation_id, d.body,
            case d.kind when 'message' then c.title else d.title end as title
       from (select key, titled
               from (select key, words @@ $6::tsquery as titled
                       from search_documents
                      where user_id = $1
                        and words @@ $2::tsquery
                      order by key desc
                      limit $5) as newest
              order by titled desc, key desc
              limit $3 offset $4) as hits
       join search_documents as d on d.user_id = $1 and d.key = hits.key
       left join conversations as c on c.user_id = $1 and c.id = d.conversation_id
      order by hits.titled desc, hits.key desc";

/// The ids of tasks among the newest hits of `$2`, `$3` of them.
pub(super) const FIND_TASKS: &str = "select id
       from (select key, kind, id
               from search_documents
              where user_id = $1
                and words @@ $2::tsquery
              order by key desc
              limit $4) as hits
      where kind = 'task'
      limit $3";

/// The query for rows in which each word begins a word; or any of them.
pub(super) fn expression(_owner: &str, words: &[String], any: bool) -> String {
    starts("", words, if any { " | " } else { " & " })
}

/// The query for rows in which each word begins a word of the title.
pub(super) fn in_titles(_owner: &str, words: &[String]) -> String {
    starts("A", words, " & ")
}

fn starts(weight: &str, words: &[String], operator: &str) -> String {
    // Words hold neither quotes nor backslashes, so nothing needs escaping.
    let terms: Vec<String> = words.iter().map(|word| format!("'{word}':*{weight}")).collect();
    terms.join(operator)
}

/// The first user after `$1` with pending documents.
pub(super) const NEXT_PENDING: &str =
    "select user_id from search_documents where terms = 0 and user_id > $1 order by user_id limit 1";

/// A document that waits to be indexed.
#[derive(Debug)]
pub(super) struct Pending {
    key: i64,
    /// Bytes of its text.
    pub(super) bytes: i64,
}

/// The pending documents of `$1`, the `$2` oldest ones.
const PENDING: &str = "select key, (octet_length(title) + octet_length(body))::bigint as bytes
       from search_documents
      where user_id = $1
        and terms = 0
      order by key
      limit $2";

/// The text of the document `$2` of `$1`, unless another transaction changes it: waiting for that one, which may wait for
/// a document that is locked here, could be a deadlock.
const TEXT: &str =
    "select title, body from search_documents where user_id = $1 and key = $2 and terms = 0 for update skip locked";

/// The pending documents of a user, oldest first.
pub(super) async fn pending(conn: &mut Conn, owner: &str, limit: i64) -> Result<Vec<Pending>> {
    let pending = |row: Row| Ok(Pending { key: row.plain("key")?, bytes: row.plain("bytes")? });
    Ok(sqlx::query(PENDING).bind(owner).bind(limit).try_map(pending).fetch_all(conn).await?)
}

/// Title and text of a document; `None` when a change in progress holds it.
pub(super) async fn text(conn: &mut Conn, owner: &str, document: &Pending) -> Result<Option<(String, String)>> {
    let text = |row: Row| Ok((row.plain("title")?, row.plain("body")?));
    Ok(sqlx::query(TEXT).bind(owner).bind(document.key).try_map(text).fetch_optional(conn).await?)
}

/// Indexes a pending document. Without terms it is left to the change that holds it.
pub(super) fn write_terms(script: &mut Script, owner: &str, document: &Pending, terms: Option<&DocumentTerms>) {
    let Some(terms) = terms else { return };
    script
        .add(
            "update search_documents set words = $3::tsvector, terms = 1 where user_id = $1 and key = $2",
            Expects::Anything,
        )
        .bind(owner)
        .bind(document.key)
        .bind(vector(terms));
}

/// Reads a hit of [`FIND`].
pub(super) fn found(row: &Row) -> sqlx::Result<SearchRow> {
    documents::found(row, row.plain("body")?)
}

/// Does nothing: the database does it beside its work.
pub(super) fn merge(_script: &mut Script, _bytes: i64) {}

/// Does nothing: words are removed with their rows.
#[expect(clippy::unused_async, reason = "the other database writes")]
pub(super) async fn compact(_adapter: &Adapter) -> Result<()> {
    Ok(())
}

/// Indexes the text of an object, in place of the one before.
pub(super) fn upsert(script: &mut Script, owner: &str, document: &Document<'_>) {
    if document.is_empty() {
        return documents::remove(script, owner, document.kind, document.id);
    }
    // A model may write NUL, which a text of PostgreSQL cannot hold.
    let body = document.body.replace('\0', " ");
    script
        .add(
            "insert into search_documents (user_id, kind, id, conversation_id, title, body, words, terms)
         values ($1, $2, $3, $4, $5, $6, $7::tsvector, 1)
             on conflict (user_id, kind, id) do update
                set title = excluded.title,
                    body = excluded.body,
                    words = excluded.words,
                    terms = 1
              where search_documents.title <> excluded.title
                 or search_documents.body <> excluded.body",
            Expects::Anything,
        )
        .bind(owner)
        .bind(document.kind.as_str())
        .bind(document.id)
        .bind(document.conversation_id)
        .bind(document.title)
        .bind(&body)
        .bind(vector(&terms::document(document.title, &body)));
}

/// The text vector of a document in PostgreSQL's notation, with a weight for the words of the title: `'milk':1A 'oat':1`.
/// Nothing reads the positions, but only words with a position have a weight.
fn vector(terms: &DocumentTerms) -> String {
    let mut text = String::new();
    for (words, place) in [(&terms.title, "1A"), (&terms.body, "1")] {
        for word in words {
            // Writing to a string cannot fail.
            let _ = write!(text, "'{word}':{place} ");
        }
    }
    text
}
