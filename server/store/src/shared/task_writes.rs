//! Changing tasks.

use super::{
    At, ClockTime, Day, Json, completions,
    documents::{self, Document},
    script::{Script, Values},
    search,
    task_rows::folded,
    tx::{Tx, WriteState},
    updates,
};
use crate::{Result, TaskWrites, shared::Expects};
use async_trait::async_trait;
use tandem_domain::{series::CompletionRecord, zone};
use tandem_protocol::{
    CompletionId, TaskId, Timestamp,
    enums::{ObjectKind, WireEnum as _},
    model::Task,
};

#[async_trait]
impl TaskWrites for Tx<WriteState> {
    async fn insert_task(&mut self, task: &Task) -> Result<()> {
        let (script, owner) = self.script();
        let values = script.add(
            "insert into tasks
                    (user_id, id, title, description, folded, status, priority, due_date, due_time, due_zone, due_at,
                     recurrence_rule, recurrence_anchor, recurrence_start, occurrence, reminders, reminder_at, labels, list,
                     parent_id, position, rev, updated_at, completed_at, number, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
                     $23, $24, $25, $26)
                 on conflict do nothing",
            Expects::New("task"),
        );
        columns(values, owner, task).bind(task.number).bind(At(task.created_at));
        index(script, owner, task);
        self.state.take_number(task.number);
        Ok(())
    }

    async fn update_task(&mut self, task: &Task, reworded: bool) -> Result<()> {
        let (script, owner) = self.script();
        updates::task(script, owner, task);
        // To complete or move a task costs no update of the index.
        if reworded {
            index(script, owner, task);
        }
        Ok(())
    }

    async fn update_reminders(&mut self, task: &Task) -> Result<()> {
        let (script, owner) = self.script();
        script
            .add(
                "update tasks
                set reminders = $3,
                    reminder_at = $4,
                    rev = $5,
                    updated_at = $6
              where user_id = $1
                and id = $2",
                Expects::Present("a task to be changed is not there"),
            )
            .bind(owner)
            .bind(task.id.0)
            .bind(Json(&task.reminders))
            .bind(task.next_reminder().map(At))
            .bind(task.rev)
            .bind(At(task.updated_at));
        Ok(())
    }

    async fn delete_task(&mut self, id: TaskId, now: Timestamp) -> Result<()> {
        let (script, owner) = self.script();
        documents::remove(script, owner, ObjectKind::Task, id.0);
        script
            .add(
                "update tasks
                set deleted_at = $3
              where user_id = $1
                and id = $2
                and deleted_at is null",
                Expects::Anything,
            )
            .bind(owner)
            .bind(id.0)
            .bind(At(now));
        Ok(())
    }

    async fn insert_completion(&mut self, record: &CompletionRecord) -> Result<()> {
        let (script, owner) = self.script();
        completions::insert(script, owner, record);
        Ok(())
    }

    async fn delete_completion(&mut self, id: CompletionId) -> Result<()> {
        let (script, owner) = self.script();
        let values = script.add("delete from completions where user_id = $1 and id = $2", Expects::Anything);
        values.bind(owner).bind(id.0);
        Ok(())
    }
}

/// The owner, the id and the columns that change, in the order of the statements.
pub(crate) fn columns<'s>(values: Values<'s>, owner: &str, task: &Task) -> Values<'s> {
    values
        .bind(owner)
        .bind(task.id.0)
        .bind(&task.title)
        .bind(&task.description)
        .bind(folded(task))
        .bind(task.status.as_str())
        .bind(task.priority.as_str())
        .bind(task.due.as_ref().map(|due| Day(due.date)))
        .bind(task.due.as_ref().and_then(|due| due.time).map(ClockTime))
        .bind(task.due.as_ref().map(|due| due.time_zone.as_str()))
        .bind(task.due.as_ref().map(|due| At(zone::due_at(due))))
        .bind(task.recurrence.as_ref().map(|recurrence| recurrence.rule.as_str()))
        .bind(task.recurrence.as_ref().map(|recurrence| recurrence.anchor.as_str()))
        .bind(task.recurrence.as_ref().and_then(|recurrence| recurrence.start).map(Day))
        .bind(task.occurrence.map(Day))
        .bind(Json(&task.reminders))
        .bind(task.next_reminder().map(At))
        .bind(Json(&task.labels))
        .bind(&task.list)
        .bind(task.parent_id.map(|id| id.0))
        .bind(&task.position)
        .bind(task.rev)
        .bind(At(task.updated_at))
        .bind(task.completed_at.map(At))
}

/// Indexes a task by title and description.
fn index(script: &mut Script, owner: &str, task: &Task) {
    let document = Document {
        kind: ObjectKind::Task,
        id: task.id.0,
        conversation_id: None,
        title: &task.title,
        body: task.description.clone(),
    };
    search::upsert(script, owner, &document);
}
