//! Fragments of SQL that PostgreSQL writes otherwise.

use crate::shared::Removal;

/// Reads the account and holds its log. There is one writer, so nothing needs a lock.
pub(super) const HOLD_ACCOUNT: &str =
    "select id, email, name, email_verified, image, time_zone, created_at, settings, role, seq, next_task_number,
            stored_rows, stored_bytes, log_bytes, command_bytes,
            usage_day, day_replies, day_tokens, replies, tokens, max_replies, max_tokens
       from users
      where id = $1
        and disabled_at is null";

/// The same for an account that may be disabled.
pub(super) const HOLD_ANY_ACCOUNT: &str =
    "select id, email, name, email_verified, image, time_zone, created_at, settings, role, seq, next_task_number,
            stored_rows, stored_bytes, log_bytes, command_bytes,
            usage_day, day_replies, day_tokens, replies, tokens, max_replies, max_tokens
       from users
      where id = $1
        and deleted_at is null";

/// Holds who the owners are, until the transaction ends. There is one writer, so nothing needs a lock.
pub(super) const HOLD_OWNERS: &str = "select 1";

/// Whether the driver has recorded any steps of the schema; its table is created with the first one.
pub(super) const HAS_STEPS: &str =
    "select exists (select 1 from sqlite_master where type = 'table' and name = '_sqlx_migrations')";

/// Around the removal of an account: its pages are overwritten even where that costs a write.
pub(super) const OVERWRITE: Option<[&str; 2]> = Some(["pragma secure_delete = on", "pragma secure_delete = fast"]);

/// A condition on tasks; the label and `)` follow.
pub(super) const AND_LABEL: &str = " and exists (select 1 from json_each(labels) as label where label.value = ";

/// The same for the label in lower case; a comparison and `)` follow.
pub(super) const AND_LABEL_OF_ANY_CASE: &str =
    " and exists (select 1 from json_each(labels) as label where lower(label.value)";

/// Put before a column so that its index is not used, but that of the list's order: a window of the list is short,
/// while a value of the column may be that of all tasks of a user.
pub(super) const UNINDEXED: &str = "+";

/// A condition on tasks; the text, in lower case, and `) > 0` follow.
pub(super) const AND_CONTAINS: &str = " and (instr(folded, ";
pub(super) const CONTAINS: &str = "instr(folded, ";

/// Tables whose rows come in the order of time and are never changed in it: their order is that of `rowid`, and an index by
/// time would be one more page to write for each row.
const IN_ORDER_OF_TIME: [&str; 3] = ["events", "commands", "undo_entries"];

/// Removes the `$2` oldest rows of a table from before `$1`.
pub(super) fn remove_some(table: &str, key: &str, since: &str) -> String {
    if IN_ORDER_OF_TIME.contains(&table) {
        return format!(
            "delete from {table}
              where rowid in (select rowid from {table} order by rowid limit $2)
                and {since} < $1"
        );
    }
    format!(
        "delete from {table}
          where ({key}) in (select {key} from {table} where {since} < $1 order by {since} limit $2)"
    )
}

/// Sets a time to `$1` in the first `$3` rows of a table in which it is after `$2`.
pub(super) fn set_back_some(table: &str, key: &str, column: &str) -> String {
    format!(
        "update {table} set {column} = $1
          where ({key}) in (select {key} from {table} where {column} > $2 order by {column} limit $3)"
    )
}

/// How documents are removed from the index. For every 64 of them FTS5 would merge some hundred pages at once. Leaving
/// the merge to later is worse: it counts the pages that it writes, reads through whatever is marked as removed, and
/// would do so in a change of a user. So a few pages are merged after every few documents. The 4 is the default of
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

/// Ends a statement that reads runs, which must not be claimed until the commit. There is one writer, so none can be.
pub(super) const KEEP_RUNS: &str = "";
