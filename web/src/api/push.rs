//! The endpoints for pushes to this browser. Their answers are read as plain JSON, like those of [`super::people`].

use super::{ApiError, Client, people::Listed};
use serde::Deserialize;

/// The answer of the server to one subscription or key.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    id: String,
    #[serde(default)]
    public_key: String,
}

impl Client {
    /// The key with which the server signs its pushes.
    pub(crate) async fn push_key(&self) -> Result<String, ApiError> {
        self.get::<Answer>("/api/v1/push/key").await.map(|answer| answer.public_key)
    }

    /// The id of the subscription of a device.
    pub(crate) async fn subscription_of(&self, device: &str) -> Result<Option<String>, ApiError> {
        let listed: Listed = self.get("/api/v1/push/subscriptions").await?;
        let own = listed.items.as_array().into_iter().flatten().find(|known| known["device_id"] == device);
        Ok(own.and_then(|own| own["id"].as_str()).map(str::to_owned))
    }

    /// Adds a device, or changes it. The body is that of the browser.
    pub(crate) async fn subscribe(&self, body: &str) -> Result<String, ApiError> {
        self.send_text::<Answer>("POST", "/api/v1/push/subscriptions", body).await.map(|answer| answer.id)
    }

    /// Removes a device.
    pub(crate) async fn unsubscribe(&self, id: &str) -> Result<(), ApiError> {
        self.act("DELETE", &format!("/api/v1/push/subscriptions/{id}")).await
    }

    /// Sends a push to a device, to see whether one arrives.
    pub(crate) async fn test_push(&self, id: &str) -> Result<(), ApiError> {
        self.act("POST", &format!("/api/v1/push/subscriptions/{id}/test")).await
    }
}
