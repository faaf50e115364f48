//! Reading tasks, and the search over everything.
//!
//! **Invariant:** a list reads a bounded number of rows. A filter that an index serves stops at its limit; any other is
//! given a window ([`TaskReads::window`]).

use super::{
    At, Conn, Day, Db, Row, completions, dialect, documents, pages,
    rows::Columns as _,
    search,
    task_rows::{self, task},
    tx::{Tx, TxState},
};
use crate::{
    CompletionKey, NameCounts, Result, SearchKey, SearchRow, TaskCounts, TaskFilter, TaskKey, TaskName, TaskReads,
    WINDOW,
};
use async_trait::async_trait;
use sqlx::QueryBuilder;
use tandem_domain::{
    due::{DueCondition, Today},
    page::{PageRequest, PageRows},
    search::{self as terms, LONGEST_TERM},
    series::CompletionRecord,
};
use tandem_protocol::{
    TaskId, TaskRef, Timestamp,
    enums::{StatusFilter, WireEnum as _},
    model::{Completion, Task},
};

/// The beginning of every list of tasks; the owner follows.
const SELECT: &str = "select id, number, title, description, status, priority, due_date, due_time, due_zone,
                             recurrence_rule, recurrence_anchor, recurrence_start, occurrence, reminders, labels, list,
                             parent_id, position, rev, created_at, updated_at, completed_at
                        from tasks
                       where deleted_at is null
                         and user_id = ";

/// The same without descriptions.
const BRIEF: &str = "select id, number, title, '' as description, status, priority, due_date, due_time, due_zone,
                            recurrence_rule, recurrence_anchor, recurrence_start, occurrence, reminders, labels, list,
                            parent_id, position, rev, created_at, updated_at, completed_at
                       from tasks
                      where deleted_at is null
                        and user_id = ";

#[async_trait]
impl<H: TxState> TaskReads for Tx<H> {
    async fn task(&mut self, reference: TaskRef) -> Result<Option<Task>> {
        let (conn, owner) = self.parts().await?;
        let mut query = QueryBuilder::<Db>::new(SELECT);
        query.push_bind(owner);
        match reference {
            TaskRef::Id(id) => query.push(" and id = ").push_bind(id.0),
            TaskRef::Number(number) => query.push(" and number = ").push_bind(number),
        };
        Ok(query.build().try_map(|row| task(&row)).fetch_optional(conn).await?)
    }

    async fn kept_task(&mut self, id: TaskId) -> Result<Option<Task>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            "select id, number, title, description, status, priority, due_date, due_time, due_zone, recurrence_rule,
                    recurrence_anchor, recurrence_start, occurrence, reminders, labels, list, parent_id, position, rev,
                    created_at, updated_at, completed_at
               from tasks
              where user_id = $1
                and id = $2",
        )
        .bind(owner)
        .bind(id.0)
        .try_map(|row| task(&row))
        .fetch_optional(conn)
        .await?)
    }

    async fn tasks(&mut self, filter: &TaskFilter, page: &PageRequest<TaskKey>) -> Result<PageRows<Task>> {
        let (conn, owner) = self.parts().await?;
        let mut query = QueryBuilder::<Db>::new(SELECT);
        query.push_bind(owner);
        narrow(&mut query, filter);
        behind(&mut query, page.after.as_ref());
        query.push(" order by position, number limit ").push_bind(page.fetch());
        // The filters make hundreds of statements, which would displace all others from the prepared ones; and the best
        // plan for a filter depends on its values and its user.
        let sized = |row| pages::sized(&row, &["title", "description", "labels", "reminders"], task);
        let found = query.build().persistent(false).try_map(sized);
        pages::read(found.fetch(conn), page.limit).await
    }

    async fn tasks_before(&mut self, upto: &TaskKey, limit: u32) -> Result<Vec<Task>> {
        let (conn, owner) = self.parts().await?;
        let mut query = QueryBuilder::<Db>::new(SELECT);
        query.push_bind(owner).push(" and (position, number) <= (").push_bind(upto.0.clone()).push(", ");
        query.push_bind(upto.1).push(") order by position desc, number desc limit ").push_bind(i64::from(limit));
        Ok(query.build().try_map(|row| task(&row)).fetch_all(conn).await?)
    }

    async fn window(&mut self, filter: &TaskFilter, after: Option<&TaskKey>) -> Result<Option<TaskKey>> {
        if filter.is_indexed() {
            return Ok(None);
        }
        let (conn, owner) = self.parts().await?;
        let mut query =
            QueryBuilder::<Db>::new("select position, number from tasks where deleted_at is null and user_id = ");
        query.push_bind(owner);
        // An index has these in order: those of a list, or of a status.
        if let Some(list) = filter.list.as_ref().filter(|_| !filter.any_case) {
            query.push(" and list = ").push_bind(list.clone());
        } else if filter.status != StatusFilter::All {
            query.push(" and status = ").push_bind(filter.status.as_str());
        }
        behind(&mut query, after);
        query.push(" order by position, number limit 1 offset ").push_bind(bound(WINDOW - 1));
        let key = query.build().try_map(|row: Row| Ok((row.plain("position")?, row.plain("number")?)));
        Ok(key.fetch_optional(conn).await?)
    }

    async fn brief_tasks(&mut self, filter: &TaskFilter, limit: usize) -> Result<Vec<Task>> {
        let (conn, owner) = self.parts().await?;
        let mut query = QueryBuilder::<Db>::new(BRIEF);
        query.push_bind(owner);
        narrow(&mut query, filter);
        query.push(" order by position, number limit ").push_bind(bound(limit));
        Ok(query.build().persistent(false).try_map(|row| task(&row)).fetch_all(conn).await?)
    }

    async fn count_tasks(&mut self, filter: &TaskFilter) -> Result<i64> {
        let (conn, owner) = self.parts().await?;
        let mut query =
            QueryBuilder::<Db>::new("select count(*) as tasks from tasks where deleted_at is null and user_id = ");
        query.push_bind(owner);
        narrow(&mut query, filter);
        Ok(query.build().persistent(false).try_map(|row: Row| row.plain("tasks")).fetch_one(conn).await?)
    }

    async fn count_names(&mut self, kind: TaskName, names: &[String]) -> Result<NameCounts> {
        let (conn, owner) = self.parts().await?;
        let mut query = QueryBuilder::<Db>::new("select count(*) as names, count(case when name in (");
        let mut places = query.separated(", ");
        for name in names {
            places.push_bind(name.clone());
        }
        places.push_unseparated(") then 1 end) as known from task_names where user_id = ");
        let kind = match kind {
            TaskName::Label => "label",
            TaskName::List => "list",
        };
        query.push_bind(owner).push(" and kind = ").push_bind(kind);
        let counts = |row: Row| Ok(NameCounts { all: row.plain("names")?, known: row.plain("known")? });
        Ok(query.build().persistent(false).try_map(counts).fetch_one(conn).await?)
    }

    async fn task_counts(&mut self, today: &Today) -> Result<TaskCounts> {
        let (conn, owner) = self.parts().await?;
        let (day, week) = (today.day(), today.week());
        Ok(sqlx::query(COUNTS)
            .bind(owner)
            .bind(At(today.now()))
            .bind(Day(day.first))
            .bind(Day(week.last))
            .bind(At(day.begin))
            .bind(At(day.end))
            .bind(At(week.end))
            .try_map(|row: Row| {
                Ok(TaskCounts {
                    open: row.plain("open")?,
                    overdue: row.plain("overdue")?,
                    due_today: row.plain("due_today")?,
                    due_this_week: row.plain("due_this_week")?,
                    done_today: row.plain("done_today")?,
                })
            })
            .fetch_one(conn)
            .await?)
    }

    async fn next_tasks(&mut self, now: Timestamp, limit: usize) -> Result<Vec<Task>> {
        let (conn, owner) = self.parts().await?;
        let mut found = Vec::new();
        // Each on an index of its own; one statement with `or` would read all open tasks.
        for (condition, order) in NEXT {
            let mut query = QueryBuilder::<Db>::new(BRIEF);
            query.push_bind(owner).push(" and status = 'open'").push(condition);
            if condition.ends_with('=') || condition.ends_with('>') {
                query.push(" ").push_bind(At(now));
            }
            query.push(order).push(" limit ").push_bind(bound(limit));
            found.extend(query.build().try_map(|row| task(&row)).fetch_all(&mut *conn).await?);
        }
        found.sort_by_key(|task: &Task| task.number);
        found.dedup_by_key(|task| task.number);
        Ok(found)
    }

    async fn last_tasks(&mut self, limit: usize) -> Result<Vec<Task>> {
        let (conn, owner) = self.parts().await?;
        let mut query = QueryBuilder::<Db>::new(BRIEF);
        query.push_bind(owner).push(" and status = 'open' order by position desc, number desc limit ");
        query.push_bind(bound(limit));
        Ok(query.build().try_map(|row| task(&row)).fetch_all(conn).await?)
    }

    async fn done_tasks(&mut self, limit: usize) -> Result<Vec<Task>> {
        let (conn, owner) = self.parts().await?;
        let mut query = QueryBuilder::<Db>::new(BRIEF);
        query.push_bind(owner).push(" and status = 'done' and completed_at is not null");
        query.push(" order by completed_at desc limit ").push_bind(bound(limit));
        Ok(query.build().try_map(|row| task(&row)).fetch_all(conn).await?)
    }

    async fn named_tasks(&mut self, numbers: &[i64], ids: &[TaskId]) -> Result<Vec<Task>> {
        let (conn, owner) = self.parts().await?;
        let mut found = tasks_by(conn, owner, BRIEF, " and number in (", numbers.iter().copied()).await?;
        found.extend(tasks_by(conn, owner, BRIEF, " and id in (", ids.iter().map(|id| id.0)).await?);
        Ok(found)
    }

    async fn whole_tasks(&mut self, ids: &[TaskId]) -> Result<Vec<Task>> {
        let (conn, owner) = self.parts().await?;
        tasks_by(conn, owner, SELECT, " and id in (", ids.iter().map(|id| id.0)).await
    }

    async fn find_tasks(&mut self, words: &[String], limit: usize) -> Result<Vec<TaskId>> {
        let words = searchable(words);
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(search::FIND_TASKS)
            .bind(owner)
            .bind(search::expression(owner, &words, true))
            .bind(bound(limit))
            .bind(documents::CANDIDATES)
            .try_map(|row: Row| row.id("id", TaskId))
            .fetch_all(conn)
            .await?)
    }

    async fn ancestors(&mut self, task: TaskId, limit: usize) -> Result<Vec<TaskId>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(ANCESTORS)
            .bind(owner)
            .bind(task.0)
            .bind(bound(limit))
            .try_map(|row: Row| row.id("id", TaskId))
            .fetch_all(conn)
            .await?)
    }

    async fn descendants(&mut self, task: TaskId, limit: usize) -> Result<Vec<Task>> {
        let (conn, owner) = self.parts().await?;
        let found = sqlx::query(DESCENDANTS).bind(owner).bind(task.0).bind(bound(limit)).bind(MAX_LEVELS);
        Ok(found.try_map(|row| task_rows::task(&row)).fetch_all(conn).await?)
    }

    async fn completions(
        &mut self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        page: &PageRequest<CompletionKey>,
    ) -> Result<Vec<Completion>> {
        let (conn, owner) = self.parts().await?;
        completions::page(conn, owner, since, until, page).await
    }

    async fn last_completion(&mut self, task: TaskId) -> Result<Option<CompletionRecord>> {
        let (conn, owner) = self.parts().await?;
        completions::last(conn, owner, task).await
    }

    async fn all_tasks(&mut self, status: StatusFilter) -> Result<Vec<Task>> {
        let (conn, owner) = self.parts().await?;
        let mut query = QueryBuilder::<Db>::new(SELECT);
        query.push_bind(owner);
        narrow(&mut query, &TaskFilter::status(status));
        query.push(" order by position, number");
        Ok(query.build().try_map(|row| task(&row)).fetch_all(conn).await?)
    }

    async fn search(&mut self, words: &[String], page: &PageRequest<SearchKey>) -> Result<Vec<SearchRow>> {
        // No indexed word is as long.
        if words.iter().any(|word| word.len() > LONGEST_TERM) {
            return Ok(Vec::new());
        }
        let words = searchable(words);
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let (skip,) = page.after.unwrap_or((0,));
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(search::FIND)
            .bind(owner)
            .bind(search::expression(owner, &words, false))
            .bind(page.fetch())
            .bind(skip)
            .bind(documents::CANDIDATES)
            .bind(search::in_titles(owner, &words))
            .try_map(|row| search::found(&row))
            .fetch_all(conn)
            .await?)
    }
}

/// The numbers of tasks, as `tandem_domain::due` decides. Each is read from an index, without the rows.
const COUNTS: &str = "select
    (select count(*) from tasks where user_id = $1 and deleted_at is null and status = 'open') as open,
    due.overdue, due.due_today, due.due_this_week,
    (select count(*) from completions where user_id = $1 and completed_at >= $5 and completed_at < $6) as done_today
  from (select count(case when case when due_time is null then due_date < $3 else due_at <= $2 end then 1 end) as overdue,
               count(case when case when due_time is null then due_date = $3
                                    else due_at > $2 and due_at < $6 end then 1 end) as due_today,
               count(case when case when due_time is null then due_date > $3 and due_date <= $4
                                    else due_at > $2 and due_at >= $6 and due_at < $7 end then 1 end) as due_this_week
          from tasks
         where user_id = $1
           and deleted_at is null
           and status = 'open'
           and due_at is not null) as due";

/// The conditions and orders of the next tasks. A condition that ends with a comparison is compared with now.
const NEXT: [(&str, &str); 4] = [
    (" and due_at is not null and due_at <=", " order by due_at"),
    (" and due_at is not null and due_at >", " order by due_at"),
    (" and priority in ('high', 'urgent')", " order by number"),
    ("", " order by position, number"),
];

/// A task and those above it. `union all` with a depth: a cycle, which must not be there, ends as well.
const ANCESTORS: &str = "with recursive up (id, parent_id, depth) as (
        select id, parent_id, 1
          from tasks
         where user_id = $1
           and id = $2
           and deleted_at is null
         union all
        select above.id, above.parent_id, up.depth + 1
          from up
          join tasks as above on above.user_id = $1 and above.id = up.parent_id and above.deleted_at is null
         where up.depth < $3
    )
    select id from up order by depth";

/// Levels of parts that are followed, as a bound for a cycle, which must not be there.
const MAX_LEVELS: i64 = 64;

/// The tasks below a task, level by level.
const DESCENDANTS: &str = "with recursive down (id, depth) as (
        select id, 1
          from tasks
         where user_id = $1
           and parent_id = $2
           and deleted_at is null
         union all
        select part.id, down.depth + 1
          from down
          join tasks as part on part.user_id = $1 and part.parent_id = down.id and part.deleted_at is null
         where down.depth < $4
    )
    select id, number, title, description, status, priority, due_date, due_time, due_zone, recurrence_rule,
           recurrence_anchor, recurrence_start, occurrence, reminders, labels, list, parent_id, position, rev,
           created_at, updated_at, completed_at
      from (select id as part, depth from down limit $3) as found
      join tasks on tasks.user_id = $1 and tasks.id = found.part
     order by depth, number";

/// The tasks with one of these keys.
async fn tasks_by<K>(
    conn: &mut Conn,
    owner: &str,
    select: &'static str,
    condition: &'static str,
    keys: impl ExactSizeIterator<Item = K> + Send,
) -> Result<Vec<Task>>
where
    K: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db> + Send + 'static,
{
    if keys.len() == 0 {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::<Db>::new(select);
    query.push_bind(owner).push(condition);
    let mut places = query.separated(", ");
    for key in keys {
        places.push_bind(key);
    }
    places.push_unseparated(")");
    // There are as many statements as numbers of keys: none is worth keeping prepared.
    Ok(query.build().persistent(false).try_map(|row| task(&row)).fetch_all(conn).await?)
}

/// The words of a query as the index has them.
fn searchable(words: &[String]) -> Vec<String> {
    words.iter().flat_map(|word| terms::query(word)).collect()
}

fn bound(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Adds the condition that a page begins after a key.
fn behind(query: &mut QueryBuilder<Db>, after: Option<&TaskKey>) {
    if let Some((position, number)) = after {
        query.push(" and (position, number) > (").push_bind(position.clone()).push(", ");
        query.push_bind(*number).push(")");
    }
}

/// Adds the conditions of a filter.
fn narrow(query: &mut QueryBuilder<Db>, filter: &TaskFilter) {
    if filter.status != StatusFilter::All {
        query.push(" and status = ").push_bind(filter.status.as_str());
    }
    if let Some(due) = &filter.due {
        narrow_due(query, due);
    }
    if let Some(list) = &filter.list {
        if filter.any_case {
            query.push(" and lower(list)");
            in_any_case(query, list);
        } else {
            query.push(" and list = ").push_bind(list.clone());
        }
    }
    if let Some(priority) = filter.priority {
        query.push(" and priority = ").push_bind(priority.as_str());
    }
    if let Some(parent) = filter.parent {
        query.push(
            " and parent_id is not null
               and exists (select 1
                             from tasks as whole
                            where whole.user_id = tasks.user_id
                              and whole.id = tasks.parent_id
                              and whole.deleted_at is null",
        );
        if parent != StatusFilter::All {
            query.push(" and whole.status = ").push_bind(parent.as_str());
        }
        query.push(")");
    }
    if let Some(label) = &filter.label {
        if filter.any_case {
            query.push(dialect::AND_LABEL_OF_ANY_CASE);
            in_any_case(query, label);
        } else {
            query.push(dialect::AND_LABEL).push_bind(label.clone());
        }
        query.push(")");
    }
    for text in &filter.texts {
        // Rows that were written before accents were left out have them until they are written again.
        query.push(dialect::AND_CONTAINS).push_bind(terms::folded(text)).push(") > 0 or ");
        query.push(dialect::CONTAINS).push_bind(text.to_lowercase()).push(") > 0)");
    }
    if let Some((position, number)) = &filter.until {
        query.push(" and (position, number) <= (").push_bind(position.clone()).push(", ");
        query.push_bind(*number).push(")");
    }
}

/// Adds the condition that what was put in lower case is a name, however that is written. SQLite knows the case of ASCII letters
/// alone, so the forms that people write are compared.
fn in_any_case(query: &mut QueryBuilder<Db>, name: &str) {
    let (lower, upper) = (name.to_lowercase(), name.to_uppercase());
    let first = lower.chars().next().map_or(0, char::len_utf8);
    let capitalised = lower[..first].to_uppercase() + &lower[first..];
    query.push(" in (lower(").push_bind(lower).push("), lower(").push_bind(upper).push("), lower(");
    query.push_bind(capitalised).push("))");
}

/// Adds the condition of a filter by date. A day is compared as a day, a time as an instant.
fn narrow_due(query: &mut QueryBuilder<Db>, due: &DueCondition) {
    match due {
        DueCondition::Undated => query.push(" and ").push(dialect::UNINDEXED).push("due_date is null"),
        DueCondition::Overdue(today) => query
            .push(" and case when due_time is null then due_date < ")
            .push_bind(Day(today.date()))
            .push(" else due_at <= ")
            .push_bind(At(today.now()))
            .push(" end"),
        DueCondition::Within(days) => query
            .push(" and case when due_time is null then due_date between ")
            .push_bind(Day(days.first))
            .push(" and ")
            .push_bind(Day(days.last))
            .push(" else due_at >= ")
            .push_bind(At(days.begin))
            .push(" and due_at < ")
            .push_bind(At(days.end))
            .push(" end"),
    };
}
