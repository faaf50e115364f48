//! Reading the record of what was done with accounts, and keeping it for a limited time.

use super::Admin;
use crate::{Result, Services};
use std::time::Duration;
use tandem_domain::page::PageRequest;
use tandem_protocol::{
    enums::AuditAction,
    rest::{AuditEntry, AuditQuery, Page},
};

impl Services {
    /// A page of the record, newest first.
    ///
    /// # Errors
    /// [`crate::ServiceError::Invalid`] when limit or cursor are not valid.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn audit(&self, _: &Admin, query: AuditQuery) -> Result<Page<AuditEntry>> {
        let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
        let rows = self.store().audit(query.user.as_deref(), &page).await?;
        Ok(page.page(rows, |entry| (entry.at.as_millis(), entry.id)))
    }

    /// Records something that the operator has done to the database as a whole.
    ///
    /// # Errors
    /// [`crate::ServiceError::Unavailable`] or [`crate::ServiceError::Overloaded`] when the database does not do it in
    /// time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn record_operation(&self, action: AuditAction, detail: Option<String>) -> Result<()> {
        let entry = self.entry_of(action, [Some(Admin::operator().name()), None], None);
        Ok(self.store().record(&AuditEntry { detail, ..entry }).await?)
    }

    /// Removes what the record has held for longer than it is kept.
    ///
    /// # Errors
    /// [`crate::ServiceError::Unavailable`] or [`crate::ServiceError::Overloaded`] when the database does not do it in
    /// time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn prune_audit(&self, kept: Duration) -> Result<()> {
        let millis = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
        Ok(self.store().prune_audit(self.env().now().plus_millis(millis.saturating_neg())).await?)
    }
}
