//! Answers that may hold everything a user has: the export, and the snapshot with all open tasks.
//!
//! None is built in memory. Rows are read page by page, in one transaction, so that the whole is of one moment and each
//! statement is short; each page is written to a [`Sink`] before the next one is read.
//!
//! **Invariant:** the transaction ends with the last page. However slowly a client reads the answer, it holds no
//! connection to the database.

use super::{Admitted, Result, ServiceError, Services, chat, tasks::completions, unit::quota};
use async_trait::async_trait;
use serde::Serialize;
use tandem_domain::page::{PageRequest, PageRows};
use tandem_protocol::{
    enums::{AuditAction, StatusFilter},
    model::Task,
    rest::AuditEntry,
};
use tandem_store::{MessageRow, ReadTx, TaskFilter};

/// The version of the export's format.
const EXPORT_VERSION: u32 = 1;
/// Rows of a page. Long ones are a few hundred kilobytes together.
const ROWS: u32 = 50;
/// Pinned conversations of a snapshot, beside those of its first page.
const MAX_PINNED: u32 = 100;
/// Bytes that are collected before the sink gets them.
const PIECE_BYTES: usize = 64 * 1024;

/// Where a document is written, piece by piece.
#[async_trait]
pub trait Sink: Send {
    /// Writes the next piece. When this returns, the piece costs little memory or none.
    async fn take(&mut self, piece: &[u8]) -> Result<()>;
}

impl Services {
    /// Everything the user owns, as a [`tandem_protocol::rest::Export`].
    ///
    /// # Errors
    /// That of the sink, or a failure of the database.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn export(&self, caller: &Admitted, sink: &mut dyn Sink) -> Result<()> {
        let now = self.env().now();
        let user = caller.owner.user().to_string();
        self.store()
            .record(&self.entry_of(AuditAction::Export, [Some(user.clone()), Some(user)], caller.address))
            .await?;
        let mut tx = self.store().read(&caller.owner).await?;
        let mut document = JsonWriter::begin(sink);
        document.member("version", &EXPORT_VERSION)?;
        document.member("exported_at", &now)?;
        document.member("user", &tx.account().await?.user)?;
        conversations(&mut document, tx.as_mut()).await?;
        messages(&mut document, tx.as_mut()).await?;
        tasks(&mut document, tx.as_mut(), StatusFilter::All).await?;
        completions(&mut document, tx.as_mut()).await?;
        document.member("sessions", &tx.sessions(now).await?)?;
        document.member("tokens", &tx.personal_tokens().await?)?;
        document.member("feeds", &tx.feeds().await?)?;
        document.member("push_subscriptions", &tx.push_subscriptions().await?)?;
        document.member("storage", &quota::shown(tx.usage().await?, self.limits()))?;
        // Before the last pieces, whose writing may wait for the client.
        drop(tx);
        self.record(&mut document, caller.owner.user().as_str()).await?;
        document.end().await
    }

    /// What the record of accounts holds of the user. It belongs to the server, and is no part of the user's transaction.
    async fn record(&self, document: &mut JsonWriter<'_>, user: &str) -> Result<()> {
        document.begin_list("record")?;
        let mut page = PageRequest { limit: ROWS, after: None };
        loop {
            let PageRows { rows, more } = self.store().audit(Some(user), &page).await?;
            let rows = PageRows { rows: rows.into_iter().map(|entry| of_user(entry, user)).collect(), more };
            let key = |entry: &AuditEntry| (entry.at.as_millis(), entry.id);
            page.after = document.rows(page.limit, rows, key, |row| row).await?;
            if page.after.is_none() {
                document.end_list();
                return Ok(());
            }
        }
    }

    /// Everything that a device needs to start, as a [`tandem_protocol::rest::Snapshot`].
    ///
    /// # Errors
    /// That of the sink, or a failure of the database.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn snapshot(&self, caller: &Admitted, sink: &mut dyn Sink) -> Result<()> {
        let mut tx = self.store().read(&caller.owner).await?;
        let mut document = JsonWriter::begin(sink);
        let account = tx.account().await?;
        document.member("epoch", self.epoch())?;
        document.member("seq", &account.seq)?;
        document.member("user", &account.user)?;
        let page = PageRequest::first();
        let rows = tx.conversations(&page).await?;
        let mut first = page.page(rows, chat::activity_key);
        // Those that every device shows first, however old they are.
        for pinned in tx.pinned_conversations(MAX_PINNED).await? {
            if !first.items.iter().any(|known| known.id == pinned.id) {
                first.items.push(pinned);
            }
        }
        document.member("conversations", &first)?;
        tasks(&mut document, tx.as_mut(), StatusFilter::Open).await?;
        document.begin_list("active_messages")?;
        for message in tx.active_messages().await? {
            document.item(&message).await?;
        }
        document.end_list();
        // As in the export.
        drop(tx);
        document.end().await
    }
}

/// An entry as the user may have it: of what others did to the account, not who they were and from where.
fn of_user(entry: AuditEntry, user: &str) -> AuditEntry {
    if entry.actor.as_deref() == Some(user) {
        return entry;
    }
    AuditEntry { actor: None, actor_email: None, ip: None, ..entry }
}

async fn conversations(document: &mut JsonWriter<'_>, tx: &mut dyn ReadTx) -> Result<()> {
    document.begin_list("conversations")?;
    let mut page = PageRequest { limit: ROWS, after: None };
    loop {
        let rows = tx.conversations(&page).await?;
        page.after = document.rows(page.limit, rows, chat::activity_key, |row| row).await?;
        if page.after.is_none() {
            document.end_list();
            return Ok(());
        }
    }
}

async fn messages(document: &mut JsonWriter<'_>, tx: &mut dyn ReadTx) -> Result<()> {
    document.begin_list("messages")?;
    let mut page = PageRequest { limit: ROWS, after: None };
    loop {
        let rows = tx.all_messages(&page).await?;
        let key = |row: &MessageRow| (row.message.conversation_id, row.position);
        page.after = document.rows(page.limit, rows, key, |row| &row.message).await?;
        if page.after.is_none() {
            document.end_list();
            return Ok(());
        }
    }
}

async fn tasks(document: &mut JsonWriter<'_>, tx: &mut dyn ReadTx, status: StatusFilter) -> Result<()> {
    document.begin_list("tasks")?;
    let (filter, mut page) = (TaskFilter::status(status), PageRequest { limit: ROWS, after: None });
    loop {
        let rows = tx.tasks(&filter, &page).await?;
        let key = |task: &Task| (task.position.clone(), task.number);
        page.after = document.rows(page.limit, rows, key, |row| row).await?;
        if page.after.is_none() {
            document.end_list();
            return Ok(());
        }
    }
}

async fn completions(document: &mut JsonWriter<'_>, tx: &mut dyn ReadTx) -> Result<()> {
    document.begin_list("completions")?;
    let mut page = PageRequest { limit: ROWS, after: None };
    loop {
        let rows = tx.completions(None, None, &page).await?;
        page.after = document.rows(page.limit, rows, completions::key, |row| row).await?;
        if page.after.is_none() {
            document.end_list();
            return Ok(());
        }
    }
}

/// Writes a JSON object whose members are in the order of the type that it is read as.
struct JsonWriter<'a> {
    sink: &'a mut dyn Sink,
    piece: Vec<u8>,
    /// Whether the next member or item is the first of its object or list.
    first: bool,
}

impl<'a> JsonWriter<'a> {
    fn begin(sink: &'a mut dyn Sink) -> Self {
        Self { sink, piece: vec![b'{'], first: true }
    }

    fn name(&mut self, name: &str) -> Result<()> {
        self.separate();
        json(&mut self.piece, name)?;
        self.piece.push(b':');
        Ok(())
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.piece.push(b',');
        }
    }

    fn member(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<()> {
        self.name(name)?;
        json(&mut self.piece, value)
    }

    fn begin_list(&mut self, name: &str) -> Result<()> {
        self.name(name)?;
        self.piece.push(b'[');
        self.first = true;
        Ok(())
    }

    fn end_list(&mut self) {
        self.piece.push(b']');
        self.first = false;
    }

    async fn item(&mut self, value: &(impl Serialize + Sync)) -> Result<()> {
        self.separate();
        json(&mut self.piece, value)?;
        if self.piece.len() >= PIECE_BYTES {
            self.sink.take(&self.piece).await?;
            self.piece.clear();
            // A long text must not keep its memory until the end of the document.
            self.piece.shrink_to(PIECE_BYTES);
        }
        Ok(())
    }

    /// Writes the rows of a page. Returns the key of the last one when another page follows: the store reports more
    /// rows, or has returned one more than `limit`.
    async fn rows<R: Send + Sync, K, S: Serialize + Sync>(
        &mut self,
        limit: u32,
        rows: impl Into<PageRows<R>>,
        key: impl Fn(&R) -> K,
        shown: impl Fn(&R) -> &S,
    ) -> Result<Option<K>> {
        let (PageRows { rows, more }, limit) = (rows.into(), limit as usize);
        // A row beyond the limit only shows that another page follows.
        let page = rows.get(..limit).unwrap_or(&rows);
        for row in page {
            self.item(shown(row)).await?;
        }
        Ok(page.last().filter(|_| more || rows.len() > limit).map(key))
    }

    async fn end(mut self) -> Result<()> {
        self.piece.push(b'}');
        self.sink.take(&self.piece).await
    }
}

fn json(piece: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) -> Result<()> {
    serde_json::to_writer(piece, value).map_err(|error| ServiceError::Internal(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[async_trait]
    impl Sink for Vec<Vec<u8>> {
        async fn take(&mut self, piece: &[u8]) -> Result<()> {
            self.push(piece.to_owned());
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_document_is_json_in_pieces() {
        let mut pieces: Vec<Vec<u8>> = Vec::new();
        let mut document = JsonWriter::begin(&mut pieces);
        document.member("version", &1).unwrap();
        document.begin_list("none").unwrap();
        document.end_list();
        document.begin_list("some").unwrap();
        let long = "x".repeat(PIECE_BYTES / 2);
        let rows = [long.clone(), long.clone(), long.clone(), long.clone()];
        assert_eq!(document.rows(3, rows.to_vec(), String::len, |row| row).await.unwrap(), Some(long.len()));
        assert_eq!(document.rows(3, rows[3..].to_vec(), String::len, |row| row).await.unwrap(), None);
        document.end_list();
        document.member("last", "\"").unwrap();
        document.end().await.unwrap();
        assert!(pieces.len() > 2 && pieces.iter().all(|piece| piece.len() < 2 * PIECE_BYTES));
        let read: Value = serde_json::from_slice(&pieces.concat()).unwrap();
        assert_eq!(read, json!({"version": 1, "none": [], "some": [long, long, long, long], "last": "\""}));
    }
}
