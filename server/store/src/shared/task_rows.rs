//! Tasks as rows.

use super::{ClockTime, Day, Row, rows::Columns as _};
use jiff::civil::Date;
use tandem_domain::search;
use tandem_protocol::{
    TaskId,
    model::{Due, Recurrence, Task},
};

pub(super) fn task(row: &Row) -> sqlx::Result<Task> {
    let mut task = Task {
        id: row.id("id", TaskId)?,
        number: row.plain("number")?,
        title: row.plain("title")?,
        description: row.plain("description")?,
        status: row.wire_enum("status")?,
        priority: row.wire_enum("priority")?,
        due: due(row)?,
        recurrence: recurrence(row)?,
        occurrence: day(row, "occurrence")?,
        reminders: row.json("reminders")?,
        labels: row.json("labels")?,
        list: row.plain("list")?,
        parent_id: row.maybe_id("parent_id", TaskId)?,
        position: row.plain("position")?,
        rev: row.plain("rev")?,
        created_at: row.at("created_at")?,
        updated_at: row.at("updated_at")?,
        completed_at: row.maybe_at("completed_at")?,
    };
    // A node of the version before has written no series.
    task.complete_series();
    Ok(task)
}

/// A date that may be absent.
pub(super) fn day(row: &Row, column: &str) -> sqlx::Result<Option<Date>> {
    Ok(row.plain::<Option<Day>>(column)?.map(|Day(date)| date))
}

fn due(row: &Row) -> sqlx::Result<Option<Due>> {
    let Some(Day(date)) = row.plain("due_date")? else { return Ok(None) };
    let time = row.plain::<Option<ClockTime>>("due_time")?.map(|ClockTime(time)| time);
    Ok(Some(Due { date, time, time_zone: row.plain("due_zone")? }))
}

fn recurrence(row: &Row) -> sqlx::Result<Option<Recurrence>> {
    let Some(rule) = row.plain("recurrence_rule")? else { return Ok(None) };
    let start = day(row, "recurrence_start")?;
    Ok(Some(Recurrence { rule, anchor: row.wire_enum("recurrence_anchor")?, start }))
}

/// What the filter by text looks in.
pub(crate) fn folded(task: &Task) -> String {
    search::folded(&format!("{}\n{}", task.title, task.description))
}
