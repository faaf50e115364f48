//! The work of the hub that needs the database or time: repairs of gaps, presence, revocations and the drain.
//!
//! The hub itself never waits. It sends signals, and this module acts on them. Signals and bus messages can be lost, so
//! that each kind of work is also done at an interval: no gap and no revocation stays undetected for longer than that.

use super::{Hub, hub::Signal, nodes, send_queue::Closing};
use rand::RngExt as _;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tandem_bus::{BusMessage, Control};
use tandem_protocol::{UserId, live::CloseCode};
use tandem_runtime::tasks;
use tandem_service::{ServiceError, Services, sync::EndedSession};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;

/// Events of a change that was committed just now may be on their way for this long. A gap that lasts longer is
/// repaired.
pub(super) const GAP_PATIENCE: Duration = Duration::from_millis(50);
/// Changes of presence within this time are sent together.
const PRESENCE_EVERY: Duration = Duration::from_millis(500);
/// How often revocations are read, in case the bus lost one.
const REVOCATION_POLL: Duration = Duration::from_millis(500);
/// How far each read of revocations goes back, so that a late commit is not missed.
const REVOCATION_OVERLAP_MILLIS: i64 = 5_000;
/// A node that drains closes its sockets in batches of this size.
const DRAIN_BATCH: usize = 100;
const DRAIN_PAUSE: Duration = Duration::from_millis(20);
/// Drained devices reconnect spread over this long.
const DRAIN_SPREAD_MILLIS: u64 = 2_000;

/// How often all gaps are repaired: those whose repair failed, and those whose signal was lost.
const GAP_SWEEP: Duration = Duration::from_secs(2);

/// Acts on the hub's signals until it is cancelled.
pub async fn run(hub: Arc<Hub>, services: Services, mut signals: mpsc::Receiver<Signal>, stop: CancellationToken) {
    // By user, whether devices of this node have changed: only then the presence is published to the other nodes.
    let mut presence: HashMap<UserId, bool> = HashMap::new();
    let (mut presence_ticks, mut sweep) = (interval(PRESENCE_EVERY), interval(GAP_SWEEP));
    presence_ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let repair = |user| tasks::spawn(services.tracker(), catch_up(Arc::clone(&hub), services.clone(), user));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = presence_ticks.tick(), if !presence.is_empty() => {
                for (user, changed_here) in presence.drain() {
                    hub.broadcast_presence(&user);
                    if changed_here {
                        nodes::publish_presence(&hub, &services, &user);
                    }
                }
            }
            _ = sweep.tick() => {
                for user in hub.gaps() {
                    repair(user);
                }
                measure(&hub);
            }
            signal = signals.recv() => match signal {
                None => return,
                Some(Signal::PresenceChanged(user)) => { presence.insert(user, true); }
                Some(Signal::RemotePresenceChanged(user)) => { presence.entry(user).or_default(); }
                Some(Signal::Gap(user)) => {
                    tasks::spawn(services.tracker(), repair_gap(Arc::clone(&hub), services.clone(), user));
                }
                Some(Signal::LogMayBeAhead(user)) => { repair(user); }
                Some(Signal::StateRequested(user)) => nodes::answer(&hub, &services, &user),
                Some(Signal::TextLost(user)) => services.bus().publish(&user, BusMessage::Control(Control::Asked)),
                Some(Signal::BusLoss) => {
                    let (hub, services) = (Arc::clone(&hub), services.clone());
                    let tracker = services.tracker().clone();
                        tasks::spawn(&tracker, async move { nodes::sweep(&hub, &services).await });
                }
            },
        }
    }
}

/// Records how many users are connected, and how many bytes wait for them.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and the counts are small")]
fn measure(hub: &Hub) {
    metrics::gauge!("tandem_users").set(hub.counts().0 as f64);
    metrics::gauge!("tandem_queue_bytes").set(hub.queue_bytes() as f64);
}

/// Repairs a gap, unless it has closed after a moment.
async fn repair_gap(hub: Arc<Hub>, services: Services, user: UserId) {
    sleep(GAP_PATIENCE).await;
    if hub.gap(&user).is_some() {
        catch_up(hub, services, user).await;
    }
}

/// Delivers the events of the log that the devices of a user do not have.
pub(super) async fn catch_up(hub: Arc<Hub>, services: Services, user: UserId) {
    metrics::counter!("tandem_gap_repairs_total").increment(1);
    while let (Some(delivered), Some(session)) = (hub.delivered_seq(&user), hub.any_session(&user)) {
        match services.events_for_session(session, delivered).await {
            Ok(events) if events.is_empty() => return,
            Ok(events) => hub.repair(&user, &events),
            // The log was shortened beyond what is missing: the devices come back and start over.
            Err(ServiceError::Gone) => return hub.close_user(&user, CloseCode::Lagging),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, user = %user, "gap not repaired");
                return;
            }
        }
        // Nothing was delivered although there were events: to go on would be an endless loop.
        if hub.delivered_seq(&user) == Some(delivered) {
            return;
        }
    }
}

/// Closes the sockets of sessions that were revoked, also if the bus lost the message.
pub async fn watch_revocations(hub: Arc<Hub>, services: Services, stop: CancellationToken) {
    let mut poll = interval(REVOCATION_POLL);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut since = services.env().now();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = poll.tick() => {}
        }
        let now = services.env().now();
        match services.sessions_ended_since(since.plus_millis(-REVOCATION_OVERLAP_MILLIS)).await {
            Ok(sessions) => {
                for EndedSession { id, account_deleted } in sessions {
                    let code = if account_deleted { CloseCode::AccountDeleted } else { CloseCode::SessionRevoked };
                    hub.close_session(id, code);
                }
                since = now;
            }
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "revocations could not be read"),
        }
    }
}

/// Closes every socket, in batches. Each device is sent a time after which it is to reconnect.
pub async fn drain(hub: &Hub) {
    for batch in hub.send_queues().chunks(DRAIN_BATCH) {
        for queue in batch {
            let wait = rand::rng().random_range(0..DRAIN_SPREAD_MILLIS);
            queue.close(Closing { code: CloseCode::Draining, reconnect_after_ms: Some(wait) });
        }
        sleep(DRAIN_PAUSE).await;
    }
}
