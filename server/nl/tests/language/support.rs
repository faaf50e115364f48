//! A Monday morning, a handful of tasks, and short ways to ask what was understood.

use jiff::Zoned;
use jiff::civil::{DateTime, Time, date, datetime, time};
use jiff::tz::TimeZone;
use tandem_nl::{Action, Context, Reading, parse_due, read};
use tandem_protocol::enums::TaskStatus;
use tandem_protocol::model::{Due, Task};
use tandem_protocol::rest::NewTask;
use tandem_protocol::{TaskId, Timestamp};
use uuid::Uuid;

/// Monday, 23 November 2026, ten in the morning.
pub(crate) fn monday() -> Zoned {
    at(datetime(2026, 11, 23, 10, 0, 0, 0))
}

/// A moment in a zone of a fixed offset, as in the browser.
pub(crate) fn at(moment: DateTime) -> Zoned {
    moment.to_zoned(TimeZone::fixed(jiff::tz::offset(1))).expect("a fixed offset has every moment")
}

/// The date that a phrase is read as on that Monday, in ISO form.
pub(crate) fn due(text: &str) -> Option<String> {
    parse_due(text, &monday()).map(|due| due.to_iso())
}

/// The id of the task with this number.
pub(crate) fn id(number: i64) -> TaskId {
    TaskId(Uuid::from_u128(number.unsigned_abs().into()))
}

pub(crate) fn ids(numbers: &[i64]) -> Vec<TaskId> {
    numbers.iter().copied().map(id).collect()
}

/// An open task without anything but a title.
pub(crate) fn task(number: i64, title: &str) -> Task {
    Task { number, title: title.to_owned(), ..Task::empty(id(number), Timestamp::from_millis(0)) }
}

/// A user's tasks; number 6 is done.
pub(crate) fn tasks() -> Vec<Task> {
    let mut tasks: Vec<Task> = (1..)
        .zip([
            "Buy groceries",
            "Team meeting",
            "Write the annual report",
            "Oat milk",
            "Call the plumber",
            "Pay rent",
            "Client meeting",
        ])
        .map(|(number, title)| task(number, title))
        .collect();
    tasks[5].status = TaskStatus::Done;
    tasks[1].due = Some(due_on(None));
    tasks[3].list = Some("Shopping".to_owned());
    tasks[4].due = Some(due_on(Some(time(17, 0, 0, 0))));
    tasks
}

fn due_on(time: Option<Time>) -> Due {
    Due { date: date(2026, 11, 24), time, time_zone: "Europe/Berlin".to_owned() }
}

/// Reads a message with that user's tasks and what the conversation shows.
pub(crate) fn read_with(message: &str, shown: &[TaskId], last_touched: &[TaskId], previous: Option<&str>) -> Reading {
    let tasks = tasks();
    let tasks: Vec<&Task> = tasks.iter().collect();
    read(message, &Context { shown, last_touched, previous, ..Context::new(&monday(), &tasks) })
}

/// What a message means to that user.
pub(crate) fn reading(message: &str) -> Reading {
    read_with(message, &[], &[], None)
}

/// What a message does.
pub(crate) fn actions(message: &str) -> Vec<Action> {
    match reading(message) {
        Reading::Act(actions) => actions.into_vec(),
        other => panic!("{message:?} was read as {other:?}"),
    }
}

/// The tasks that a message adds, and nothing else.
pub(crate) fn added(message: &str) -> Vec<NewTask> {
    let adds = |action| match action {
        Action::Add(task) => task,
        other => panic!("{message:?} does {other:?}"),
    };
    actions(message).into_iter().map(adds).collect()
}

/// The one task that a message adds.
pub(crate) fn one(message: &str) -> NewTask {
    let mut tasks = added(message);
    assert_eq!(tasks.len(), 1, "{message:?} adds {tasks:?}");
    tasks.remove(0)
}

/// Its title and due date in ISO form.
pub(crate) fn title_and_due(message: &str) -> (String, Option<String>) {
    let task = one(message);
    (task.title, task.due.map(|due| due.to_iso()))
}

/// Whether a reading leaves every task as it is.
pub(crate) fn changes_nothing(reading: &Reading) -> bool {
    match reading {
        Reading::Act(actions) => !actions.iter().any(Action::changes),
        _ => true,
    }
}
