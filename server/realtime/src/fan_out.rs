//! Sends what waits for the devices of a user, in one task for all of them.
//!
//! The alternative is to wake the task of each connection. That costs a wake and the cold memory of a task for every
//! device and event, about as much as the send itself. Here a connection is woken only when its socket does not take
//! everything at once.
//!
//! A user has one run at a time. What is queued during a run reaches the devices that were passed already with the next
//! run, and the others together with the rest: events that come faster than they can be sent go out in larger batches.

use super::{
    frame_batch::FrameBatch,
    send_queue::SendQueue,
    sync::{Mutex, MutexGuard},
};
use std::sync::{Arc, PoisonError};
use tokio::{task::yield_now, time::Instant};

/// Devices that are written to before the task yields: some milliseconds of writes. Few users have a tenth of them, and
/// a task that yields may continue on another core, whose caches hold nothing of it.
const YIELD_AFTER: usize = 512;

/// The send queues of a user's devices.
pub(super) type Recipients = Arc<[Arc<SendQueue>]>;

#[derive(Debug, Default)]
pub(super) struct FanOut {
    schedule: Mutex<Schedule>,
}

#[derive(Debug, Default)]
struct Schedule {
    /// A task runs and will look for `next` again.
    running: bool,
    /// The recipients of the next run, and since when they wait.
    next: Option<(Recipients, Instant)>,
}

impl FanOut {
    /// Schedules a run over these queues.
    pub(super) fn schedule(self: &Arc<Self>, recipients: &Recipients) {
        let mut schedule = self.lock();
        // The newest list replaces the one that waits. The time of the older one stays: it is what the metric measures.
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
            // Read once for all devices: it only moves pings away.
            let now = Instant::now();
            for chunk in recipients.chunks(YIELD_AFTER) {
                for queue in chunk {
                    queue.try_flush(&mut batch, now);
                }
                // A shorter chunk is the last one.
                if chunk.len() == YIELD_AFTER {
                    yield_now().await;
                }
            }
            metrics::histogram!("tandem_fan_out_seconds").record(since.elapsed().as_secs_f64());
        }
    }

    /// The next run; `None` ends the task.
    fn next(&self) -> Option<(Recipients, Instant)> {
        let mut schedule = self.lock();
        let next = schedule.next.take();
        // Under the same lock: a run that is scheduled after this starts a new task.
        schedule.running = next.is_some();
        next
    }

    fn lock(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
