//! What the hub wants done beside it: gaps read from the log, presence told, revoked sessions found without the bus.

use super::{Hub, hub::Signal, nodes, send_queue::Closing};
use crate::{
    bus::{BusMessage, Control},
    service::{ServiceError, Services, sync::EndedSession},
};
use rand::RngExt as _;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tandem_protocol::{UserId, live::CloseCode};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;

/// Messages of a change that was committed just now are still on their way for so long; only then a gap is one.
pub(super) const GAP_PATIENCE: Duration = Duration::from_millis(50);
/// Devices that come and go are told together.
const PRESENCE_EVERY: Duration = Duration::from_millis(500);
/// Revocations are looked up this often, in case the bus lost one.
const REVOCATION_POLL: Duration = Duration::from_millis(500);
/// How far back each look goes, so that a late commit is not missed.
const REVOCATION_OVERLAP_MILLIS: i64 = 5_000;
/// Sockets are sent away in batches of this size when a node drains.
const DRAIN_BATCH: usize = 100;
const DRAIN_PAUSE: Duration = Duration::from_millis(20);
/// Devices come back spread over this long.
const DRAIN_SPREAD_MILLIS: u64 = 2_000;

/// Gaps whose repair failed, or was never asked for, are looked for this often.
const GAP_SWEEP: Duration = Duration::from_secs(2);

/// Acts on the hub's signals until it is cancelled.
pub async fn run(hub: Arc<Hub>, services: Services, mut signals: mpsc::Receiver<Signal>, stop: CancellationToken) {
    // Of each user, whether something has changed on this node: then the others are told.
    let mut presence: HashMap<UserId, bool> = HashMap::new();
    let (mut told, mut sweep) = (interval(PRESENCE_EVERY), interval(GAP_SWEEP));
    told.set_missed_tick_behavior(MissedTickBehavior::Delay);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let repair = |user| services.tracker().spawn(catch_up(Arc::clone(&hub), services.clone(), user));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = told.tick(), if !presence.is_empty() => {
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
                    services.tracker().spawn(repair_gap(Arc::clone(&hub), services.clone(), user));
                }
                Some(Signal::LogMayBeAhead(user)) => { repair(user); }
                Some(Signal::StateRequested(user)) => nodes::answer(&hub, &services, &user),
                Some(Signal::TextLost(user)) => services.bus().publish(&user, BusMessage::Control(Control::Asked)),
                Some(Signal::BusLoss) => {
                    let (hub, services) = (Arc::clone(&hub), services.clone());
                    services.tracker().clone().spawn(async move { nodes::sweep(&hub, &services).await });
                }
            },
        }
    }
}

/// Says how many are here, and how far behind they are.
#[expect(clippy::cast_precision_loss, reason = "nobody counts that far")]
fn measure(hub: &Hub) {
    metrics::gauge!("tandem_users").set(hub.counts().0 as f64);
    metrics::gauge!("tandem_queue_bytes").set(hub.queue_bytes() as f64);
}

/// Reads what is missing, if it still is after a moment.
async fn repair_gap(hub: Arc<Hub>, services: Services, user: UserId) {
    sleep(GAP_PATIENCE).await;
    if hub.gap(&user).is_some() {
        catch_up(hub, services, user).await;
    }
}

/// Reads the log from where the devices of a user are.
pub(super) async fn catch_up(hub: Arc<Hub>, services: Services, user: UserId) {
    metrics::counter!("tandem_gap_repairs_total").increment(1);
    while let (Some(told), Some(session)) = (hub.delivered_seq(&user), hub.any_session(&user)) {
        match services.events_for_session(session, told).await {
            Ok(events) if events.is_empty() => return,
            Ok(events) => hub.repair(&user, &events),
            // The log was shortened beyond what is missing: the devices come back and start over.
            Err(ServiceError::Gone) => return hub.close_user(&user, CloseCode::Lagging),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, user = %user, "gap not repaired");
                return;
            }
        }
        if hub.delivered_seq(&user) == Some(told) {
            return;
        }
    }
}

/// Closes sockets of sessions that were revoked, whether or not the bus said so.
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

/// Sends every device away in batches, each told when to come back.
pub async fn drain(hub: &Hub) {
    for batch in hub.send_queues().chunks(DRAIN_BATCH) {
        for queue in batch {
            let wait = rand::rng().random_range(0..DRAIN_SPREAD_MILLIS);
            queue.close(Closing { code: CloseCode::Draining, reconnect_after_ms: Some(wait) });
        }
        sleep(DRAIN_PAUSE).await;
    }
}
