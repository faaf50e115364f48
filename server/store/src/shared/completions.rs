//! Rows of what was done. They stay when their task is deleted.

use super::{At, Conn, Day, Json, Row, rows::Columns as _, script::Script, task_rows::day};
use crate::{CompletionKey, Result, shared::Expects};
use tandem_domain::{page::PageRequest, series::CompletionRecord};
use tandem_protocol::{CompletionId, TaskId, Timestamp, model::Completion};

/// The start of the year 1, before which nothing was done. PostgreSQL has no times of long before.
const YEAR_ONE_MILLIS: i64 = -62_135_596_800_000;

pub(super) fn insert(script: &mut Script, owner: &str, record: &CompletionRecord) {
    let CompletionRecord { completion, task_before } = record;
    script
        .add(
            "insert into completions (user_id, id, task_id, title, occurrence, completed_at, task_before)
             values ($1, $2, $3, $4, $5, $6, $7)
                 on conflict do nothing",
            Expects::New("completion"),
        )
        .bind(owner)
        .bind(completion.id.0)
        .bind(completion.task_id.0)
        .bind(&completion.title)
        .bind(completion.occurrence.map(Day))
        .bind(At(completion.completed_at))
        .bind(task_before.as_ref().map(Json));
}

pub(super) async fn page(
    conn: &mut Conn,
    owner: &str,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    page: &PageRequest<CompletionKey>,
) -> Result<Vec<Completion>> {
    // The start of the list is after all ids of its last time.
    let (at, id) = page.after.unwrap_or((i64::MAX, CompletionId(uuid::Uuid::max())));
    Ok(sqlx::query(
        "select id, task_id, title, occurrence, completed_at
           from completions
          where user_id = $1
            and completed_at >= $2
            and completed_at < $3
            and (completed_at, id) < ($4, $5)
          order by completed_at desc, id desc
          limit $6",
    )
    .bind(owner)
    .bind(At(since.unwrap_or(Timestamp::from_millis(YEAR_ONE_MILLIS))))
    .bind(At(until.unwrap_or(Timestamp::from_millis(i64::MAX))))
    .bind(At(Timestamp::from_millis(at)))
    .bind(id.0)
    .bind(page.fetch())
    .try_map(|row| completion(&row))
    .fetch_all(conn)
    .await?)
}

pub(super) async fn last(conn: &mut Conn, owner: &str, task: TaskId) -> Result<Option<CompletionRecord>> {
    Ok(sqlx::query(
        "select id, task_id, title, occurrence, completed_at, task_before
           from completions
          where user_id = $1
            and task_id = $2
          order by completed_at desc, id desc
          limit 1",
    )
    .bind(owner)
    .bind(task.0)
    .try_map(|row: Row| {
        Ok(CompletionRecord { completion: completion(&row)?, task_before: row.maybe_json("task_before")? })
    })
    .fetch_optional(conn)
    .await?)
}

fn completion(row: &Row) -> sqlx::Result<Completion> {
    Ok(Completion {
        id: row.id("id", CompletionId)?,
        task_id: row.id("task_id", TaskId)?,
        title: row.plain("title")?,
        occurrence: day(row, "occurrence")?,
        completed_at: row.at("completed_at")?,
    })
}
