//! The work around the hub that needs the database or time: repairs, presence, revocations and the drain.
//!
//! The hub itself never waits. It sends signals, and this module acts on them. Signals and bus messages can be lost, so
//! that each kind of work is also done at an interval: no gap and no revocation stays undetected for longer than that.

use super::{
    Hub,
    hub::Signal,
    nodes,
    repair::{catch_up, repair_gap, sweep},
    send_queue::Closing,
};
use rand::RngExt as _;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tandem_bus::{BusMessage, Control};
use tandem_protocol::{DeviceId, UserId, live::CloseCode};
use tandem_runtime::tasks;
use tandem_service::{Services, sync::EndedSession};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;

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
    let (mut presence_ticks, mut gap_sweeps) = (interval(PRESENCE_EVERY), interval(GAP_SWEEP));
    // After a stall the ticks that were missed must not all follow at once.
    presence_ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    gap_sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let repair = |user| tasks::spawn(services.tracker(), catch_up(Arc::clone(&hub), services.clone(), user));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            // Not polled while nothing has changed, so that an idle node is not woken twice a second.
            _ = presence_ticks.tick(), if !presence.is_empty() => {
                for (user, changed_here) in presence.drain() {
                    hub.broadcast_presence(&user);
                    if changed_here {
                        nodes::publish_presence(&hub, &services, &user);
                    }
                }
            }
            _ = gap_sweeps.tick() => {
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
                    // On a task of its own: this loop must not wait for the database, or signals would be lost.
                    tasks::spawn(services.tracker(), repair_gap(Arc::clone(&hub), services.clone(), user));
                }
                Some(Signal::LogMayBeAhead(user)) => { repair(user); }
                Some(Signal::StateRequested(user)) => nodes::answer(&hub, &services, &user),
                Some(Signal::TextLost(user)) => {
                    services.bus().publish(&user, BusMessage::Control(Control::StateRequested));
                }
                // A node without others sees by itself what is connected.
                Some(Signal::PushesAdded(user, events)) if services.bus().is_shared() => {
                    tasks::spawn(services.tracker(), hold_pushes(Arc::clone(&hub), services.clone(), user, events));
                }
                Some(Signal::PushesAdded(..)) => {}
                Some(Signal::Shown(user, device, seq)) => {
                    tasks::spawn(services.tracker(), drop_shown_pushes(services.clone(), user, device, seq));
                }
                Some(Signal::BusLoss) => {
                    let (hub, services) = (Arc::clone(&hub), services.clone());
                    tasks::spawn(&services.tracker().clone(), async move { sweep(&hub, &services).await });
                }
            },
        }
    }
}

/// Holds pushes back that devices of this node are about to show. Another node may send them.
async fn hold_pushes(hub: Arc<Hub>, services: Services, user: UserId, events: (i64, i64)) {
    let devices: Vec<_> = hub.present(&user).into_iter().map(|device| device.id).collect();
    if devices.is_empty() {
        return;
    }
    if let Err(error) = services.hold_pushes(&user, events, &devices).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "pushes could not be held back");
    }
}

/// Removes pushes of what a device shows.
async fn drop_shown_pushes(services: Services, user: UserId, device: DeviceId, seq: i64) {
    if let Err(error) = services.drop_shown_pushes(&user, &device, seq).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "pushes of what is shown could not be removed");
    }
}

/// Records how many users are connected, and how many bytes wait for them.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and the counts are small")]
fn measure(hub: &Hub) {
    metrics::gauge!("tandem_users").set(hub.counts().0 as f64);
    metrics::gauge!("tandem_queue_bytes").set(hub.queue_bytes() as f64);
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
                // Only now: after an error the next read covers the time of this one, too.
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
