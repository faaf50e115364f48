//! The form for all fields of a task, in place of its row.

use super::{
    TaskAction,
    draft::{FieldError, TaskForm},
};
use crate::{
    components::{callbacks::press, clock::Clock, format, shared::Shared},
    platform::window::focus_element,
};
use tandem_protocol::{
    enums::{Priority, WireEnum},
    model::Task,
};
use web_sys::{Element, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TaskEditorProps {
    pub task: Shared<Task>,
    /// The names of existing lists, as suggestions.
    pub lists: Vec<String>,
    pub clock: Clock,
    /// Called after saving or cancelling.
    pub on_close: Callback<()>,
    pub on: Callback<TaskAction>,
}

type Edit = Callback<(fn(&mut TaskForm, String), String)>;

/// The form. Enter or `Save` saves, Esc or `Cancel` discards.
#[component]
pub(crate) fn TaskEditor(props: &TaskEditorProps) -> Html {
    let fields = use_state(|| TaskForm::of(&props.task));
    let refused = use_state(|| None::<FieldError>);
    let title = use_node_ref();
    use_focus(&title);
    let edit: Edit = {
        let fields = fields.clone();
        Callback::from(move |(set, text): (fn(&mut TaskForm, String), String)| {
            let mut changed = (*fields).clone();
            set(&mut changed, text);
            fields.set(changed);
        })
    };
    let onsubmit = {
        let (props, fields, refused) = (props.clone(), fields.clone(), refused.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match fields.patch(&props.task, props.clock.local_now()) {
                Ok(patch) => {
                    if let Some(patch) = patch {
                        props.on.emit(TaskAction::Update(props.task.id, patch));
                    }
                    props.on_close.emit(());
                }
                Err(why) => refused.set(Some(why)),
            }
        })
    };
    let onkeydown = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: KeyboardEvent| {
            // Esc of an input method only ends the composition.
            if event.key() == "Escape" && !event.is_composing() {
                event.prevent_default();
                event.stop_propagation();
                on_close.emit(());
            }
        })
    };
    let form = FormView { task: &props.task, fields: &fields, refused: refused.as_ref(), edit };
    html! {
        <form class="task-edit" aria-label={format!("Details of {}", props.task.title)} novalidate=true {onsubmit} {onkeydown}>
            { form.input("title", "Title", "text", &fields.title, |fields, text| fields.title = text, Some(title)) }
            { form.notes() }
            <div class="two">
                { form.input("date", "Due date", "date", &fields.date, |fields, text| fields.date = text, None) }
                { form.input("time", "Due time", "time", &fields.time, |fields, text| fields.time = text, None) }
            </div>
            { form.input("repeats", "Repeats", "text", &fields.repeats, |fields, text| fields.repeats = text, None) }
            <div class="two">
                { form.priority() }
                { form.list(&props.lists) }
            </div>
            { form.input("labels", "Labels, with commas", "text", &fields.labels, |fields, text| fields.labels = text, None) }
            <div class="acts">
                <button type="button" class="btn btn-s" onclick={press(&props.on_close)}>{ "Cancel" }</button>
                <button type="submit" class="btn btn-s btn-primary">{ "Save" }</button>
            </div>
        </form>
    }
}

/// What all fields need to be drawn.
struct FormView<'a> {
    task: &'a Task,
    fields: &'a TaskForm,
    refused: Option<&'a FieldError>,
    edit: Edit,
}

impl FormView<'_> {
    fn id(&self, field: &str) -> String {
        format!("task-{}-{field}", self.task.number)
    }

    fn refused(&self, field: &str) -> Option<&str> {
        self.refused.filter(|refused| refused.field == field).map(|refused| refused.why.as_str())
    }

    /// A control with its label and error.
    fn field(&self, field: &'static str, label: &'static str, control: Html) -> Html {
        html! {
            <div class="field">
                <label for={self.id(field)}>{ label }</label>
                { control }
                if let Some(why) = self.refused(field) {
                    <p class="err" role="alert" id={self.id(&format!("{field}-error"))}>{ why.to_owned() }</p>
                }
            </div>
        }
    }

    fn input(
        &self,
        field: &'static str,
        label: &'static str,
        kind: &'static str,
        value: &str,
        set: fn(&mut TaskForm, String),
        node: Option<NodeRef>,
    ) -> Html {
        let oninput =
            self.edit.reform(move |event: InputEvent| (set, event.target_unchecked_into::<HtmlInputElement>().value()));
        let wrong = self.refused(field).is_some();
        let control = html! {
            <input class="input" id={self.id(field)} ref={node.unwrap_or_default()} type={kind} value={value.to_owned()}
                autocomplete="off" aria-invalid={wrong.then_some("true")}
                aria-describedby={wrong.then(|| self.id(&format!("{field}-error")))} {oninput} />
        };
        self.field(field, label, control)
    }

    fn notes(&self) -> Html {
        let set: fn(&mut TaskForm, String) = |fields, text| fields.notes = text;
        let oninput = self
            .edit
            .reform(move |event: InputEvent| (set, event.target_unchecked_into::<HtmlTextAreaElement>().value()));
        let control = html! {
            <textarea class="input" id={self.id("notes")} rows="2" value={self.fields.notes.clone()} {oninput} />
        };
        self.field("notes", "Notes", control)
    }

    fn priority(&self) -> Html {
        let set: fn(&mut TaskForm, String) =
            |fields, text| fields.priority = Priority::from_wire(&text).or(fields.priority);
        let onchange =
            self.edit.reform(move |event: Event| (set, event.target_unchecked_into::<HtmlSelectElement>().value()));
        let control = html! {
            <select class="input" id={self.id("priority")} {onchange}>
                { for Priority::ALL.iter().map(|&priority| html! {
                    <option value={priority.as_str()} selected={self.fields.priority == Some(priority)}>
                        { format::priority(priority) }
                    </option>
                }) }
            </select>
        };
        self.field("priority", "Priority", control)
    }

    fn list(&self, lists: &[String]) -> Html {
        let set: fn(&mut TaskForm, String) = |fields, text| fields.list = text;
        let oninput =
            self.edit.reform(move |event: InputEvent| (set, event.target_unchecked_into::<HtmlInputElement>().value()));
        let offered = self.id("lists");
        let control = html! {
            <>
                <input class="input" id={self.id("list")} type="text" value={self.fields.list.clone()} placeholder="Inbox"
                    autocomplete="off" list={offered.clone()} {oninput} />
                <datalist id={offered}>{ for lists.iter().map(|list| html! { <option value={list.clone()} /> }) }</datalist>
            </>
        };
        self.field("list", "List", control)
    }
}

#[hook]
fn use_focus(node: &NodeRef) {
    let node = node.clone();
    use_effect_with((), move |()| {
        if let Some(element) = node.cast::<Element>() {
            focus_element(&element);
        }
    });
}
