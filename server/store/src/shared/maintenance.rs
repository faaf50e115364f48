//! The sweeps over all users: each has a module of its own, and begins here.

use super::{Adapter, ahead, deletion, indexing, prune, search};
use crate::{Furthest, Maintenance, Result};
use async_trait::async_trait;
use tandem_protocol::{Timestamp, UserId};

#[async_trait]
impl Maintenance for Adapter {
    async fn touch_fingerprint(&self) -> Result<()> {
        Adapter::touch_fingerprint(self).await
    }

    async fn ready(&self) -> Result<()> {
        Adapter::ready(self).await
    }

    async fn close(&self) -> Result<()> {
        Adapter::close(self).await
    }

    async fn deleted_accounts(&self) -> Result<Vec<UserId>> {
        deletion::deleted_accounts(self).await
    }

    async fn remove_deleted(&self, user: &UserId) -> Result<()> {
        deletion::remove_deleted(self, user).await
    }

    async fn index_next(&self, after: Option<&UserId>) -> Result<Option<UserId>> {
        indexing::index_next(self, after).await
    }

    async fn index_documents(&self, user: &UserId) -> Result<bool> {
        indexing::index(self, user).await
    }

    async fn set_back(&self, now: Timestamp, furthest: Furthest) -> Result<()> {
        ahead::set_back(self, now, furthest).await
    }

    async fn prune(&self, now: Timestamp, keep_events: i64) -> Result<()> {
        prune::prune(self, now, keep_events).await?;
        search::compact(self).await
    }
}
