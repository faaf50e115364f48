//! What a node does for the others on the same bus: sweeps, presence, and answers to requests for running text.
//!
//! The bus may lose any message. So each node sweeps the logs at an interval, publishes its presence again at another
//! one, and answers requests for the text of running replies, which no log holds.
//!
//! Everything here can be repeated: events have a seq, deltas an offset, and presence replaces presence.

use super::{Hub, hub::PRESENCE_INTERVAL, repair::sweep};
use std::{sync::Arc, time::Duration};
use tandem_bus::{BusMessage, Control};
use tandem_protocol::UserId;
use tandem_service::Services;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often logs are swept. A node may be cut off from the bus without any node noticing it.
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

/// Publishes the running text and the presence of a user, which another node requested.
pub(super) fn answer(hub: &Hub, services: &Services, user: &UserId) {
    // Every node that has text answers. The chunks of several nodes overlap, and only what is new is appended.
    for delta in hub.text_so_far(user) {
        services.bus().publish(user, BusMessage::Delta(Arc::new(delta)));
    }
    publish_presence(hub, services, user);
}

/// Publishes the devices of a user on this node to the other nodes.
pub(super) fn publish_presence(hub: &Hub, services: &Services, user: &UserId) {
    let presence = Control::Presence { node: services.node_id().to_owned(), devices: hub.present(user) };
    services.bus().publish(user, BusMessage::Control(presence));
}
