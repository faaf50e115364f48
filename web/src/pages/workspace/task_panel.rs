//! Connects the tasks to the state: the panel, the details of a task, and the dialog that asks for a day.

use super::{
    quick_add::QuickAddLine,
    task_changes::commands,
    task_detail::Detail,
    task_keys::use_task_keys,
    task_notes::{by, use_notes},
    task_ui::{TaskUi, TaskUiChange},
    ui::UiChange,
    use_ui,
};
use crate::platform::events::after;
use crate::text::tasks as text;
use crate::{
    components::{
        clock::Clock,
        shared::{Shared, TaskIndex},
        shell::Layout,
        tasks::{Bulk, DateDialog, EditConflict, TaskAction, TaskFilter, TaskPanel, sections},
    },
    hooks::{go, go_or_return, use_clock, use_connection, use_engine, use_task_index, use_tasks},
    live::Engine,
    platform::window::focus_first,
    state::{connection::ConnectionStatus, drafts::DraftKey, model::TaskView, ptr_eq::PtrEq, route::Route},
};
use std::cell::RefCell;
use tandem_protocol::{TaskId, enums::TaskStatus, id::TaskRef};
use yew::prelude::*;

/// How long the row of a completed task stays: a stroke through its title, and its leave.
const HOLD_MS: u32 = 700;

#[component]
pub(super) fn Tasks() -> Html {
    let (engine, ui, tasks, clock) = (use_engine(), use_ui(), use_tasks(), use_clock());
    let (connection, index) = (use_connection(), use_task_index());
    let state = {
        let engine = engine.clone();
        use_reducer_eq(move || TaskUi {
            editing: engine.edited_task(),
            adding: engine.extended_task(&|_| true),
            ..TaskUi::default()
        })
    };
    let is_live = connection.status == ConnectionStatus::Connected;
    let notes = use_notes(&tasks, &clock, is_live);
    let act = use_actions(Acting {
        engine: engine.clone(),
        state: state.dispatcher(),
        tasks: index.clone(),
        clock: clock.clone(),
        ui: ui.clone(),
    });
    use_target(ui.ui.target, &index, &state, &act);
    let draft_of = use_callback(engine.clone(), |key: DraftKey, engine| engine.draft(key));
    let keyed = (index.clone(), state.filter, state.query.clone(), clock.clone(), state.held.clone());
    let shown = use_memo(keyed, |(tasks, filter, query, clock, held)| sections(tasks, *filter, query, clock, held));
    let open = ui.ui.task.and_then(|number| index.find(TaskRef::Number(number))).cloned();
    use_task_keys(&act, open.as_ref().map(|task| task.id), &state.selected);
    let is_unknown = use_missing(&engine, ui.ui.task.filter(|_| open.is_none() && tasks.loaded));
    // Before the first snapshot an empty list is not known to be empty.
    let loading = index.iter().next().is_none() && !tasks.loaded && !is_live;
    // One editor for one task: in the details, where they are shown.
    let editing = state.editing.filter(|id| open.as_ref().is_none_or(|task| task.id != *id));
    // The text of a subtask outlives its parent, wherever it was written.
    let orphan = || engine.extended_task(&|id| index.get(id).is_none());
    let adding = state.adding.or_else(orphan);
    use_editor_focus(state.editing, open.as_ref().map(|task| task.id));
    let details = ui.ui.task.map(|_| match &open {
        Some(task) => html! {
            <Detail key={task.id.to_string()} task={Shared::from(task)} editing={state.editing == Some(task.id)}
                notes={notes.clone()} draft_of={draft_of.clone()} on={act.clone()} />
        },
        None => unknown(is_unknown, &act),
    });
    html! {
        <>
            <TaskPanel tasks={index.clone()} sections={PtrEq::from(shown)} filter={state.filter} query={state.query.clone()}
                {notes} quick={html! { <QuickAddLine place={state.query.place.clone()} /> }} {loading} more_done={tasks.more_done}
                overlay={ui.ui.layout == Layout::Medium} covered={details.is_some() && ui.ui.layout != Layout::Wide}
                {editing} {adding} held={state.held.clone()} selected={state.selected.clone()} {draft_of}
                target={state.target} clock={clock.clone()} on={act.clone()}>
                { refused_edit(&engine, &tasks, &clock) }
            </TaskPanel>
            { details.unwrap_or_default() }
            { day_dialog(&state, &index, &clock, &act) }
        </>
    }
}

/// What the actions of the person need.
#[derive(Clone)]
struct Acting {
    engine: Engine,
    state: UseReducerDispatcher<TaskUi>,
    tasks: TaskIndex,
    clock: Clock,
    ui: super::UiHandle,
}

/// The callback for all actions. It is the same at each render, so that rows which have not changed are not drawn.
#[hook]
fn use_actions(acting: Acting) -> Callback<TaskAction> {
    let newest = use_mut_ref(|| acting.clone());
    let done_asked = use_mut_ref(|| false);
    *newest.borrow_mut() = acting;
    (*use_memo((), |()| {
        Callback::from(move |action: TaskAction| {
            let acting = newest.borrow().clone();
            acting.act(action, &done_asked);
        })
    }))
    .clone()
}

impl Acting {
    fn act(&self, action: TaskAction, done_asked: &RefCell<bool>) {
        let engine = &self.engine;
        match &action {
            TaskAction::Create(task) => engine.add_task(task.clone()),
            TaskAction::Draft(key, stored) => engine.write_draft(*key, stored.clone()),
            TaskAction::Complete(id) => {
                self.hold(vec![*id]);
                engine.complete_task(*id, true);
            }
            TaskAction::Reopen(id) => engine.complete_task(*id, false),
            TaskAction::Delete(id) => {
                if self.is_open(*id) {
                    self.show(None);
                }
                engine.delete_task(*id);
            }
            TaskAction::Update(id, patch) => engine.change_task(*id, patch.clone()),
            TaskAction::Change(ids, change) => {
                if *change == Bulk::Complete {
                    self.hold(ids.clone());
                }
                if let Some((commands, notice)) = commands(&self.tasks, ids, change, &self.clock) {
                    engine.change(commands, Some(notice));
                }
            }
            TaskAction::DeleteLabelled(label) => {
                let (label, clock) = (*label, self.clock.clone());
                engine.with_labelled(label, move |engine, tasks| {
                    let tasks: TaskIndex = tasks.into_iter().collect();
                    let ids: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
                    if let Some((commands, notice)) = commands(&tasks, &ids, &Bulk::Delete, &clock) {
                        engine.change(commands, Some(notice));
                    }
                });
            }
            TaskAction::Open(id) => self.show(*id),
            // Completed tasks are loaded when they are first shown.
            TaskAction::Show(TaskFilter::Done) if !done_asked.replace(true) => engine.load_done_tasks(),
            TaskAction::MoreDone => engine.load_done_tasks(),
            TaskAction::Close => self.ui.change(UiChange::CloseTasks),
            _ => {}
        }
        self.state.dispatch(TaskUiChange::Act(Box::new(action)));
    }

    fn hold(&self, ids: Vec<TaskId>) {
        self.state.dispatch(TaskUiChange::Hold(ids.clone()));
        let state = self.state.clone();
        after(HOLD_MS, move || state.dispatch(TaskUiChange::Release(ids))).forget();
    }

    fn is_open(&self, id: TaskId) -> bool {
        self.tasks.get(id).is_some_and(|task| self.ui.ui.task == Some(task.number))
    }

    /// Shows the details of a task; none at the place from which they were opened.
    fn show(&self, id: Option<TaskId>) {
        match id {
            Some(id) => {
                // A new task has no address before the server has it.
                if let Some(task) = self.tasks.get(id).filter(|task| task.number > 0) {
                    go(Route::Task(task.number));
                }
            }
            None if self.ui.ui.layout == Layout::Wide => go_or_return(self.ui.conversation, false),
            None => go_or_return(Route::Tasks, false),
        }
    }
}

/// Leads to the task of a search: in the list, whatever filter hides it, and to its details.
#[hook]
fn use_target(
    target: Option<(TaskId, u32)>,
    index: &TaskIndex,
    state: &UseReducerHandle<TaskUi>,
    act: &Callback<TaskAction>,
) {
    let (index, state, act) = (index.clone(), state.dispatcher(), act.clone());
    use_effect_with(target, move |target| {
        let Some((id, _)) = *target else { return };
        let is_open = index.get(id).is_some_and(|task| task.status == TaskStatus::Open);
        let filter = if is_open { TaskFilter::All } else { TaskFilter::Done };
        act.emit(TaskAction::Show(filter));
        state.dispatch(TaskUiChange::Find(id, filter));
        act.emit(TaskAction::Open(Some(id)));
    });
}

/// Leads into an editor when it is opened, and from one of the details back to its button. `open`: the task of the details.
#[hook]
fn use_editor_focus(editing: Option<TaskId>, open: Option<TaskId>) {
    let before = use_mut_ref(|| editing);
    use_effect_with(editing, move |editing| match before.replace(*editing) {
        before if before == *editing => {}
        _ if editing.is_some() => focus_first(".task-edit input"),
        before if before == open => focus_first(".detail-edit"),
        _ => {}
    });
}

/// Loads the task of an address that is not known here. Returns whether there is none.
#[hook]
fn use_missing(engine: &Engine, number: Option<i64>) -> bool {
    let missing = use_state_eq(|| None::<i64>);
    {
        let (engine, missing) = (engine.clone(), missing.clone());
        use_effect_with(number, move |number| {
            if let Some(number) = *number {
                engine.load_task(number, Callback::from(move |()| missing.set(Some(number))));
            }
        });
    }
    number.is_some() && *missing == number
}

/// In place of the details, while the task is loaded or when there is none.
fn unknown(is_unknown: bool, act: &Callback<TaskAction>) -> Html {
    html! {
        <section class="detail" aria-label={text::TASK_DETAILS} aria-busy={(!is_unknown).then_some("true")}>
            if is_unknown {
                <p class="blank"><b>{ text::NO_SUCH_TASK }</b>{ text::IT_WAS_DELETED_OR_THE }</p>
                <button type="button" class="btn" onclick={act.reform(|_: MouseEvent| TaskAction::Open(None))}>{ text::GO_TO_TASKS }</button>
            }
        </section>
    }
}

fn day_dialog(state: &TaskUi, index: &TaskIndex, clock: &Clock, act: &Callback<TaskAction>) -> Html {
    if state.asking.is_empty() {
        return Html::default();
    }
    let due = |id: &TaskId| index.get(*id).and_then(|task| task.due.as_ref()).map(|due| clock.due(due).date);
    let first = state.asking.first().and_then(due);
    let day = first.filter(|day| state.asking.iter().all(|id| due(id) == Some(*day)));
    html! { <DateDialog tasks={state.asking.clone()} {day} clock={clock.clone()} on={act.clone()} /> }
}

/// The oldest edit about which the person has to decide. One at a time, so that each button is there once.
fn refused_edit(engine: &Engine, tasks: &TaskView, clock: &Clock) -> Html {
    let Some(edit) = tasks.refused.first() else { return Html::default() };
    let on = {
        let (engine, id) = (engine.clone(), edit.id);
        Callback::from(move |decision| engine.decide_edit(id, decision))
    };
    let by = edit.by.as_ref().map_or_else(|| text::ON_ANOTHER_DEVICE.to_owned(), by);
    html! { <EditConflict key={edit.id.to_string()} edit={edit.clone()} {by} today={clock.today()} {on} /> }
}
