//! The runs that are active on this node.
//!
//! Several sources report the same run: the bus, the sweep for expired leases, and the answer to a parked call. A node
//! must work on it once, and two claims by one node would pass the same lease. So a run has one entry here from the
//! claim to the end of its work, and a report that comes in the meantime makes it be claimed again afterwards.
//!
//! **Invariant:** a run is worked on by at most one task of this node. Its lease is renewed as long as it has an entry.

use super::{
    Timeouts,
    checkpoints::Checkpoints,
    peer_text::PeerTextRecovery,
    providers::ProviderHandle,
    run::{self, RunWorker, Shared, Stop},
};
use dashmap::{DashMap, Entry};
use futures_util::FutureExt as _;
use std::{
    fmt, io,
    num::NonZero,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use tandem_bus::{BusMessage, Control};
use tandem_protocol::{MessageId, Timestamp, UserId, live::Delta};
use tandem_runtime::{event_loops::EventLoops, permits::Permits, tasks};
use tandem_service::{Services, runs::LeasedRun};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tracing::Instrument as _;

pub(super) struct ActiveRuns {
    services: Services,
    shared: Shared,
    /// Bounds the replies that this node writes at once. After a crash it claims all that were running, but not all at
    /// once.
    permits: Arc<Semaphore>,
    runs: DashMap<MessageId, Active>,
    /// Where the runs work: a token takes some microseconds from the provider to the devices.
    event_loops: EventLoops,
    peer_text: PeerTextRecovery,
    closed: AtomicBool,
    ended: Notify,
}

/// An active run, or one that waits for a permit.
#[derive(Debug)]
struct Active {
    user: UserId,
    stop: Stop,
    /// Whether it was reported again: the answer to a parked call may come before the run has left this map.
    released_again: bool,
}

impl fmt::Debug for ActiveRuns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActiveRuns").field("runs", &self.runs.len()).finish_non_exhaustive()
    }
}

impl ActiveRuns {
    pub(super) fn new(
        services: Services,
        providers: Arc<[ProviderHandle]>,
        timeouts: Timeouts,
        checkpoints: Arc<Checkpoints>,
    ) -> io::Result<Self> {
        let (runs, closed, ended) = (DashMap::new(), AtomicBool::new(false), Notify::new());
        let limits = services.limits();
        let permits = Arc::new(Semaphore::new(limits.node_replies.min(Semaphore::MAX_PERMITS)));
        let shared = Shared { providers, upstreams: Permits::new(limits.user_replies), timeouts, checkpoints };
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let event_loops = EventLoops::start("replies", threads)?;
        let peer_text = PeerTextRecovery::default();
        Ok(Self { services, shared, permits, runs, event_loops, peer_text, closed, ended })
    }

    /// Claims a run, unless it is active here already, or another node holds it at `lease_now`.
    pub(super) fn claim(self: &Arc<Self>, user: &UserId, id: MessageId, lease_now: Timestamp) {
        if self.closed.load(Ordering::Acquire) {
            return self.hand_off(user, id);
        }
        let stop = Stop::default();
        match self.runs.entry(id) {
            Entry::Occupied(mut active) => {
                // The task that works on it reads this before it removes the entry.
                active.get_mut().released_again = true;
                return;
            }
            Entry::Vacant(entry) => {
                entry.insert(Active { user: user.clone(), stop: stop.clone(), released_again: false });
            }
        }
        let (this, user) = (Arc::clone(self), user.clone());
        let span = tracing::info_span!("run", message_id = %id, user = %user);
        let work = async move { this.work(&user, id, lease_now, stop).await };
        tasks::spawn_on(self.services.tracker(), self.event_loops.next(), work.instrument(span));
    }

    async fn work(&self, user: &UserId, id: MessageId, lease_now: Timestamp, stop: Stop) {
        // A cancellation may come from a device at another node. The subscription is not awaited: a message that is
        // missed is also in the database, where the sweep finds it.
        let _subscription = self.services.bus().subscribe(user);
        loop {
            // Without a permit the run is not claimed. If this node holds its lease already, that is renewed meanwhile.
            let (permit, lease_now) = self.permit(&stop, lease_now).await;
            match self.services.claim_run(user, id, lease_now).await {
                Ok(Some(claimed)) => {
                    let attempt = self.run(claimed, stop.clone()).await;
                    // Nodes with devices of the user forget the text of this attempt, unless a later one has begun.
                    let ended = Control::RunEnded { message_id: id, attempt };
                    self.services.bus().publish(user, BusMessage::Control(ended));
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "a run was not claimed"),
            }
            drop(permit);
            // Check and removal are one step under the lock of the entry: a report either comes before and is seen here,
            // or comes after and makes a new entry.
            let is_done = |active: &Active| !active.released_again || self.closed.load(Ordering::Acquire);
            if self.runs.remove_if(&id, |_, active| is_done(active)).is_some() {
                break;
            }
            if let Some(mut active) = self.runs.get_mut(&id) {
                active.released_again = false;
            }
        }
        // It may have been reported again while it was released here: other nodes have to look at it.
        if self.closed.load(Ordering::Acquire) {
            self.hand_off(user, id);
        }
        self.ended.notify_waiters();
    }

    /// Waits for a permit, and returns it with the time to claim the run at.
    async fn permit(&self, stop: &Stop, lease_now: Timestamp) -> (Option<OwnedSemaphorePermit>, Timestamp) {
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return (Some(permit), lease_now);
        }
        let waiting = metrics::gauge!("tandem_runs_waiting");
        waiting.increment(1.0);
        let acquired = tokio::select! {
            biased;
            // A cancelled run is only ended, which needs no permit.
            () = stop.cancel.cancelled() => (None, lease_now),
            // At a time before the end of every lease a run of another node is not claimed. One of this node is, to be
            // released.
            () = stop.release.cancelled() => (None, Timestamp::from_millis(i64::MIN)),
            permit = Arc::clone(&self.permits).acquire_owned() => (permit.ok(), lease_now),
        };
        waiting.decrement(1.0);
        acquired
    }

    /// Publishes a run that this node does not claim, for the other nodes. If it has ended they do nothing.
    fn hand_off(&self, user: &UserId, id: MessageId) {
        self.services.bus().publish(user, BusMessage::Control(Control::RunReleased(id)));
    }

    /// Works on a run and returns its last attempt. A panic ends this reply only.
    async fn run(&self, mut claimed: LeasedRun, stop: Stop) -> i64 {
        if claimed.taken_over {
            metrics::counter!("tandem_run_takeovers_total").increment(1);
            self.peer_text.recover(&self.services, &mut claimed).await;
        }
        let (node, attempt, taken_over) = (self.services.node_id(), claimed.run.attempt, claimed.taken_over);
        let span = tracing::info_span!("attempt", attempt, conversation = %claimed.message.conversation_id);
        span.in_scope(|| tracing::info!(node, taken_over, "a reply is claimed"));
        // The run consumes its data; to end it after a panic, its ids are enough.
        let leased = LeasedRun { history: Vec::new(), steps: Vec::new(), ..claimed.clone() };
        let run = RunWorker::new(self.services.clone(), self.shared.clone(), claimed, stop.clone());
        if let Ok(attempt) = AssertUnwindSafe(run.work()).catch_unwind().instrument(span).await {
            return attempt;
        }
        tracing::error!("a run panicked");
        run::fail_after_panic(&self.services, &leased, &stop).await;
        leased.run.attempt
    }

    /// Receives streamed text of any reply, from whichever node writes it.
    pub(super) fn on_delta(&self, delta: &Delta) {
        self.peer_text.on_delta(delta);
    }

    pub(super) fn cancel(&self, id: MessageId) {
        if let Some(active) = self.runs.get(&id) {
            active.stop.cancel.cancel();
        }
    }

    pub(super) fn cancel_all_of(&self, user: &UserId) {
        self.runs.iter().filter(|active| active.user == *user).for_each(|active| active.stop.cancel.cancel());
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Makes every run stop where it is, for another node to continue.
    pub(super) fn release_all(&self) {
        self.runs.iter().for_each(|active| active.stop.release.cancel());
    }

    pub(super) fn ids(&self) -> Vec<MessageId> {
        self.runs.iter().map(|active| *active.key()).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.runs.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    pub(super) async fn wait_until_empty(&self) {
        loop {
            let ended = self.ended.notified();
            // Checked after the future was created: a notification in between is not lost.
            if self.is_empty() {
                return;
            }
            ended.await;
        }
    }
}
