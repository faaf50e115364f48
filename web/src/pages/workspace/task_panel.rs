//! Connects the task panel to the state.

use super::{
    quick_line::{Reading, preview_of, task_of},
    ui::UiChange,
    use_ui,
};
use crate::{
    components::{
        clock::Clock,
        shell::Layout,
        tasks::{EditConflict, TaskAction, TaskFilter, TaskNote, TaskNotes, TaskPanel},
    },
    hooks::{use_clock, use_connection, use_engine, use_task_index, use_tasks},
    live::Engine,
    platform::window::{composed, language},
    state::{
        connection::ConnectionStatus,
        drafts::DraftKey,
        model::{RemoteChange, TaskView},
        ptr_eq::PtrEq,
    },
};
use gloo_timers::callback::Timeout;
use std::rc::Rc;
use tandem_nl::DayOrder;
use tandem_protocol::{
    Timestamp,
    enums::{ActorKind, TaskStatus},
};
use yew::prelude::*;

/// How long a row shows who has changed it.
const NOTE_MS: i64 = 6_000;

#[component]
pub(super) fn Tasks() -> Html {
    let (engine, ui, tasks, clock) = (use_engine(), use_ui(), use_tasks(), use_clock());
    let filter = use_state_eq(TaskFilter::default);
    // The text is with the drafts, so that it is kept like every other text; this component only draws it.
    let line = engine.draft(DraftKey::QuickAdd);
    let update = use_force_update();
    let edited = *use_memo((), |()| engine.edited_task());
    let draft_of = use_callback(engine.clone(), |id, engine| engine.draft(DraftKey::Task(id)));
    let done_asked = use_mut_ref(|| false);
    let connection = use_connection();
    let index = use_task_index();
    let target = ui.ui.target;
    {
        let (engine, filter, index, done_asked) =
            (engine.clone(), filter.clone(), index.clone(), Rc::clone(&done_asked));
        use_effect_with(target, move |target| {
            let Some((id, _)) = *target else { return };
            let is_open = index.get(id).is_some_and(|task| task.status == TaskStatus::Open);
            if !is_open && !done_asked.replace(true) {
                engine.load_done_tasks();
            }
            filter.set(if is_open { TaskFilter::All } else { TaskFilter::Done });
        });
    }
    let notes = use_notes(&tasks, &clock);
    let kept = use_state_eq(Vec::<String>::new);
    let order = *use_memo((), |()| DayOrder::of_locale(&language()));
    let reading = Reading { now: clock.local_now(), order, kept: (*kept).clone() };
    let quick = use_memo((line.clone(), reading.clone()), |(line, reading)| preview_of(&composed(line), reading));
    let on = {
        let (engine, filter, clock, ui, reading) =
            (engine.clone(), filter.clone(), clock.clone(), ui.clone(), reading.clone());
        Callback::from(move |action| match action {
            TaskAction::Keep(words) => kept.set([reading.kept.clone(), words].concat()),
            TaskAction::Type(text) => {
                // What was left in a line is not left in the next one.
                if text.is_empty() {
                    kept.set(Vec::new());
                }
                engine.write_draft(DraftKey::QuickAdd, text);
                update.force_update();
            }
            TaskAction::Add(text) => {
                engine.add_task(task_of(&composed(&text), &Reading { now: clock.local_now(), ..reading.clone() }));
                kept.set(Vec::new());
                // The draft is removed only after the task is in the outbox. Before, it is the only copy.
                engine.write_draft(DraftKey::QuickAdd, String::new());
                update.force_update();
            }
            TaskAction::Create(task) => engine.add_task(task),
            TaskAction::Draft(id, stored) => engine.write_draft(DraftKey::Task(id), stored),
            TaskAction::Complete(id) => engine.complete_task(id, true),
            TaskAction::Reopen(id) => engine.complete_task(id, false),
            TaskAction::Delete(id) => engine.delete_task(id),
            TaskAction::Update(id, patch) => engine.change_task(id, patch),
            TaskAction::Show(shown) => {
                // Completed tasks are loaded when they are first shown.
                if matches!(shown, TaskFilter::Done) && !done_asked.replace(true) {
                    engine.load_done_tasks();
                }
                filter.set(shown);
            }
            TaskAction::MoreDone => engine.load_done_tasks(),
            TaskAction::Close => ui.change(UiChange::CloseTasks),
        })
    };
    // Before the first snapshot an empty list is not known to be empty.
    let loading = index.iter().next().is_none() && !tasks.loaded && connection.status != ConnectionStatus::Connected;
    html! {
        <TaskPanel tasks={index} filter={*filter} {notes} quick_text={line} quick={(*quick).clone()} {loading}
            more_done={tasks.more_done} overlay={ui.ui.layout == Layout::Medium} {edited} {draft_of} {target} clock={clock.clone()}
            {on}>
            { refused_edit(&engine, &tasks, &clock) }
        </TaskPanel>
    }
}

/// The oldest edit about which the person has to decide. One at a time, so that each button is there once.
fn refused_edit(engine: &Engine, tasks: &TaskView, clock: &Clock) -> Html {
    let Some(edit) = tasks.refused.first() else { return Html::default() };
    let on = {
        let (engine, id) = (engine.clone(), edit.id);
        Callback::from(move |decision| engine.decide_edit(id, decision))
    };
    let by = edit.by.as_ref().map_or_else(|| "on another device".to_owned(), by);
    html! { <EditConflict key={edit.id.to_string()} edit={edit.clone()} {by} today={clock.today()} {on} /> }
}

/// The notes of tasks that others have just changed.
#[hook]
fn use_notes(tasks: &PtrEq<TaskView>, clock: &Clock) -> TaskNotes {
    let passed = use_state_eq(|| 0_u32);
    let now = clock.now();
    let next = tasks.remote_changes.values().filter_map(|change| ends_in(change, now)).min();
    {
        let passed = passed.clone();
        use_effect_with((tasks.clone(), *passed), move |(_, count)| {
            let next_count = count.wrapping_add(1);
            // Renders again when the next note expires.
            let timer = next.map(|millis| Timeout::new(millis, move || passed.set(next_count)));
            move || drop(timer)
        });
    }
    let notes = use_memo((tasks.clone(), *passed), |(tasks, _)| {
        let notes = tasks.remote_changes.iter().map(|(id, change)| {
            let by = AttrValue::from(by(change));
            let recent = ends_in(change, now).is_some();
            (*id, TaskNote { by: recent.then(|| by.clone()), last_by: Some(by), waiting: false })
        });
        notes.collect::<TaskNotes>()
    });
    (*notes).clone()
}

/// Milliseconds for which a change is still shown; `None` if it is too old.
fn ends_in(change: &RemoteChange, now: Timestamp) -> Option<u32> {
    let left = NOTE_MS - now.millis_since(change.at);
    u32::try_from(left).ok().filter(|left| *left > 0)
}

fn by(change: &RemoteChange) -> String {
    match (change.by, &change.device) {
        (ActorKind::Assistant, _) => "by Assistant".to_owned(),
        (ActorKind::User, Some(device)) => format!("on {device}"),
        (ActorKind::User, None) => "on another device".to_owned(),
        (ActorKind::Api, _) => "by a program".to_owned(),
        (ActorKind::Mcp, _) => "by an MCP client".to_owned(),
    }
}
