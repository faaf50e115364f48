//! A reply: text, tool cards, status, and buttons.

use crate::components::{
    button::{IconButton, TextButton, truth},
    callbacks::toggle,
    callout::callout,
    clock::Clock,
    format,
    header::provider_note,
    icon::Icon,
    markdown::Prose,
    menu::{Menu, MenuItem},
    message::{
        MessageAction, Siblings,
        failure::{FailureAction, failure},
        folded::{SummaryLine, Thought},
        sibling_switch,
    },
    shared::{Shared, TaskIndex},
    ticker::Progress,
    tool::{Segment, ToolCards, segments},
};
use crate::text::chat as text;
use std::rc::Rc;
use tandem_protocol::{
    enums::{MessageState, ToolState},
    id::MessageId,
    model::{Message, Part},
    rest::ProviderInfo,
};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ReplyMessageProps {
    pub message: Shared<Message>,
    pub clock: Clock,
    #[prop_or_default]
    pub siblings: Option<Siblings>,
    /// Whether this is the newest reply; its buttons are always visible.
    #[prop_or_default]
    pub last: bool,
    /// Whether this reply has the button `Stop`, because that of the composer is `Queue`.
    #[prop_or_default]
    pub stop_here: bool,
    /// The providers of the server, with which the reply can be repeated; empty where that is not offered.
    #[prop_or_else(|| Rc::from(Vec::new()))]
    pub providers: Rc<[ProviderInfo]>,
    /// The current tasks, for tool cards. Empty for replies without tool calls, so that changes of tasks do not redraw
    /// them.
    #[prop_or_default]
    pub tasks: TaskIndex,
    pub on: Callback<MessageAction>,
}

/// A reply: an article named `Assistant, 09:31`, busy while it is streamed. A queued reply is not drawn; the message
/// before it shows that it waits.
#[component]
pub(crate) fn ReplyMessage(props: &ReplyMessageProps) -> Html {
    let message = &props.message;
    if message.state == MessageState::Queued {
        return Html::default();
    }
    let running = message.state == MessageState::Streaming;
    let local = props.clock.local(message.created_at);
    let at = format::clock_time(local.time());
    html! {
        <>
        <article class={classes!("msg", props.last.then_some("msg-last"))} aria-label={text::by_assistant_at(&at)}
            aria-busy={running.then(|| truth(true))} tabindex="-1" data-message={message.id.to_string()}>
            <div class="msg-h">
                { Icon::Mark.html() }<b>{ text::ASSISTANT }</b>
                <time datetime={message.created_at.to_string()} title={format::full(local)}>{ at }</time>
                if let Some(note) = other_provider(props) { <span>{ note }</span> }
            </div>
            // A list of its own: among siblings without keys, a new part would replace those before it, and an opened
            // thought would fold.
            <>{ for segments(&message.parts).into_iter().map(|segment| part(props, segment, running)) }</>
            if let Some(card) = failure(message) {
                { callout(Some(card.icon), card.title, card.detail, action(props, card.action)) }
            }
            <div class="msg-acts">
                if running { { running_row(props) } } else { <SettledRow ..props.clone() /> }
                { sibling_switch(message.id, props.siblings, &props.on) }
            </div>
        </article>
        if let Some(summary) = &message.summary { <SummaryLine summary={summary.clone()} /> }
        </>
    }
}

fn part(props: &ReplyMessageProps, segment: Segment, running: bool) -> Html {
    match segment {
        Segment::Text(index) => {
            // Only the last part can grow.
            let open = running && index + 1 == props.message.parts.len();
            let on_copy = props.on.reform(MessageAction::Copy);
            html! { <Prose key={index} message={props.message.clone()} part={index} {open} {on_copy} /> }
        }
        Segment::Thought(index) => html! {
            <Thought key={index} message={props.message.clone()} part={index}
                running={running && index + 1 == props.message.parts.len()} clock={props.clock.clone()}
                on_copy={props.on.reform(MessageAction::Copy)} />
        },
        Segment::Calls(range) => html! {
            <ToolCards key={range.start} message={props.message.clone()} start={range.start} end={range.end}
                tasks={props.tasks.clone()} clock={props.clock.clone()} on={props.on.reform(MessageAction::Tool)} />
        },
    }
}

fn running_row(props: &ReplyMessageProps) -> Html {
    let message = &props.message;
    let last = message.parts.last();
    let writing = last.and_then(Part::as_text).is_some_and(|text| !text.is_empty());
    let thinks = matches!(last, Some(Part::Reasoning { .. }));
    let mut calls = message.parts.iter().filter_map(Part::as_tool_call);
    let asks = calls.any(|call| call.state == ToolState::AwaitingApproval);
    html! {
        <>
            if asks {
                <span class="note">{ Icon::Hand.html() }{ text::WAITS_FOR_YOUR_ANSWER }</span>
            } else if !thinks {
                <Progress clock={props.clock.clone()} since={message.created_at} {writing} />
            }
            if props.stop_here {
                { TextButton::new(text::STOP, act(props, MessageAction::Stop)).icon(Icon::Stop).html() }
            }
        </>
    }
}

/// The buttons of a reply that has ended. They always take up space, so that nothing moves when they appear.
#[component]
fn SettledRow(props: &ReplyMessageProps) -> Html {
    let message = &props.message;
    let details = use_state(|| false);
    // The box above may already offer to retry.
    let offered = failure(message).map(|card| card.action);
    let copied = message.clone();
    html! {
        <>
            if message.state == MessageState::Cancelled {
                <span class="note">{ Icon::Stop.html() }{ text::YOU_STOPPED_THIS_REPLY }</span>
                { TextButton::new(text::CONTINUE, act(props, MessageAction::Continue)).icon(Icon::Play).accent().html() }
            }
            <span class="hush">
                { IconButton::new(Icon::Copy, text::COPY, props.on.reform(move |()| MessageAction::Copy(copied.text()))).html() }
                if offered != Some(FailureAction::Retry) {
                    { IconButton::new(Icon::Retry, text::RETRY, act(props, MessageAction::Retry)).html() }
                }
                { retry_with(props) }
                if message.provider.is_some() || message.usage.is_some() {
                    { IconButton::new(Icon::Info, text::DETAILS, toggle(&details)).expanded(*details).html() }
                }
                if *details {
                    <span class="meta num">{ details_text(message) }</span>
                }
            </span>
        </>
    }
}

/// The menu of the other providers.
fn retry_with(props: &ReplyMessageProps) -> Html {
    let (id, written_by) = (props.message.id, props.message.provider.as_ref().map(|provider| provider.name.as_str()));
    let others = props.providers.iter().filter(|provider| Some(provider.name.as_str()) != written_by);
    let items: Vec<MenuItem> = others
        .map(|provider| {
            let name = provider.name.clone();
            let on = props.on.reform(move |()| MessageAction::RetryWith(id, name.clone()));
            let item = MenuItem::new(Icon::Retry, text::retry_with(format::provider(&provider.name)), on);
            MenuItem { note: provider_note(provider).into(), ..item }
        })
        .collect();
    if items.is_empty() {
        return Html::default();
    }
    html! { <Menu label={text::RETRY_WITH_ANOTHER} button={Icon::Down.html()} {items} /> }
}

fn action(props: &ReplyMessageProps, action: FailureAction) -> Html {
    let (text, onclick) = match action {
        FailureAction::Retry => (text::RETRY, act(props, MessageAction::Retry)),
        FailureAction::Continue => (text::CONTINUE, act(props, MessageAction::Continue)),
        FailureAction::Edit => {
            let Some(question) = props.message.parent_id else { return Html::default() };
            (text::EDIT, props.on.reform(move |()| MessageAction::StartEdit(question)))
        }
    };
    let onclick = onclick.reform(|_: MouseEvent| ());
    html! { <button type="button" class="btn btn-s" {onclick}>{ text }</button> }
}

fn act(props: &ReplyMessageProps, action: fn(MessageId) -> MessageAction) -> Callback<()> {
    let id = props.message.id;
    props.on.reform(move |()| action(id))
}

/// A note that another provider than the selected one has answered.
fn other_provider(props: &ReplyMessageProps) -> Option<String> {
    let answered = props.message.provider.as_ref().filter(|_| props.message.state != MessageState::Failed)?;
    let expected = answered.instead_of.as_ref()?;
    Some(text::other_provider_answered(format::provider(&answered.name), format::provider(expected)))
}

/// Provider, time to the first token, and tokens: `OpenAI · first word 0.4 s · 412 tokens`.
fn details_text(message: &Message) -> String {
    let mut parts = Vec::new();
    if let Some(provider) = &message.provider {
        parts.push(match provider.model.as_str() {
            "" => format::provider(&provider.name).to_owned(),
            model => format!("{}, {model}", format::provider(&provider.name)),
        });
    }
    if let Some(usage) = message.usage {
        if let Some(first) = usage.first_token_ms {
            parts.push(text::first_word_after(format::duration(first)));
        }
        parts.push(text::tokens(usage.prompt_tokens + usage.completion_tokens));
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::details_text;
    use crate::testing::reply;
    use tandem_protocol::model::{ProviderRef, Usage};

    #[test]
    fn details_name_who_answered_how_soon_and_at_what_cost() {
        let mut message = reply("Done.");
        message.provider = Some(ProviderRef { name: "openai".into(), model: "small".into(), instead_of: None });
        message.usage = Some(Usage { prompt_tokens: 400, completion_tokens: 12, first_token_ms: Some(431) });
        assert_eq!(details_text(&message), "OpenAI, small · first word 0.4 s · 412 tokens");
    }
}
