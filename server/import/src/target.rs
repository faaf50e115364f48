//! Writing into the store of this server.

use crate::ImportError;
use tandem_auth::Owner;
use tandem_protocol::{
    Timestamp, UserId,
    enums::ActorKind,
    live::{Actor, EventBody},
};
use tandem_store::{BeginOptions, EventDraft, Store, WriteTx};
use uuid::Uuid;

pub(crate) struct Target<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) run: Uuid,
    pub(crate) dry_run: bool,
    pub(crate) now: Timestamp,
}

impl Target<'_> {
    /// A change of an account, also of one that is disabled.
    pub(crate) async fn begin(&self, user: &UserId) -> Result<Box<dyn WriteTx>, ImportError> {
        begin(self.store, user).await
    }

    /// Adds an event for the devices of an account that was there before.
    pub(crate) async fn record(&self, tx: &mut dyn WriteTx, body: EventBody) -> Result<(), ImportError> {
        record(tx, self.now, body).await
    }
}

pub(crate) async fn begin(store: &dyn Store, user: &UserId) -> Result<Box<dyn WriteTx>, ImportError> {
    let options = BeginOptions { disabled: true, ..BeginOptions::default() };
    Ok(store.begin(&owner(user), options).await?.tx)
}

pub(crate) async fn record(tx: &mut dyn WriteTx, at: Timestamp, body: EventBody) -> Result<(), ImportError> {
    let actor = Actor { kind: ActorKind::Api, device_id: None };
    tx.append(&EventDraft { at, body, actor, command_id: None }).await?;
    Ok(())
}

/// The owner of rows that the operator imports, who could write to the database itself.
#[expect(clippy::disallowed_methods, reason = "only the operator has the address of the database")]
fn owner(user: &UserId) -> Owner {
    Owner::assume_verified(user.clone())
}
