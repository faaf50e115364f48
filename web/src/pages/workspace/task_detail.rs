//! Connects the details of a task to the state.

use super::task_notes::{by, is_given};
use crate::text::tasks as text;
use crate::{
    components::{
        format,
        shared::Shared,
        tasks::{TaskAction, TaskDetail, TaskEditor, TaskEvent, TaskNotes, list_names, parts_of},
        thread_list::UNTITLED,
    },
    hooks::{use_clock, use_connection, use_engine, use_task_index, use_threads},
    platform::device,
    state::{drafts::DraftKey, model::RemoteChange, ptr_eq::PtrEq, route::Route},
};
use jiff::civil::Date;
use std::rc::Rc;
use tandem_protocol::{
    DeviceId,
    enums::{ActorKind, TaskStatus},
    model::{Due, Task},
    rest::{PastChange, TaskHistory},
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct DetailProps {
    pub(super) task: Shared<Task>,
    /// Whether the task is edited here.
    pub(super) editing: bool,
    pub(super) notes: TaskNotes,
    pub(super) draft_of: Callback<DraftKey, String>,
    pub(super) on: Callback<TaskAction>,
}

/// The details of a task at its address.
#[component]
pub(super) fn Detail(props: &DetailProps) -> Html {
    let (engine, index, clock) = (use_engine(), use_task_index(), use_clock());
    let (connection, threads) = (use_connection(), use_threads());
    let (task, id) = (&props.task, props.task.id);
    let note = props.notes.of(id);
    let editor = props.editing.then(|| {
        html! {
            <TaskEditor key={id.to_string()} task={task.clone()} deleted=false by={note.last_by.clone()}
                draft={props.draft_of.emit(DraftKey::Task(id))} lists={PtrEq::new(list_names(&index))} clock={clock.clone()}
                on={props.on.clone()} />
        }
    });
    let on_copy = Callback::from(move |text| engine.copy(text));
    let parent = task.parent_id.and_then(|parent| index.get(parent)).map(Shared::from);
    let parts = PtrEq::new(parts_of(&index, id));
    let past = use_past(task);
    let device = |id: &DeviceId| {
        let name = connection.devices.iter().find(|device| device.id == *id).map(|device| device.name.clone());
        let name = name.filter(|name| is_given(name));
        (*id != device::id()).then(|| name.unwrap_or_else(|| text::ANOTHER_DEVICE.to_owned()))
    };
    let history = history(task, &past.changes, clock.today(), device);
    let source = past.conversation_id.map(|id| {
        let entry = threads.entries.iter().find(|entry| entry.conversation.id == id);
        let title = entry.and_then(|entry| entry.conversation.title.clone());
        (Route::Conversation(id).to_string(), title.unwrap_or_else(|| UNTITLED.to_owned()))
    });
    html! {
        <TaskDetail task={task.clone()} {parts} {parent} tasks={index} {note} {history} {source} {editor}
            draft_of={props.draft_of.clone()} {clock} on={props.on.clone()} {on_copy} />
    }
}

/// The past of a task from the server, again after each change of the task. Until it is there, and when it does not come,
/// the history is what is known here.
#[hook]
fn use_past(task: &Task) -> Rc<TaskHistory> {
    let engine = use_engine();
    let past = use_state(|| Rc::new(TaskHistory::default()));
    let setter = past.setter();
    use_effect_with((task.number, task.rev), move |(number, _)| {
        let number = *number;
        spawn_local(async move {
            if let Ok(history) = engine.api().task_history(number).await {
                setter.set(Rc::new(history));
            }
        });
    });
    Rc::clone(&past)
}

/// What happened, newest first. `device` names a device; `None` for this one.
fn history(
    task: &Task,
    past: &[PastChange],
    today: Date,
    device: impl Fn(&DeviceId) -> Option<String>,
) -> Vec<TaskEvent> {
    if past.is_empty() {
        let done = task.completed_at.map(|at| TaskEvent { text: text::COMPLETED.to_owned(), at });
        return done.into_iter().chain([TaskEvent { text: text::CREATED.to_owned(), at: task.created_at }]).collect();
    }
    let event = |change: &PastChange| {
        let by = match (change.actor.kind, &change.actor.device_id) {
            (ActorKind::User, Some(id)) => device(id).map(|name| text::on_device_after(&name)).unwrap_or_default(),
            (ActorKind::User, None) => String::new(),
            (kind, _) => format!(" {}", by(&RemoteChange { by: kind, device: None, at: change.at })),
        };
        TaskEvent { text: format!("{}{by}", what(change, today)), at: change.at }
    };
    past.iter().map(event).collect()
}

/// What a change did, as a person would say it.
fn what(change: &PastChange, today: Date) -> String {
    if change.name == "task.created" {
        return text::CREATED.to_owned();
    }
    let has = |field: &str| change.fields.iter().any(|changed| changed == field);
    let due = |due: &Due| text::moved_to(format::due(due, today));
    match &change.due {
        _ if has("status") && change.status == TaskStatus::Done => text::COMPLETED.to_owned(),
        _ if has("status") => text::REOPENED.to_owned(),
        Some(day) if has("due") => due(day),
        None if has("due") => text::DATE_REMOVED.to_owned(),
        _ if has("title") => text::RENAMED.to_owned(),
        _ if has("parent_id") => text::NESTED.to_owned(),
        _ if change.fields == ["position"] => text::MOVED_IN_ITS_LIST.to_owned(),
        _ => text::CHANGED.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::task;
    use jiff::civil::date;
    use serde_json::json;

    fn texts(past: serde_json::Value) -> Vec<String> {
        let past: Vec<PastChange> = serde_json::from_value(past).expect("changes");
        let device = |id: &DeviceId| (id.to_string() != "this").then(|| "Ann's phone".to_owned());
        history(&task(1, "Call"), &past, date(2026, 11, 23), device).into_iter().map(|event| event.text).collect()
    }

    #[test]
    fn a_history_says_who_did_what() {
        let change = |name: &str, fields: &[&str], status: &str, actor: serde_json::Value| {
            let due = json!({ "date": "2026-11-27", "time": null, "time_zone": "UTC" });
            let at = "2026-11-23T09:00:00.000Z";
            json!({ "name": name, "fields": fields, "status": status, "actor": actor, "at": at, "due": due })
        };
        let assistant = json!({ "kind": "assistant", "device_id": null });
        let user = |device: &str| json!({ "kind": "user", "device_id": device });
        let past = json!([
            change("task.updated", &["status"], "done", user("this")),
            change("task.updated", &["due"], "open", assistant.clone()),
            change("task.updated", &["title", "list"], "open", user("other")),
            change("task.created", &[], "open", assistant),
        ]);
        let expected =
            ["Completed", "Moved to Fri 27 Nov by Assistant", "Renamed on Ann's phone", "Created by Assistant"];
        assert_eq!(texts(past), expected);
    }

    #[test]
    fn without_the_server_it_says_what_the_task_says() {
        assert_eq!(texts(json!([])), ["Created"]);
    }
}
