//! Devices that receive pushes, and the outbox of pushes.

use super::{
    Adapter, At, Db, Json, Row, TenantScope,
    rows::Columns as _,
    tx::{Tx, TxState, WriteState},
};
use crate::{
    DuePush, NewPush, PushAnswerable, PushEnd, PushId, PushKeyPair, PushReads, PushSubject, PushWrites, Pushes, Result,
    SubscriptionRow, shared::Expects,
};
use async_trait::async_trait;
use sqlx::QueryBuilder;
use tandem_protocol::{
    CommandId, DeviceId, ReminderId, SessionId, TaskId, Timestamp, UserId, enums::WireEnum as _, id::SubscriptionId,
    push::Subscription,
};

/// The first pushes are found by their index. Devices, users and sessions are read for each: joins would read all of them.
const DUE: &str = "select p.user_id, p.subscription_id, p.seq, p.kind, p.subject_id, p.reminder_id, p.command_id,
            p.created_at, p.gives_up_at, p.attempts, p.sending,
            s.device_id, s.endpoint, s.public_key, s.auth_secret,
            (select u.disabled_at from users as u where u.id = p.user_id) is null
            and (select a.id
                   from sessions as a
                  where a.id = s.session_id
                    and a.revoked_at is null
                    and a.expires_at > $1
                    and a.ends_at > $1) is not null as signed_in
       from (select *
               from pushes
              where next_at is not null
                and next_at <= $1
              order by next_at
              limit $2) as p
       join push_subscriptions as s on s.user_id = p.user_id and s.id = p.subscription_id
      order by p.next_at";

const BEGIN: &str = "update pushes
        set next_at = $5,
            sending = $6,
            attempts = attempts + 1,
            token_hash = coalesce($7, token_hash)
      where user_id = $1
        and subscription_id = $2
        and seq = $3
        and attempts = $4
        and next_at <= $8";

const SENT: &str = "update pushes
        set next_at = null, sending = $5
      where user_id = $1 and subscription_id = $2 and seq = $3 and attempts = $4";
const DROPPED: &str = "delete from pushes where user_id = $1 and subscription_id = $2 and seq = $3 and attempts = $4";
const RETRY: &str = "update pushes
        set next_at = $6, sending = $5
      where user_id = $1 and subscription_id = $2 and seq = $3 and attempts = $4";
const UNSUBSCRIBED: &str = "delete from push_subscriptions where user_id = $1 and id = $2";

fn subscription(row: &Row) -> sqlx::Result<Subscription> {
    Ok(Subscription {
        id: row.id("id", SubscriptionId)?,
        device_id: row.plain::<&str>("device_id")?.into(),
        endpoint: row.plain("endpoint")?,
        kinds: row.json("kinds")?,
        created_at: row.at("created_at")?,
    })
}

fn due(row: &Row) -> sqlx::Result<DuePush> {
    let key = PushId {
        user: row.user("user_id")?,
        subscription: row.id("subscription_id", SubscriptionId)?,
        seq: row.plain("seq")?,
    };
    let subject = PushSubject {
        kind: row.wire_enum("kind")?,
        id: row.id("subject_id", |id| id)?,
        reminder: row.maybe_id("reminder_id", ReminderId)?,
    };
    Ok(DuePush {
        key,
        subject,
        command: row.id("command_id", CommandId)?,
        created_at: row.at("created_at")?,
        gives_up_at: row.at("gives_up_at")?,
        attempts: row.plain("attempts")?,
        sending: row.plain("sending")?,
        signed_in: row.plain("signed_in")?,
        device: row.plain::<&str>("device_id")?.into(),
        endpoint: row.plain("endpoint")?,
        public_key: row.plain("public_key")?,
        auth_secret: row.plain("auth_secret")?,
    })
}

#[async_trait]
impl Pushes for Adapter {
    async fn adopt_push_key(&self, key: &PushKeyPair) -> Result<PushKeyPair> {
        let mut txn = self.write_txn(TenantScope::System).await?;
        // Of two first starts at the same time the constraint decides.
        sqlx::query("insert into push_keys (id, private_key, public_key) values (1, $1, $2) on conflict do nothing")
            .bind(&key.private)
            .bind(&key.public)
            .execute(txn.conn())
            .await?;
        let kept = sqlx::query("select private_key, public_key from push_keys where id = 1")
            .try_map(|row: Row| {
                Ok(PushKeyPair { private: row.plain("private_key")?, public: row.plain("public_key")? })
            })
            .fetch_one(txn.conn())
            .await?;
        txn.commit().await?;
        Ok(kept)
    }

    async fn release_endpoint(&self, hash: &[u8; 32], user: &UserId) -> Result<()> {
        let mut txn = self.write_txn(TenantScope::System).await?;
        sqlx::query("delete from push_subscriptions where endpoint_hash = $1 and user_id <> $2")
            .bind(&hash[..])
            .bind(user.as_str())
            .execute(txn.conn())
            .await?;
        txn.commit().await
    }

    async fn due_pushes(&self, now: Timestamp, limit: u32) -> Result<Vec<DuePush>> {
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        let found = sqlx::query(DUE).bind(At(now)).bind(i64::from(limit)).try_map(|row: Row| due(&row));
        Ok(found.fetch_all(snapshot.conn()).await?)
    }

    async fn begin_push(
        &self,
        push: &DuePush,
        lease: Timestamp,
        now: Timestamp,
        token: Option<&[u8; 32]>,
    ) -> Result<bool> {
        let mut txn = self.write_txn(TenantScope::System).await?;
        let begun = sqlx::query(BEGIN)
            .bind(push.key.user.as_str())
            .bind(push.key.subscription.0)
            .bind(push.key.seq)
            .bind(push.attempts)
            .bind(At(lease))
            .bind(true)
            .bind(token.map(|hash| hash.to_vec()))
            .bind(At(now))
            .execute(txn.conn())
            .await?;
        txn.commit().await?;
        Ok(begun.rows_affected() > 0)
    }

    async fn end_push(&self, key: &PushId, attempts: i64, end: PushEnd) -> Result<()> {
        let mut txn = self.write_txn(TenantScope::System).await?;
        let (user, id) = (key.user.as_str(), key.subscription.0);
        let statement = |text| sqlx::query(text).bind(user).bind(id).bind(key.seq).bind(attempts);
        let query = match end {
            PushEnd::Sent => statement(SENT).bind(false),
            PushEnd::Dropped => statement(DROPPED),
            PushEnd::Retry(at) => statement(RETRY).bind(false).bind(At(at)),
            PushEnd::Unsubscribed => sqlx::query(UNSUBSCRIBED).bind(user).bind(id),
        };
        query.execute(txn.conn()).await?;
        txn.commit().await
    }

    async fn hold_pushes(
        &self,
        user: &UserId,
        events: (i64, i64),
        devices: &[DeviceId],
        until: Timestamp,
    ) -> Result<()> {
        let mut query = QueryBuilder::<Db>::new("update pushes set next_at = ");
        query.push_bind(At(until)).push(" where user_id = ").push_bind(user.as_str());
        query.push(" and seq between ").push_bind(events.0).push(" and ").push_bind(events.1);
        query.push(" and attempts = 0");
        query
            .push(" and (kind <> 'reminder' or subscription_id in (select id from push_subscriptions where user_id = ");
        query.push_bind(user.as_str()).push(" and device_id in (");
        let mut names = query.separated(", ");
        for device in devices {
            names.push_bind(device.as_str());
        }
        query.push(")))");
        let mut txn = self.write_txn(TenantScope::For(user)).await?;
        query.build().persistent(false).execute(txn.conn()).await?;
        txn.commit().await
    }

    async fn defer_pushes(&self, user: &UserId, now: Timestamp, until: Timestamp) -> Result<()> {
        let mut txn = self.write_txn(TenantScope::For(user)).await?;
        // By the user alone: the index of all that is due may hold many of others.
        sqlx::query(
            "update pushes set next_at = $3 where user_id = $1 and coalesce(next_at, $3) <= $2 and sending = $4",
        )
        .bind(user.as_str())
        .bind(At(now))
        .bind(At(until))
        .bind(false)
        .execute(txn.conn())
        .await?;
        txn.commit().await
    }

    async fn drop_shown_pushes(&self, user: &UserId, device: &DeviceId, seq: i64) -> Result<()> {
        let mut txn = self.write_txn(TenantScope::For(user)).await?;
        sqlx::query(
            "delete from pushes
              where user_id = $1
                and subscription_id = (select id from push_subscriptions where user_id = $1 and device_id = $2)
                and seq between 1 and $3
                and kind = 'reminder'
                and attempts = 0",
        )
        .bind(user.as_str())
        .bind(device.as_str())
        .bind(seq)
        .execute(txn.conn())
        .await?;
        txn.commit().await
    }

    async fn push_answerable(&self, hash: &[u8; 32], now: Timestamp) -> Result<Option<PushAnswerable>> {
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        let found = sqlx::query(
            "select p.user_id, p.subject_id, p.reminder_id, p.command_id, s.session_id, s.device_id
               from pushes as p
               join push_subscriptions as s on s.user_id = p.user_id and s.id = p.subscription_id
              where p.token_hash = $1
                and p.gives_up_at > $2
                and p.reminder_id is not null",
        )
        .bind(&hash[..])
        .bind(At(now))
        .try_map(|row: Row| {
            Ok(PushAnswerable {
                user: row.user("user_id")?,
                session: row.id("session_id", SessionId)?,
                device: row.plain::<&str>("device_id")?.into(),
                task: row.id("subject_id", TaskId)?,
                reminder: row.id("reminder_id", ReminderId)?,
                command: row.id("command_id", CommandId)?,
            })
        });
        Ok(found.fetch_optional(snapshot.conn()).await?)
    }
}

#[async_trait]
impl<H: TxState> PushReads for Tx<H> {
    async fn push_subscriptions(&mut self) -> Result<Vec<Subscription>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            "select id, device_id, endpoint, kinds, created_at
               from push_subscriptions
              where user_id = $1
              order by created_at desc, id desc",
        )
        .bind(owner)
        .try_map(|row| subscription(&row))
        .fetch_all(conn)
        .await?)
    }

    async fn kept_pushes(&mut self, limit: i64) -> Result<i64> {
        let (conn, owner) = self.parts().await?;
        let counted = "select count(*) as kept from (select 1 from pushes where user_id = $1 limit $2) as found";
        let count = sqlx::query(counted).bind(owner).bind(limit).try_map(|row: Row| row.plain("kept"));
        Ok(count.fetch_one(conn).await?)
    }
}

#[async_trait]
impl PushWrites for Tx<WriteState> {
    async fn insert_subscription(&mut self, row: &SubscriptionRow) -> Result<()> {
        let Subscription { id, device_id, endpoint, kinds, created_at } = &row.subscription;
        let (script, owner) = self.script();
        script
            .add(
                "delete from push_subscriptions where user_id = $1 and (device_id = $2 or endpoint_hash = $3)",
                Expects::Anything,
            )
            .bind(owner)
            .bind(device_id.as_str())
            .bind(&row.endpoint_hash[..]);
        script
            .add(
                "insert into push_subscriptions
                        (user_id, id, session_id, device_id, endpoint, endpoint_hash, public_key, auth_secret, kinds,
                         created_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                     on conflict do nothing",
                Expects::New("subscription"),
            )
            .bind(owner)
            .bind(id.0)
            .bind(row.session.0)
            .bind(device_id.as_str())
            .bind(endpoint)
            .bind(&row.endpoint_hash[..])
            .bind(&row.public_key[..])
            .bind(&row.auth_secret[..])
            .bind(Json(kinds))
            .bind(At(*created_at));
        Ok(())
    }

    async fn update_subscription(&mut self, row: &SubscriptionRow) -> Result<()> {
        let (script, owner) = self.script();
        script
            .add(
                "update push_subscriptions
                    set session_id = $3,
                        public_key = $4,
                        auth_secret = $5,
                        kinds = $6
                  where user_id = $1
                    and id = $2",
                Expects::Present("a subscription to be changed is not there"),
            )
            .bind(owner)
            .bind(row.subscription.id.0)
            .bind(row.session.0)
            .bind(&row.public_key[..])
            .bind(&row.auth_secret[..])
            .bind(Json(&row.subscription.kinds));
        Ok(())
    }

    async fn delete_subscription(&mut self, id: SubscriptionId) -> Result<bool> {
        // Not gathered in the script: the caller needs to know now whether there was one.
        let (conn, owner) = self.parts().await?;
        let deleted =
            sqlx::query("delete from push_subscriptions where user_id = $1 and id = $2").bind(owner).bind(id.0);
        Ok(deleted.execute(conn).await?.rows_affected() > 0)
    }

    async fn add_push(&mut self, push: &NewPush) -> Result<()> {
        let (script, owner) = self.script();
        script
            .add(
                "insert into pushes
                        (user_id, subscription_id, seq, kind, subject_id, reminder_id, command_id, created_at, next_at,
                         gives_up_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                     on conflict do nothing",
                Expects::Anything,
            )
            .bind(owner)
            .bind(push.subscription.0)
            .bind(push.seq)
            .bind(push.subject.kind.as_str())
            .bind(push.subject.id)
            .bind(push.subject.reminder.map(|reminder| reminder.0))
            .bind(push.command.0)
            .bind(At(push.created_at))
            .bind(At(push.next_at))
            .bind(At(push.gives_up_at));
        Ok(())
    }

    async fn forget_sent_pushes(&mut self) -> Result<()> {
        let (script, owner) = self.script();
        script.add("delete from pushes where user_id = $1 and next_at is null", Expects::Anything).bind(owner);
        Ok(())
    }
}
