//! The NATS subscriptions of this node, one for each user with a device or a reply here.
//!
//! Several holders (devices, runs) of a user share one subscription, since NATS would deliver each message once for
//! every subscription. A counter ends it with the last holder.
//!
//! The map's lock on a user is held while a subscription begins and while it ends, so that the two cannot overlap.

use super::Shared;
use crate::{BusMessage, Control, Subscription};
use dashmap::Entry;
use futures_util::StreamExt as _;
use std::sync::Arc;
use tandem_protocol::UserId;
use tandem_runtime::tasks;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The subscription of this node to a user.
pub(super) struct Subscribed {
    holders: usize,
    established: watch::Receiver<bool>,
    cancel: CancellationToken,
}

/// Counts as one holder until it is dropped.
struct Holder {
    shared: Arc<Shared>,
    user: UserId,
}

/// Subscribes to the messages of a user, or adds a holder to the subscription that exists.
pub(super) fn subscribe(shared: &Arc<Shared>, user: &UserId) -> Subscription {
    let established = match shared.subscriptions.entry(user.clone()) {
        Entry::Occupied(mut entry) => {
            let subscribed = entry.get_mut();
            subscribed.holders += 1;
            subscribed.established.clone()
        }
        Entry::Vacant(entry) => {
            // Without a connection there is nothing to wait for: after the reconnect the node catches up.
            let (confirm, established) = watch::channel(!shared.is_connected());
            let cancel = CancellationToken::new();
            tasks::spawn(&shared.tracker, receive(Arc::clone(shared), user.clone(), confirm, cancel.clone()));
            entry.insert(Subscribed { holders: 1, established: established.clone(), cancel });
            established
        }
    };
    let holder = Holder { shared: Arc::clone(shared), user: user.clone() };
    Subscription { established: Some(established), _guard: Some(Box::new(holder)) }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let Entry::Occupied(mut entry) = self.shared.subscriptions.entry(self.user.clone()) else { return };
        entry.get_mut().holders -= 1;
        if entry.get().holders == 0 {
            // Delivered while the entry is locked: a new holder subscribes after this, and its text is not dropped.
            self.shared.listeners.deliver(&self.user, &BusMessage::Control(Control::Unsubscribed));
            entry.remove().cancel.cancel();
        }
    }
}

/// Delivers the messages of a user to the listeners, in the order in which they arrive. Sets `confirm` when the
/// subscription has been sent.
async fn receive(shared: Arc<Shared>, user: UserId, confirm: watch::Sender<bool>, cancel: CancellationToken) {
    let mut messages = match shared.client.subscribe(shared.subject(&user)).await {
        Ok(messages) => messages,
        Err(error) => return tracing::error!(%error, "cannot subscribe to a user's messages"),
    };
    tokio::select! {
        () = cancel.cancelled() => {}
        () = shared.stop.cancelled() => {}
        () = async {
            // The flush returns when the subscription is on its way. NATS reads what one client sends in order, so it
            // has the subscription before the request, and the answers are received. An event that is faster than the
            // subscription is lost, and found by the sweep.
            if shared.client.flush().await.is_ok() {
                shared.request_state(&user).await;
            }
            confirm.send_replace(true);
            while let Some(message) = messages.next().await {
                match serde_json::from_slice(&message.payload) {
                    Ok(received) => shared.listeners.deliver(&user, &received),
                    // A node of a later version may send kinds of messages that this one does not know.
                    Err(_) => metrics::counter!("tandem_bus_unread_total").increment(1),
                }
            }
        } => {}
    }
    // Dropping the stream does the same, but in a task that nobody waits for if the client's queue is full.
    let _ = messages.unsubscribe().await;
}
