//! The endpoints for owners of the server: accounts, invitations, the record.
//!
//! Their answers are read as plain JSON. Only the page of the owner shows them, and readers made from types would weigh
//! as much as the page itself.

use super::{ApiError, Client};
use serde::Deserialize;
use serde_json::Value;
use tandem_protocol::json;

/// A page of a list.
#[derive(Deserialize)]
pub(crate) struct Listed {
    /// The items as an array, newest first where they have a time.
    #[serde(deserialize_with = "json::any")]
    pub items: Value,
    pub next_cursor: Option<String>,
}

/// The answer to a change.
#[derive(Deserialize)]
struct Changed {
    /// A link that is shown once; empty where there is none.
    #[serde(default)]
    url: String,
}

impl Client {
    /// A page of what is at this path below `/api/v1/admin/`.
    pub(crate) async fn managed(&self, path: &str) -> Result<Listed, ApiError> {
        self.get(&format!("/api/v1/admin/{path}")).await
    }

    /// Sends a change, and returns the link of the answer. Without a body it deletes what is at the path.
    pub(crate) async fn manage(&self, method: &str, path: &str, body: Option<&str>) -> Result<String, ApiError> {
        let path = format!("/api/v1/admin/{path}");
        match body {
            None => self.act(method, &path).await.map(|()| String::new()),
            Some(body) => self.send::<Changed>(method, &path, body).await.map(|changed| changed.url),
        }
    }
}
