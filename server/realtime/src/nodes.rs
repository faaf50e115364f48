//! What a node does for the others, and to find what the bus has lost.
//!
//! The bus may lose any message. So each node compares its delivered events with the heads of the logs now and then,
//! answers requests for running text, which no log has, and publishes its presence again at an interval.
//!
//! Everything here can be repeated: events have a seq, deltas an offset, and presence replaces presence.

use super::{
    Hub,
    background::{GAP_PATIENCE, catch_up},
    hub::PRESENCE_INTERVAL,
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tandem_bus::{BusMessage, Control};
use tandem_protocol::UserId;
use tandem_runtime::tasks;
use tandem_service::Services;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

/// How often heads are compared. A node may be cut off from the bus without any node noticing it.
const SWEEP_EVERY: Duration = Duration::from_secs(2);

/// Sweeps logs and publishes presence, until it is cancelled.
pub async fn run(hub: Arc<Hub>, services: Services, stop: CancellationToken) {
    let (mut sweeps, mut renewals) = (interval(SWEEP_EVERY), interval(PRESENCE_INTERVAL));
    sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
    renewals.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = sweeps.tick() => sweep(&hub, &services).await,
            _ = renewals.tick() => {
                for user in hub.users_on_other_nodes(Instant::now()) {
                    publish_presence(&hub, &services, &user);
                }
            }
        }
    }
}

/// Reads the logs that are ahead of what was delivered to the devices here.
pub async fn sweep(hub: &Arc<Hub>, services: &Services) {
    let delivered: HashMap<UserId, i64> = hub.delivered_seqs().into_iter().collect();
    if delivered.is_empty() {
        return;
    }
    let users: Vec<UserId> = delivered.keys().cloned().collect();
    let heads = match services.log_heads(&users).await {
        Ok(heads) => heads,
        Err(error) => {
            return tracing::warn!(error = &error as &dyn std::error::Error, "the heads of the logs could not be read");
        }
    };
    let ahead: Vec<_> = heads
        .into_iter()
        .filter(|(user, head)| delivered.get(user).is_some_and(|delivered| delivered < head))
        .collect();
    if ahead.is_empty() {
        return;
    }
    // Events of a commit of just now may still be on their way here. Only what is missing after a moment is read.
    sleep(GAP_PATIENCE).await;
    for (user, head) in ahead {
        if hub.delivered_seq(&user).is_some_and(|delivered| delivered < head) {
            tasks::spawn(services.tracker(), catch_up(Arc::clone(hub), services.clone(), user));
        }
    }
}

/// Publishes the running text and the presence of a user, which another node requested.
pub fn answer(hub: &Hub, services: &Services, user: &UserId) {
    for delta in hub.text_so_far(user) {
        services.bus().publish(user, BusMessage::Delta(Arc::new(delta)));
    }
    publish_presence(hub, services, user);
}

/// Publishes the devices of a user on this node to the other nodes.
pub fn publish_presence(hub: &Hub, services: &Services, user: &UserId) {
    let present = Control::Present { node: services.node_id().to_owned(), devices: hub.present(user) };
    services.bus().publish(user, BusMessage::Control(present));
}
