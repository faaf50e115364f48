//! What is shown under a reply that failed: what happened, what is safe, and what to do.

use crate::components::{format, icon::Icon};
use crate::text::chat as text;
use tandem_protocol::{
    enums::{MessageState, ReplyErrorCode},
    model::Message,
};

/// The content of the box under a failed reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub icon: Icon,
    pub title: &'static str,
    pub detail: String,
    pub action: FailureAction,
}

/// The button of the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailureAction {
    Retry,
    /// Edit the question, because the provider refused it.
    Edit,
    /// Continue the text where it ended.
    Continue,
}

/// The box of a reply that ended early; `None` for a complete reply, or one that the person stopped.
pub(super) fn failure(message: &Message) -> Option<Failure> {
    let code = match (message.state, &message.error) {
        (MessageState::Failed | MessageState::Interrupted, Some(error)) => error.code,
        (MessageState::Failed, None) => ReplyErrorCode::Internal,
        (MessageState::Interrupted, None) => ReplyErrorCode::Interrupted,
        _ => return None,
    };
    let (icon, title, action) = card(code);
    let sent = message.error.as_ref().map_or("", |error| error.message.trim());
    // The server's message is more specific than the default text of the code, unless it repeats the title.
    let detail = if sent.is_empty() || sent.starts_with(title) || code == ReplyErrorCode::ContentFilter {
        default_detail(code, message)
    } else {
        sent.to_owned()
    };
    Some(Failure { icon, title, detail, action })
}

fn card(code: ReplyErrorCode) -> (Icon, &'static str, FailureAction) {
    match code {
        ReplyErrorCode::ProviderUnavailable => (Icon::Alert, text::NO_PROVIDER_CAN_BE_REACHED, FailureAction::Retry),
        ReplyErrorCode::ProviderTimeout => (Icon::Clock, text::THE_ANSWER_TOOK_TOO_LONG, FailureAction::Retry),
        ReplyErrorCode::ContentFilter => (Icon::Info, text::THE_PROVIDER_REFUSED_THIS, FailureAction::Edit),
        ReplyErrorCode::Length => (Icon::Info, text::THE_REPLY_REACHED_ITS_LENGTH, FailureAction::Continue),
        ReplyErrorCode::Limit => (Icon::Info, text::THE_REPLY_WAS_STOPPED_AT, FailureAction::Continue),
        ReplyErrorCode::Interrupted => (Icon::Alert, text::THE_REPLY_WAS_INTERRUPTED, FailureAction::Continue),
        ReplyErrorCode::Internal => (Icon::Bad, text::SOMETHING_WENT_WRONG_ON_OUR, FailureAction::Retry),
    }
}

/// The text when the server sent no message.
fn default_detail(code: ReplyErrorCode, message: &Message) -> String {
    match code {
        ReplyErrorCode::ProviderUnavailable => text::NOBODY_ANSWERED_THE_BUILT_IN.to_owned(),
        ReplyErrorCode::ProviderTimeout => text::NOTHING_ARRIVED_FOR_A_WHILE.to_owned(),
        ReplyErrorCode::ContentFilter => {
            let who = message.provider.as_ref().map_or(text::THE_PROVIDER, |provider| format::provider(&provider.name));
            text::refused_by_content_rules(who)
        }
        ReplyErrorCode::Length | ReplyErrorCode::Interrupted => text::IT_ENDS_HERE_MID_SENTENCE.to_owned(),
        ReplyErrorCode::Limit => text::WHAT_WAS_DONE_STAYS_DONE.to_owned(),
        ReplyErrorCode::Internal => text::YOUR_MESSAGE_IS_SAFE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::reply;
    use tandem_protocol::{enums::WireEnum, model::ReplyError};

    #[test]
    fn every_error_code_has_a_card_of_its_own() {
        let mut titles: Vec<_> = ReplyErrorCode::ALL.iter().map(|&code| card(code).1).collect();
        titles.dedup();
        assert_eq!(titles.len(), ReplyErrorCode::ALL.len());
    }

    #[test]
    fn the_servers_own_words_come_before_ours() {
        let mut message = reply("Half of it");
        message.state = MessageState::Failed;
        message.error = Some(ReplyError { code: ReplyErrorCode::Internal, message: "Reference 01JD-7Q4K.".into() });
        assert_eq!(failure(&message).map(|card| card.detail).as_deref(), Some("Reference 01JD-7Q4K."));
        message.error = None;
        assert_eq!(failure(&message).map(|card| card.detail).as_deref(), Some("Your message is safe."));
    }

    #[test]
    fn nothing_is_said_twice() {
        let mut message = reply("Half of it");
        message.state = MessageState::Interrupted;
        for (code, sent, detail) in [
            (
                ReplyErrorCode::Interrupted,
                "The reply was interrupted. Continue to go on.",
                "It ends here, mid-sentence.",
            ),
            (ReplyErrorCode::Internal, "Something went wrong on our side. Try again.", "Your message is safe."),
        ] {
            message.error = Some(ReplyError { code, message: sent.into() });
            assert_eq!(failure(&message).map(|card| card.detail).as_deref(), Some(detail));
        }
    }

    #[test]
    fn the_server_names_the_limit_that_ended_a_reply() {
        let mut message = reply("Half of it");
        message.state = MessageState::Interrupted;
        let sent = "The reply reached 256 KiB, the most that one may have.";
        message.error = Some(ReplyError { code: ReplyErrorCode::Limit, message: sent.into() });
        let card = failure(&message).unwrap();
        assert_eq!(card.detail, sent);
        assert!(!card.title.contains("steps"), "{}", card.title);
    }

    #[test]
    fn a_refusal_says_who_refused_and_what_may_help() {
        let mut message = reply("");
        message.state = MessageState::Failed;
        let sent = "The AI provider refused to answer this.";
        message.error = Some(ReplyError { code: ReplyErrorCode::ContentFilter, message: sent.into() });
        let detail = failure(&message).unwrap().detail;
        assert!(detail.contains("Other words may help") && !detail.contains(sent), "{detail}");
    }

    #[test]
    fn a_reply_that_ended_well_or_was_stopped_has_no_card() {
        let mut message = reply("All of it");
        assert_eq!(failure(&message), None);
        message.state = MessageState::Cancelled;
        assert_eq!(failure(&message), None);
    }
}
