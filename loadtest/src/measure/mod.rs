//! The figures of a run: latencies, counts, errors and their thresholds.
//!
//! One [`Meter`] is shared by all virtual users. Recording is cheap and never waits for anything but a short lock, so that
//! measuring does not change what is measured.

pub mod bare;
pub mod check;
pub mod exported;
pub mod grid;
pub mod process;
pub mod recorder;
pub mod stamp;

pub use check::{Bound, Check};
pub use grid::Grid;
pub use recorder::Recorder;

use crate::clock::Clock;
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Examples that are kept of each kind of error.
const EXAMPLES: usize = 5;

/// Code of a socket that ended without a close frame (RFC 6455, section 7.4.1).
pub const CUT_OFF: u16 = 1006;

/// A counter for many tasks.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    // Relaxed here and below: no other memory depends on a count, and only the sum at the end matters.
    pub fn increment(&self) {
        self.add(1);
    }

    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub fn decrement(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    pub fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The current number of something, and its maximum so far.
#[derive(Debug, Default)]
pub struct Peak {
    now: AtomicU64,
    most: AtomicU64,
}

impl Peak {
    pub fn increment(&self) {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
    }

    pub fn decrement(&self) {
        self.now.fetch_sub(1, Ordering::Relaxed);
    }

    /// The maximum number at one time.
    pub fn most(&self) -> u64 {
        self.most.load(Ordering::Relaxed)
    }
}

/// Everything that virtual users measure. A run has one.
#[derive(Debug)]
pub struct Meter {
    pub clock: Clock,
    /// From sending a message to the first token of its reply, on each device. The provider sends the first token
    /// immediately, so this is the latency that the server adds.
    pub first_token: Recorder,
    /// From the time stamp of a token to its arrival, on each device.
    pub token: Recorder,
    /// From sending a message to the end of its reply, less the time between the provider's first and last token.
    pub reply: Recorder,
    /// From sending a message to its acknowledgement.
    pub sending: Recorder,
    /// From sending a change of a task to its acknowledgement.
    pub command: Recorder,
    /// From sending a change of a task to its event, on each device.
    pub spread: Recorder,
    /// From the time of a reminder to its event, on each device.
    pub reminder: Recorder,
    /// Reading a page of 100 messages.
    pub history: Recorder,
    pub login: Recorder,
    /// Opening a socket, from connecting to `live`.
    pub connect: Recorder,
    /// From the cut of a socket until it is live again, including the pauses between attempts.
    pub back: Recorder,
    pub sockets: Count,
    pub replies: Count,
    /// Tokens that arrived, over all devices.
    pub tokens: Count,
    pub changes: Count,
    /// Devices that the server sent back to a snapshot.
    pub resyncs: Count,
    errors: Mutex<BTreeMap<&'static str, Failures>>,
    closes: Mutex<BTreeMap<u16, u64>>,
}

/// Errors of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Failures {
    pub count: u64,
    pub examples: Vec<String>,
}

impl Meter {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            first_token: Recorder::default(),
            token: Recorder::default(),
            reply: Recorder::default(),
            sending: Recorder::default(),
            command: Recorder::default(),
            spread: Recorder::default(),
            reminder: Recorder::default(),
            history: Recorder::default(),
            login: Recorder::default(),
            connect: Recorder::default(),
            back: Recorder::default(),
            sockets: Count::default(),
            replies: Count::default(),
            tokens: Count::default(),
            changes: Count::default(),
            resyncs: Count::default(),
            errors: Mutex::default(),
            closes: Mutex::default(),
        }
    }

    /// Starts the measured part of a run: removes the figures of the preparation, except log-ins, sockets and errors.
    pub fn begin(&self) {
        for taken in [
            &self.first_token,
            &self.token,
            &self.reply,
            &self.sending,
            &self.command,
            &self.spread,
            &self.reminder,
            &self.history,
        ] {
            taken.clear();
        }
        for count in [&self.replies, &self.tokens, &self.changes] {
            count.clear();
        }
    }

    /// Records an error. The report sums up errors by `kind`.
    pub fn error(&self, kind: &'static str, example: impl Into<String>) {
        let mut errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = errors.entry(kind).or_default();
        failures.count += 1;
        // A server that fails may cause thousands of equal errors.
        if failures.examples.len() < EXAMPLES {
            failures.examples.push(example.into());
        }
    }

    /// Records that the server closed a socket as expected; `code` is that of the close frame, or [`CUT_OFF`].
    pub fn closed(&self, code: u16) {
        *self.closes.lock().unwrap_or_else(PoisonError::into_inner).entry(code).or_default() += 1;
    }

    /// How often the server closed a socket as expected with this code.
    pub fn closes_of(&self, code: u16) -> u64 {
        self.closes.lock().unwrap_or_else(PoisonError::into_inner).get(&code).copied().unwrap_or_default()
    }

    pub fn errors(&self) -> BTreeMap<&'static str, Failures> {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn errors_of(&self, kind: &str) -> u64 {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).get(kind).map_or(0, |failures| failures.count)
    }

    pub fn errors_in_all(&self) -> u64 {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).values().map(|failures| failures.count).sum()
    }
}
