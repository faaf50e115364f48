//! The bus of a node without others: publishing is a call of the listeners.

use super::{Audience, Bus, BusMessage, Listener, Listeners, Subscription};
use std::{fmt, sync::Arc};
use tandem_protocol::UserId;

/// Calls the listeners of this process on the publisher's thread.
#[derive(Default)]
pub struct LocalBus(Listeners);

impl fmt::Debug for LocalBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalBus")
    }
}

impl Bus for LocalBus {
    fn publish(&self, user: &UserId, message: BusMessage) {
        if message.audience() != Audience::Remote {
            self.0.deliver(user, &message);
        }
    }

    fn listen(&self, listener: Arc<dyn Listener>) {
        self.0.add(listener);
    }

    fn subscribe(&self, _: &UserId) -> Subscription {
        Subscription::default()
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn healthy(&self) -> bool {
        true
    }
}
