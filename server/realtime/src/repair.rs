//! Repairs: the events that the bus lost or delayed are read from the log and delivered to the devices here.
//!
//! The bus may lose any message, and two changes that commit at once may arrive in the wrong order. The hub notices a
//! gap by itself, but not that the newest events are missing. For those the delivered seqs are compared with the heads
//! of the logs.
//!
//! A repair may run twice or together with live events: the hub delivers each seq once.

use super::Hub;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tandem_protocol::{UserId, live::CloseCode};
use tandem_runtime::tasks;
use tandem_service::{ServiceError, Services};
use tokio::time::sleep;

/// How long the events of a change may be on their way after its commit. Only what is missing for longer is read.
const GAP_PATIENCE: Duration = Duration::from_millis(50);

/// Repairs the gap of a user, unless it closes by itself in the meantime.
pub(super) async fn repair_gap(hub: Arc<Hub>, services: Services, user: UserId) {
    sleep(GAP_PATIENCE).await;
    if hub.gap(&user).is_some() {
        catch_up(hub, services, user).await;
    }
}

/// Reads the events of a user that are newer than the delivered ones, and delivers them.
pub(super) async fn catch_up(hub: Arc<Hub>, services: Services, user: UserId) {
    metrics::counter!("tandem_gap_repairs_total").increment(1);
    while let (Some(delivered), Some(session)) = (hub.delivered_seq(&user), hub.any_session(&user)) {
        match services.events_for_session(session, delivered).await {
            Ok(events) if events.is_empty() => return,
            Ok(events) => hub.repair(&user, &events),
            // The log was shortened beyond what is missing: the devices reconnect and start over.
            Err(ServiceError::Gone) => return hub.close_user(&user, CloseCode::Lagging),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, user = %user, "a gap was not repaired");
                return;
            }
        }
        // Nothing was delivered although there were events: to go on would be an endless loop.
        if hub.delivered_seq(&user) == Some(delivered) {
            return;
        }
    }
}

/// Compares what was delivered with the heads of the logs, and catches up with those that are ahead.
pub(super) async fn sweep(hub: &Arc<Hub>, services: &Services) {
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
    // On a busy node some events are always on their way. Without this pause each sweep would read their logs in vain.
    sleep(GAP_PATIENCE).await;
    for (user, head) in ahead {
        if hub.delivered_seq(&user).is_some_and(|delivered| delivered < head) {
            tasks::spawn(services.tracker(), catch_up(Arc::clone(hub), services.clone(), user));
        }
    }
}
