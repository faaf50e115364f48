//! The list of keyboard shortcuts.

use super::Dialog;
use crate::components::callbacks::press;
use crate::text::workspace as text;
use yew::prelude::*;

/// An action and its keys. `pages/workspace/keys.rs`, `task_keys.rs` and the components handle them.
const SHORTCUTS: [(&str, &[&str]); 19] = [
    (text::SEARCH, &["Ctrl", "K"]),
    (text::NEW_CONVERSATION, &["Ctrl", "Shift", "O"]),
    (text::NEXT_OR_PREVIOUS_CONVERSATION, &["Alt", "↑", "↓"]),
    (text::EDIT_YOUR_LAST_MESSAGE, &["↑"]),
    (text::STOP_THE_REPLY, &["Esc"]),
    (text::BREAK_THE_LINE, &["Shift", "Enter"]),
    (text::COMMANDS_TASKS, &["/", "@"]),
    (text::ADD_A_TASK, &["Q"]),
    (text::NEXT_OR_PREVIOUS_TASK, &["J", "K"]),
    (text::OPEN_THE_TASK, &["Enter"]),
    (text::EDIT_THE_TASK, &["E"]),
    (text::SET_ITS_DATE, &["T"]),
    (text::SET_ITS_PRIORITY, &["1", "2", "3", "4"]),
    (text::DELETE_IT, &["Del"]),
    (text::SELECT_IT_FOR_A_CHANGE, &["X"]),
    (text::MOVE_A_TASK_IN_ITS, &["Alt", "↑", "↓"]),
    (text::MAKE_IT_A_SUBTASK_OR, &["Tab", "Shift", "Tab"]),
    (text::MOVE_IT_TO_THE_NEXT, &["Alt", "→", "←"]),
    (text::TAKE_BACK_THE_LAST_CHANGE, &["Ctrl", "Z"]),
];

pub(crate) fn shortcuts_dialog(on_close: Callback<()>) -> Html {
    let onclick = press(&on_close);
    html! {
        <Dialog label={text::KEYBOARD_SHORTCUTS} class="dialog dialog-wide" {on_close}>
            <dl class="keys">
                { for SHORTCUTS.iter().map(|(what, keys)| html! {
                    <>
                        <dt>{ *what }</dt>
                        <dd>{ for keys.iter().map(|key| html! { <kbd class="key">{ *key }</kbd> }) }</dd>
                    </>
                }) }
            </dl>
            <div class="acts">
                <button type="button" class="btn" {onclick}>{ text::CLOSE }</button>
            </div>
        </Dialog>
    }
}
