//! Every field of a task, in place of its row.

use super::{
    TaskAction,
    draft::{Draft, Refused},
};
use crate::components::{clock::Clock, shared::Shared, shell::focus, words};
use tandem_protocol::{
    enums::{Priority, WireEnum},
    model::Task,
};
use web_sys::{Element, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

/// Properties of [`TaskEditor`].
#[derive(Clone, PartialEq, Properties)]
pub struct TaskEditorProps {
    /// The task.
    pub task: Shared<Task>,
    /// The names of lists there are.
    pub lists: Vec<String>,
    /// The reader's clock.
    pub clock: Clock,
    /// Kept, or left as it was.
    pub on_close: Callback<()>,
    /// Told the change.
    pub on: Callback<TaskAction>,
}

type Edit = Callback<(fn(&mut Draft, String), String)>;

/// The editor: Enter or `Save` keeps, Esc or `Cancel` leaves all as it was.
#[component]
pub fn TaskEditor(props: &TaskEditorProps) -> Html {
    let draft = use_state(|| Draft::of(&props.task));
    let refused = use_state(|| None::<Refused>);
    let title = use_node_ref();
    use_focus(&title);
    let edit: Edit = {
        let draft = draft.clone();
        Callback::from(move |(set, text): (fn(&mut Draft, String), String)| {
            let mut changed = (*draft).clone();
            set(&mut changed, text);
            draft.set(changed);
        })
    };
    let onsubmit = {
        let (props, draft, refused) = (props.clone(), draft.clone(), refused.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match draft.patch(&props.task, props.clock.local_now()) {
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
            if event.key() == "Escape" && !event.is_composing() {
                event.prevent_default();
                event.stop_propagation();
                on_close.emit(());
            }
        })
    };
    let form = Form { task: &props.task, draft: &draft, refused: refused.as_ref(), edit };
    html! {
        <form class="task-edit" aria-label={format!("Details of {}", props.task.title)} novalidate=true {onsubmit} {onkeydown}>
            { form.input("title", "Title", "text", &draft.title, |draft, text| draft.title = text, Some(title)) }
            { form.notes() }
            <div class="two">
                { form.input("date", "Due date", "date", &draft.date, |draft, text| draft.date = text, None) }
                { form.input("time", "Due time", "time", &draft.time, |draft, text| draft.time = text, None) }
            </div>
            { form.input("repeats", "Repeats", "text", &draft.repeats, |draft, text| draft.repeats = text, None) }
            <div class="two">
                { form.priority() }
                { form.list(&props.lists) }
            </div>
            { form.input("labels", "Labels, with commas", "text", &draft.labels, |draft, text| draft.labels = text, None) }
            <div class="acts">
                <button type="button" class="btn btn-s" onclick={props.on_close.reform(|_| ())}>{ "Cancel" }</button>
                <button type="submit" class="btn btn-s btn-primary">{ "Save" }</button>
            </div>
        </form>
    }
}

/// What the fields have in common.
struct Form<'a> {
    task: &'a Task,
    draft: &'a Draft,
    refused: Option<&'a Refused>,
    edit: Edit,
}

impl Form<'_> {
    fn id(&self, field: &str) -> String {
        format!("task-{}-{field}", self.task.number)
    }

    fn refused(&self, field: &str) -> Option<&str> {
        self.refused.filter(|refused| refused.field == field).map(|refused| refused.why.as_str())
    }

    /// A field with its label and what is wrong with it.
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
        set: fn(&mut Draft, String),
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
        let set: fn(&mut Draft, String) = |draft, text| draft.notes = text;
        let oninput = self
            .edit
            .reform(move |event: InputEvent| (set, event.target_unchecked_into::<HtmlTextAreaElement>().value()));
        let control = html! {
            <textarea class="input" id={self.id("notes")} rows="2" value={self.draft.notes.clone()} {oninput} />
        };
        self.field("notes", "Notes", control)
    }

    fn priority(&self) -> Html {
        let set: fn(&mut Draft, String) = |draft, text| draft.priority = Priority::from_wire(&text).or(draft.priority);
        let onchange =
            self.edit.reform(move |event: Event| (set, event.target_unchecked_into::<HtmlSelectElement>().value()));
        let control = html! {
            <select class="input" id={self.id("priority")} {onchange}>
                { for Priority::ALL.iter().map(|&priority| html! {
                    <option value={priority.as_str()} selected={self.draft.priority == Some(priority)}>
                        { words::priority(priority) }
                    </option>
                }) }
            </select>
        };
        self.field("priority", "Priority", control)
    }

    fn list(&self, lists: &[String]) -> Html {
        let set: fn(&mut Draft, String) = |draft, text| draft.list = text;
        let oninput =
            self.edit.reform(move |event: InputEvent| (set, event.target_unchecked_into::<HtmlInputElement>().value()));
        let offered = self.id("lists");
        let control = html! {
            <>
                <input class="input" id={self.id("list")} type="text" value={self.draft.list.clone()} placeholder="Inbox"
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
            focus(&element);
        }
    });
}
