//! Indexing documents beside the changes that wrote them.
//!
//! SQLite indexes all texts here. The words of a text are in as many pages as the rest of a change together, and those of
//! many texts share them. PostgreSQL indexes with the change, and has something to do only after the normalisation of
//! terms has changed. The adapter knows which documents are pending (`search::NEXT_PENDING`, `search::pending`), reads the
//! text of one (`search::text`) and writes its terms (`search::write_terms`). A search of a user and the sweep over all users both come here.
//!
//! **Invariant:** a transaction is short, so that changes never wait long for it.

use super::{Adapter, Row, TenantScope, WriteTxn, rows::Columns as _, script::Script, search};
use crate::Result;
use tandem_domain::search as terms;
use tandem_protocol::UserId;

/// Bytes of text that are indexed in one transaction, unless a single text is longer.
const TXN_BYTES: i64 = 32 * 1024;
/// Texts that are indexed in one transaction, of all users and of one.
const TXN_TEXTS: usize = 64;
const USER_TEXTS: i64 = 16;

/// Indexes some pending documents of the next users after this one, in a circle. Returns the last of them if more may
/// be pending.
pub(super) async fn index_next(adapter: &Adapter, after: Option<&UserId>) -> Result<Option<UserId>> {
    // Read first: nearly always none is pending, and a write transaction keeps changes waiting.
    let users = pending_users(adapter, after).await?;
    if users.is_empty() {
        return Ok(None);
    }
    let (mut portion, mut last, mut more) = (Portion::new(adapter.write_txn(TenantScope::System).await?), None, false);
    for user in users {
        let before = portion.texts;
        more |= portion.index(&user).await?;
        // The user for whom nothing fitted is the first of the next portion.
        if portion.full && portion.texts == before {
            break;
        }
        last = Some(user);
    }
    portion.commit().await?;
    Ok(last.filter(|_| more))
}

/// Indexes some of a user's pending documents. Returns whether more are pending.
pub(super) async fn index(adapter: &Adapter, user: &UserId) -> Result<bool> {
    let mut snapshot = adapter.snapshot(TenantScope::For(user)).await?;
    if search::pending(snapshot.conn(), user.as_str(), 1).await?.is_empty() {
        return Ok(false);
    }
    // The view must not stay open while this waits for the writer.
    drop(snapshot);
    let mut portion = Portion::new(adapter.write_txn(TenantScope::For(user)).await?);
    portion.index(user).await?;
    // When every document is held by changes in progress, waiting for them is left to the next call.
    let more = portion.texts > 0 && !search::pending(portion.txn.conn(), user.as_str(), 1).await?.is_empty();
    portion.commit().await?;
    Ok(more)
}

/// The next users after this one, in a circle, with pending documents.
async fn pending_users(adapter: &Adapter, after: Option<&UserId>) -> Result<Vec<UserId>> {
    let mut snapshot = adapter.snapshot(TenantScope::System).await?;
    let mut users: Vec<UserId> = Vec::new();
    for from in [after.map_or("", UserId::as_str), ""] {
        let mut from = from.to_owned();
        // One by one: a list of the different users would read every document of each.
        while users.len() < TXN_TEXTS {
            let next = sqlx::query(search::NEXT_PENDING)
                .bind(&from)
                .try_map(|row: Row| row.user("user_id"))
                .fetch_optional(snapshot.conn())
                .await?;
            let Some(user) = next.filter(|user| !users.contains(user)) else { break };
            user.as_str().clone_into(&mut from);
            users.push(user);
        }
    }
    Ok(users)
}

/// A transaction that indexes documents.
struct Portion {
    txn: WriteTxn,
    bytes: i64,
    texts: usize,
    /// Whether a text was left for the next one.
    full: bool,
}

impl Portion {
    fn new(txn: WriteTxn) -> Self {
        Self { txn, bytes: 0, texts: 0, full: false }
    }

    /// Returns whether the user has more.
    async fn index(&mut self, user: &UserId) -> Result<bool> {
        let pending = search::pending(self.txn.conn(), user.as_str(), USER_TEXTS).await?;
        let is_all = pending.len() < usize::try_from(USER_TEXTS).unwrap_or(usize::MAX);
        for document in pending {
            // The first text is indexed whatever its size, so that indexing always advances.
            if self.texts >= TXN_TEXTS || self.bytes > 0 && self.bytes + document.bytes > TXN_BYTES {
                self.full = true;
                return Ok(true);
            }
            if self.index_one(user, &document).await? {
                self.bytes += document.bytes;
                self.texts += 1;
            }
        }
        Ok(!is_all)
    }

    /// Returns false when a change in progress holds the document.
    async fn index_one(&mut self, user: &UserId, document: &search::Pending) -> Result<bool> {
        let text = search::text(self.txn.conn(), user.as_str(), document).await?;
        let terms = text.map(|(title, body)| terms::document(&title, &body));
        let mut script = Script::default();
        search::write_terms(&mut script, user.as_str(), document, terms.as_ref());
        if script.is_empty() {
            return Ok(false);
        }
        self.txn.run(script).await?;
        Ok(true)
    }

    async fn commit(mut self) -> Result<()> {
        let mut script = Script::default();
        search::merge(&mut script, self.bytes);
        self.txn.run(script).await?;
        self.txn.commit().await
    }
}
