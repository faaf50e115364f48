//! Messages: the person's as a bubble, the assistant's as text over the whole column.
//!
//! Each is an `article` named by author and time, memoised by its message, so that a delta draws one of them again.

mod actions;
mod failure;
mod reply;
mod user;

pub(crate) use actions::{SiblingSwitch, Siblings};
pub(crate) use reply::ReplyMessage;
pub(crate) use user::UserMessage;

use crate::components::{clock::Clock, format, tool::ToolAction};
use tandem_protocol::id::MessageId;
use yew::prelude::*;

/// What a person does with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MessageAction {
    /// Put this text on the clipboard: of a message, or of a code block in it.
    Copy(String),
    /// Answer again, as a sibling.
    Retry(MessageId),
    /// Go on with a reply that did not end.
    Continue(MessageId),
    /// Stop a running reply.
    Stop(MessageId),
    /// Open the editor in a message of one's own.
    StartEdit(MessageId),
    /// Close it and change nothing.
    CancelEdit,
    /// Say it in these words instead: a new sibling, or another text for one that still waits.
    SaveEdit(MessageId, String),
    /// Send again what could not be sent.
    Resend(MessageId),
    /// Take it out of the queue before it goes out.
    Unqueue(MessageId),
    /// Show the sibling before (-1) or after (1) this one.
    Sibling(MessageId, i32),
    /// Something with a tool call of a reply.
    Tool(ToolAction),
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct DayLineProps {
    /// The day of the messages that follow.
    pub date: jiff::civil::Date,
    pub clock: Clock,
}

/// The line between the messages of two days.
#[component]
pub(crate) fn DayLine(props: &DayLineProps) -> Html {
    html! { <p class="day">{ format::day_heading(props.date, props.clock.today()) }</p> }
}
