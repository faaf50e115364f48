//! Pushes to this browser: on, off, and renewed at each start, because they end with the session.

use super::Engine;
use crate::{
    api::ApiError,
    platform::{
        device,
        notification::{self, Permission},
        push,
    },
    state::notice::Notice,
};
use wasm_bindgen_futures::spawn_local;

impl Engine {
    /// Asks the person and the browser, and subscribes this device. Returns the id of the subscription.
    pub(crate) async fn receive_pushes(&self) -> Option<String> {
        if notification::ask().await != Permission::Allowed {
            return None;
        }
        match self.subscribe().await {
            Ok(id) => id,
            Err(error) => {
                self.notify(Notice::failed(error.to_string()));
                None
            }
        }
    }

    async fn subscribe(&self) -> Result<Option<String>, ApiError> {
        let key = self.inner.api.push_key().await?;
        let Some(body) = push::subscribe(&key, &device::id()).await else {
            self.notify(Notice::failed("This browser did not accept notifications. Its push service may be off."));
            return Ok(None);
        };
        self.inner.api.subscribe(&body).await.map(Some)
    }

    /// Ends the pushes to this device.
    pub(crate) async fn end_pushes(&self, id: &str) -> Result<(), ApiError> {
        push::unsubscribe().await;
        self.inner.api.unsubscribe(id).await
    }

    /// The subscription of this device, if it receives pushes.
    pub(crate) async fn subscription(&self) -> Option<String> {
        let device = device::id();
        push::current(&device).await?;
        self.inner.api.subscription_of(device.as_str()).await.ok()?
    }

    /// Sends the subscription of this browser again: it has ended if the person has signed in since, or if the browser has
    /// changed it.
    pub(super) fn renew_pushes(&self) {
        let engine = self.clone();
        spawn_local(async move {
            if let Some(body) = push::current(&device::id()).await {
                // Tried again at the next start.
                let _ = engine.inner.api.subscribe(&body).await;
            }
        });
    }
}
