//! A task in the lists that tools return. Empty fields are left out, since each token of a result costs time and money.

use super::{dates, reminders};
use jiff::Zoned;
use serde::Serialize;
use tandem_protocol::{
    TaskId,
    enums::{Priority, TaskStatus},
    model::Task,
};

#[derive(Debug, Serialize)]
pub(super) struct TaskSummary<'a> {
    number: i64,
    id: TaskId,
    title: &'a str,
    status: TaskStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recurrence: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reminders: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<Priority>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    labels: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<&'a str>,
}

impl<'a> TaskSummary<'a> {
    pub(super) fn of(task: &'a Task, now: &Zoned) -> Self {
        Self {
            number: task.number,
            id: task.id,
            title: &task.title,
            status: task.status,
            due: task.due.as_ref().map(|due| dates::describe(due, now)),
            recurrence: task.recurrence.as_ref().map(|recurrence| recurrence.rule.as_str()),
            reminders: reminders::describe(task, now),
            priority: (task.priority != Priority::None).then_some(task.priority),
            labels: &task.labels,
            list: task.list.as_deref(),
        }
    }
}

pub(super) fn summaries<'a>(tasks: impl IntoIterator<Item = &'a Task>, now: &Zoned) -> Vec<TaskSummary<'a>> {
    tasks.into_iter().map(|task| TaskSummary::of(task, now)).collect()
}
