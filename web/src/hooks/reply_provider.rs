//! Who answers: the provider of the newest reply, here or, in a conversation without one, anywhere on this device.
//!
//! Nobody tells a client beforehand; so before the first reply of all it is not known, and nothing is claimed.

use super::use_thread;
use crate::{platform::storage, state::model::ThreadView};
use tandem_protocol::enums::Role;
use yew::prelude::*;

/// Where the last provider seen is kept. It is the server's, not the person's, and stays when they sign out.
const KEY: &str = "tandem.provider";

/// The provider as the server calls it (`openai`, `gemini`, `builtin`); none before anybody has answered.
#[hook]
pub(crate) fn use_reply_provider() -> Option<String> {
    let thread = use_thread();
    let seen = newest(&thread);
    use_effect_with(seen.clone(), |seen| {
        if let Some(name) = seen {
            // Without storage it is asked anew in each conversation, which is no harm.
            let _kept = storage::set(KEY, name);
        }
    });
    seen.or_else(|| storage::get(KEY))
}

fn newest(thread: &ThreadView) -> Option<String> {
    let replies = thread.items.iter().rev().filter(|item| item.message.role == Role::Assistant);
    replies.filter_map(|item| item.message.provider.as_ref()).map(|provider| provider.name.clone()).next()
}
