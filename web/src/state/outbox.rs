//! Commands that the server has not acknowledged: created here, stored until then, sent in order.
//!
//! Every command has an id, so that sending it again is harmless. Entries are stored under separate keys: tabs do not
//! overwrite each other, and a tab may send what another one has left.
//!
//! **Invariant:** a message, and an edit of a task that others have changed or deleted, is never dropped without the
//! person: it is acknowledged, shown as failed, or deleted by them.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::VecDeque;
use tandem_protocol::{
    CommandId, ConversationId, ErrorCode, Timestamp, json,
    live::{ClientFrame, Command},
    rest::TaskPatch,
};

/// How long a deletion of a conversation can be taken back, in milliseconds: as long as its notice is shown, and some
/// time for the press to arrive.
const TAKE_BACK_MS: i64 = 8_500;
/// The largest number of commands without an answer. The server accepts bursts of 60, which several tabs share.
const WINDOW: usize = 30;
/// The pause before the next try if the server requested none.
const RETRY_MS: i64 = 2_000;
/// Twice the longest pause that a busy server does not request itself.
const MAX_RETRY_MS: i64 = 30_000;
/// The number of tries of a message while the server is busy. Then it is shown as failed: a full queue stays full for
/// minutes, and the person may want to do something else with the text.
const MESSAGE_TRIES: u32 = 2;
/// The longest pause for which a message waits by itself.
const MESSAGE_PAUSE_MS: i64 = 2_000;
/// The number of consecutive refusals of a change after which the person is notified. It is still tried again.
const NOTIFY_AT: u32 = 3;

/// A command and its delivery.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// The server applies an id at most once.
    pub id: CommandId,
    pub command: Command,
    /// What the person saw in the fields that an edit of a task changes, and its title.
    pub seen: Option<Box<TaskPatch>>,
    /// When it was created, which is the time that its optimistic effect shows.
    pub made_at: Timestamp,
    pub delivery: Delivery,
    /// The number of refusals because the server was busy.
    pub refusals: u32,
}

/// The delivery state of a command.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Delivery {
    /// To be sent, on this connection or at a later time.
    Waiting {
        /// The earliest time of the next try.
        not_before: Option<Timestamp>,
    },
    /// Sent on this connection, without an answer.
    Sent,
    /// Acknowledged. It stays applied until the event with this sequence number has arrived; otherwise the old state
    /// would be visible for a moment.
    Done {
        seq: i64,
    },
    Failed {
        code: ErrorCode,
        message: String,
    },
}

impl Entry {
    /// Whether its optimistic effect is shown.
    pub(crate) fn is_shown(&self) -> bool {
        !matches!(self.delivery, Delivery::Failed { .. })
    }

    /// The frame that sends it.
    pub(super) fn frame(&self) -> Option<ClientFrame> {
        let args = self.command.args().ok()?;
        Some(ClientFrame::Command { id: self.id.to_string(), name: self.command.name().to_owned(), args })
    }

    /// Whether the server has done it.
    pub(crate) fn is_acknowledged(&self) -> bool {
        matches!(self.delivery, Delivery::Done { .. })
    }

    /// Whether the server has not answered yet.
    pub(crate) fn waits(&self) -> bool {
        matches!(self.delivery, Delivery::Waiting { .. } | Delivery::Sent)
    }

    /// Whether a refusal leaves the person to decide what becomes of it, because it contains what they wrote.
    fn outlives(&self, code: ErrorCode) -> bool {
        match &self.command {
            Command::MessageSend(_) => true,
            Command::TaskUpdate(_) => self.seen.is_some() && matches!(code, ErrorCode::Conflict | ErrorCode::NotFound),
            _ => false,
        }
    }
}

/// The result of a refusal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Refusal {
    /// It is sent again later.
    Later,
    /// It is sent again later, and the person is notified of the delay.
    StillLater(Entry),
    /// A message or an edit, which stays and is shown as failed.
    Kept(Entry),
    /// A change, which is removed; its optimistic effect disappears.
    Dropped(Entry),
}

/// The unacknowledged commands of this tab, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox {
    entries: VecDeque<Entry>,
}

impl Outbox {
    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Adds a command. `seen`: see [`Entry::seen`].
    ///
    /// A deletion of a conversation is sent some seconds later, so that it can be taken back: it cannot be undone.
    pub(crate) fn push(&mut self, id: CommandId, command: Command, seen: Option<TaskPatch>, made_at: Timestamp) {
        let can_be_taken_back = matches!(command, Command::ConversationDelete(_));
        let delivery = Delivery::Waiting { not_before: can_be_taken_back.then(|| made_at.plus_millis(TAKE_BACK_MS)) };
        self.entries.push_back(Entry { id, command, seen: seen.map(Box::new), made_at, delivery, refusals: 0 });
    }

    pub(crate) fn get(&self, id: CommandId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// Adds stored entries. Known and unreadable ones are skipped.
    pub(crate) fn restore<'a>(&mut self, kept: impl IntoIterator<Item = &'a str>) {
        for entry in kept.into_iter().filter_map(read) {
            // Ids are UUIDv7, which sort by time of creation.
            let index = self.entries.partition_point(|known| known.id < entry.id);
            if self.entries.get(index).is_none_or(|known| known.id != entry.id) {
                self.entries.insert(index, entry);
            }
        }
    }

    /// Returns the entries to send now and marks them as sent. While an entry waits, later ones wait too, except
    /// stopping a reply and answering a tool call, which depend on nothing in the outbox.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Vec<Entry> {
        let under_way = self.entries.iter().filter(|entry| entry.delivery == Delivery::Sent).count();
        let mut due = Vec::new();
        let mut held = false;
        for entry in &mut self.entries {
            // More commands at once would exceed the rate limit of the server.
            if under_way + due.len() >= WINDOW {
                break;
            }
            let Delivery::Waiting { not_before } = &entry.delivery else { continue };
            if not_before.is_some_and(|time| time > now) {
                // Later commands may depend on this one: a reply to a message, an edit of a new task. Nothing depends
                // on a deletion.
                held |= !matches!(entry.command, Command::ConversationDelete(_));
                continue;
            }
            if held && !matches!(entry.command, Command::MessageCancel(_) | Command::MessageApprove(_)) {
                continue;
            }
            entry.delivery = Delivery::Sent;
            due.push(entry.clone());
        }
        due
    }

    /// The earliest time at which an entry may be tried again.
    pub(crate) fn next_try(&self) -> Option<Timestamp> {
        let held = self.entries.iter().filter_map(|entry| match entry.delivery {
            Delivery::Waiting { not_before } => not_before,
            _ => None,
        });
        held.min()
    }

    /// Marks unanswered entries as unsent, so that the next connection sends them again.
    pub(crate) fn connection_lost(&mut self) {
        for entry in &mut self.entries {
            // The server may have applied it; its id makes sending it again harmless.
            if entry.delivery == Delivery::Sent {
                entry.delivery = Delivery::Waiting { not_before: None };
            }
        }
    }

    /// Records that the server has applied a command, with the sequence number of its last event. Returns the entry, if
    /// it belongs to this tab.
    pub(crate) fn acknowledged(&mut self, id: CommandId, seq: i64) -> Option<Entry> {
        let entry = self.entries.iter_mut().find(|entry| entry.id == id)?;
        entry.delivery = Delivery::Done { seq };
        Some(entry.clone())
    }

    /// Removes acknowledged entries whose events up to `seq` have arrived. Returns whether there were any.
    pub(crate) fn settle(&mut self, seq: i64) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| !matches!(entry.delivery, Delivery::Done { seq: done } if done <= seq));
        self.entries.len() < before
    }

    pub(crate) fn refused(
        &mut self,
        id: CommandId,
        code: ErrorCode,
        message: &str,
        retry_after_ms: Option<u64>,
        now: Timestamp,
    ) -> Option<Refusal> {
        let index = self.entries.iter().position(|entry| entry.id == id)?;
        let entry = &mut self.entries[index];
        let requested_ms = retry_after_ms.and_then(|pause| i64::try_from(pause).ok()).unwrap_or(RETRY_MS);
        // Changes wait for a busy server as long as necessary, messages do not: see `MESSAGE_TRIES`.
        let is_message = matches!(entry.command, Command::MessageSend(_));
        let is_busy = is_busy(code);
        let waits = is_about_token(code)
            || (is_busy && (!is_message || (entry.refusals < MESSAGE_TRIES && requested_ms <= MESSAGE_PAUSE_MS)));
        if waits {
            // The pause doubles each time, so that a server that always requests one second is not tried each second
            // for an hour.
            let patience = (RETRY_MS << entry.refusals.min(8)).min(MAX_RETRY_MS) / 2;
            let pause = if entry.refusals == 0 || is_message { requested_ms } else { requested_ms.max(patience) };
            entry.delivery = Delivery::Waiting { not_before: Some(now.plus_millis(pause)) };
            entry.refusals += u32::from(is_busy);
            let notify = is_busy && !is_message && entry.refusals == NOTIFY_AT;
            return Some(if notify { Refusal::StillLater(entry.clone()) } else { Refusal::Later });
        }
        // Refused for good.
        entry.delivery = Delivery::Failed { code, message: message.to_owned() };
        if entry.outlives(code) {
            return Some(Refusal::Kept(entry.clone()));
        }
        self.entries.remove(index).map(Refusal::Dropped)
    }

    /// The command that deletes a conversation.
    pub(crate) fn deletion_of(&self, id: ConversationId) -> Option<CommandId> {
        let deletes =
            |command: &Command| matches!(command, Command::ConversationDelete(args) if args.conversation_id == id);
        self.entries.iter().find(|entry| deletes(&entry.command)).map(|entry| entry.id)
    }

    /// Removes a command that was not sent yet. Returns it.
    pub(crate) fn take_back(&mut self, id: CommandId) -> Option<Entry> {
        let waits = |entry: &&Entry| matches!(entry.delivery, Delivery::Waiting { .. });
        self.get(id).filter(waits).map(|entry| entry.id).and_then(|id| self.remove(id))
    }

    /// Removes an entry that the person no longer wants.
    pub(crate) fn remove(&mut self, id: CommandId) -> Option<Entry> {
        let index = self.entries.iter().position(|entry| entry.id == id)?;
        self.entries.remove(index)
    }
}

/// Whether the server refused because of its load or of a limit, and not because of the command.
pub(crate) fn is_busy(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::RateLimited | ErrorCode::Overloaded | ErrorCode::Unavailable)
}

/// Whether the refusal concerns the session. The same command is accepted once the token is renewed.
fn is_about_token(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::TokenExpired | ErrorCode::Unauthenticated)
}

/// The stored form of an entry.
#[derive(Serialize, Deserialize)]
struct StoredEntry {
    id: CommandId,
    name: String,
    made_at: Timestamp,
    args: Box<RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<Box<TaskPatch>>,
}

/// Serialises an entry. Commands always serialise, so the result is never `None`.
pub(crate) fn write(entry: &Entry) -> Option<String> {
    let stored = StoredEntry {
        id: entry.id,
        name: entry.command.name().to_owned(),
        made_at: entry.made_at,
        args: entry.command.args().ok()?,
        seen: entry.seen.clone(),
    };
    serde_json::to_string(&stored).ok()
}

fn read(text: &str) -> Option<Entry> {
    let stored: StoredEntry = json::read(text).ok()?;
    Some(Entry {
        id: stored.id,
        command: Command::read(&stored.name, &stored.args).ok()?,
        seen: stored.seen,
        made_at: stored.made_at,
        delivery: Delivery::Waiting { not_before: None },
        refusals: 0,
    })
}

#[cfg(test)]
mod tests;
