//! The search on text vectors.
//!
//! Words are split here and not by PostgreSQL's parser, which takes addresses, paths and numbers for one word and
//! splits by the locale of the database: both databases find the same.

use super::{
    Adapter,
    documents::{self, Document},
    script::Script,
};
use crate::{
    Result,
    shared::{self, Expects},
};
use std::fmt::Write as _;
use tandem_protocol::{UserId, enums::WireEnum as _};

/// Positions that a text vector can count (PostgreSQL, section 12.11, Limitations).
const POSITIONS: usize = 16_383;

/// Bytes of words that are indexed of one document; a text vector holds a mebibyte.
const WORD_BYTES: usize = 500_000;

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
    // Words are letters and digits, so nothing needs escaping.
    let terms: Vec<String> = words.iter().map(|word| format!("'{word}':*{weight}")).collect();
    terms.join(operator)
}

/// No user has pending documents: every change indexes what it writes, and keeps only its own user waiting.
#[expect(clippy::unused_async, reason = "the other database reads")]
pub(super) async fn next_unindexed(_adapter: &Adapter, _after: Option<&UserId>) -> Result<Option<UserId>> {
    Ok(None)
}

#[expect(clippy::unused_async, reason = "the other database writes")]
pub(super) async fn index(_adapter: &Adapter, _user: &UserId) -> Result<bool> {
    Ok(false)
}

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
            "insert into search_documents (user_id, kind, id, conversation_id, title, body, words)
         values ($1, $2, $3, $4, $5, $6, $7::tsvector)
             on conflict (user_id, kind, id) do update
                set title = excluded.title,
                    body = excluded.body,
                    words = excluded.words
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
        .bind(vector(document.title, &body));
}

/// The text vector of a document in PostgreSQL's notation: `'milk':1A 'oat':2`.
fn vector(title: &str, body: &str) -> String {
    let title = shared::words(title).map(|word| (word, "A"));
    let body = shared::words(body).map(|word| (word, ""));
    let mut text = String::new();
    for (index, (word, weight)) in title.chain(body).enumerate() {
        if word.len() > documents::LONGEST_WORD {
            continue;
        }
        // Beyond this PostgreSQL would refuse the vector, and with it the change.
        if text.len() > WORD_BYTES {
            break;
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "'{word}':{}{weight} ", (index + 1).min(POSITIONS));
    }
    text
}
