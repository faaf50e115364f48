//! SQL that SQLite would write otherwise.

use crate::shared::Removal;

/// Reads the account whose log is held, and holds it: whoever else wants to write for this user waits here.
pub(super) const HOLD_ACCOUNT: &str =
    "select id, email, name, email_verified, image, time_zone, created_at, seq, next_task_number,
            stored_rows, stored_bytes, log_bytes, command_bytes
       from users
      where id = $1
        and disabled_at is null
        for update";

/// Whether the driver has noted any steps of the schema; its table is made with the first one.
pub(super) const HAS_STEPS: &str = "select to_regclass('_sqlx_migrations') is not null";

/// A condition on tasks; the label and `)` follow.
pub(super) const AND_LABEL: &str =
    " and exists (select 1 from json_array_elements_text(labels) as label (value) where label.value = ";

/// The same without the case of ASCII letters; the label and `))` follow.
pub(super) const AND_LABEL_OF_ANY_CASE: &str =
    " and exists (select 1 from json_array_elements_text(labels) as label (value) where lower(label.value) = lower(";

/// Before a column, where the order of the list is to be read from an index and not that column: a window of the list is
/// short, and what a column has in common may be all tasks of a user.
pub(super) const UNINDEXED: &str = "";

/// A condition on tasks; the text, in lower case, and `) > 0` follow.
pub(super) const AND_CONTAINS: &str = " and strpos(folded, ";

/// Removes the `$2` rows of a table that are oldest, of those from before `$1`. Their places come as an array, because a
/// join with them may go through the whole table.
pub(super) fn remove_some(table: &str, _key: &str, since: &str) -> String {
    format!(
        "delete from {table}
          where ctid = any(array(select ctid from {table} where {since} < $1 order by {since} limit $2))"
    )
}

/// Sets a time to `$1` in the `$3` rows of a table where it lies beyond `$2` the least.
pub(super) fn set_back_some(table: &str, _key: &str, column: &str) -> String {
    format!(
        "update {table} set {column} = $1
          where ctid = any(array(select ctid from {table} where {column} > $2 order by {column} limit $3))"
    )
}

/// How documents of the search are removed: like everything else.
pub(super) const REMOVAL: Option<Removal> = None;

/// Removes up to `$2` rows of the user `$1`.
pub(super) fn remove_some_of(table: &str) -> String {
    format!("delete from {table} where ctid = any(array(select ctid from {table} where user_id = $1 limit $2))")
}
