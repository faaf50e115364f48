//! The text of running replies between two writes of their messages.
//!
//! To write a whole message for each second of its text would cost in the square of its length. So what came is added
//! as a row, for all replies of a node in one transaction; readers append the rows to the message.
//!
//! **Invariant:** a row counts while its attempt is that of the message. Within an attempt text is only appended, so
//! rows that the message contains already change nothing, and none has to be removed before the run ends.

use super::{
    Db, Json, Row, dialect,
    rows::Columns as _,
    tx::{Tx, TxState},
};
use crate::Result;
use sqlx::QueryBuilder;
use tandem_protocol::{
    MessageId, UserId,
    enums::{MessageState, WireEnum as _},
    live::{Delta, append_to_parts},
    model::Message,
};

/// Rows that one statement adds.
pub(super) const ADDED_AT_ONCE: usize = 500;

/// A statement that adds the text of those replies whose run is still the node's in this attempt, and returns their ids.
pub(super) fn add(node: &str, deltas: &[(UserId, Delta)]) -> QueryBuilder<Db> {
    let mut query = QueryBuilder::new("with piece (user_id, message_id, attempt, part, kind, start, body) as (");
    query.push_values(deltas, |mut row, (user, delta)| {
        row.push_bind(user.as_str().to_owned())
            .push_bind(delta.message_id.0)
            .push_bind(delta.attempt)
            .push_bind(column(delta.part))
            .push_bind(delta.kind.as_str())
            .push_bind(column(delta.offset))
            .push_bind(Json(delta.text.clone()));
    });
    query.push(
        ") insert into reply_texts (user_id, message_id, attempt, part, kind, start, body)
           select piece.user_id, piece.message_id, piece.attempt, piece.part, piece.kind, piece.start, piece.body
             from piece
             join runs on runs.user_id = piece.user_id
                      and runs.message_id = piece.message_id
                      and runs.attempt = piece.attempt
            where runs.node = ",
    );
    query.push_bind(node.to_owned());
    // Until the commit no other node can claim one of these runs.
    query.push(dialect::KEEP_RUNS);
    // The same text may come again after a commit whose answer was lost.
    query.push(" on conflict (user_id, message_id, attempt, part, start) do update set body = excluded.body");
    query.push(" returning message_id");
    query
}

/// A number of the wire as that of a column.
fn column(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl<H: TxState> Tx<H> {
    /// Appends to the messages that are streaming what was streamed since they were written.
    pub(super) async fn with_streamed<'m>(&mut self, messages: impl Iterator<Item = &'m mut Message>) -> Result<()> {
        let mut streaming: Vec<_> = messages.filter(|message| message.state == MessageState::Streaming).collect();
        if streaming.is_empty() {
            return Ok(());
        }
        let (conn, owner) = self.parts().await?;
        // All of the owner: few replies of one user run at a time.
        let deltas = sqlx::query(
            "select message_id, attempt, part, kind, start, body
               from reply_texts
              where user_id = $1
              order by message_id, attempt, part, start",
        )
        .bind(owner)
        .try_map(|row| delta(&row))
        .fetch_all(conn)
        .await?;
        for delta in &deltas {
            let of = streaming.iter_mut().find(|message| message.id == delta.message_id);
            if let Some(message) = of.filter(|message| message.attempt == delta.attempt) {
                append_to_parts(&mut message.parts, delta);
            }
        }
        Ok(())
    }
}

fn delta(row: &Row) -> sqlx::Result<Delta> {
    Ok(Delta {
        message_id: row.id("message_id", MessageId)?,
        attempt: row.plain("attempt")?,
        part: number(row, "part")?,
        kind: row.wire_enum("kind")?,
        offset: number(row, "start")?,
        text: row.json("body")?,
    })
}

fn number(row: &Row, column: &str) -> sqlx::Result<usize> {
    let number: i64 = row.plain(column)?;
    usize::try_from(number).map_err(|error| super::rows::undecodable(column, error.to_string()))
}
