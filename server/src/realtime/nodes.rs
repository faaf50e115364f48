//! What nodes do for each other beside the news: logs that are ahead are found although nobody said so, running text is
//! told to whoever missed it, and each says who is connected to it.

use super::{
    Hub,
    background::{GAP_PATIENCE, catch_up},
    hub::PRESENCE_INTERVAL,
};
use crate::{
    bus::{BusMessage, Control},
    service::Services,
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tandem_protocol::UserId;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

/// How often logs that are ahead are looked for. Any node may be cut off from the bus without the others knowing it.
const SWEEP_EVERY: Duration = Duration::from_secs(2);

/// Looks after what comes from other nodes, until it is cancelled.
pub async fn run(hub: Arc<Hub>, services: Services, stop: CancellationToken) {
    let (mut sweeps, mut again) = (interval(SWEEP_EVERY), interval(PRESENCE_INTERVAL));
    sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
    again.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = sweeps.tick() => sweep(&hub, &services).await,
            _ = again.tick() => {
                for user in hub.users_on_other_nodes(Instant::now()) {
                    publish_presence(&hub, &services, &user);
                }
            }
        }
    }
}

/// Reads the logs that are ahead of what the devices here were told.
pub async fn sweep(hub: &Arc<Hub>, services: &Services) {
    let told: HashMap<UserId, i64> = hub.delivered_seqs().into_iter().collect();
    if told.is_empty() {
        return;
    }
    let users: Vec<UserId> = told.keys().cloned().collect();
    let heads = match services.log_heads(&users).await {
        Ok(heads) => heads,
        Err(error) => {
            return tracing::warn!(error = &error as &dyn std::error::Error, "logs that are ahead were not looked for");
        }
    };
    let ahead: Vec<_> =
        heads.into_iter().filter(|(user, head)| told.get(user).is_some_and(|told| told < head)).collect();
    if ahead.is_empty() {
        return;
    }
    sleep(GAP_PATIENCE).await;
    for (user, head) in ahead {
        if hub.delivered_seq(&user).is_some_and(|told| told < head) {
            services.tracker().spawn(catch_up(Arc::clone(hub), services.clone(), user));
        }
    }
}

/// Tells the other nodes what one of them asked for.
pub fn answer(hub: &Hub, services: &Services, user: &UserId) {
    for piece in hub.text_so_far(user) {
        services.bus().publish(user, BusMessage::Delta(Arc::new(piece)));
    }
    publish_presence(hub, services, user);
}

/// Tells the other nodes who is connected to this one.
pub fn publish_presence(hub: &Hub, services: &Services, user: &UserId) {
    let present = Control::Present { node: services.node_id().to_owned(), devices: hub.present(user) };
    services.bus().publish(user, BusMessage::Control(present));
}
