//! Reading tasks, and the search over everything.

use super::{
    At, Day, Db, dialect, documents, pages, search,
    task_rows::task,
    tx::{Hold, Tx},
};
use crate::{
    domain::page::{PageRequest, PageRows},
    store::{Result, SearchKey, SearchRow, TaskFilter, TaskKey, TaskReads, shared},
};
use async_trait::async_trait;
use jiff::{ToSpan as _, civil};
use sqlx::QueryBuilder;
use tandem_protocol::{
    TaskId, TaskRef, Timestamp,
    model::Task,
    vocab::{DueFilter, StatusFilter, Word as _},
};

/// What every list of tasks begins with; the owner follows.
const SELECT: &str = "select id, number, title, description, status, priority, due_date, due_time, due_zone,
                             recurrence_rule, recurrence_anchor, labels, list, parent_id, position, rev,
                             created_at, updated_at, completed_at
                        from tasks
                       where deleted_at is null
                         and user_id = ";

#[async_trait]
impl<H: Hold> TaskReads for Tx<H> {
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
        let found = sqlx::query(
            "select id, number, title, description, status, priority, due_date, due_time, due_zone, recurrence_rule,
                    recurrence_anchor, labels, list, parent_id, position, rev, created_at, updated_at, completed_at
               from tasks
              where user_id = $1
                and id = $2",
        )
        .bind(owner)
        .bind(id.0)
        .try_map(|row| task(&row))
        .fetch_optional(conn)
        .await?;
        Ok(found)
    }

    async fn tasks(&mut self, filter: &TaskFilter, page: &PageRequest<TaskKey>) -> Result<PageRows<Task>> {
        let (conn, owner) = self.parts().await?;
        let mut query = QueryBuilder::<Db>::new(SELECT);
        query.push_bind(owner);
        narrow(&mut query, filter);
        if let Some((position, number)) = &page.after {
            query.push(" and (position, number) > (").push_bind(position).push(", ").push_bind(*number).push(")");
        }
        query.push(" order by position, number limit ").push_bind(page.fetch());
        // The filters make hundreds of statements, which would push all others out of those that are kept prepared. And how
        // to go about a filter depends on its values and on its user.
        let sized = |row| pages::sized(&row, &["title", "description", "labels"], task);
        let found = query.build().persistent(false).try_map(sized);
        pages::read(found.fetch(conn), page.limit).await
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
        let words: Vec<String> = words.iter().flat_map(|word| shared::words(word)).collect();
        if words.is_empty() || words.iter().any(|word| word.len() > documents::LONGEST_WORD) {
            return Ok(Vec::new());
        }
        let (skip,) = page.after.unwrap_or((0,));
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(search::FIND)
            .bind(owner)
            .bind(search::expression(owner, &words))
            .bind(page.fetch())
            .bind(skip)
            .try_map(|row| documents::found(&row))
            .fetch_all(conn)
            .await?)
    }
}

/// Adds the conditions of a filter.
fn narrow(query: &mut QueryBuilder<Db>, filter: &TaskFilter) {
    if filter.status != StatusFilter::All {
        query.push(" and status = ").push_bind(filter.status.as_str());
    }
    if let Some((due, today, now)) = filter.due {
        narrow_due(query, due, today, now);
    }
    if let Some(list) = &filter.list {
        query.push(" and list = ").push_bind(list);
    }
    if let Some(priority) = filter.priority {
        query.push(" and priority = ").push_bind(priority.as_str());
    }
    if let Some(label) = &filter.label {
        query.push(dialect::AND_LABEL).push_bind(label).push(")");
    }
    if let Some(text) = &filter.text {
        query.push(dialect::AND_CONTAINS).push_bind(text.to_lowercase()).push(") > 0");
    }
}

/// Adds the condition of a filter by date. Dates compare as they stand, in whatever zone they are meant.
fn narrow_due(query: &mut QueryBuilder<Db>, due: DueFilter, today: civil::Date, now: Timestamp) {
    match due {
        DueFilter::None => query.push(" and due_date is null"),
        DueFilter::Today => query.push(" and due_date = ").push_bind(Day(today)),
        DueFilter::Week => {
            let last = today.saturating_add(6.days());
            query.push(" and due_date between ").push_bind(Day(today)).push(" and ").push_bind(Day(last))
        }
        DueFilter::Overdue => query
            .push(" and (due_date < ")
            .push_bind(Day(today))
            .push(" or (due_date = ")
            .push_bind(Day(today))
            .push(" and due_time is not null and due_at <= ")
            .push_bind(At(now))
            .push("))"),
    };
}
