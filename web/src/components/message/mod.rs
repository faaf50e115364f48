//! Messages: the person's as a bubble, the assistant's as text over the whole column.
//!
//! Each is an `article` named by author and time, memoised by its message, so that a delta draws one of them again.

mod actions;
mod failure;
mod reply;
mod user;

pub use actions::{SiblingSwitch, Siblings, SiblingsProps};
pub use reply::{ReplyMessage, ReplyMessageProps};
pub use user::{UserMessage, UserMessageProps};

use crate::components::{clock::Clock, words};
use tandem_protocol::{enums::Decision, id::MessageId};
use yew::prelude::*;

/// What a person does with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageAction {
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
    /// Take a tool's effect back.
    Undo(String),
    /// Answer a tool call that waits.
    Decide {
        message_id: MessageId,
        /// The call in it.
        call_id: String,
        decision: Decision,
    },
}

/// How far a message of the person's has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// Written into the outbox while there is no connection.
    Waiting,
    Sending,
    /// Just arrived; goes over to [`Self::Settled`] when the reply starts.
    Sent,
    #[default]
    Settled,
    /// Arrived, and waits behind a running reply.
    Queued,
    /// Arrived, and waits for replies of other conversations.
    WaitsElsewhere,
    /// Refused, with the reason in words; can be sent again.
    Failed(AttrValue),
}

#[derive(Clone, PartialEq, Properties)]
pub struct DayLineProps {
    /// The day of the messages that follow.
    pub date: jiff::civil::Date,
    pub clock: Clock,
}

/// The line between the messages of two days.
#[component]
pub fn DayLine(props: &DayLineProps) -> Html {
    html! { <p class="day">{ words::day_heading(props.date, props.clock.today()) }</p> }
}
