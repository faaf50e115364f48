//! The list of keyboard shortcuts.

use super::Dialog;
use crate::components::callbacks::press;
use yew::prelude::*;

/// An action and its keys. `pages/workspace/keys.rs`, `task_keys.rs` and the components handle them.
const SHORTCUTS: [(&str, &[&str]); 19] = [
    ("Search", &["Ctrl", "K"]),
    ("New conversation", &["Ctrl", "Shift", "O"]),
    ("Next or previous conversation", &["Alt", "↑", "↓"]),
    ("Edit your last message", &["↑"]),
    ("Stop the reply", &["Esc"]),
    ("Break the line", &["Shift", "Enter"]),
    ("Commands, tasks", &["/", "@"]),
    ("Add a task", &["Q"]),
    ("Next or previous task", &["J", "K"]),
    ("Open the task", &["Enter"]),
    ("Edit the task", &["E"]),
    ("Set its date", &["T"]),
    ("Set its priority", &["1", "2", "3", "4"]),
    ("Delete it", &["Del"]),
    ("Select it, for a change of several", &["X"]),
    ("Move a task in its list", &["Alt", "↑", "↓"]),
    ("Make it a subtask, or not", &["Tab", "Shift", "Tab"]),
    ("Move it to the next or previous day", &["Alt", "→", "←"]),
    ("Take back the last change", &["Ctrl", "Z"]),
];

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ShortcutsDialogProps {
    pub on_close: Callback<()>,
}

#[component]
pub(crate) fn ShortcutsDialog(props: &ShortcutsDialogProps) -> Html {
    html! {
        <Dialog label="Keyboard shortcuts" class="dialog dialog-wide" on_close={props.on_close.clone()}>
            <dl class="keys">
                { for SHORTCUTS.iter().map(|(what, keys)| html! {
                    <>
                        <dt>{ *what }</dt>
                        <dd>{ for keys.iter().map(|key| html! { <kbd class="key">{ *key }</kbd> }) }</dd>
                    </>
                }) }
            </dl>
            <div class="acts">
                <button type="button" class="btn" onclick={press(&props.on_close)}>{ "Close" }</button>
            </div>
        </Dialog>
    }
}
