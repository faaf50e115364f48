//! Messages: bubbles of the person, and replies over the whole column.
//!
//! Each message is an `article` named by author and time. It is redrawn only when its own message changes, so that a
//! delta draws one of them.

mod actions;
mod failure;
mod folded;
mod reply;
mod user;

pub(crate) use actions::{Siblings, sibling_switch};
pub(crate) use reply::ReplyMessage;
pub(crate) use user::UserMessage;

use crate::components::{clock::Clock, format, tool::ToolAction};
use tandem_protocol::id::MessageId;
use yew::prelude::*;

/// What a person can do with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MessageAction {
    /// Copy this text: of a message, or of a code block in it.
    Copy(String),
    /// Request another reply, as a sibling of this one.
    Retry(MessageId),
    /// The same, written by this provider, which then answers in the conversation.
    RetryWith(MessageId, String),
    /// Continue a reply that ended early.
    Continue(MessageId),
    Stop(MessageId),
    StartEdit(MessageId),
    /// The text of an edit has changed.
    EditDraft(MessageId, String),
    CancelEdit(MessageId),
    /// Send an edited text: as a new sibling, or as a replacement if the message is still queued.
    SaveEdit(MessageId, String),
    /// Send a message again that the server refused.
    Resend(MessageId),
    /// Cancel a message before it is sent, or before its reply starts.
    Unqueue(MessageId),
    /// Show the previous (-1) or next (1) version.
    Sibling(MessageId, i32),
    Tool(ToolAction),
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct DayLineProps {
    pub date: jiff::civil::Date,
    pub clock: Clock,
}

/// The heading between the messages of two days.
#[component]
pub(crate) fn DayLine(props: &DayLineProps) -> Html {
    html! { <p class="day">{ format::day_heading(props.date, props.clock.today()) }</p> }
}
