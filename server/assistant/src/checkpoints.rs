//! Checkpoints: the text of all replies that this node writes is stored once a second, in one transaction.
//!
//! Text is published before it is stored, because a commit for each token would hold it up. What a node has shown and
//! not stored when it fails is fetched from the other nodes (`peer_text`). A reply only leaves its text here; the task
//! of the node stores it, so that the cost is that of one transaction, however many replies there are.
//!
//! **Invariant:** text that is left here is in the database about a second later, unless its message is written whole
//! before, or another node has the run.

use dashmap::DashMap;
use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tandem_protocol::{MessageId, UserId, live::Delta};
use tandem_service::Services;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Time from the first text to its transaction. With the commit it is stored within a second.
const INTERVAL: Duration = Duration::from_millis(900);

/// The unsaved text of all replies that this node writes.
#[derive(Default)]
pub(super) struct Checkpoints {
    replies: DashMap<MessageId, Arc<UnsavedText>>,
    /// There is text to store.
    more: Notify,
}

impl fmt::Debug for Checkpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoints").field("replies", &self.replies.len()).finish_non_exhaustive()
    }
}

impl Checkpoints {
    /// Begins the checkpoints of a reply. They end when the returned handle is dropped.
    pub(super) fn begin(self: &Arc<Self>, user: &UserId, message: MessageId) -> ReplyCheckpoints {
        let unsaved =
            Arc::new(UnsavedText { user: user.clone(), deltas: Mutex::default(), lost: AtomicBool::new(false) });
        self.replies.insert(message, Arc::clone(&unsaved));
        ReplyCheckpoints { of_node: Arc::clone(self), message, unsaved }
    }

    /// Stores what there is each second, until `closing`.
    pub(super) async fn run(&self, services: &Services, closing: &CancellationToken) {
        loop {
            tokio::select! {
                () = closing.cancelled() => return,
                () = self.more.notified() => {}
            }
            // What comes meanwhile shares the transaction.
            tokio::time::sleep(INTERVAL).await;
            self.save(services).await;
        }
    }

    async fn save(&self, services: &Services) {
        // Collected first: no lock of the map is held while the text is taken.
        let replies: Vec<_> = self.replies.iter().map(|reply| Arc::clone(reply.value())).collect();
        let taken: Vec<_> = replies
            .iter()
            .map(|reply| (reply, std::mem::take(&mut *reply.deltas())))
            .filter(|(_, deltas)| !deltas.is_empty())
            .collect();
        let texts: Vec<_> = taken
            .iter()
            .flat_map(|(reply, deltas)| deltas.iter().map(|delta| (reply.user.clone(), delta.clone())))
            .collect();
        if texts.is_empty() {
            return;
        }
        match services.store_reply_texts(&texts).await {
            Ok(kept) => {
                for (reply, deltas) in taken {
                    let is_ours = deltas.first().is_none_or(|delta| kept.contains(&delta.message_id));
                    reply.lost.fetch_or(!is_ours, Ordering::AcqRel);
                }
            }
            Err(error) => {
                tracing::warn!(%error, replies = taken.len(), "a checkpoint failed");
                for (reply, deltas) in taken {
                    let mut newer = reply.deltas();
                    let later = std::mem::replace(&mut *newer, deltas);
                    for delta in &later {
                        join(&mut newer, delta);
                    }
                }
                self.more.notify_one();
            }
        }
    }
}

/// What one reply has streamed and nobody has stored.
struct UnsavedText {
    user: UserId,
    deltas: Mutex<Vec<Delta>>,
    /// Whether another node has the run.
    lost: AtomicBool,
}

impl UnsavedText {
    fn deltas(&self) -> MutexGuard<'_, Vec<Delta>> {
        self.deltas.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Appends a delta to the last one, if it continues that.
fn join(deltas: &mut Vec<Delta>, delta: &Delta) {
    match deltas.last_mut() {
        Some(last)
            if (last.attempt, last.part, last.offset + last.text.len())
                == (delta.attempt, delta.part, delta.offset) =>
        {
            last.text.push_str(&delta.text);
        }
        _ => deltas.push(delta.clone()),
    }
}

/// The checkpoints of one reply.
pub(super) struct ReplyCheckpoints {
    of_node: Arc<Checkpoints>,
    message: MessageId,
    unsaved: Arc<UnsavedText>,
}

impl ReplyCheckpoints {
    /// Leaves text to be stored.
    pub(super) fn add(&self, delta: &Delta) {
        let mut deltas = self.unsaved.deltas();
        if deltas.is_empty() {
            self.of_node.more.notify_one();
        }
        join(&mut deltas, delta);
    }

    /// Drops text that was not stored: the message has been written whole, or the text is discarded.
    pub(super) fn clear(&self) {
        self.unsaved.deltas().clear();
    }

    /// Whether a checkpoint found that another node has the run.
    pub(super) fn is_lost(&self) -> bool {
        self.unsaved.lost.load(Ordering::Acquire)
    }
}

impl Drop for ReplyCheckpoints {
    fn drop(&mut self) {
        self.of_node.replies.remove(&self.message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_protocol::enums::TextKind;
    use uuid::Uuid;

    fn delta(attempt: i64, part: usize, offset: usize, text: &str) -> Delta {
        Delta { message_id: MessageId(Uuid::nil()), attempt, part, offset, text: text.into(), kind: TextKind::Text }
    }

    #[test]
    fn text_that_continues_is_one_piece() {
        let mut deltas = Vec::new();
        for next in [
            delta(1, 0, 0, "wör"),
            delta(1, 0, 4, "d"),
            delta(1, 1, 0, "next"),
            delta(1, 1, 4, " part"),
            delta(2, 1, 9, "attempt"),
            delta(2, 1, 20, "hole"),
        ] {
            join(&mut deltas, &next);
        }
        assert_eq!(
            deltas,
            [delta(1, 0, 0, "wörd"), delta(1, 1, 0, "next part"), delta(2, 1, 9, "attempt"), delta(2, 1, 20, "hole")]
        );
    }

    #[test]
    fn a_reply_leaves_its_text_until_it_ends() {
        let node = Arc::new(Checkpoints::default());
        let reply = node.begin(&UserId::from("ann"), MessageId(Uuid::nil()));
        reply.add(&delta(1, 0, 0, "so"));
        reply.add(&delta(1, 0, 2, " far"));
        assert_eq!(*reply.unsaved.deltas(), [delta(1, 0, 0, "so far")]);
        reply.clear();
        assert!(reply.unsaved.deltas().is_empty());
        drop(reply);
        assert!(node.replies.is_empty());
    }
}
