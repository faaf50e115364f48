//! What a new conversation shows before its first message.

use crate::components::{button::TextButton, callbacks::press, clock::Clock, format, icon::Icon};
use crate::text::chat as text;
use yew::prelude::*;

/// Suggested first messages. The built-in assistant understands each of them.
const PROMPTS: [(Icon, &str); 4] = [
    (Icon::Plus, text::ADD_A_TASK_BUY_MILK),
    (Icon::Week, text::WHAT_IS_DUE_THIS_WEEK),
    (Icon::Bolt, text::PLAN_MY_DAY),
    (Icon::Check, text::MARK_THE_LAST_TASK_DONE),
];
/// In place of the last one while there are no tasks: there is nothing that could be done.
const FIRST_PROMPT: (Icon, &str) = (Icon::Info, text::WHAT_CAN_YOU_DO);

pub(crate) struct EmptyThread {
    pub clock: Clock,
    /// The number of tasks due today; shown if there are any.
    pub due_today: usize,
    /// Whether the tasks are known. The prompts depend on them, so they take their room and are shown then.
    pub loaded: bool,
    /// Whether there are open tasks.
    pub has_tasks: bool,
    pub builtin: bool,
    pub on_prompt: Callback<String>,
    pub on_due: Callback<()>,
}

/// A greeting, one line on what the assistant can do, and four prompts. It has the role of the log, in whose place it
/// is shown.
pub(crate) fn empty_thread(thread: &EmptyThread) -> Html {
    let greeting = format::greeting(thread.clock.local_now().hour());
    let due = text::due_today(thread.due_today);
    html! {
        <div class="log-wrap"><div class="log" role="log" aria-label={text::CONVERSATION} aria-live="off" tabindex="0">
            <div class="column hello">
                { Icon::Mark.html() }
                <h2>{ greeting }{ text::WHAT_NEEDS_DOING }</h2>
                <p>
                    { text::WHAT_THE_ASSISTANT_DOES }
                </p>
                if thread.due_today > 0 {
                    <span class="due">
                        { TextButton::new(due, thread.on_due.clone()).icon(Icon::Calendar).accent().html() }
                    </span>
                }
                <ul class={if thread.loaded { "prompts" } else { "prompts unseen" }}>
                    { for PROMPTS[..3].iter().chain([if thread.has_tasks { &PROMPTS[3] } else { &FIRST_PROMPT }]).map(|&(icon, prompt)| {
                        let onclick = press(&thread.on_prompt.reform(move |()| prompt.to_owned()));
                        html! {
                            <li><button type="button" class="prompt" {onclick}>{ icon.html() }{ prompt }</button></li>
                        }
                    }) }
                </ul>
                if thread.builtin {
                    <p class="foot">
                        <span class="dot" />
                        <span>{ text::THE_BUILT_IN_ASSISTANT_ANSWERS }</span>
                    </p>
                }
            </div>
        </div></div>
    }
}
