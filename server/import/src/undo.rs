//! Taking a run back: the accounts that it has added, and what it has added to others.

use crate::{ImportError, target};
use serde::Serialize;
use tandem_domain::original;
use tandem_protocol::{CompletionId, ConversationId, TaskId, Timestamp, UserId, enums::UserRole, live::EventBody};
use tandem_store::{ConversationState, Imported, ImportedKind, Store, StoreError};
use uuid::Uuid;

/// How much was taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// Accounts that were deleted, with everything in them.
    pub accounts: u64,
    pub conversations: u64,
    pub tasks: u64,
}

/// Takes a run back. Accounts that it has added are deleted with whatever their users did since; what it has added to
/// other accounts goes into their trash.
///
/// # Errors
/// [`ImportError::UnknownRun`] when there is no such run, [`ImportError::LastOwner`] when all owners are accounts that it
/// has added; nothing is taken back then. When the other owners go while it works, it stops before the last one, and what
/// it has done by then stays done; it can be started again.
pub async fn undo(store: &dyn Store, run: Uuid, now: Timestamp) -> Result<Undone, ImportError> {
    let imported = store.imported(run).await?.ok_or(ImportError::UnknownRun)?;
    let (accounts, rest): (Vec<_>, Vec<_>) = imported.into_iter().partition(|it| it.kind == ImportedKind::Account);
    if !store.has_owner_beside(run).await? {
        for account in &accounts {
            refuse_owner(store, &account.account).await?;
        }
    }
    let mut undone = Undone::default();
    for part in rest.chunk_by(|one, other| one.account == other.account) {
        remove(store, part, now, &mut undone).await?;
    }
    for account in accounts {
        let Some(mut tx) = begin(store, &account.account).await? else { continue };
        let user = tx.account().await?.user;
        if user.role == UserRole::Owner && !tx.other_accounts().await?.owner {
            return Err(ImportError::LastOwner(user.email));
        }
        tx.delete_account(now).await?;
        tx.commit().await?;
        store.remove_deleted(&account.account).await?;
        undone.accounts += 1;
    }
    store.forget_import(run).await?;
    Ok(undone)
}

/// A change of an account, unless it is gone.
async fn begin(store: &dyn Store, user: &UserId) -> Result<Option<Box<dyn tandem_store::WriteTx>>, ImportError> {
    match target::begin(store, user).await {
        Ok(tx) => Ok(Some(tx)),
        Err(ImportError::Store(StoreError::NoAccount)) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn refuse_owner(store: &dyn Store, user: &UserId) -> Result<(), ImportError> {
    let Some(mut tx) = begin(store, user).await? else { return Ok(()) };
    let user = tx.account().await?.user;
    if user.role == UserRole::Owner { Err(ImportError::LastOwner(user.email)) } else { Ok(()) }
}

/// Removes what was added to one account.
async fn remove(store: &dyn Store, items: &[Imported], now: Timestamp, undone: &mut Undone) -> Result<(), ImportError> {
    let Some(first) = items.first() else { return Ok(()) };
    let Some(mut tx) = begin(store, &first.account).await? else { return Ok(()) };
    for item in items {
        match item.kind {
            ImportedKind::Task => {
                let Some(task) = tx.task(tandem_protocol::TaskRef::Id(TaskId(item.item))).await? else { continue };
                let completion = CompletionId(original::id(first.account.as_str(), "completion", task.number));
                tx.delete_completion(completion).await?;
                tx.delete_task(task.id, now).await?;
                target::record(tx.as_mut(), now, EventBody::TaskDeleted { task_id: task.id }).await?;
                undone.tasks += 1;
            }
            ImportedKind::Conversation => {
                let conversation_id = ConversationId(item.item);
                if !matches!(tx.conversation(conversation_id).await?, ConversationState::Live(_)) {
                    continue;
                }
                tx.delete_conversation(conversation_id, now).await?;
                target::record(tx.as_mut(), now, EventBody::ConversationDeleted { conversation_id }).await?;
                undone.conversations += 1;
            }
            ImportedKind::Account => {}
        }
    }
    tx.commit().await?;
    Ok(())
}
