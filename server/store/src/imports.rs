//! What a run of the import has added, so that it can be taken back.

use super::Result;
use async_trait::async_trait;
use tandem_protocol::{Timestamp, UserId};
use uuid::Uuid;

/// A kind of row that an import adds. What belongs to one of them is added and taken back with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ImportedKind {
    Account,
    Conversation,
    Task,
}

impl ImportedKind {
    pub const ALL: [Self; 3] = [Self::Account, Self::Conversation, Self::Task];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Conversation => "conversation",
            Self::Task => "task",
        }
    }
}

/// Something that an import has added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    pub account: UserId,
    pub kind: ImportedKind,
    pub item: Uuid,
}

#[async_trait]
pub trait Imports: Send + Sync {
    /// Notes a run that begins. `source` names the other database, without a password.
    async fn begin_import(&self, run: Uuid, at: Timestamp, source: &str) -> Result<()>;
    /// What a run has added and is still there to be taken back, by account; `None` when there was no such run.
    async fn imported(&self, run: Uuid) -> Result<Option<Vec<Imported>>>;
    /// Forgets a run, so that it cannot be taken back any more.
    async fn forget_import(&self, run: Uuid) -> Result<()>;
    /// Whether an owner who may sign in is left when the accounts that a run has added are gone.
    async fn has_owner_beside(&self, run: Uuid) -> Result<bool>;
}

#[async_trait]
pub trait ImportWrites: Send {
    /// Notes that a run has added something to the account of this transaction.
    async fn note_imported(&mut self, run: Uuid, kind: ImportedKind, item: Uuid) -> Result<()>;
}
