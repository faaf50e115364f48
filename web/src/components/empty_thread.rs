//! What a new conversation shows before its first message.

use crate::components::{button::TextButton, callbacks::press, clock::Clock, format, icon::Icon};
use yew::prelude::*;

/// Suggested first messages. The built-in assistant understands each of them.
const PROMPTS: [(Icon, &str); 4] = [
    (Icon::Plus, "Add a task: buy milk tomorrow"),
    (Icon::Week, "What is due this week?"),
    (Icon::Bolt, "Plan my day"),
    (Icon::Check, "Mark the last task done"),
];
/// In place of the last one while there are no tasks: there is nothing that could be done.
const FIRST_PROMPT: (Icon, &str) = (Icon::Info, "What can you do?");

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct EmptyThreadProps {
    pub clock: Clock,
    /// The number of tasks due today; shown if there are any.
    #[prop_or_default]
    pub due_today: usize,
    /// Whether there are open tasks.
    #[prop_or_default]
    pub has_tasks: bool,
    #[prop_or_default]
    pub builtin: bool,
    pub on_prompt: Callback<String>,
    pub on_due: Callback<()>,
}

/// A greeting, one line on what the assistant can do, and four prompts. It has the role of the log, in whose place it
/// is shown.
#[component]
pub(crate) fn EmptyThread(props: &EmptyThreadProps) -> Html {
    let greeting = format::greeting(props.clock.local_now().hour());
    let due = format!("{} due today", props.due_today);
    html! {
        <div class="log-wrap"><div class="log" role="log" aria-label="Conversation" aria-live="off" tabindex="0">
            <div class="column hello">
                { Icon::Mark.html() }
                <h2>{ greeting }{ " What needs doing?" }</h2>
                <p>
                    { "Write it the way you would say it. I keep your tasks, on every device, and tell you what comes next." }
                </p>
                if props.due_today > 0 {
                    <span class="due">
                        <TextButton text={due} icon={Icon::Calendar} accent=true onclick={props.on_due.clone()} />
                    </span>
                }
                <ul class="prompts">
                    { for PROMPTS[..3].iter().chain([if props.has_tasks { &PROMPTS[3] } else { &FIRST_PROMPT }]).map(|&(icon, prompt)| {
                        let onclick = press(&props.on_prompt.reform(move |()| prompt.to_owned()));
                        html! {
                            <li><button type="button" class="prompt" {onclick}>{ icon.html() }{ prompt }</button></li>
                        }
                    }) }
                </ul>
                if props.builtin {
                    <p class="foot">
                        <span class="dot" />
                        <span>{ "The built-in assistant answers. No key needed, nothing leaves this server." }</span>
                    </p>
                }
            </div>
        </div></div>
    }
}
