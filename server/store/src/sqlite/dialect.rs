//! SQL that PostgreSQL would write otherwise.

use crate::shared::Removal;

/// Reads the account whose log is held. The writer is alone; nothing needs a lock.
pub(super) const HOLD_ACCOUNT: &str =
    "select id, email, name, email_verified, image, time_zone, created_at, seq, next_task_number,
            stored_rows, stored_bytes, log_bytes, command_bytes
       from users
      where id = $1
        and disabled_at is null";

/// Whether the driver has noted any steps of the schema; its table is made with the first one.
pub(super) const HAS_STEPS: &str =
    "select exists (select 1 from sqlite_master where type = 'table' and name = '_sqlx_migrations')";

/// A condition on tasks; the label and `)` follow.
pub(super) const AND_LABEL: &str = " and exists (select 1 from json_each(labels) as label where label.value = ";

/// The same without the case of ASCII letters; the label and `))` follow.
pub(super) const AND_LABEL_OF_ANY_CASE: &str =
    " and exists (select 1 from json_each(labels) as label where lower(label.value) = lower(";

/// Before a column, where the order of the list is to be read from an index and not that column: a window of the list is
/// short, and what a column has in common may be all tasks of a user.
pub(super) const UNINDEXED: &str = "+";

/// A condition on tasks; the text, in lower case, and `) > 0` follow.
pub(super) const AND_CONTAINS: &str = " and instr(folded, ";

/// Removes the `$2` rows of a table that are oldest, of those from before `$1`.
pub(super) fn remove_some(table: &str, key: &str, since: &str) -> String {
    format!(
        "delete from {table}
          where ({key}) in (select {key} from {table} where {since} < $1 order by {since} limit $2)"
    )
}

/// Sets a time to `$1` in the `$3` rows of a table where it lies beyond `$2` the least.
pub(super) fn set_back_some(table: &str, key: &str, column: &str) -> String {
    format!(
        "update {table} set {column} = $1
          where ({key}) in (select {key} from {table} where {column} > $2 order by {column} limit $3)"
    )
}

/// How documents of the search are removed. For every 64 of them FTS5 would merge some hundred pages of its index at once.
/// To leave it to later is worse: a merge counts the pages that it writes, reads on through whatever is marked as removed,
/// and would do so in somebody's change. So a few pages are merged behind every few documents. The 4 is the default of
/// FTS5.
pub(super) const REMOVAL: Option<Removal> = Some(Removal {
    merging: "select coalesce((select v from search_words_config where k = 'automerge'), 4)",
    set_merging: "insert into search_words (search_words, rank) values ('automerge', $1)",
    merge: "insert into search_words (search_words, rank) values ('merge', 24)",
});

/// Removes up to `$2` rows of the user `$1`.
pub(super) fn remove_some_of(table: &str) -> String {
    format!("delete from {table} where rowid in (select rowid from {table} where user_id = $1 limit $2)")
}
