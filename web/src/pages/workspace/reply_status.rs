//! The announcements of a reply for screen readers: it starts, it takes long, it ends.

use crate::platform::events::after;
use crate::text::chat as text;
use crate::{
    components::{connection::assistant_status, tool},
    hooks::{use_clock, use_task_index, use_thread},
    state::model::ThreadView,
};
use tandem_protocol::{
    ConversationId, MessageId,
    enums::{MessageState, Role},
};
use yew::prelude::*;

/// The time after which the reply is announced as slow, in milliseconds.
const SLOW_AFTER_MS: u32 = 8_000;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct ReplyStatusProps {
    pub(super) open: Option<ConversationId>,
}

#[component]
pub(super) fn ReplyStatus(props: &ReplyStatusProps) -> Html {
    let thread = use_thread();
    let request = use_request(props.open);
    let announcement = use_state_eq(String::new);
    let before = use_mut_ref(|| None::<MessageId>);
    // For one render after a navigation the view still belongs to the previous conversation.
    let running = thread.running.filter(|_| thread.id == props.open);
    {
        let (announcement, ended) = (announcement.clone(), before.borrow().and_then(|reply| end_of(&thread, reply)));
        use_effect_with((props.open, running, request), move |(_, running, request)| {
            // Announces the end only of a reply that was running here.
            let previous = before.replace(*running);
            let mut slow = None;
            if let Some(request) = request {
                announcement.set(text::needs_your_approval_of(request));
            } else if running.is_some() {
                announcement.set(text::ASSISTANT_IS_REPLYING.to_owned());
                let announcement = announcement.setter();
                slow = Some(after(SLOW_AFTER_MS, move || announcement.set(text::STILL_WORKING.to_owned())));
            } else if previous.is_some() {
                announcement.set(ended.unwrap_or_default().to_owned());
            } else {
                announcement.set(String::new());
            }
            move || drop(slow)
        });
    }
    assistant_status(&announcement)
}

/// What the running reply asks the person to approve.
#[hook]
pub(super) fn use_request(open: Option<ConversationId>) -> Option<String> {
    let (thread, tasks, clock) = (use_thread(), use_task_index(), use_clock());
    let running = thread.running.filter(|_| thread.id == open)?;
    let item = thread.items.iter().rev().find(|item| item.message.id == running)?;
    tool::request(&item.message.parts, &tasks, clock.today())
}

/// The announcement for the end of a reply.
fn end_of(thread: &ThreadView, reply: MessageId) -> Option<&'static str> {
    let item = thread.items.iter().find(|item| item.message.id == reply && item.message.role == Role::Assistant)?;
    Some(match item.message.state {
        MessageState::Complete => text::REPLY_COMPLETE,
        MessageState::Cancelled => text::REPLY_STOPPED,
        MessageState::Interrupted => text::THE_REPLY_WAS_INTERRUPTED,
        MessageState::Failed => text::THE_REPLY_FAILED,
        MessageState::Queued | MessageState::Streaming => return None,
    })
}
