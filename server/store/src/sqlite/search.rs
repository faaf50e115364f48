//! The search on FTS5.
//!
//! The index has which document contains which word, and no text. Each word is prefixed with a tag of its owner, so a
//! search reads the words of one user and costs the same whatever others have stored. The words of a title are in it a
//! second time, with another tag. Words are what `tandem_domain::search` makes of a text; the tokenizer of the table
//! splits at spaces only. A change names in `search_pending` what it wrote; that is indexed within seconds or by the next
//! search of the user, see `indexing`. No text is stored for the search: it is read where it belongs, so that a change
//! writes one page for the search, which all changes share.
//!
//! The first one, two and three letters of each word have lists of documents of their own (`prefix` of the table). A
//! search reads such a list from its newest end and stops at its limit. Without it FTS5 would merge the lists of all
//! words with this beginning before the limit counts: for a search of one letter, all that the user has written.
//!
//! **Invariant:** what is in `search_pending` is not found by the words of its earlier text. What is not in
//! `search_documents` is never found: a trigger removes it from the index.

use super::{
    Adapter, Conn, Row, TenantScope,
    documents::{self, Document},
    rows::Columns as _,
    script::Script,
};
use crate::{Result, SearchRow, shared::Expects};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use tandem_domain::search::DocumentTerms;
use tandem_protocol::{
    enums::{ObjectKind, WireEnum as _},
    model::Part,
};
use uuid::Uuid;

/// Pages of the index that are rewritten in one transaction.
const MERGED_PAGES: i64 = 64;
/// Bytes of indexed texts for each page more that is merged after them, see [`merge`].
const BYTES_A_PAGE: i64 = 512;
/// Pages that are merged after the shortest texts.
const LEAST_PAGES: i64 = 4;

/// The hits of `$2` among the rows of `$1`: `$3` of them after `$4`. Those of `$6`, which have the words in their
/// titles, come first, then the newest. Only the newest `$5` hits are ordered, and texts are read only of those that
/// are returned.
pub(super) const FIND: &str = "select d.kind, d.id, c.id as conversation_id, coalesce(t.title, c.title) as title,
            t.description, m.parts
       from (select newest.key,
                    newest.key in (select rowid
                                     from search_words
                                    where search_words match $6
                                    order by rowid desc
                                    limit $5) as titled
               from (select rowid as key
                       from search_words
                      where search_words match $2
                      order by rowid desc
                      limit $5) as newest
               join search_documents as own on own.key = newest.key and own.user_id = $1
              where not exists (select 1
                                  from search_pending as p
                                 where p.user_id = $1
                                   and p.id = own.id
                                   and p.kind = own.kind)
              order by titled desc, newest.key desc
              limit $3 offset $4) as hits
       join search_documents as d on d.key = hits.key and d.user_id = $1
       left join tasks as t on d.kind = 'task' and t.user_id = $1 and t.id = d.id
       left join messages as m on d.kind = 'message' and m.user_id = $1 and m.id = d.id
       left join conversations as c on c.user_id = $1
                                   and c.id = case d.kind when 'message' then m.conversation_id
                                                          when 'conversation' then d.id end
      order by hits.titled desc, hits.key desc";

/// The ids of tasks among the newest hits of `$2`, `$3` of them.
pub(super) const FIND_TASKS: &str = "select d.id
       from (select rowid as key
               from search_words
              where search_words match $2
              order by rowid desc
              limit $4) as hits
       join search_documents as d on d.key = hits.key and d.user_id = $1
      where d.kind = 'task'
      limit $3";

/// The query that finds rows of the owner in which each word begins a word; or any of them.
pub(super) fn expression(owner: &str, words: &[String], any: bool) -> String {
    starts(&Tags::of(owner).all, words, if any { " OR " } else { " AND " })
}

/// The query that finds rows of the owner in which each word begins a word of the title.
pub(super) fn in_titles(owner: &str, words: &[String]) -> String {
    starts(&Tags::of(owner).title, words, " AND ")
}

fn starts(tag: &str, words: &[String], operator: &str) -> String {
    // Words hold no quotes, so nothing needs escaping.
    let terms: Vec<String> = words.iter().map(|word| format!("\"{tag}{word}\"*")).collect();
    terms.join(operator)
}

/// The tags of an owner's words. Two owners may have the same tags, so rows are compared with the owner, too. The
/// lengths of `prefix` of `search_words` include the tag.
struct Tags {
    all: String,
    /// The tag of a word in a title.
    title: String,
}

impl Tags {
    fn of(owner: &str) -> Self {
        let hash: [u8; 32] = Sha256::digest(owner.as_bytes()).into();
        let tag = |bytes: &[u8]| {
            bytes.iter().fold(String::with_capacity(8), |mut tag, byte| {
                // Writing to a string cannot fail.
                let _ = write!(tag, "{byte:02x}");
                tag
            })
        };
        Self { all: tag(&hash[..4]), title: tag(&hash[4..8]) }
    }

    /// The columns of a document: words of the title, and all words.
    fn columns(&self, terms: &DocumentTerms) -> (String, String) {
        (tagged(&self.title, &terms.title), tagged(&self.all, terms.title.iter().chain(&terms.body)))
    }
}

fn tagged<'t>(tag: &str, words: impl IntoIterator<Item = &'t String>) -> String {
    words.into_iter().flat_map(|word| [tag, word, " "]).collect()
}

/// Has an object indexed, in place of its text before.
pub(super) fn upsert(script: &mut Script, owner: &str, document: &Document<'_>) {
    if document.is_empty() {
        return documents::remove(script, owner, document.kind, document.id);
    }
    // It is read with the text, from the message.
    debug_assert_eq!(document.conversation_id.is_some(), document.kind != ObjectKind::Task);
    script
        .add(
            "insert into search_pending (user_id, id, kind) values ($1, $2, $3) on conflict do nothing",
            Expects::Anything,
        )
        .bind(owner)
        .bind(document.id)
        .bind(document.kind.as_str());
}

/// Reads a hit of [`FIND`].
pub(super) fn found(row: &Row) -> sqlx::Result<SearchRow> {
    let parts: Option<Vec<Part>> = row.maybe_json("parts")?;
    let body = match parts {
        Some(parts) => text_of(&parts),
        None => row.plain::<Option<String>>("description")?.unwrap_or_default(),
    };
    documents::found(row, body)
}

/// Merges some pages of the index after texts of this many bytes were added as one more segment. A merge drops the words
/// of replaced and deleted texts.
pub(super) fn merge(script: &mut Script, bytes: i64) {
    // FTS5 would do it by itself, but in portions of hundreds of pages now and then (`automerge`), and a change would
    // wait for up to 0.2 s. So each transaction does its part.
    script
        .add("insert into search_words (search_words, rank) values ('merge', $1)", Expects::Anything)
        .bind((bytes / BYTES_A_PAGE + LEAST_PAGES).min(MERGED_PAGES));
}

/// The first user after `$1` with pending documents. Those of an account that has ended go with it.
pub(super) const NEXT_PENDING: &str = "select p.user_id
       from search_pending as p
      where p.user_id > $1
        and not exists (select 1 from users as u where u.id = p.user_id and u.deleted_at is not null)
      order by p.user_id
      limit 1";

/// The text of a message that can be found.
fn text_of(parts: &[Part]) -> String {
    parts.iter().filter_map(Part::as_text).collect()
}

/// A document that waits to be indexed.
#[derive(Debug)]
pub(super) struct Pending {
    kind: ObjectKind,
    id: Uuid,
    /// Bytes of its text, about.
    pub(super) bytes: i64,
}

/// The pending documents of `$1`, the `$2` oldest ones.
const PENDING: &str = "select p.kind, p.id,
            coalesce(case p.kind
                       when 'task' then (select octet_length(t.title) + octet_length(t.description)
                                           from tasks as t
                                          where t.user_id = p.user_id and t.id = p.id)
                       when 'message' then (select octet_length(m.parts)
                                              from messages as m
                                             where m.user_id = p.user_id and m.id = p.id)
                     end, 0) as bytes
       from search_pending as p
      where p.user_id = $1
      order by p.id
      limit $2";

/// The pending documents of a user, oldest first.
pub(super) async fn pending(conn: &mut Conn, owner: &str, limit: i64) -> Result<Vec<Pending>> {
    let pending =
        |row: Row| Ok(Pending { kind: row.wire_enum("kind")?, id: row.plain("id")?, bytes: row.plain("bytes")? });
    Ok(sqlx::query(PENDING).bind(owner).bind(limit).try_map(pending).fetch_all(conn).await?)
}

/// Title and text of a document, in the words of today; `None` when there is nothing to find any more.
pub(super) async fn text(conn: &mut Conn, owner: &str, document: &Pending) -> Result<Option<(String, String)>> {
    let query = match document.kind {
        ObjectKind::Task => {
            "select title, description, null as parts from tasks where user_id = $1 and id = $2 and deleted_at is null"
        }
        ObjectKind::Message => {
            "select '' as title, '' as description, parts from messages where user_id = $1 and id = $2"
        }
        ObjectKind::Conversation => {
            "select title, '' as description, null as parts
               from conversations
              where user_id = $1 and id = $2 and deleted_at is null"
        }
    };
    let text = |row: Row| {
        let title = row.plain::<Option<String>>("title")?.unwrap_or_default();
        let parts: Option<Vec<Part>> = row.maybe_json("parts")?;
        let body = match parts {
            Some(parts) => text_of(&parts),
            None => row.plain("description")?,
        };
        Ok((title, body))
    };
    let found = sqlx::query(query).bind(owner).bind(document.id).try_map(text).fetch_optional(conn).await?;
    Ok(found.filter(|(title, body)| !title.is_empty() || !body.is_empty()))
}

/// Indexes a pending document, in place of its words before; without any terms it is removed.
pub(super) fn write_terms(script: &mut Script, owner: &str, document: &Pending, terms: Option<&DocumentTerms>) {
    let (id, kind) = (document.id, document.kind.as_str());
    let Some(terms) = terms else {
        documents::remove(script, owner, document.kind, id);
        return remove_pending(script, owner, document);
    };
    let (title, body) = Tags::of(owner).columns(terms);
    script
        .add(
            "delete from search_words
              where rowid = (select key from search_documents where user_id = $1 and kind = $3 and id = $2)",
            Expects::Anything,
        )
        .bind(owner)
        .bind(id)
        .bind(kind);
    script
        .add(
            "insert into search_documents (user_id, kind, id) values ($1, $3, $2) on conflict do nothing",
            Expects::Anything,
        )
        .bind(owner)
        .bind(id)
        .bind(kind);
    script
        .add(
            "insert into search_words (rowid, title, body)
             select key, $4, $5 from search_documents where user_id = $1 and kind = $3 and id = $2",
            Expects::Anything,
        )
        .bind(owner)
        .bind(id)
        .bind(kind)
        .bind(title)
        .bind(body);
    remove_pending(script, owner, document);
}

fn remove_pending(script: &mut Script, owner: &str, document: &Pending) {
    script
        .add("delete from search_pending where user_id = $1 and id = $2 and kind = $3", Expects::Anything)
        .bind(owner)
        .bind(document.id)
        .bind(document.kind.as_str());
}

/// Removes the words of deleted texts from the file: merging the index into one segment leaves them out. Everything is
/// rewritten, some pages in each transaction, so that changes wait for a few milliseconds.
pub(super) async fn compact(adapter: &Adapter) -> Result<()> {
    // A negative number begins a merge of all segments into one; positive ones continue it (FTS5, "The merge Command").
    let mut pages = -MERGED_PAGES;
    loop {
        let mut txn = adapter.write_txn(TenantScope::System).await?;
        let before = changes(txn.conn()).await?;
        sqlx::query("insert into search_words (search_words, rank) values ('merge', $1)")
            .bind(pages)
            .execute(txn.conn())
            .await?;
        // FTS5 reports an end of merging in this way: a merge that did nothing changes fewer than two rows.
        let done = changes(txn.conn()).await? - before < 2;
        txn.commit().await?;
        if done {
            return Ok(());
        }
        pages = MERGED_PAGES;
    }
}

/// Rows that the connection has changed in total, those of the index included.
async fn changes(conn: &mut Conn) -> Result<i64> {
    Ok(sqlx::query_scalar("select total_changes()").fetch_one(conn).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_domain::search as terms;

    #[test]
    fn the_words_of_two_owners_are_not_the_same() {
        let (ann, ben) = (Tags::of("ann"), Tags::of("ben"));
        let mut tags = vec![&ann.all, &ann.title, &ben.all, &ben.title];
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 4);
        let (all, title) = (&ann.all, &ann.title);
        let expected = (format!("{title}oat {title}milk "), format!("{all}oat {all}milk {all}2 {all}l "));
        assert_eq!(ann.columns(&terms::document("Oat-milk", "2 l oat, 2 milk")), expected);
        let words = ["oat".to_owned(), "2".to_owned()];
        assert_eq!(expression("ann", &words, false), format!("\"{all}oat\"* AND \"{all}2\"*"));
        assert_eq!(in_titles("ann", &words), format!("\"{title}oat\"* AND \"{title}2\"*"));
    }

    /// Otherwise a search of one letter would merge the lists of all words.
    #[test]
    fn the_prefixes_of_the_index_count_the_tag() {
        let tag = Tags::of("ann").all.len();
        let lengths = [1, 2, 3].map(|letters| (tag + letters).to_string()).join(" ");
        let table = include_str!("../../../../migrations/sqlite/0013_terms_and_names.up.sql");
        assert!(table.contains(&format!("prefix = '{lengths}'")), "{table}");
    }
}
