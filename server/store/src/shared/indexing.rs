//! Indexing documents beside the changes that wrote them: long texts, and all texts after the normalisation of terms has
//! changed.
//!
//! The adapter knows which documents are pending (`search::NEXT_PENDING`, `search::PENDING`) and writes the terms of
//! one (`search::write_terms`). A search of a user and the sweep over all users both come here.
//!
//! **Invariant:** a transaction is short, so that changes never wait long for it.

use super::{Adapter, Conn, Row, TenantScope, WriteTxn, rows::Columns as _, script::Script, search};
use crate::Result;
use tandem_domain::search::{self as terms, DocumentTerms};
use tandem_protocol::UserId;

/// Bytes of text that are indexed in one transaction, unless a single text is longer.
const TXN_BYTES: i64 = 32 * 1024;
/// Texts that are indexed in one transaction.
const TXN_TEXTS: i64 = 16;

/// The first user after this one, in a circle, with pending documents.
pub(super) async fn next_unindexed(adapter: &Adapter, after: Option<&UserId>) -> Result<Option<UserId>> {
    let mut snapshot = adapter.snapshot(TenantScope::System).await?;
    for from in [after.map_or("", UserId::as_str), ""] {
        let next = sqlx::query(search::NEXT_PENDING)
            .bind(from)
            .try_map(|row: Row| row.user("user_id"))
            .fetch_optional(snapshot.conn())
            .await?;
        if next.is_some() {
            return Ok(next);
        }
    }
    Ok(None)
}

/// Indexes some of a user's pending documents, in one short transaction. Returns whether more are pending.
pub(super) async fn index(adapter: &Adapter, user: &UserId) -> Result<bool> {
    let mut snapshot = adapter.snapshot(TenantScope::For(user)).await?;
    // Read first: nearly always none is pending, and a write transaction keeps changes waiting.
    if pending(snapshot.conn(), user).await?.is_empty() {
        return Ok(false);
    }
    // The view must not stay open while this waits for the writer.
    drop(snapshot);
    let mut txn = adapter.write_txn(TenantScope::For(user)).await?;
    let keys = pending(txn.conn(), user).await?;
    let (mut bytes, mut indexed) = (0, false);
    for (key, size) in &keys {
        // The first text is indexed whatever its size, so that indexing always advances.
        if bytes > 0 && bytes + size > TXN_BYTES {
            break;
        }
        bytes += size;
        indexed |= index_one(&mut txn, user, *key).await?;
    }
    // When every document is held by changes in progress, waiting for them is left to the next call.
    let more = indexed && !pending(txn.conn(), user).await?.is_empty();
    txn.commit().await?;
    Ok(more)
}

/// Keys and bytes of pending documents, oldest first.
async fn pending(conn: &mut Conn, user: &UserId) -> Result<Vec<(i64, i64)>> {
    let found = sqlx::query(search::PENDING)
        .bind(user.as_str())
        .bind(TXN_TEXTS)
        .try_map(|row: Row| Ok((row.plain("key")?, row.plain("size")?)))
        .fetch_all(conn)
        .await?;
    Ok(found)
}

/// Returns false when a change in progress holds the document.
async fn index_one(txn: &mut WriteTxn, user: &UserId, key: i64) -> Result<bool> {
    let text = sqlx::query(search::TEXT)
        .bind(user.as_str())
        .bind(key)
        .try_map(|row: Row| Ok((row.plain("title")?, row.plain("body")?)))
        .fetch_optional(txn.conn())
        .await?;
    let Some((title, body)): Option<(String, String)> = text else { return Ok(false) };
    let terms: DocumentTerms = terms::document(&title, &body);
    let mut script = Script::default();
    search::write_terms(&mut script, user.as_str(), key, &terms, title.len() + body.len());
    txn.run(script).await?;
    Ok(true)
}
