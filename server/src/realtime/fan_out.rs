//! Brings what waits for the devices of a user to their sockets, in one task for all of them.
//!
//! The alternative, to wake the task of each connection, costs a wake and the memory of a task for every device and event,
//! which is about as much as the sending itself. A connection is woken only when its socket does not take everything at
//! once. While a round is on its way more news may come: who was passed already gets it in the next one, and who was not
//! gets it together with the rest, so that what comes faster than it can be sent is sent in larger pieces.

use super::{
    frame_batch::FrameBatch,
    send_queue::SendQueue,
    sync::{Mutex, MutexGuard},
};
use std::sync::{Arc, PoisonError};
use tokio::{task::yield_now, time::Instant};

/// Devices that are visited before other tasks have their turn: chunk milliseconds of writes. Few users have a tenth of
/// them, and who yields may run on elsewhere, where nothing of it is in a cache.
const YIELD_AFTER: usize = 512;

/// The send_queues of a user's devices.
pub(super) type Recipients = Arc<[Arc<SendQueue>]>;

/// The rounds of one user: there is one at a time.
#[derive(Debug, Default)]
pub(super) struct FanOut {
    schedule: Mutex<Schedule>,
}

#[derive(Debug, Default)]
struct Schedule {
    /// A task is on its way and will look again.
    running: bool,
    /// Whom the next round visits, and since when they wait.
    next: Option<(Recipients, Instant)>,
}

impl FanOut {
    /// Has these send_queues visited.
    pub(super) fn schedule(self: &Arc<Self>, recipients: &Recipients) {
        let mut schedule = self.lock();
        let since = schedule.next.take().map_or_else(Instant::now, |(_, since)| since);
        schedule.next = Some((Arc::clone(recipients), since));
        if !std::mem::replace(&mut schedule.running, true) {
            drop(schedule);
            tokio::spawn(Arc::clone(self).run());
        }
    }

    async fn run(self: Arc<Self>) {
        let mut batch = FrameBatch::default();
        while let Some((recipients, since)) = self.next() {
            let now = Instant::now();
            for chunk in recipients.chunks(YIELD_AFTER) {
                for queue in chunk {
                    queue.carry(&mut batch, now);
                }
                if chunk.len() == YIELD_AFTER {
                    yield_now().await;
                }
            }
            metrics::histogram!("tandem_round_seconds").record(since.elapsed().as_secs_f64());
        }
    }

    fn next(&self) -> Option<(Recipients, Instant)> {
        let mut schedule = self.lock();
        let next = schedule.next.take();
        schedule.running = next.is_some();
        next
    }

    fn lock(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
