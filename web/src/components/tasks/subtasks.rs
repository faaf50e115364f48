//! The field that adds subtasks, one after the other.

use super::TaskAction;
use crate::text::tasks as text;
use crate::{
    components::{
        icon::Icon,
        keys::{Key, key_of},
    },
    platform::window::focus_element,
    state::drafts::DraftKey,
};
use tandem_protocol::{id::TaskId, limits::MAX_TITLE_CHARS, rest::NewTask};
use web_sys::{Element, HtmlInputElement};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct PartFieldProps {
    /// The task whose draft this is.
    pub parent: TaskId,
    /// Whether the parent was deleted meanwhile. Then the text becomes a task of its own.
    #[prop_or_default]
    pub orphan: bool,
    /// The accessible name of the field.
    pub label: AttrValue,
    /// Whether it takes the focus when it is mounted.
    #[prop_or_default]
    pub focus: bool,
    /// The stored text of a field.
    pub draft_of: Callback<DraftKey, String>,
    pub on: Callback<TaskAction>,
}

/// Enter adds a subtask and goes on with the next one, Esc closes the field, or empties it where it stays.
#[component]
pub(super) fn PartField(props: &PartFieldProps) -> Html {
    let (parent, key) = (props.parent, DraftKey::Part(props.parent));
    let parent_id = (!props.orphan).then(|| parent.into());
    // The text is with the drafts, so that it is kept like every other text; this component only draws it.
    let text = props.draft_of.emit(key);
    let update = use_force_update();
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((parent, props.focus), move |(_, focus)| {
            if let Some(element) = node.cast::<Element>().filter(|_| *focus) {
                focus_element(&element);
            }
        });
    }
    let oninput = {
        let (on, update) = (props.on.clone(), update.clone());
        Callback::from(move |event: InputEvent| {
            on.emit(TaskAction::Draft(key, event.target_unchecked_into::<HtmlInputElement>().value()));
            update.force_update();
        })
    };
    let (on, stays) = (props.on.clone(), !props.focus);
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let title = event.target_unchecked_into::<HtmlInputElement>().value().trim().to_owned();
        match key_of(&event) {
            Key::Enter if title.is_empty() => {}
            Key::Enter => {
                on.emit(TaskAction::Create(NewTask { title, parent_id, ..NewTask::default() }));
                on.emit(TaskAction::Draft(key, String::new()));
            }
            // A field that stays is only emptied; when it is empty, Esc is for what it is in.
            Key::Escape if stays && title.is_empty() => return,
            Key::Escape => {
                on.emit(TaskAction::Draft(key, String::new()));
                on.emit(TaskAction::Part(None));
            }
            _ => return,
        }
        update.force_update();
        event.prevent_default();
        event.stop_propagation();
    });
    html! {
        <div class="part-field">
            { Icon::Plus.html() }
            <input ref={node} type="text" dir="auto" aria-label={props.label.clone()} placeholder={text::ADD_A_SUBTASK} value={text}
                maxlength={MAX_TITLE_CHARS.to_string()} autocomplete="off" enterkeyhint="next" {oninput} {onkeydown} />
        </div>
    }
}
