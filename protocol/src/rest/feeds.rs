//! Calendar feeds: addresses at which a calendar program reads tasks.

use crate::{Timestamp, enums::FeedKind, flatten::field_and_rest, id::FeedId};
use serde::{Deserialize, Deserializer, Serialize};

/// Body of `POST /feeds`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewFeed {
    /// Made by the client, or by the server when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<FeedId>,
    /// The name that calendar programs show.
    pub name: String,
    /// Only tasks of these lists; all tasks when null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lists: Option<Vec<String>>,
    /// Whether tasks are events or tasks of the calendar; `events` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<FeedKind>,
    /// Whether tasks that are done stay in the calendar.
    #[serde(default)]
    pub include_done: bool,
}

/// A calendar feed, without its address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Feed {
    /// The feed's id, by which it is revoked.
    pub id: FeedId,
    /// The name that calendar programs show.
    pub name: String,
    /// Only tasks of these lists; all tasks when null.
    pub lists: Option<Vec<String>>,
    /// Whether tasks are events or tasks of the calendar.
    pub kind: FeedKind,
    /// Whether tasks that are done stay in the calendar.
    pub include_done: bool,
    /// When the feed was created.
    pub created_at: Timestamp,
}

/// A new feed: the only time that its address is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedCreated {
    /// The path of the calendar at this server. Whoever knows it can read these tasks.
    pub url: String,
    /// What the list of feeds shows of it.
    #[serde(flatten)]
    pub feed: Feed,
}

impl<'de> Deserialize<'de> for FeedCreated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (url, feed) = field_and_rest("url", deserializer)?;
        Ok(Self { url, feed })
    }
}
