//! The bus of a single node: a call.

use super::{Bus, Listener, News};
use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};
use tandem_protocol::UserId;

/// Hands news to the listeners of this process, on the publisher's thread.
#[derive(Default)]
pub struct LocalBus {
    listeners: RwLock<Vec<Arc<dyn Listener>>>,
}

impl fmt::Debug for LocalBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalBus")
    }
}

impl Bus for LocalBus {
    fn publish(&self, user: &UserId, news: News) {
        for listener in self.listeners.read().unwrap_or_else(PoisonError::into_inner).iter() {
            listener.hear(user, &news);
        }
    }

    fn listen(&self, listener: Arc<dyn Listener>) {
        self.listeners.write().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    fn healthy(&self) -> bool {
        true
    }
}
