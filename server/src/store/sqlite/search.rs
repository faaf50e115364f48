//! The search on FTS5. Triggers on `search_documents` keep the index; see the migration.

use super::{
    documents::{self, Document},
    script::Script,
};
use crate::store::shared::Expects;
use std::fmt::Write as _;
use tandem_protocol::vocab::Word as _;

/// The hits of `$2` among the rows of `$1`: `$3` of them after `$4`. A word in a title counts for eight in a text.
pub(super) const FIND: &str = "select d.kind, d.id, d.conversation_id, d.body,
            case d.kind when 'message' then c.title else d.title end as title
       from search_index as i
       join search_documents as d on d.key = i.rowid
       left join conversations as c on c.user_id = d.user_id and c.id = d.conversation_id
      where i.search_index match $2
        and d.user_id = $1
      order by bm25(search_index, 0.0, 8.0, 1.0), d.key desc
      limit $3 offset $4";

/// The query that finds rows of the owner in which each word begins a word.
pub(super) fn expression(owner: &str, words: &[String]) -> String {
    let mut text = String::from("owner : \"u");
    for byte in owner.bytes() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02X}");
    }
    text.push_str("\" AND {title body} : (");
    for (index, word) in words.iter().enumerate() {
        let and = if index == 0 { "" } else { " AND " };
        let _ = write!(text, "{and}\"{}\"*", word.replace('"', ""));
    }
    text.push(')');
    text
}

/// Keeps what a thing is found by, in place of what was kept before.
pub(super) fn keep(script: &mut Script, owner: &str, document: &Document<'_>) {
    if document.is_empty() {
        return documents::forget(script, owner, document.kind, document.id);
    }
    script
        .add(
            "insert into search_documents (user_id, kind, id, conversation_id, title, body)
         values ($1, $2, $3, $4, $5, $6)
             on conflict (user_id, kind, id) do update
                set title = excluded.title,
                    body = excluded.body
              where title <> excluded.title
                 or body <> excluded.body",
            Expects::Anything,
        )
        .bind(owner)
        .bind(document.kind.as_str())
        .bind(document.id)
        .bind(document.conversation_id)
        .bind(document.title)
        .bind(&document.body);
}
