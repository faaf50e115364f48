//! What an owner has stored, and removing what is bounded.

use super::{
    At, Row,
    rows::Columns as _,
    tx::{Tx, TxState, WriteState},
};
use crate::{DailyLimits, LogCut, Result, Spending, StoreError, Usage, UsageReads, UsageWrites, shared::Expects};
use async_trait::async_trait;
use tandem_protocol::{SessionId, Timestamp};

/// Reads the counters of a row of users.
pub(super) fn usage(row: &Row) -> sqlx::Result<Usage> {
    Ok(Usage {
        rows: row.plain("stored_rows")?,
        bytes: row.plain("stored_bytes")?,
        log_bytes: row.plain("log_bytes")?,
        command_bytes: row.plain("command_bytes")?,
    })
}

/// Reads what a row of users has spent.
pub(super) fn spending(row: &Row) -> sqlx::Result<Spending> {
    Ok(Spending {
        day: row.plain("usage_day")?,
        day_replies: row.plain("day_replies")?,
        day_tokens: row.plain("day_tokens")?,
        replies: row.plain("replies")?,
        tokens: row.plain("tokens")?,
        limits: DailyLimits { replies: row.plain("max_replies")?, tokens: row.plain("max_tokens")? },
    })
}

/// Removes the oldest events until `$2` bytes are gone, `$3` rows at most. Bytes are counted as the triggers do.
const CUT_EVENTS: &str = "delete from events
      where user_id = $1
        and seq <= (select max(seq)
                      from (select seq, sum(bytes) over (order by seq) - bytes as bytes_before
                              from (select seq, 100 + octet_length(cast(data as text)) as bytes
                                      from events
                                     where user_id = $1
                                       and seq <= $4
                                     order by seq
                                     limit $3) as oldest) as summed
                     where bytes_before < $2)";

/// Removes the oldest undo entries whose events are not in the log any more.
const CUT_UNDO: &str = "delete from undo_entries
      where user_id = $1
        and token in (select token
                        from undo_entries
                       where user_id = $1
                         and seq < coalesce((select min(seq) from events where user_id = $1), $3)
                       order by seq
                       limit $2)";

/// Removes the oldest answers of commands that are from before a time.
const CUT_COMMANDS: &str = "delete from commands
      where user_id = $1
        and id in (select id from commands where user_id = $1 order by seq limit $2)
        and at < $3";

/// Removes the tasks that were deleted first.
const TRASHED_TASKS: &str = "delete from tasks
      where user_id = $1
        and id in (select id
                     from tasks
                    where user_id = $1
                      and deleted_at is not null
                    order by deleted_at
                    limit $2)";

/// The same for conversations. Of a deleted one only the id is stored, so that it is not used again.
const TRASHED_CONVERSATIONS: &str = "delete from conversations
      where user_id = $1
        and id in (select id
                     from conversations
                    where user_id = $1
                      and deleted_at is not null
                    order by deleted_at
                    limit $2)
        and not exists (select 1
                          from messages
                         where messages.user_id = $1
                           and messages.conversation_id = conversations.id)";

/// Removes the spent refresh tokens of a session but the newest `$3`.
const SPENT_TOKENS: &str = "delete from refresh_tokens
      where user_id = $1
        and session_id = $2
        and replaced_at <= (select replaced_at
                              from refresh_tokens
                             where user_id = $1
                               and session_id = $2
                               and replaced_at is not null
                             order by replaced_at desc
                             limit 1 offset $3)";

/// Removes sessions that ended before `$2` but the newest `$3`, a hundred at the most.
const ENDED_SESSIONS: &str = "delete from sessions
      where user_id = $1
        and revoked_at < $2
        and id in (select id
                     from sessions
                    where user_id = $1
                      and revoked_at is not null
                    order by revoked_at desc, id
                    limit 100 offset $3)";

#[async_trait]
impl<H: TxState> UsageReads for Tx<H> {
    async fn usage(&mut self) -> Result<Usage> {
        let (conn, owner) = self.parts().await?;
        let usage = sqlx::query("select stored_rows, stored_bytes, log_bytes, command_bytes from users where id = $1")
            .bind(owner)
            .try_map(|row| usage(&row))
            .fetch_optional(conn)
            .await?;
        usage.ok_or(StoreError::NoAccount)
    }
}

#[async_trait]
impl UsageWrites for Tx<WriteState> {
    async fn forget_trash(&mut self, limit: u32) -> Result<u64> {
        // Not gathered in the script: the caller repeats this until enough is free, by the number of rows.
        let (conn, owner) = self.parts().await?;
        let mut rows = 0;
        for statement in [TRASHED_TASKS, TRASHED_CONVERSATIONS] {
            let removed = sqlx::query(statement).bind(owner).bind(i64::from(limit)).execute(&mut *conn).await?;
            rows += removed.rows_affected();
        }
        Ok(rows)
    }

    async fn cut_log(&mut self, cut: &LogCut) -> Result<()> {
        let (script, owner) = self.script();
        script.add(CUT_EVENTS, Expects::Anything).bind(owner).bind(cut.bytes).bind(cut.rows).bind(cut.upto);
        // After the events, whose oldest seq decides which entries are removed.
        script.add(CUT_UNDO, Expects::Anything).bind(owner).bind(cut.rows).bind(cut.upto);
        script.add(CUT_COMMANDS, Expects::Anything).bind(owner).bind(cut.rows).bind(At(cut.commands_before));
        Ok(())
    }

    async fn spend(&mut self, day: i64, replies: i64, tokens: i64) -> Result<()> {
        self.state.spend(day, replies, tokens);
        Ok(())
    }

    async fn forget_spent_tokens(&mut self, session: SessionId, keep: u32) -> Result<()> {
        let (script, owner) = self.script();
        script.add(SPENT_TOKENS, Expects::Anything).bind(owner).bind(session.0).bind(i64::from(keep));
        Ok(())
    }

    async fn forget_ended_sessions(&mut self, ended_before: Timestamp, keep: u32) -> Result<()> {
        let (script, owner) = self.script();
        script.add(ENDED_SESSIONS, Expects::Anything).bind(owner).bind(At(ended_before)).bind(i64::from(keep));
        Ok(())
    }
}
