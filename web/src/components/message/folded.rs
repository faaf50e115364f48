//! What is folded under a line until a person opens it: the thoughts of a model, and the summary of earlier messages.

use crate::components::{
    button::truth,
    callbacks::{press, toggle},
    clock::Clock,
    format,
    icon::Icon,
    markdown::Prose,
    shared::Shared,
    ticker::use_each_second,
};
use crate::text::chat as text;
use tandem_protocol::model::{Message, Part, Summary};
use yew::prelude::*;

/// The line, and what is under it when it is open.
fn folded(open: &UseStateHandle<bool>, line: Html, content: impl FnOnce() -> Html) -> (Html, Html) {
    let button = html! {
        <button type="button" class="text-btn" aria-expanded={truth(**open)} onclick={press(&toggle(open))}>
            { (if **open { Icon::Down } else { Icon::Right }).small() }{ line }
        </button>
    };
    (button, if **open { content() } else { Html::default() })
}

#[derive(Clone, PartialEq, Properties)]
pub(super) struct ThoughtProps {
    pub message: Shared<Message>,
    /// The index of a part of reasoning.
    pub part: usize,
    /// Whether the model still thinks.
    pub running: bool,
    pub clock: Clock,
    pub on_copy: Callback<String>,
}

/// `Thought for 12 s`, or `Thinking…` with the seconds so far.
#[component]
pub(super) fn Thought(props: &ThoughtProps) -> Html {
    let ThoughtProps { message, part, running, clock, on_copy } = props.clone();
    let open = use_state(|| false);
    let known = match message.parts.get(part) {
        Some(Part::Reasoning { duration_ms, .. }) => i64::try_from(*duration_ms).unwrap_or(i64::MAX),
        _ => 0,
    };
    // Deltas carry no time: it is counted here until an event brings it. The first thought begins with the reply.
    let since = use_memo((), |()| match (known, part) {
        (0, 0) => message.created_at,
        _ => clock.now().plus_millis(known.saturating_neg()),
    });
    use_each_second(running);
    let is_known = !running && (known > 0 || message.state.is_final());
    let spent = if is_known { known } else { clock.now().millis_since(*since) };
    let line = if running {
        html! { <>{ text::THINKING_NOW }<span class="num" aria-hidden="true">{ format::seconds(spent) }</span></> }
    } else {
        Html::from(thought_text(spent))
    };
    let (button, content) = folded(&open, line, || html! { <Prose {message} {part} open={running} {on_copy} /> });
    html! { <div class="thought">{ button }{ content }</div> }
}

fn thought_text(millis: i64) -> String {
    if millis < 1_000 { text::THOUGHT_FOR_A_MOMENT.to_owned() } else { text::thought_for(format::seconds(millis)) }
}

#[derive(Clone, PartialEq, Properties)]
pub(super) struct SummaryLineProps {
    pub summary: Summary,
}

/// The divider after the messages that a model is sent as a summary.
#[component]
pub(super) fn SummaryLine(props: &SummaryLineProps) -> Html {
    let open = use_state(|| false);
    let text = || html! { <p class="prose thought summary" dir="auto">{ &props.summary.text }</p> };
    let (button, content) = folded(&open, Html::from(text::EARLIER_MESSAGES_WERE_SUMMARISED), text);
    html! { <><div class="day">{ button }</div>{ content }</> }
}

#[cfg(test)]
mod tests {
    use super::thought_text;

    #[test]
    fn the_time_of_a_thought_is_in_seconds() {
        assert_eq!(thought_text(12_900), "Thought for 12 s");
        assert_eq!(thought_text(180_000), "Thought for 3 min");
        assert_eq!(thought_text(40), "Thought for a moment");
    }
}
