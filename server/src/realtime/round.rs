//! Brings what waits for the devices of a user to their sockets, in one task for all of them.
//!
//! The alternative, to wake the task of each connection, costs a wake and the memory of a task for every device and event,
//! which is about as much as the sending itself. A connection is woken only when its socket does not take everything at
//! once. While a round is on its way more news may come: who was passed already gets it in the next one, and who was not
//! gets it together with the rest, so that what comes faster than it can be sent is sent in larger pieces.

use super::{
    outbox::Outbox,
    parcel::Parcel,
    sync::{Mutex, MutexGuard},
};
use std::sync::{Arc, PoisonError};
use tokio::{task::yield_now, time::Instant};

/// Devices that are visited before other tasks have their turn: some milliseconds of writes. Few users have a tenth of
/// them, and who yields may go on elsewhere, where nothing of it is in a cache.
const MOST_AT_ONCE: usize = 512;

/// The outboxes of a user's devices.
pub(super) type Roster = Arc<[Arc<Outbox>]>;

/// The rounds of one user: there is one at a time.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    calls: Mutex<Calls>,
}

#[derive(Debug, Default)]
struct Calls {
    /// A task is on its way and will look again.
    going: bool,
    /// Whom the next round visits, and since when they wait.
    next: Option<(Roster, Instant)>,
}

impl Rounds {
    /// Has these outboxes visited.
    pub(super) fn call(self: &Arc<Self>, roster: &Roster) {
        let mut calls = self.lock();
        let since = calls.next.take().map_or_else(Instant::now, |(_, since)| since);
        calls.next = Some((Arc::clone(roster), since));
        if !std::mem::replace(&mut calls.going, true) {
            drop(calls);
            tokio::spawn(Arc::clone(self).go());
        }
    }

    async fn go(self: Arc<Self>) {
        let mut parcel = Parcel::default();
        while let Some((roster, since)) = self.next() {
            let now = Instant::now();
            for some in roster.chunks(MOST_AT_ONCE) {
                for outbox in some {
                    outbox.carry(&mut parcel, now);
                }
                if some.len() == MOST_AT_ONCE {
                    yield_now().await;
                }
            }
            metrics::histogram!("tandem_round_seconds").record(since.elapsed().as_secs_f64());
        }
    }

    fn next(&self) -> Option<(Roster, Instant)> {
        let mut calls = self.lock();
        let next = calls.next.take();
        calls.going = next.is_some();
        next
    }

    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
