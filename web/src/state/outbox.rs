//! Commands on their way: made here, kept until the server has them, sent once.
//!
//! Every command has an id of its own, so that sending it again is harmless. Entries are kept under keys of their own in
//! the browser's storage: tabs then never write over each other, and a tab that finds what another left may send it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::VecDeque;
use tandem_protocol::{CommandId, ErrorCode, Timestamp, live::Command, order::sort_by};

/// Commands that may wait for an answer at once. The server takes bursts of 60; the rest is left to other tabs.
const WINDOW: usize = 30;
/// Pause before a command is tried again when the server did not say for how long.
const RETRY_MS: i64 = 2_000;
/// Longest pause, when a server stays busy and does not ask for a longer one.
const MAX_RETRY_MS: i64 = 30_000;
/// How often a message is tried again by itself when the server is busy. Then it is shown as not sent: a queue that is
/// full stays so for minutes, and the person may want to say something else instead.
const MESSAGE_TRIES: u32 = 2;
/// The longest pause that a message waits out by itself.
const MESSAGE_PAUSE_MS: i64 = 2_000;
/// The refusal in a row of a change at which the person is notified. It is tried again all the same.
const NOTIFY_AT: u32 = 3;

/// A command and how far it got.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// Sent with the command; the server applies one id at most once.
    pub id: CommandId,
    /// What is to be done.
    pub command: Command,
    /// Made at: what an optimistic picture of it says.
    pub made_at: Timestamp,
    /// How far it got.
    pub delivery: Delivery,
    /// How often the server was too busy for it.
    pub refusals: u32,
}

/// How far a command got.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Delivery {
    /// Not sent on this connection, or to be sent again once this time has come.
    Waiting {
        /// The earliest time of the next try, when the server asked for a pause.
        not_before: Option<Timestamp>,
    },
    /// Sent; no answer yet.
    Sent,
    /// Done. It is kept until the event of this seq is applied too, or what it shows would flicker.
    Done {
        /// Of the last event of the change.
        seq: i64,
    },
    Failed {
        code: ErrorCode,
        message: String,
    },
}

impl Entry {
    /// Whether what it does is to be shown as if it were done.
    pub(crate) fn is_shown(&self) -> bool {
        !matches!(self.delivery, Delivery::Failed { .. })
    }
}

/// What became of a command that the server refused.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Refusal {
    /// It goes out again by itself.
    Later,
    /// As before, and it takes long enough to be told.
    StillLater(Entry),
    /// It stays, marked as failed: a message is never lost.
    Kept(Entry),
    /// It is gone; what it showed is rolled back.
    Dropped(Entry),
}

/// The commands of this tab that the server may not have yet, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox {
    entries: VecDeque<Entry>,
}

impl Outbox {
    /// The entries, oldest first.
    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Takes a new command.
    pub(crate) fn push(&mut self, id: CommandId, command: Command, made_at: Timestamp) {
        let delivery = Delivery::Waiting { not_before: None };
        self.entries.push_back(Entry { id, command, made_at, delivery, refusals: 0 });
    }

    /// Takes entries that were kept; those already known and those that cannot be read are left out.
    pub(crate) fn restore<'a>(&mut self, kept: impl IntoIterator<Item = &'a str>) {
        for entry in kept.into_iter().filter_map(read) {
            if self.entries.iter().all(|known| known.id != entry.id) {
                self.entries.push_back(entry);
            }
        }
        // Ids are UUIDv7: their order is the order in which the commands were given.
        let mut all: Vec<Entry> = self.entries.drain(..).collect();
        sort_by(&mut all, |one, other| one.id.cmp(&other.id));
        self.entries = all.into();
    }

    /// What is to be sent now; it counts as sent from here on. Stopping a reply and answering a call go out also while
    /// others are held back: they build on nothing that is still here.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Vec<Entry> {
        let under_way = self.entries.iter().filter(|entry| entry.delivery == Delivery::Sent).count();
        let mut due = Vec::new();
        let mut held = false;
        for entry in &mut self.entries {
            if under_way + due.len() >= WINDOW {
                break;
            }
            let Delivery::Waiting { not_before } = &entry.delivery else { continue };
            if not_before.is_some_and(|time| time > now) {
                // What was given later may build on it: a reply to a message, an edit of a new task.
                held = true;
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

    /// When the next entry may be tried again, if one is being held back.
    pub(crate) fn next_try(&self) -> Option<Timestamp> {
        let held = self.entries.iter().filter_map(|entry| match entry.delivery {
            Delivery::Waiting { not_before } => not_before,
            _ => None,
        });
        held.min()
    }

    /// The connection is gone: what was not answered goes out again on the next one.
    pub(crate) fn connection_lost(&mut self) {
        for entry in &mut self.entries {
            if entry.delivery == Delivery::Sent {
                entry.delivery = Delivery::Waiting { not_before: None };
            }
        }
    }

    /// The server did it, and its events end with `seq`. Gives the entry, if it is one of this tab.
    pub(crate) fn acknowledged(&mut self, id: CommandId, seq: i64) -> Option<Entry> {
        let entry = self.entries.iter_mut().find(|entry| entry.id == id)?;
        entry.delivery = Delivery::Done { seq };
        Some(entry.clone())
    }

    /// Forgets what is done and shown by events up to `seq`. True when something went.
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
        let asked = retry_after_ms.and_then(|pause| i64::try_from(pause).ok()).unwrap_or(RETRY_MS);
        let is_message = matches!(entry.command, Command::MessageSend(_));
        let is_busy = is_busy(code);
        let waits = is_about_token(code)
            || (is_busy && (!is_message || (entry.refusals < MESSAGE_TRIES && asked <= MESSAGE_PAUSE_MS)));
        if waits {
            // Twice as long each time: a server that says one second each time is not asked each second for an hour.
            let patience = (RETRY_MS << entry.refusals.min(8)).min(MAX_RETRY_MS) / 2;
            let pause = if entry.refusals == 0 || is_message { asked } else { asked.max(patience) };
            entry.delivery = Delivery::Waiting { not_before: Some(now.plus_millis(pause)) };
            entry.refusals += u32::from(is_busy);
            let notify = is_busy && !is_message && entry.refusals == NOTIFY_AT;
            return Some(if notify { Refusal::StillLater(entry.clone()) } else { Refusal::Later });
        }
        entry.delivery = Delivery::Failed { code, message: message.to_owned() };
        if is_message {
            return Some(Refusal::Kept(entry.clone()));
        }
        self.entries.remove(index).map(Refusal::Dropped)
    }

    /// Takes an entry out: the person no longer wants it.
    pub(crate) fn remove(&mut self, id: CommandId) -> Option<Entry> {
        let index = self.entries.iter().position(|entry| entry.id == id)?;
        self.entries.remove(index)
    }
}

/// Whether a refusal says nothing about the command: the server, or what this user may have in flight, is at a limit.
pub(crate) fn is_busy(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::RateLimited | ErrorCode::Overloaded | ErrorCode::Unavailable)
}

/// Whether a refusal is about the session: the same command is taken once the token is renewed.
fn is_about_token(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::TokenExpired | ErrorCode::Unauthenticated)
}

/// An entry as the browser's storage keeps it.
#[derive(Serialize, Deserialize)]
struct StoredEntry {
    id: CommandId,
    name: String,
    made_at: Timestamp,
    args: Box<RawValue>,
}

/// The entry as text, to survive a reload. `None` is never seen: commands serialise.
pub(crate) fn write(entry: &Entry) -> Option<String> {
    let stored = StoredEntry {
        id: entry.id,
        name: entry.command.name().to_owned(),
        made_at: entry.made_at,
        args: entry.command.args().ok()?,
    };
    serde_json::to_string(&stored).ok()
}

fn read(text: &str) -> Option<Entry> {
    let stored: StoredEntry = serde_json::from_str(text).ok()?;
    Some(Entry {
        id: stored.id,
        command: Command::parse(&stored.name, &stored.args).ok()?,
        made_at: stored.made_at,
        delivery: Delivery::Waiting { not_before: None },
        refusals: 0,
    })
}

#[cfg(test)]
mod tests;
