//! Runs: the rows of an owner, and the leases of all.

use super::{
    Adapter, At, Db, Json, Row, TenantScope, reply_texts,
    rows::{Columns as _, undecodable},
    tx::{Tx, TxState, WriteState},
};
use crate::{Result, Run, RunLeases, RunLoad, RunReads, RunState, RunWrites, shared::Expects};
use async_trait::async_trait;
use serde_json::Value;
use sqlx::QueryBuilder;
use tandem_protocol::{ConversationId, MessageId, Timestamp, UserId, live::Delta};

/// Leases that one statement renews.
const RENEWED_AT_ONCE: usize = 500;

fn run(row: &Row) -> sqlx::Result<Run> {
    Ok(Run {
        message_id: row.id("message_id", MessageId)?,
        conversation_id: row.id("conversation_id", ConversationId)?,
        state: match row.plain("state")? {
            "queued" => RunState::Queued,
            "running" => RunState::Running,
            "waiting" => RunState::Waiting,
            other => return Err(undecodable("state", format!("{other:?} is no state of a run"))),
        },
        attempt: row.plain("attempt")?,
        node: row.plain("node")?,
        lease_until: row.maybe_at("lease_until")?,
        cancel_requested: row.plain("cancel_requested")?,
        takeovers: row.plain("takeovers")?,
        created_at: row.at("created_at")?,
    })
}

/// Reads how many runs there are.
fn run_load(row: &Row) -> sqlx::Result<RunLoad> {
    Ok(RunLoad {
        running: row.plain("running")?,
        queued: row.plain("queued")?,
        here: row.plain("here")?,
        queued_here: row.plain("queued_here")?,
    })
}

/// The value of the column; see [`run`].
fn run_state(state: RunState) -> &'static str {
    match state {
        RunState::Queued => "queued",
        RunState::Running => "running",
        RunState::Waiting => "waiting",
    }
}

#[async_trait]
impl<H: TxState> RunReads for Tx<H> {
    async fn run(&mut self, message: MessageId) -> Result<Option<Run>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            "select message_id, conversation_id, state, attempt, node, lease_until, cancel_requested, takeovers,
                    created_at
               from runs
              where user_id = $1
                and message_id = $2",
        )
        .bind(owner)
        .bind(message.0)
        .try_map(|row| run(&row))
        .fetch_optional(conn)
        .await?)
    }

    async fn runs(&mut self, conversation: ConversationId) -> Result<Vec<Run>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            "select message_id, conversation_id, state, attempt, node, lease_until, cancel_requested, takeovers,
                    created_at
               from runs
              where user_id = $1
                and conversation_id = $2
              order by created_at, message_id",
        )
        .bind(owner)
        .bind(conversation.0)
        .try_map(|row| run(&row))
        .fetch_all(conn)
        .await?)
    }

    async fn run_load(&mut self, conversation: ConversationId) -> Result<RunLoad> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            // Many may wait for the user: the index of the others is named by its condition.
            "select (select count(*)
                       from runs
                      where user_id = $1
                        and state <> 'waiting'
                        and state = 'running') as running,
                    (select count(*)
                       from runs
                      where user_id = $1
                        and state <> 'waiting'
                        and state = 'queued') as queued,
                    (select count(*) from runs where user_id = $1 and conversation_id = $2) as here,
                    (select count(*)
                       from runs
                      where user_id = $1
                        and conversation_id = $2
                        and state = 'queued') as queued_here",
        )
        .bind(owner)
        .bind(conversation.0)
        .try_map(|row| run_load(&row))
        .fetch_one(conn)
        .await?)
    }

    async fn startable_run(&mut self, preferred: ConversationId, ending: Option<MessageId>) -> Result<Option<Run>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            // The row of `ending` is still there, and left out.
            "select r.message_id, r.conversation_id, r.state, r.attempt, r.node, r.lease_until, r.cancel_requested,
                    r.takeovers, r.created_at
               from runs as r
              where r.user_id = $1
                and r.state <> 'waiting'
                and r.state = 'queued'
                and r.message_id <> $3
                and not exists (select 1
                                  from runs as earlier
                                 where earlier.user_id = $1
                                   and earlier.conversation_id = r.conversation_id
                                   and earlier.message_id <> $3
                                   and (earlier.state <> 'queued'
                                        or (earlier.created_at, earlier.message_id) < (r.created_at, r.message_id)))
              order by case when r.conversation_id = $2 then 0 else 1 end, r.created_at, r.message_id
              limit 1",
        )
        .bind(owner)
        .bind(preferred.0)
        // No message has this id.
        .bind(ending.map_or(uuid::Uuid::nil(), |id| id.0))
        .try_map(|row| run(&row))
        .fetch_optional(conn)
        .await?)
    }

    async fn run_steps(&mut self, message: MessageId) -> Result<Vec<Value>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            "select step
               from run_steps
              where user_id = $1
                and message_id = $2
              order by step_index",
        )
        .bind(owner)
        .bind(message.0)
        .try_map(|row: Row| row.json("step"))
        .fetch_all(conn)
        .await?)
    }
}

#[async_trait]
impl RunWrites for Tx<WriteState> {
    async fn insert_run(&mut self, run: &Run) -> Result<()> {
        let (script, owner) = self.script();
        script.add(
            "insert into runs
                    (user_id, message_id, conversation_id, state, attempt, node, lease_until, cancel_requested, created_at,
                     takeovers)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                 on conflict (user_id, message_id) do nothing",
            Expects::New("run"),
        )
        .bind(owner)
        .bind(run.message_id.0)
        .bind(run.conversation_id.0)
        .bind(run_state(run.state))
        .bind(run.attempt)
        .bind(&run.node)
        .bind(run.lease_until.map(At))
        .bind(run.cancel_requested)
        .bind(At(run.created_at))
        .bind(run.takeovers);
        Ok(())
    }

    async fn update_run(&mut self, run: &Run) -> Result<()> {
        let (script, owner) = self.script();
        script
            .add(
                "update runs
                set state = $3,
                    attempt = $4,
                    node = $5,
                    lease_until = $6,
                    cancel_requested = cancel_requested or $7,
                    takeovers = $8
              where user_id = $1
                and message_id = $2",
                Expects::Present("a run to be changed is not there"),
            )
            .bind(owner)
            .bind(run.message_id.0)
            .bind(run_state(run.state))
            .bind(run.attempt)
            .bind(&run.node)
            .bind(run.lease_until.map(At))
            .bind(run.cancel_requested)
            .bind(run.takeovers);
        Ok(())
    }

    async fn delete_run(&mut self, message: MessageId) -> Result<()> {
        let (script, owner) = self.script();
        script
            .add("delete from runs where user_id = $1 and message_id = $2", Expects::Anything)
            .bind(owner)
            .bind(message.0);
        Ok(())
    }

    async fn save_run_step(&mut self, message: MessageId, index: i64, step: &Value) -> Result<()> {
        let (script, owner) = self.script();
        script
            .add(
                "insert into run_steps (user_id, message_id, step_index, step)
             values ($1, $2, $3, $4)
                 on conflict (user_id, message_id, step_index) do update set step = excluded.step",
                Expects::Anything,
            )
            .bind(owner)
            .bind(message.0)
            .bind(index)
            .bind(Json(step));
        Ok(())
    }
}

#[async_trait]
impl RunLeases for Adapter {
    async fn add_reply_texts(&self, node: &str, texts: &[(UserId, Delta)]) -> Result<Vec<MessageId>> {
        let mut kept = Vec::new();
        let mut txn = self.write_txn(TenantScope::System).await?;
        for texts in texts.chunks(reply_texts::ADDED_AT_ONCE) {
            let mut query = reply_texts::add(node, texts);
            let added = query.build().persistent(false).try_map(|row: Row| row.id("message_id", MessageId));
            kept.extend(added.fetch_all(txn.conn()).await?);
        }
        txn.commit().await?;
        Ok(kept)
    }

    async fn renew_leases(&self, node: &str, runs: &[MessageId], until: Timestamp) -> Result<()> {
        // A node may hold thousands: each transaction is short, and each statement has a bounded number of values.
        for runs in runs.chunks(RENEWED_AT_ONCE) {
            let mut query = QueryBuilder::<Db>::new("update runs set lease_until = ");
            // Only those that it still holds: a run that another node has claimed stays with that node.
            query
                .push_bind(At(until))
                .push(" where state <> 'waiting' and state = 'running' and node = ")
                .push_bind(node);
            query.push(" and message_id in (");
            let mut ids = query.separated(", ");
            for run in runs {
                ids.push_bind(run.0);
            }
            query.push(")");
            let mut txn = self.write_txn(TenantScope::System).await?;
            query.build().persistent(false).execute(txn.conn()).await?;
            txn.commit().await?;
        }
        Ok(())
    }

    async fn unwanted_runs(&self, node: &str) -> Result<Vec<MessageId>> {
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        let unwanted = sqlx::query(
            "select message_id
                   from runs
                  where state <> 'waiting'
                    and state = 'running'
                    and node = $1
                    and cancel_requested",
        )
        .bind(node)
        .try_map(|row: Row| row.id("message_id", MessageId))
        .fetch_all(snapshot.conn())
        .await?;
        Ok(unwanted)
    }

    async fn queued_runs(&self) -> Result<i64> {
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        Ok(sqlx::query("select count(*) as queued from runs where state <> 'waiting' and state = 'queued'")
            .try_map(|row: Row| row.plain("queued"))
            .fetch_one(snapshot.conn())
            .await?)
    }

    async fn expired_runs(
        &self,
        now: Timestamp,
        furthest: Timestamp,
        user_replies: i64,
        limit: u32,
    ) -> Result<Vec<(UserId, MessageId)>> {
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        // A queued run that is first in its conversation should have been started by a node that is gone. The state of
        // the user is read for each run: a join would read all users.
        Ok(sqlx::query(
            "select r.user_id, r.message_id
               from runs as r
              where r.state <> 'waiting'
                and (r.state = 'running' and (r.lease_until is null or r.lease_until <= $1 or r.lease_until > $3)
                     or r.state = 'queued'
                     and (select count(*)
                            from runs as busy
                           where busy.user_id = r.user_id
                             and busy.state <> 'waiting'
                             and busy.state = 'running') < $4
                     and not exists (select 1
                                       from runs as earlier
                                      where earlier.user_id = r.user_id
                                        and earlier.conversation_id = r.conversation_id
                                        and (earlier.state <> 'queued'
                                             or (earlier.created_at, earlier.message_id) < (r.created_at, r.message_id))))
                and (select u.disabled_at from users as u where u.id = r.user_id) is null
              order by r.created_at, r.message_id
              limit $2",
        )
        .bind(At(now))
        .bind(i64::from(limit))
        .bind(At(furthest))
        .bind(user_replies)
        .try_map(|row: Row| Ok((row.user("user_id")?, row.id("message_id", MessageId)?)))
        .fetch_all(snapshot.conn())
        .await?)
    }
}
