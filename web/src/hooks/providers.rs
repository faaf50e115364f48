//! Who answers: the providers of the server, and the one that answers in the open conversation.

use super::{use_connection, use_thread};
use std::rc::Rc;
use tandem_protocol::{ConversationId, enums::ProviderState, rest::ProviderInfo};
use yew::prelude::*;

/// The providers of the server, and which one answers next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Providers {
    /// In the order in which they are tried.
    pub all: Rc<[ProviderInfo]>,
    /// What the person has chosen for this conversation.
    pub chosen: Option<String>,
}

impl Providers {
    /// The name of the provider that is tried first; empty when not known.
    pub(crate) fn first(&self) -> &str {
        let ready = || self.all.iter().find(|provider| provider.state == ProviderState::Ready);
        let named = self.chosen.as_deref().filter(|chosen| self.all.iter().any(|known| known.name == *chosen));
        named.or_else(|| ready().map(|provider| provider.name.as_str())).unwrap_or_default()
    }
}

#[hook]
pub(crate) fn use_providers(open: Option<ConversationId>) -> Providers {
    let (connection, thread) = (use_connection(), use_thread());
    let conversation = thread.conversation.as_ref().filter(|known| Some(known.id) == open);
    let chosen = match open {
        Some(_) => conversation.and_then(|known| known.provider.clone()),
        None => connection.next_provider.clone(),
    };
    Providers { all: Rc::clone(&connection.providers), chosen }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn providers(states: &[(&str, ProviderState)], chosen: Option<&str>) -> Providers {
        let info = |&(name, state): &(&str, ProviderState)| ProviderInfo {
            name: name.to_owned(),
            model: String::new(),
            state,
            local: name == "builtin",
        };
        Providers { all: states.iter().map(info).collect(), chosen: chosen.map(str::to_owned) }
    }

    #[test]
    fn the_chosen_one_answers_else_the_first_that_is_ready() {
        use ProviderState::{Ready, Unavailable};
        let all = [("openai", Unavailable), ("gemini", Ready), ("builtin", Ready)];
        assert_eq!(providers(&all, None).first(), "gemini");
        assert_eq!(providers(&all, Some("openai")).first(), "openai");
        assert_eq!(providers(&all, Some("gone")).first(), "gemini");
        assert_eq!(providers(&[], Some("openai")).first(), "");
    }
}
