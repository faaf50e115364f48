//! Recovers text of a reply that devices were shown but that its node had not stored when it failed.
//!
//! Text is stored about once a second. What was streamed after that is in the memory of the nodes that passed it on.
//! The node that claims the run requests it from them, so that no text disappears from a screen.
//!
//! **Invariant:** stored text is never replaced by other text, only by a longer one that begins with it.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tandem_bus::{BusMessage, Control};
use tandem_protocol::{
    MessageId,
    enums::TextKind,
    live::{Delta, ReplyText},
    model::Part,
};
use tandem_service::{Services, runs::LeasedRun};

/// Time for the other nodes to answer: short beside the ten seconds of a lease.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(250);

/// The replies whose text is being recovered.
#[derive(Debug, Default)]
pub(super) struct PeerTextRecovery {
    /// Number of entries in `received`. It is nearly always 0, and then a delta costs one load instead of a lock.
    pending: AtomicUsize,
    received: Mutex<HashMap<MessageId, ReplyText>>,
}

impl PeerTextRecovery {
    pub(super) fn on_delta(&self, delta: &Delta) {
        if self.pending.load(Ordering::Acquire) > 0
            && let Some(text) = self.lock().get_mut(&delta.message_id)
        {
            text.append(delta);
        }
    }

    /// Extends a run with text that was shown after its last checkpoint.
    pub(super) async fn recover(&self, services: &Services, claimed: &mut LeasedRun) {
        if !services.bus().is_shared() {
            return;
        }
        let id = claimed.run.message_id;
        self.lock().insert(id, ReplyText::default());
        // After the insert: whoever sees the count finds the entry.
        self.pending.fetch_add(1, Ordering::AcqRel);
        services.bus().publish(claimed.caller.owner.user(), BusMessage::Control(Control::StateRequested));
        // How many nodes have text of this reply is not known, so there is no last answer to wait for.
        tokio::time::sleep(ANSWER_TIMEOUT).await;
        self.pending.fetch_sub(1, Ordering::AcqRel);
        // Text of an earlier attempt may have been discarded by a restart.
        let received = self.lock().remove(&id).filter(|received| received.attempt() == claimed.run.attempt - 1);
        if let Some(received) = received {
            extend_with(&mut claimed.message.parts, received.parts());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<MessageId, ReplyText>> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Replaces each text by the received one, where that continues it.
fn extend_with<'a>(parts: &mut Vec<Part>, received: impl Iterator<Item = (TextKind, &'a str)>) {
    for (index, (kind, received)) in received.enumerate() {
        // A part that was never stored can only be the next one: otherwise a tool call between them would be missing.
        if index == parts.len() && !received.is_empty() {
            parts.push(Part::streamed(kind, received));
            continue;
        }
        let text = match parts.get_mut(index) {
            Some(Part::Text { text }) if kind == TextKind::Text => text,
            Some(Part::Reasoning { text, .. }) if kind == TextKind::Reasoning => text,
            _ => continue,
        };
        if received.starts_with(text.as_str()) {
            received.clone_into(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extended(kept: &[&str], received: &[&str]) -> Vec<Part> {
        let mut parts = kept.iter().copied().map(Part::text).collect();
        extend_with(&mut parts, received.iter().map(|text| (TextKind::Text, *text)));
        parts
    }

    #[test]
    fn thoughts_are_recovered_as_thoughts() {
        let mut parts = vec![Part::Reasoning { text: "H".into(), duration_ms: 9 }];
        extend_with(&mut parts, [(TextKind::Reasoning, "Hm"), (TextKind::Reasoning, "So")].into_iter());
        extend_with(&mut parts, [(TextKind::Text, "Hm!")].into_iter());
        let [known, new] = ["Hm", "So"].map(|text| Part::streamed(TextKind::Reasoning, text));
        assert_eq!(parts[0].as_streamed(), known.as_streamed());
        assert_eq!((parts.len(), &parts[1]), (2, &new));
    }

    #[test]
    fn text_that_goes_on_from_what_was_kept_is_added() {
        assert_eq!(extended(&["Hel"], &["Hello"]), [Part::text("Hello")]);
        assert_eq!(extended(&[], &["Hello"]), [Part::text("Hello")]);
        assert_eq!(extended(&["Hello"], &["Hello", "there"]), [Part::text("Hello"), Part::text("there")]);
    }

    #[test]
    fn what_is_shorter_or_different_or_of_a_later_part_is_not() {
        assert_eq!(extended(&["Hello"], &["Hel"]), [Part::text("Hello")]);
        assert_eq!(extended(&["Hello"], &["Good day"]), [Part::text("Hello")]);
        assert_eq!(extended(&["Hello"], &["Hello", "", "later"]), [Part::text("Hello")]);
    }
}
