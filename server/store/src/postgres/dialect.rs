//! Fragments of SQL that SQLite writes otherwise.

use crate::shared::Removal;

/// Reads the account and locks its row: another change of this user waits here.
pub(super) const HOLD_ACCOUNT: &str =
    "select id, email, name, email_verified, image, time_zone, created_at, settings, role, seq, next_task_number,
            stored_rows, stored_bytes, log_bytes, command_bytes,
            usage_day, day_replies, day_tokens, replies, tokens, max_replies, max_tokens
       from users
      where id = $1
        and disabled_at is null
        for update";

/// The same for an account that may be disabled.
pub(super) const HOLD_ANY_ACCOUNT: &str =
    "select id, email, name, email_verified, image, time_zone, created_at, settings, role, seq, next_task_number,
            stored_rows, stored_bytes, log_bytes, command_bytes,
            usage_day, day_replies, day_tokens, replies, tokens, max_replies, max_tokens
       from users
      where id = $1
        and deleted_at is null
        for update";

/// Holds who the owners are, until the transaction ends: another transaction that may change that waits here. The
/// number names this lock.
pub(super) const HOLD_OWNERS: &str = "select pg_advisory_xact_lock(7463120518)";

/// Whether the driver has recorded any steps of the schema; its table is created with the first one.
pub(super) const HAS_STEPS: &str = "select to_regclass('_sqlx_migrations') is not null";

/// Around the removal of an account: nothing, because `vacuum` decides here when a row is overwritten.
pub(super) const OVERWRITE: Option<[&str; 2]> = None;

/// A condition on tasks; the label and `)` follow.
pub(super) const AND_LABEL: &str =
    " and exists (select 1 from json_array_elements_text(labels) as label (value) where label.value = ";

/// The same for the label in lower case; a comparison and `)` follow.
pub(super) const AND_LABEL_OF_ANY_CASE: &str =
    " and exists (select 1 from json_array_elements_text(labels) as label (value) where lower(label.value)";

/// Put before a column so that its index is not used, but that of the list's order: a window of the list is short,
/// while a value of the column may be that of all tasks of a user. Needed on SQLite only.
pub(super) const UNINDEXED: &str = "";

/// A condition on tasks; the text, in lower case, and `) > 0` follow.
pub(super) const AND_CONTAINS: &str = " and (strpos(folded, ";
pub(super) const CONTAINS: &str = "strpos(folded, ";

/// Removes the `$2` oldest rows of a table from before `$1`. Their addresses come as an array, because a join with them
/// may scan the whole table.
pub(super) fn remove_some(table: &str, _key: &str, since: &str) -> String {
    format!(
        "delete from {table}
          where ctid = any(array(select ctid from {table} where {since} < $1 order by {since} limit $2))"
    )
}

/// Sets a time to `$1` in the first `$3` rows of a table in which it is after `$2`.
pub(super) fn set_back_some(table: &str, _key: &str, column: &str) -> String {
    format!(
        "update {table} set {column} = $1
          where ctid = any(array(select ctid from {table} where {column} > $2 order by {column} limit $3))"
    )
}

/// Documents are removed from the index as rows are.
pub(super) const REMOVAL: Option<Removal> = None;

/// Removes up to `$2` rows of the user `$1`.
pub(super) fn remove_some_of(table: &str) -> String {
    format!("delete from {table} where ctid = any(array(select ctid from {table} where user_id = $1 limit $2))")
}

/// Ends a statement that reads runs, which must not be claimed until the commit.
pub(super) const KEEP_RUNS: &str = " for share of runs";
