//! Roles and names of the parts of the task panel.

use super::{drawn, times};
use crate::{
    components::{
        shared::{Shared, TaskIndex},
        tasks::{DateDialog, TaskDetail, TaskEvent, TaskFilter, TaskNote, TaskPanel, TaskQuery, parts_of, sections},
    },
    state::ptr_eq::PtrEq,
    testing::{clock, now, task},
};
use std::sync::Arc;
use tandem_protocol::{TaskId, model::Task};
use yew::prelude::*;

type TaskPanelProps = <TaskPanel as BaseComponent>::Properties;
type TaskDetailProps = <TaskDetail as BaseComponent>::Properties;
type DateDialogProps = <DateDialog as BaseComponent>::Properties;

fn tasks() -> TaskIndex {
    let whole = Task { description: "Two **boxes**".into(), list: Some("Move".into()), ..task(1, "Pack") };
    let part = Task { parent_id: Some(whole.id), ..task(2, "Books") };
    [whole, part, task(3, "Call")].into_iter().map(Arc::new).collect()
}

fn panel(filter: TaskFilter, selected: Vec<TaskId>, tasks: &TaskIndex) -> String {
    drawn::<TaskPanel>(TaskPanelProps {
        sections: PtrEq::new(sections(tasks, filter, &TaskQuery::default(), &clock(), &[])),
        tasks: tasks.clone(),
        filter,
        query: TaskQuery::default(),
        notes: crate::components::tasks::TaskNotes::default(),
        quick: Html::default(),
        loading: false,
        more_done: false,
        overlay: false,
        covered: false,
        editing: None,
        adding: Some(TaskId(crate::testing::id(1))),
        held: PtrEq::default(),
        selected: PtrEq::new(selected),
        draft_of: Callback::from(|_| String::new()),
        target: None,
        clock: clock(),
        children: Html::default(),
        on: Callback::noop(),
    })
}

#[test]
fn a_row_leads_to_its_details_and_has_a_field_for_subtasks() {
    let html = panel(TaskFilter::All, Vec::new(), &tasks());
    assert!(html.contains(r#"<a href="/t/1" draggable="false">Pack</a>"#), "{html}");
    assert_eq!(times(&html, r#"aria-label="Add subtask to Pack""#), 1);
    assert_eq!(times(&html, r#"aria-label="Add subtask to Books""#), 0, "one level is enough");
    assert_eq!(times(&html, r#"aria-label="Subtasks of Pack""#), 1);
    assert_eq!(times(&html, r#"aria-label="Subtask of Pack""#), 1);
    assert!(html.contains("Has notes") && html.contains("0 of 1"));
    assert!(html.contains(r#"aria-label="Place""#) && html.contains("Move (1)"), "{html}");
}

#[test]
fn an_account_without_tasks_is_offered_samples_and_they_can_be_deleted() {
    let none: TaskIndex = std::iter::empty().collect();
    let empty = panel(TaskFilter::Today, Vec::new(), &none);
    assert!(empty.contains("Add three samples") && !empty.contains("Delete samples"), "{empty}");
    let sample = Task { labels: vec!["sample".into()], ..task(1, "Tick me off") };
    let some = panel(TaskFilter::Today, Vec::new(), &std::iter::once(Arc::new(sample)).collect());
    assert!(some.contains("Delete samples") && !some.contains("Add three samples"), "{some}");
    assert!(!panel(TaskFilter::Today, Vec::new(), &tasks()).contains("amples"));
}

#[test]
fn selected_tasks_have_one_bar() {
    let html = panel(TaskFilter::All, vec![TaskId(crate::testing::id(3))], &tasks());
    assert!(html.contains(r#"role="toolbar" aria-label="Selected tasks""#), "{html}");
    assert!(html.contains("1 selected"));
    for name in ["Set date", "Set list", "Set priority", "Complete selected", "Delete selected", "Clear selection"] {
        assert_eq!(times(&html, &format!(r#"aria-label="{name}""#)), 1, "{name}");
    }
    assert!(!panel(TaskFilter::All, Vec::new(), &tasks()).contains("toolbar"));
}

#[test]
fn of_a_long_list_only_the_rows_near_its_start_are_drawn_at_first() {
    let many: TaskIndex = (1..=300).map(|number| Arc::new(task(number, "T"))).collect();
    let html = panel(TaskFilter::All, Vec::new(), &many);
    assert!(times(&html, "<li ") < 40, "{}", times(&html, "<li "));
    assert!(html.contains(r#"aria-setsize="300" aria-posinset="1""#), "{}", &html[..2_000]);
    assert_eq!(times(&html, r#"class="space""#), 1, "the rest is a space");
}

#[test]
fn details_show_everything_about_a_task() {
    let tasks = tasks();
    let whole = TaskId(crate::testing::id(1));
    let html = drawn::<TaskDetail>(TaskDetailProps {
        task: Shared::from(tasks.get(whole).expect("the task")),
        parts: PtrEq::new(parts_of(&tasks, whole)),
        parent: None,
        tasks: tasks.clone(),
        note: TaskNote::default(),
        history: vec![TaskEvent { text: "Moved by Assistant".into(), at: now() }],
        source: Some(("/c/1".into(), "Moving flat".into())),
        editor: None,
        draft_of: Callback::from(|_| String::new()),
        clock: clock(),
        on: Callback::noop(),
        on_copy: Callback::noop(),
    });
    assert!(html.contains(r#"<section aria-label="Task details""#), "{html}");
    assert!(html.contains("<strong>boxes</strong>") && html.contains("0/1"), "{html}");
    assert!(
        html.contains("Moved by Assistant") && html.contains(r#"<a href="/c/1" dir="auto">Moving flat</a>"#),
        "{html}"
    );
    for name in ["Close details", "Edit task", "Delete task", "Complete Books", "Add a subtask"] {
        assert_eq!(times(&html, &format!(r#"aria-label="{name}""#)), 1, "{name}");
    }
}

#[test]
fn a_day_is_asked_once_for_all_tasks() {
    let dialog = |count: u128| {
        let tasks = (1..=count).map(|number| TaskId(crate::testing::id(number))).collect();
        drawn::<DateDialog>(DateDialogProps { tasks, day: None, clock: clock(), on: Callback::noop() })
    };
    assert!(dialog(1).contains(r#"aria-label="Due date""#));
    let html = dialog(40);
    assert!(html.contains(r#"aria-label="Due date of 40 tasks""#), "{html}");
    for day in ["Today", "Tomorrow", "Next week", "No date"] {
        assert_eq!(times(&html, &format!(">{day}<")), 1, "{day} {html}");
    }
}
