//! The runs in hand on this node: each once, each with a way to stop it.

use super::{
    peer_text::PeerTextRecovery,
    providers::ProviderHandle,
    run::{self, RunWorker, Shared, Stop},
};
use dashmap::{DashMap, Entry};
use futures_util::FutureExt as _;
use std::{
    fmt,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tandem_bus::{BusMessage, Control, StreamDelta};
use tandem_protocol::{MessageId, Timestamp, UserId};
use tandem_runtime::permits::Permits;
use tandem_service::{Services, runs::LeasedRun};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// The runs in hand.
pub(super) struct ActiveRuns {
    services: Services,
    shared: Shared,
    /// How many replies this node writes at once: after a crash it claims all that were running, but not all at once.
    permits: Arc<Semaphore>,
    runs: DashMap<MessageId, Active>,
    peer_text: PeerTextRecovery,
    closed: AtomicBool,
    ended: Notify,
}

/// A run in hand.
#[derive(Debug)]
struct Active {
    user: UserId,
    stop: Stop,
    /// It was released once more: the answer to a parked call may come before the run has left.
    released_again: bool,
}

impl fmt::Debug for ActiveRuns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActiveRuns").field("runs", &self.runs.len()).finish_non_exhaustive()
    }
}

impl ActiveRuns {
    pub(super) fn new(services: Services, providers: Arc<[ProviderHandle]>) -> Self {
        let (runs, closed, ended) = (DashMap::new(), AtomicBool::new(false), Notify::new());
        let limits = services.limits();
        let permits = Arc::new(Semaphore::new(limits.node_replies.min(Semaphore::MAX_PERMITS)));
        let shared = Shared { providers, upstreams: Permits::new(limits.user_replies) };
        Self { services, shared, permits, runs, peer_text: PeerTextRecovery::default(), closed, ended }
    }

    /// Claims a run, unless it is in hand already or another node holds it at `lease_now`.
    pub(super) fn claim(self: &Arc<Self>, user: &UserId, id: MessageId, lease_now: Timestamp) {
        if self.closed.load(Ordering::Acquire) {
            return self.hand_off(user, id);
        }
        let stop = Stop::default();
        match self.runs.entry(id) {
            Entry::Occupied(mut active) => {
                active.get_mut().released_again = true;
                return;
            }
            Entry::Vacant(entry) => {
                entry.insert(Active { user: user.clone(), stop: stop.clone(), released_again: false });
            }
        }
        let (this, user) = (Arc::clone(self), user.clone());
        self.services.tracker().spawn(async move { this.work(&user, id, lease_now, stop).await });
    }

    async fn work(&self, user: &UserId, id: MessageId, lease_now: Timestamp, stop: Stop) {
        // The user may stop it from a device at another node. Nothing waits for that to begin: a wish that is missed
        // stands in the database, too.
        let _subscription = self.services.bus().subscribe(user);
        loop {
            // Until it has a place it is not claimed. A lease that it has is renewed meanwhile.
            let (permit, lease_now) = self.permit(&stop, lease_now).await;
            match self.services.claim_run(user, id, lease_now).await {
                Ok(Some(claimed)) => {
                    let attempt = self.run(claimed, stop.clone()).await;
                    let ended = Control::RunEnded { message_id: id, attempt };
                    self.services.bus().publish(user, BusMessage::Control(ended));
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(message_id = %id, error = %error, "a run was not claimed"),
            }
            drop(permit);
            if self
                .runs
                .remove_if(&id, |_, active| !active.released_again || self.closed.load(Ordering::Acquire))
                .is_some()
            {
                break;
            }
            if let Some(mut active) = self.runs.get_mut(&id) {
                active.released_again = false;
            }
        }
        if self.closed.load(Ordering::Acquire) {
            self.hand_off(user, id);
        }
        self.ended.notify_waiters();
    }

    /// Waits for one of the node's places. A run that is to stop needs none: it only ends. When the node goes down it is let
    /// go, if it is this node's; others are not claimed any more.
    async fn permit(&self, stop: &Stop, lease_now: Timestamp) -> (Option<OwnedSemaphorePermit>, Timestamp) {
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return (Some(permit), lease_now);
        }
        let waiting = metrics::gauge!("tandem_runs_waiting");
        waiting.increment(1.0);
        let acquired = tokio::select! {
            biased;
            () = stop.cancel.cancelled() => (None, lease_now),
            () = stop.release.cancelled() => (None, Timestamp::from_millis(i64::MIN)),
            permit = Arc::clone(&self.permits).acquire_owned() => (permit.ok(), lease_now),
        };
        waiting.decrement(1.0);
        acquired
    }

    /// Hands a run that this node claims no more to the others; if it has ended, they find nothing to do.
    fn hand_off(&self, user: &UserId, id: MessageId) {
        self.services.bus().publish(user, BusMessage::Control(Control::RunReleased(id)));
    }

    /// Works on a run, and gives its last attempt. A panic ends that reply, nothing else.
    async fn run(&self, mut claimed: LeasedRun, stop: Stop) -> i64 {
        if claimed.taken_over {
            metrics::counter!("tandem_run_takeovers_total").increment(1);
            self.peer_text.recover(&self.services, &mut claimed).await;
        }
        let (node, attempt, taken_over) = (self.services.node_id(), claimed.run.attempt, claimed.taken_over);
        tracing::info!(message_id = %claimed.run.message_id, node, attempt, taken_over, "a reply is claimed");
        let leased = LeasedRun { history: Vec::new(), steps: Vec::new(), ..claimed.clone() };
        let run = RunWorker::new(self.services.clone(), self.shared.clone(), claimed, stop.clone());
        if let Ok(attempt) = AssertUnwindSafe(run.work()).catch_unwind().await {
            return attempt;
        }
        tracing::error!(message_id = %leased.run.message_id, "a run panicked");
        run::fail_after_panic(&self.services, &leased, &stop).await;
        leased.run.attempt
    }

    /// Receives text of any reply, wherever it is written.
    pub(super) fn on_delta(&self, delta: &StreamDelta) {
        self.peer_text.on_delta(delta);
    }

    /// Stops a run for the user.
    pub(super) fn cancel(&self, id: MessageId) {
        if let Some(active) = self.runs.get(&id) {
            active.stop.cancel.cancel();
        }
    }

    /// Stops every run of a user.
    pub(super) fn cancel_all_of(&self, user: &UserId) {
        self.runs.iter().filter(|active| active.user == *user).for_each(|active| active.stop.cancel.cancel());
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Lets every run go where it is.
    pub(super) fn release_all(&self) {
        self.runs.iter().for_each(|active| active.stop.release.cancel());
    }

    pub(super) fn ids(&self) -> Vec<MessageId> {
        self.runs.iter().map(|active| *active.key()).collect()
    }

    /// How many are in hand.
    pub(super) fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether none is in hand.
    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Waits until none is in hand.
    pub(super) async fn empty(&self) {
        loop {
            let ended = self.ended.notified();
            if self.is_empty() {
                return;
            }
            ended.await;
        }
    }
}
