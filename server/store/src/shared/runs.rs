//! The runs of an owner: reading and changing their rows.

use super::{
    At, Json, Row,
    rows::{Columns as _, undecodable},
    tx::{Tx, TxState, WriteState},
};
use crate::{Result, Run, RunLoad, RunReads, RunState, RunWrites, shared::Expects};
use async_trait::async_trait;
use serde_json::Value;
use tandem_protocol::{ConversationId, MessageId, model::Part};

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

/// As the column holds it; see [`run`].
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
        let found = sqlx::query(
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
        .await?;
        Ok(found)
    }

    async fn runs(&mut self, conversation: ConversationId) -> Result<Vec<Run>> {
        let (conn, owner) = self.parts().await?;
        let found = sqlx::query(
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
        .await?;
        Ok(found)
    }

    async fn run_load(&mut self, conversation: ConversationId) -> Result<RunLoad> {
        let (conn, owner) = self.parts().await?;
        let load = sqlx::query(
            "select (select count(*) from runs where user_id = $1 and state = 'running') as running,
                    (select count(*) from runs where user_id = $1 and state = 'queued') as queued,
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
        .await?;
        Ok(load)
    }

    async fn startable_run(&mut self, preferred: ConversationId, ending: Option<MessageId>) -> Result<Option<Run>> {
        let (conn, owner) = self.parts().await?;
        let found = sqlx::query(
            "select r.message_id, r.conversation_id, r.state, r.attempt, r.node, r.lease_until, r.cancel_requested,
                    r.takeovers, r.created_at
               from runs as r
              where r.user_id = $1
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
        .await?;
        Ok(found)
    }

    async fn run_steps(&mut self, message: MessageId) -> Result<Vec<Value>> {
        let (conn, owner) = self.parts().await?;
        let found = sqlx::query(
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
        .await?;
        Ok(found)
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
                    cancel_requested = $7,
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

    async fn checkpoint(
        &mut self,
        message: MessageId,
        attempt: i64,
        node: &str,
        parts: &[Part],
    ) -> Result<Option<bool>> {
        let (conn, owner) = self.parts().await?;
        let cancelled = sqlx::query(
            "update messages
                set parts = $5
               from runs
              where messages.user_id = $1
                and messages.id = $2
                and runs.user_id = $1
                and runs.message_id = $2
                and runs.attempt = $3
                and runs.node = $4
          returning (select cancel_requested from runs where user_id = $1 and message_id = $2) as cancelled",
        )
        .bind(owner)
        .bind(message.0)
        .bind(attempt)
        .bind(node)
        .bind(Json(parts))
        .try_map(|row: Row| row.plain("cancelled"))
        .fetch_optional(conn)
        .await?;
        Ok(cancelled)
    }
}
