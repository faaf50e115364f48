//! Selects, sorts and groups the tasks of a filter. Pure.

use crate::text::tasks as text;
use crate::{
    components::{clock::Clock, format, shared::TaskIndex},
    platform::case::lower,
};
use jiff::civil::Date;
use std::{cmp::Ordering, sync::Arc};
use tandem_protocol::{Timestamp, enums::TaskStatus, id::TaskId, model::Task, order::sort_by};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TaskFilter {
    /// Overdue, due today, added today, completed today.
    #[default]
    Today,
    Upcoming,
    All,
    Done,
}

impl TaskFilter {
    /// All filters, in the order of the tabs.
    pub(crate) const ALL: [Self; 4] = [Self::Today, Self::Upcoming, Self::All, Self::Done];

    /// The name of the tab.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Today => text::TODAY,
            Self::Upcoming => text::UPCOMING,
            Self::All => text::ALL,
            Self::Done => text::DONE,
        }
    }

    pub(crate) fn tab_id(self) -> &'static str {
        match self {
            Self::Today => "tab-today",
            Self::Upcoming => "tab-upcoming",
            Self::All => "tab-all",
            Self::Done => "tab-done",
        }
    }
}

/// Restricts the tasks of a filter further.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TaskQuery {
    /// Must occur in the title or the description.
    pub text: String,
    pub place: Place,
}

/// Where tasks are: everywhere, in a list, or under a label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    #[default]
    All,
    List(String),
    Label(String),
}

impl Place {
    pub(crate) fn admits(&self, task: &Task) -> bool {
        match self {
            Self::All => true,
            Self::List(list) => task.list.as_ref() == Some(list),
            Self::Label(label) => task.labels.contains(label),
        }
    }
}

impl TaskQuery {
    fn admits(&self, task: &Task) -> bool {
        let text = lower(self.text.trim());
        let holds = |field: &str| lower(field).contains(&text);
        (text.is_empty() || holds(&task.title) || holds(&task.description)) && self.place.admits(task)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Section {
    pub name: String,
    pub kind: SectionKind,
    pub rows: Vec<Row>,
}

/// What the tasks of a section have in common, and what a task that is moved there becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SectionKind {
    Overdue,
    Today(Date),
    Day(Date),
    List(Option<String>),
    Other,
}

/// A task with its subtasks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub task: Arc<Task>,
    pub parts: Vec<Arc<Task>>,
}

/// The numbers of open tasks, for tabs and badges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Overdue tasks and those due today.
    pub today: usize,
    /// Those whose day is today, overdue or not.
    pub this_day: usize,
    pub overdue: usize,
    pub upcoming: usize,
}

pub(crate) fn counts<'a>(tasks: impl Iterator<Item = &'a Arc<Task>>, clock: &Clock) -> Counts {
    let mut counts = Counts::default();
    for task in tasks.filter(|task| task.status == TaskStatus::Open) {
        let Some(due) = task.due.as_ref().map(|due| clock.due(due)) else { continue };
        let is_today = due.date == clock.today();
        counts.overdue += usize::from(due.is_past);
        counts.this_day += usize::from(is_today);
        counts.today += usize::from(due.is_past || is_today);
        counts.upcoming += usize::from(!due.is_past && !is_today);
    }
    counts
}

/// The due date relative to the current time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Overdue,
    Today,
    Later(Date),
    Undated,
}

/// When a task is due, by the rule of [`Clock::due`].
pub(super) fn when(task: &Task, clock: &Clock) -> When {
    match task.due.as_ref().map(|due| clock.due(due)) {
        None => When::Undated,
        Some(due) if due.is_past => When::Overdue,
        Some(due) if due.date <= clock.today() => When::Today,
        Some(due) => When::Later(due.date),
    }
}

/// The sections of a filter. `held`: tasks that were completed a moment ago, and keep their rows for that long.
pub(crate) fn sections(
    tasks: &TaskIndex,
    filter: TaskFilter,
    query: &TaskQuery,
    clock: &Clock,
    held: &[TaskId],
) -> Vec<Section> {
    let key = |task: &Task| {
        let open = task.status == TaskStatus::Open || held.contains(&task.id);
        section_key(task, open, filter, clock).filter(|_| query.admits(task))
    };
    let mut rows: Vec<_> = tasks.iter().filter_map(|task| Some((key(task)?, task))).collect();
    sort_by(&mut rows, |(a, one), (b, other)| a.cmp(b).then_with(|| order(one, other, filter, clock)));
    let mut children: Vec<_> = tasks.iter().filter(|task| task.parent_id.is_some()).collect();
    sort_by(&mut children, |one, other| by_hand(one, other));
    let mut sections: Vec<Section> = Vec::new();
    for (key_of_row, task) in rows {
        // A subtask whose parent has a row is drawn below it.
        let parent = task.parent_id.and_then(|parent| tasks.get(parent));
        if parent.is_some_and(|parent| key(parent).is_some()) {
            continue;
        }
        let parts = children.iter().filter(|part| part.parent_id == Some(task.id)).map(|part| Arc::clone(part));
        let row = Row { task: Arc::clone(task), parts: parts.collect() };
        let name = key_of_row.heading(clock.today());
        // Rows are sorted by section, so those of one section are adjacent.
        match sections.last_mut() {
            Some(last) if last.name == name => last.rows.push(row),
            _ => sections.push(Section { name, kind: key_of_row.kind(clock.today()), rows: vec![row] }),
        }
    }
    sections
}

/// The subtasks of a task in their order.
pub(crate) fn parts_of(tasks: &TaskIndex, parent: TaskId) -> Vec<Arc<Task>> {
    let mut parts: Vec<_> = tasks.iter().filter(|task| task.parent_id == Some(parent)).cloned().collect();
    sort_by(&mut parts, |one, other| by_hand(one, other));
    parts
}

/// The section of a row. The order of the variants is the order of the sections.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum SectionKey {
    Overdue,
    Today,
    AddedToday,
    DoneToday,
    On(Date),
    /// A list; tasks without one are in the inbox, which comes first.
    In(Option<String>),
    /// Completed some days ago; the number of days comes first, so that newer days do.
    Done(i32, Date),
}

impl SectionKey {
    fn heading(&self, today: Date) -> String {
        match self {
            Self::Overdue => text::OVERDUE.to_owned(),
            Self::Today => text::TODAY.to_owned(),
            Self::AddedToday => text::ADDED_TODAY.to_owned(),
            Self::DoneToday => text::DONE_TODAY.to_owned(),
            Self::On(date) | Self::Done(_, date) => format::near_day(*date, today),
            Self::In(list) => list.clone().unwrap_or_else(|| text::INBOX.to_owned()),
        }
    }

    fn kind(&self, today: Date) -> SectionKind {
        match self {
            Self::Overdue => SectionKind::Overdue,
            Self::Today => SectionKind::Today(today),
            Self::On(date) => SectionKind::Day(*date),
            Self::In(list) => SectionKind::List(list.clone()),
            Self::AddedToday | Self::DoneToday | Self::Done(..) => SectionKind::Other,
        }
    }
}

fn section_key(task: &Task, open: bool, filter: TaskFilter, clock: &Clock) -> Option<SectionKey> {
    let (day, today) = (|at: Timestamp| clock.local(at).date(), clock.today());
    match filter {
        TaskFilter::Today if open => match when(task, clock) {
            When::Overdue => Some(SectionKey::Overdue),
            When::Today => Some(SectionKey::Today),
            // New tasks stay visible for the rest of the day, whenever they are due.
            When::Later(_) | When::Undated => (day(task.created_at) == today).then_some(SectionKey::AddedToday),
        },
        TaskFilter::Today => task.completed_at.filter(|at| day(*at) == today).map(|_| SectionKey::DoneToday),
        TaskFilter::Upcoming if open => match when(task, clock) {
            When::Later(date) => Some(SectionKey::On(date)),
            _ => None,
        },
        TaskFilter::All if open => Some(SectionKey::In(task.list.clone())),
        TaskFilter::Done if task.status == TaskStatus::Done => {
            let date = day(task.completed_at.unwrap_or(task.updated_at));
            Some(SectionKey::Done(format::days_between(date, today), date))
        }
        TaskFilter::Upcoming | TaskFilter::All | TaskFilter::Done => None,
    }
}

fn by_hand(one: &Task, other: &Task) -> Ordering {
    one.position.cmp(&other.position).then(one.number.cmp(&other.number))
}

/// The order of rows in a section: the person's own order, or by time in the filters by time.
fn order(one: &Task, other: &Task, filter: TaskFilter, clock: &Clock) -> Ordering {
    match filter {
        TaskFilter::All => by_hand(one, other),
        TaskFilter::Done => other.completed_at.cmp(&one.completed_at).then_with(|| by_hand(one, other)),
        TaskFilter::Today | TaskFilter::Upcoming => {
            let time = |task: &Task| {
                task.due.as_ref().map(|due| clock.due(due)).map(|due| (due.date, due.time.is_none(), due.time))
            };
            let undated = |task: &Task| task.due.is_none();
            // Higher priorities come first.
            (undated(one), time(one), other.priority)
                .cmp(&(undated(other), time(other), one.priority))
                .then_with(|| by_hand(one, other))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{clock, now as instant, task};
    use jiff::civil::{date, time};
    use tandem_protocol::{enums::Priority, model::Due};

    fn due(number: i64, title: &str, day: i8, at: Option<i8>) -> Task {
        let due = Due { date: date(2026, 11, day), time: at.map(|hour| time(hour, 0, 0, 0)), time_zone: "UTC".into() };
        Task { due: Some(due), created_at: long_ago(), ..task(number, title) }
    }

    fn long_ago() -> Timestamp {
        instant().plus_millis(-40 * 24 * 60 * 60 * 1000)
    }

    fn done(number: i64, title: &str, days: i64) -> Task {
        let at = instant().plus_millis(-days * 24 * 60 * 60 * 1000);
        Task { status: TaskStatus::Done, completed_at: Some(at), created_at: long_ago(), ..task(number, title) }
    }

    fn shown(tasks: Vec<Task>, filter: TaskFilter, query: &TaskQuery) -> Vec<(String, Vec<String>)> {
        let index: TaskIndex = tasks.into_iter().map(Arc::new).collect();
        sections(&index, filter, query, &clock(), &[])
            .into_iter()
            .map(|section| (section.name, section.rows.into_iter().map(|row| row.task.title.clone()).collect()))
            .collect()
    }

    fn named(sections: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
        sections
            .iter()
            .map(|(name, rows)| ((*name).to_owned(), rows.iter().map(|row| (*row).to_owned()).collect()))
            .collect()
    }

    #[test]
    fn today_shows_what_is_late_due_new_and_done() {
        let tasks = vec![
            due(1, "evening", 23, Some(20)),
            due(2, "late", 20, None),
            due(3, "this morning", 23, Some(8)),
            due(4, "all day", 23, None),
            due(5, "tomorrow", 24, None),
            task(6, "just written down"),
            done(7, "done", 0),
            done(8, "done before", 1),
        ];
        let expected = named(&[
            ("Overdue", &["late", "this morning"]),
            ("Today", &["evening", "all day"]),
            ("Added today", &["just written down"]),
            ("Done today", &["done"]),
        ]);
        assert_eq!(shown(tasks, TaskFilter::Today, &TaskQuery::default()), expected);
    }

    #[test]
    fn upcoming_is_by_day_and_importance() {
        let mut important = due(2, "important", 25, None);
        important.priority = Priority::High;
        let tasks = vec![due(1, "plain", 25, None), important, due(3, "soon", 24, None), due(4, "late", 20, None)];
        let expected = named(&[("Tomorrow", &["soon"]), ("Wed 25 Nov", &["important", "plain"])]);
        assert_eq!(shown(tasks, TaskFilter::Upcoming, &TaskQuery::default()), expected);
    }

    #[test]
    fn all_shows_every_open_task_by_list_in_the_persons_order() {
        let in_list = |number, title: &str, list: &str| Task { list: Some(list.into()), ..task(number, title) };
        let mut first = task(9, "moved up");
        first.position = "0000".into();
        let tasks = vec![in_list(1, "box", "Move"), task(2, "milk"), first, done(4, "done", 0)];
        let expected = named(&[("Inbox", &["moved up", "milk"]), ("Move", &["box"])]);
        assert_eq!(shown(tasks, TaskFilter::All, &TaskQuery::default()), expected);
    }

    #[test]
    fn done_is_newest_first() {
        let tasks = vec![done(1, "before", 1), done(2, "now", 0), task(3, "open")];
        assert_eq!(
            shown(tasks, TaskFilter::Done, &TaskQuery::default()),
            named(&[("Today", &["now"]), ("Yesterday", &["before"])])
        );
    }

    #[test]
    fn a_part_stands_under_its_task_or_alone_when_that_is_not_shown() {
        let whole = Task { created_at: long_ago(), ..task(1, "whole") };
        let part = Task { parent_id: Some(whole.id), ..due(2, "part", 23, None) };
        let index: TaskIndex = [whole, part].into_iter().map(Arc::new).collect();
        let all = |filter| sections(&index, filter, &TaskQuery::default(), &clock(), &[]);
        assert_eq!(all(TaskFilter::All)[0].rows.len(), 1);
        assert_eq!(all(TaskFilter::All)[0].rows[0].parts[0].title, "part");
        assert_eq!(all(TaskFilter::Today)[0].rows[0].task.title, "part");
    }

    #[test]
    fn a_list_is_narrowed_by_words_list_and_label() {
        let mut milk = task(1, "Buy milk");
        milk.labels = vec!["shop".into()];
        let tasks = vec![milk, task(2, "Call Ann")];
        let by_text = TaskQuery { text: "MILK ".into(), ..TaskQuery::default() };
        let by_label = TaskQuery { place: Place::Label("shop".into()), ..TaskQuery::default() };
        let by_list = TaskQuery { place: Place::List("Move".into()), ..TaskQuery::default() };
        let expected = named(&[("Inbox", &["Buy milk"])]);
        assert_eq!(shown(tasks.clone(), TaskFilter::All, &by_text), expected);
        assert_eq!(shown(tasks.clone(), TaskFilter::All, &by_label), expected);
        assert_eq!(shown(tasks, TaskFilter::All, &by_list), named(&[]));
    }

    #[test]
    fn the_tabs_count_what_is_open() {
        let tasks =
            [due(1, "late", 20, None), due(2, "today", 23, None), due(3, "later", 30, None), task(4, "some day")];
        let index: TaskIndex = tasks.into_iter().map(Arc::new).collect();
        let expected = Counts { today: 2, this_day: 1, overdue: 1, upcoming: 1 };
        assert_eq!(counts(index.iter(), &clock()), expected);
    }
    #[test]
    fn a_completed_task_keeps_its_row_for_a_moment() {
        let tasks: TaskIndex = [done(1, "milk", 0), task(2, "bread")].into_iter().map(Arc::new).collect();
        let rows = |held: &[TaskId]| {
            let all = sections(&tasks, TaskFilter::All, &TaskQuery::default(), &clock(), held);
            all.iter().flat_map(|section| &section.rows).map(|row| row.task.title.clone()).collect::<Vec<_>>()
        };
        assert_eq!(rows(&[TaskId(crate::testing::id(1))]), ["milk", "bread"]);
        assert_eq!(rows(&[]), ["bread"]);
    }
}
