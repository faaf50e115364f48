//! Reading one moment of a user's data, in a change or beside all changes.

use super::{Result, Services, UnitOfWork};
use tandem_auth::Caller;
use tandem_protocol::Timestamp;
use tandem_store::{Account, ReadTx, TaskReads};

/// One moment of a user's data, for what only reads: it waits for no writer.
pub struct View {
    tx: Box<dyn ReadTx>,
    account: Account,
    /// When it is read.
    pub now: Timestamp,
}

impl Services {
    /// Shows a caller's data as they are now.
    ///
    /// # Errors
    /// [`ServiceError::SessionRevoked`](crate::ServiceError::SessionRevoked) when the account has ended, else a failure
    /// of the database.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn view(&self, caller: &Caller) -> Result<View> {
        let mut tx = self.store().read(&caller.owner).await?;
        let account = tx.account().await?;
        Ok(View { tx, account, now: self.env().now() })
    }
}

/// What a change and a view have in common: the user's tasks, read at a time.
pub trait Moment: Send {
    /// Reads the tasks of the user; in a change, with what it has written.
    fn tasks(&mut self) -> &mut dyn TaskReads;
    fn now(&self) -> Timestamp;
    /// The user's time zone.
    fn zone(&self) -> &str;
}

impl Moment for UnitOfWork {
    fn tasks(&mut self) -> &mut dyn TaskReads {
        self.tx.as_mut()
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn zone(&self) -> &str {
        self.time_zone()
    }
}

impl Moment for View {
    fn tasks(&mut self) -> &mut dyn TaskReads {
        self.tx.as_mut()
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn zone(&self) -> &str {
        &self.account.user.time_zone
    }
}
