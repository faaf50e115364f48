//! The owner's event log, the answers of commands, and undo entries.
//!
//! The seq of an event is counted in the transaction, not by a sequence of the database: a sequence hands out numbers
//! before the commit, and readers that continue by number would miss events that become visible late.

use super::{
    Adapter, At, Db, Json, Packed, Row, TenantScope, pages,
    rows::{Columns as _, undecodable},
    tx::{Tx, TxState, WriteState},
};
use crate::{
    EventDraft, EventLogs, EventReads, EventWrites, LogState, Result, StoreError, StoredCommand, UndoEntry,
    shared::Expects,
};
use async_trait::async_trait;
use sqlx::QueryBuilder;
use tandem_protocol::{
    CommandId, DeviceId, SessionId, TaskId, Timestamp, UserId,
    enums::WireEnum as _,
    live::{Actor, Event},
};

/// Users that one statement looks up.
const LOOKED_UP_AT_ONCE: usize = 1_000;

/// Reads the stored answer of a command.
pub(super) const COMMAND: &str = "select id, fingerprint, status, seq, body, kept_elsewhere
       from commands
      where user_id = $1
        and id = $2";

fn event(row: &Row) -> sqlx::Result<Event> {
    Ok(Event {
        seq: row.plain("seq")?,
        at: row.at("at")?,
        name: row.plain("name")?,
        data: row.json("data")?,
        actor: Actor {
            kind: row.wire_enum("actor_kind")?,
            device_id: row.plain::<Option<&str>>("device_id")?.map(DeviceId::from),
        },
        command_id: row.maybe_id("command_id", CommandId)?,
    })
}

/// Reads a row of commands.
pub(super) fn command(row: &Row) -> sqlx::Result<StoredCommand> {
    let status = row.plain::<i32>("status")?;
    Ok(StoredCommand {
        id: row.id("id", CommandId)?,
        fingerprint: row.hash("fingerprint")?,
        status: status.try_into().map_err(|_| undecodable("status", format!("{status} is no status")))?,
        seq: row.plain("seq")?,
        body: row.plain("body")?,
        event_refs: row.maybe_json("kept_elsewhere")?.unwrap_or_default(),
    })
}

fn undo_entry(row: &Row) -> sqlx::Result<UndoEntry> {
    let Packed(changes) = row.plain("changes")?;
    Ok(UndoEntry {
        token: row.plain("token")?,
        at: row.at("at")?,
        used: row.plain("used")?,
        reversal: row.plain("reversal")?,
        changes,
        origin: row.maybe_json("origin")?,
    })
}

fn log_state(row: &Row) -> sqlx::Result<LogState> {
    Ok(LogState { head: row.plain("seq")?, oldest: row.plain("oldest")?, session_alive: row.plain("alive")? })
}

#[async_trait]
impl<H: TxState> EventReads for Tx<H> {
    async fn log_state(&mut self, session: SessionId, now: Timestamp) -> Result<LogState> {
        let (conn, owner) = self.parts().await?;
        sqlx::query(
            "select seq,
                    (select min(seq) from events where user_id = $1) as oldest,
                    exists (select 1
                              from sessions
                             where user_id = $1
                               and id = $2
                               and revoked_at is null
                               and expires_at > $3
                               and ends_at > $3) as alive
               from users
              where id = $1
                and disabled_at is null",
        )
        .bind(owner)
        .bind(session.0)
        .bind(At(now))
        .try_map(|row| log_state(&row))
        .fetch_optional(conn)
        .await?
        .ok_or(StoreError::NoAccount)
    }

    async fn events_after(&mut self, seq: i64, limit: u32) -> Result<Vec<Event>> {
        let (conn, owner) = self.parts().await?;
        let events = sqlx::query(
            "select seq, at, name, data, actor_kind, device_id, command_id
               from events
              where user_id = $1
                and seq > $2
              order by seq
              limit $3",
        )
        .bind(owner)
        .bind(seq)
        .bind(i64::from(limit))
        .try_map(|row| pages::sized(&row, &["data"], event))
        .fetch(conn);
        pages::read_through(events, limit).await
    }

    async fn oldest_seq(&mut self) -> Result<Option<i64>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query("select seq from events where user_id = $1 order by seq limit 1")
            .bind(owner)
            .try_map(|row: Row| row.plain("seq"))
            .fetch_optional(conn)
            .await?)
    }

    async fn command(&mut self, id: CommandId) -> Result<Option<StoredCommand>> {
        let (conn, owner) = self.parts().await?;
        let found =
            sqlx::query(COMMAND).bind(owner).bind(id.0).try_map(|row| command(&row)).fetch_optional(conn).await?;
        Ok(found)
    }

    async fn task_events(&mut self, task: TaskId, limit: u32) -> Result<Vec<Event>> {
        let (conn, owner) = self.parts().await?;
        // An id is only found as one: no other text of an event of a task has its form.
        let events = sqlx::query(
            "select seq, at, name, data, actor_kind, device_id, command_id
               from events
              where user_id = $1
                and name like 'task.%'
                and cast(data as text) like '%' || $2 || '%'
              order by seq desc
              limit $3",
        )
        .bind(owner)
        .bind(task.to_string())
        .bind(i64::from(limit))
        .try_map(|row| pages::sized(&row, &["data"], event))
        .fetch(conn);
        pages::read_through(events, limit).await
    }

    async fn undo_entry_from(&mut self, seq: i64) -> Result<Option<UndoEntry>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            "select token, at, used, reversal, changes, origin
               from undo_entries
              where user_id = $1
                and seq >= $2
              order by seq
              limit 1",
        )
        .bind(owner)
        .bind(seq)
        .try_map(|row| undo_entry(&row))
        .fetch_optional(conn)
        .await?)
    }

    async fn undo_entry(&mut self, token: &str) -> Result<Option<UndoEntry>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            "select token, at, used, reversal, changes, origin
               from undo_entries
              where user_id = $1
                and token = $2",
        )
        .bind(owner)
        .bind(token)
        .try_map(|row| undo_entry(&row))
        .fetch_optional(conn)
        .await?)
    }

    async fn last_undo_entry(&mut self) -> Result<Option<UndoEntry>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            "select token, at, used, reversal, changes, origin
               from undo_entries
              where user_id = $1
                and not used
                and not reversal
              order by seq desc, at desc
              limit 1",
        )
        .bind(owner)
        .try_map(|row| undo_entry(&row))
        .fetch_optional(conn)
        .await?)
    }
}

#[async_trait]
impl EventWrites for Tx<WriteState> {
    async fn append(&mut self, draft: &EventDraft) -> Result<Event> {
        let data = serde_json::value::to_raw_value(&draft.body).map_err(|error| StoreError::Broken(error.into()))?;
        let event = Event {
            // Counted in memory: the log is held, so no other event gets this number.
            seq: self.state.next_seq(),
            at: draft.at,
            name: draft.body.name().to_owned(),
            data,
            actor: draft.actor.clone(),
            command_id: draft.command_id,
        };
        let (script, owner) = self.script();
        script
            .add(
                "insert into events (user_id, seq, at, name, data, actor_kind, device_id, command_id)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
                Expects::Anything,
            )
            .bind(owner)
            .bind(event.seq)
            .bind(At(event.at))
            .bind(&event.name)
            .bind(Json(&event.data))
            .bind(event.actor.kind.as_str())
            .bind(event.actor.device_id.as_ref().map(DeviceId::as_str))
            .bind(event.command_id.map(|id| id.0));
        Ok(event)
    }

    async fn save_command(&mut self, command: &StoredCommand, now: Timestamp) -> Result<()> {
        let (script, owner) = self.script();
        script
            .add(
                "insert into commands (user_id, id, fingerprint, status, seq, body, kept_elsewhere, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
                 on conflict (user_id, id) do nothing",
                Expects::New("command"),
            )
            .bind(owner)
            .bind(command.id.0)
            .bind(&command.fingerprint[..])
            .bind(i32::from(command.status))
            .bind(command.seq)
            .bind(&command.body)
            .bind((!command.event_refs.is_empty()).then_some(Json(&command.event_refs)))
            .bind(At(now));
        Ok(())
    }

    async fn save_undo(&mut self, entry: &UndoEntry) -> Result<()> {
        // The seq of the change's last event: an entry goes when the log has been cut beyond it.
        let seq = self.state.account.seq;
        let (script, owner) = self.script();
        script
            .add(
                "insert into undo_entries (user_id, token, at, seq, used, reversal, changes, origin)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
                Expects::Anything,
            )
            .bind(owner)
            .bind(&entry.token)
            .bind(At(entry.at))
            .bind(seq)
            .bind(entry.used)
            .bind(entry.reversal)
            .bind(Packed(&entry.changes))
            .bind(entry.origin.map(Json));
        Ok(())
    }

    async fn use_undo(&mut self, token: &str) -> Result<()> {
        let (script, owner) = self.script();
        script
            .add("update undo_entries set used = $3 where user_id = $1 and token = $2", Expects::Anything)
            .bind(owner)
            .bind(token)
            .bind(true);
        Ok(())
    }
}

#[async_trait]
impl EventLogs for Adapter {
    async fn epoch(&self) -> Result<String> {
        let mut conn = self.lookup().await?;
        let epoch = sqlx::query("select value from epoch").try_map(|row: Row| row.plain("value"));
        Ok(epoch.fetch_one(&mut *conn).await?)
    }

    async fn log_heads(&self, users: &[UserId]) -> Result<Vec<(UserId, i64)>> {
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        let mut heads = Vec::with_capacity(users.len());
        for some in users.chunks(LOOKED_UP_AT_ONCE) {
            let mut query = QueryBuilder::<Db>::new("select id, seq from users where id in (");
            let mut ids = query.separated(", ");
            for user in some {
                ids.push_bind(user.as_str());
            }
            ids.push_unseparated(")");
            // There are as many statements as numbers of users: none is worth keeping prepared.
            let query = query.build().persistent(false);
            let rows = query.try_map(|row: Row| Ok((row.user("id")?, row.plain("seq")?)));
            heads.extend(rows.fetch_all(snapshot.conn()).await?);
        }
        Ok(heads)
    }
}
