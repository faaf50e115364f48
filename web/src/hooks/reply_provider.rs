//! The provider that answers, for the header: that of the newest reply in the conversation, else of the last reply on
//! this device.
//!
//! The server does not announce the provider in advance, so before the first reply it is unknown.

use super::use_thread;
use crate::{platform::storage, state::model::ThreadView};
use tandem_protocol::enums::Role;
use yew::prelude::*;

/// The storage key of the last provider. It is a property of the server and not of the account, so signing out keeps
/// it.
const KEY: &str = "tandem.provider";

/// The provider as the server names it (`openai`, `gemini`, `builtin`), if known.
#[hook]
pub(crate) fn use_reply_provider() -> Option<String> {
    let thread = use_thread();
    let seen = newest(&thread);
    use_effect_with(seen.clone(), |seen| {
        if let Some(name) = seen {
            // Without storage a new conversation shows no provider until its first reply.
            let _kept = storage::set(KEY, name);
        }
    });
    seen.or_else(|| storage::get(KEY))
}

fn newest(thread: &ThreadView) -> Option<String> {
    let replies = thread.items.iter().rev().filter(|item| item.message.role == Role::Assistant);
    replies.filter_map(|item| item.message.provider.as_ref()).map(|provider| provider.name.clone()).next()
}
