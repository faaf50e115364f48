//! The users whose messages come to this node.

use super::Shared;
use crate::{BusMessage, Control, Subscription};
use dashmap::Entry;
use futures_util::StreamExt as _;
use std::sync::Arc;
use tandem_protocol::UserId;
use tandem_runtime::tasks;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Somebody on this node is interested in a user.
pub(super) struct Subscribed {
    holders: usize,
    begun: watch::Receiver<bool>,
    over: CancellationToken,
}

/// One of those who are.
struct Holder {
    shared: Arc<Shared>,
    user: UserId,
}

/// Lets the messages of a user come, or counts one more who wants them.
pub(super) fn subscribe(shared: &Arc<Shared>, user: &UserId) -> Subscription {
    let begun = match shared.subscriptions.entry(user.clone()) {
        Entry::Occupied(mut subscriptions) => {
            let subscriptions = subscriptions.get_mut();
            subscriptions.holders += 1;
            subscriptions.begun.clone()
        }
        Entry::Vacant(place) => {
            // Without a connection there is nothing to wait for.
            let (begins, begun) = watch::channel(!shared.is_connected());
            let over = CancellationToken::new();
            let receiving = receive(Arc::clone(shared), user.clone(), begins, over.clone());
            tasks::spawn(&shared.tracker, receiving);
            place.insert(Subscribed { holders: 1, begun: begun.clone(), over });
            begun
        }
    };
    let holder = Holder { shared: Arc::clone(shared), user: user.clone() };
    Subscription { begun: Some(begun), _held: Some(Box::new(holder)) }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let Entry::Occupied(mut subscriptions) = self.shared.subscriptions.entry(self.user.clone()) else { return };
        subscriptions.get_mut().holders -= 1;
        if subscriptions.get().holders == 0 {
            // While the place is held: whoever is interested again comes after this.
            self.shared.listeners.deliver(&self.user, &BusMessage::Control(Control::Unattended));
            subscriptions.remove().over.cancel();
        }
    }
}

/// Passes the messages of a user on, in the order in which they come.
async fn receive(shared: Arc<Shared>, user: UserId, begins: watch::Sender<bool>, over: CancellationToken) {
    let mut messages = match shared.client.subscribe(shared.subject(&user)).await {
        Ok(messages) => messages,
        Err(error) => return tracing::error!(%error, "a user's messages cannot be received"),
    };
    tokio::select! {
        () = over.cancelled() => {}
        () = shared.stop.cancelled() => {}
        () = async {
            // Only when NATS has answered it is sure that it sends what is published from now on.
            if shared.client.flush().await.is_ok() {
                shared.ask(&user).await;
            }
            begins.send_replace(true);
            while let Some(message) = messages.next().await {
                match serde_json::from_slice(&message.payload) {
                    Ok(received) => shared.listeners.deliver(&user, &received),
                    // A node of a later version may know more kinds of messages.
                    Err(_) => metrics::counter!("tandem_bus_unread_total").increment(1),
                }
            }
        } => {}
    }
    // Dropping it would do the same, but later.
    let _ = messages.unsubscribe().await;
}
