//! The form for all fields of a task, in place of its row.

use super::{
    TaskAction,
    draft::{Field, FieldError, FieldState, TaskEdit, TaskForm},
};
use crate::text::tasks as text;
use crate::{
    components::{
        button::TextButton, callbacks::press, callout, clock::Clock, form::focus_marked, format, icon::Icon,
        shared::Shared,
    },
    state::{drafts::DraftKey, ptr_eq::PtrEq, task_merge},
};
use tandem_protocol::{
    enums::{Priority, WireEnum},
    model::Task,
};
use wasm_bindgen::JsCast;
use web_sys::{EventTarget, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TaskEditorProps {
    /// The task as it is now, or as it was before it was deleted.
    pub task: Shared<Task>,
    pub deleted: bool,
    /// Who has changed or deleted the task, if somebody has: `on Ann's phone`.
    pub by: Option<AttrValue>,
    /// What was edited before, in its stored form.
    pub draft: String,
    /// The names of existing lists, as suggestions.
    pub lists: PtrEq<Vec<String>>,
    pub clock: Clock,
    pub on: Callback<TaskAction>,
}

/// A change of the edit.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Write(Field, String),
    UseMine(Field),
    KeepTheirs(Field),
}

/// The form. Enter or `Save` saves, Esc or `Cancel` discards. It takes no focus by itself: it is mounted anew with each
/// other view of the list.
#[component]
pub(crate) fn TaskEditor(props: &TaskEditorProps) -> Html {
    let edit = use_state(|| {
        TaskEdit::restore(&props.draft).unwrap_or_else(|| TaskEdit::of(&props.task, props.clock.all_day()))
    });
    let refused = use_state(Vec::<FieldError>::new);
    let current = TaskForm::of(&props.task, props.clock.all_day());
    let on_step = {
        let (edit, current, on, id) = (edit.clone(), current.clone(), props.on.clone(), props.task.id);
        Callback::from(move |step: Step| {
            let mut next = (*edit).clone();
            match step {
                Step::Write(field, text) => next.write(field, text, &current),
                Step::UseMine(field) => next.use_mine(field, &current),
                Step::KeepTheirs(field) => next.keep_theirs(field),
            }
            on.emit(TaskAction::Draft(DraftKey::Task(id), next.stored()));
            edit.set(next);
        })
    };
    let close = {
        let (on, id) = (props.on.clone(), props.task.id);
        Callback::from(move |()| {
            on.emit(TaskAction::Draft(DraftKey::Task(id), String::new()));
            on.emit(TaskAction::Edit(None));
        })
    };
    let onsubmit = {
        let (props, edit, refused, close) = (props.clone(), edit.clone(), refused.clone(), close.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match edit.patch(&props.task, props.clock.local_now(), props.clock.all_day()) {
                Ok(patch) => {
                    // The command is in the outbox before the draft is removed.
                    if props.deleted {
                        let copy = task_merge::copy_of(&props.task, patch.unwrap_or_default());
                        props.on.emit(TaskAction::Create(copy));
                    } else if let Some(patch) = patch {
                        props.on.emit(TaskAction::Update(props.task.id, patch));
                    }
                    close.emit(());
                }
                Err(wrong) => {
                    refused.set(wrong);
                    focus_marked();
                }
            }
        })
    };
    let onkeydown = {
        let close = close.clone();
        Callback::from(move |event: KeyboardEvent| {
            // Esc of an input method only ends the composition.
            if event.key() == "Escape" && !event.is_composing() {
                event.prevent_default();
                event.stop_propagation();
                close.emit(());
            }
        })
    };
    let shown = edit.shown(&current);
    let form = FormView { props, edit: &edit, current: &current, shown: &shown, refused: &refused, on_step };
    let (cancel, save) = if props.deleted { (text::DISCARD, text::SAVE_AS_NEW) } else { (text::CANCEL, text::SAVE) };
    html! {
        <form class="task-edit" aria-label={text::details_of(&props.task.title)} novalidate=true {onsubmit} {onkeydown}>
            if props.deleted {
                { callout::alert(Icon::Trash, form.changed(text::DELETED), text::TEXT_IS_KEPT) }
            }
            { form.input(Field::Title, text::TITLE, "text") }
            { form.notes() }
            <div class="two">
                { form.input(Field::Date, text::DUE_DATE, "date") }
                { form.input(Field::Time, text::DUE_TIME, "time") }
            </div>
            { form.input(Field::Repeats, text::REPEATS, "text") }
            { form.input(Field::Reminders, text::REMINDERS_WITH_COMMAS, "text") }
            <div class="two">
                { form.priority() }
                { form.list() }
            </div>
            { form.input(Field::Labels, text::LABELS_WITH_COMMAS, "text") }
            <div class="acts">
                <button type="button" class="btn btn-s" onclick={press(&close)}>{ cancel }</button>
                <button type="submit" class="btn btn-s btn-primary">{ save }</button>
            </div>
        </form>
    }
}

/// What all fields need to be drawn.
struct FormView<'a> {
    props: &'a TaskEditorProps,
    edit: &'a TaskEdit,
    current: &'a TaskForm,
    shown: &'a TaskForm,
    refused: &'a [FieldError],
    on_step: Callback<Step>,
}

impl FormView<'_> {
    fn id(&self, field: Field) -> String {
        format!("task-{}-{}", self.props.task.number, field.id())
    }

    /// `Changed on Ann's phone`.
    fn changed(&self, verb: &str) -> String {
        format!("{verb} {}", self.props.by.as_deref().unwrap_or(text::ON_ANOTHER_DEVICE))
    }

    /// The value of `aria-invalid`.
    fn is_wrong(&self, field: Field) -> Option<&'static str> {
        self.refusal(field).map(|_| "true")
    }

    fn refusal(&self, field: Field) -> Option<&FieldError> {
        self.refused.iter().find(|refused| refused.field == field)
    }

    /// A control with its label, its error, and what another device did to it.
    fn field(&self, field: Field, label: &'static str, control: Html) -> Html {
        let refused = self.refusal(field).map(|refused| refused.why.clone());
        html! {
            <div class="field">
                <label for={self.id(field)}>{ label }</label>
                { control }
                { self.note(field) }
                if let Some(why) = refused {
                    <p class="err" role="alert" id={format!("{}-error", self.id(field))}>{ why }</p>
                }
            </div>
        }
    }

    fn note(&self, field: Field) -> Html {
        let step = |step: Step| self.on_step.reform(move |()| step.clone());
        match self.edit.state(field, self.current) {
            FieldState::Quiet => Html::default(),
            FieldState::Followed => html! {
                <p class="note" role="status">{ Icon::Info.small() }{ self.changed(text::CHANGED) }</p>
            },
            FieldState::Conflict(theirs) => {
                let theirs = if theirs.is_empty() { text::NOTHING.to_owned() } else { format!("“{theirs}”") };
                html! {
                    <div class="note note-bad" role="status">
                        <span>{ text::changed_to(self.changed(text::CHANGED), &theirs) }</span>
                        { TextButton::new(text::USE_MINE, step(Step::UseMine(field))).accent().html() }
                        { TextButton::new(text::KEEP_THEIRS, step(Step::KeepTheirs(field))).accent().html() }
                    </div>
                }
            }
        }
    }

    fn oninput<E: AsRef<EventTarget> + JsCast + 'static>(
        &self,
        field: Field,
        value: fn(&E) -> String,
    ) -> Callback<InputEvent> {
        self.on_step.reform(move |event: InputEvent| Step::Write(field, value(&event.target_unchecked_into::<E>())))
    }

    fn input(&self, field: Field, label: &'static str, kind: &'static str) -> Html {
        let oninput = self.oninput(field, HtmlInputElement::value);
        let wrong = self.is_wrong(field);
        let control = html! {
            <input class="input" dir="auto" id={self.id(field)} type={kind}
                value={self.shown[field].clone()} autocomplete="off" aria-invalid={wrong}
                aria-describedby={wrong.map(|_| format!("{}-error", self.id(field)))} {oninput} />
        };
        self.field(field, label, control)
    }

    fn notes(&self) -> Html {
        let oninput = self.oninput(Field::Notes, HtmlTextAreaElement::value);
        let control = html! {
            <textarea class="input" dir="auto" id={self.id(Field::Notes)} rows="2" aria-invalid={self.is_wrong(Field::Notes)} value={self.shown[Field::Notes].clone()} {oninput} />
        };
        self.field(Field::Notes, text::NOTES, control)
    }

    fn priority(&self) -> Html {
        let onchange = self.on_step.reform(|event: Event| {
            Step::Write(Field::Priority, event.target_unchecked_into::<HtmlSelectElement>().value())
        });
        let control = html! {
            <select class="input" id={self.id(Field::Priority)} {onchange}>
                { for Priority::ALL.iter().map(|&priority| html! {
                    <option value={priority.as_str()} selected={self.shown[Field::Priority] == priority.as_str()}>
                        { format::priority(priority) }
                    </option>
                }) }
            </select>
        };
        self.field(Field::Priority, text::PRIORITY, control)
    }

    fn list(&self) -> Html {
        let oninput = self.oninput(Field::List, HtmlInputElement::value);
        let offered = format!("{}s", self.id(Field::List));
        let control = html! {
            <>
                <input class="input" id={self.id(Field::List)} type="text" value={self.shown[Field::List].clone()}
                    placeholder={text::INBOX} autocomplete="off" aria-invalid={self.is_wrong(Field::List)} list={offered.clone()} {oninput} />
                <datalist id={offered}>
                    { for self.props.lists.iter().map(|list| html! { <option value={list.clone()} /> }) }
                </datalist>
            </>
        };
        self.field(Field::List, text::LIST, control)
    }
}
