//! Calendar feeds.

use super::{
    Adapter, At, Json, Row, TenantScope,
    rows::Columns as _,
    tx::{Tx, TxState, WriteState},
};
use crate::{FeedReads, FeedRecord, FeedWrites, Feeds, Result, shared::Expects};
use async_trait::async_trait;
use tandem_protocol::{enums::WireEnum as _, id::FeedId, rest::Feed};

fn feed(row: &Row) -> sqlx::Result<Feed> {
    Ok(Feed {
        id: row.id("id", FeedId)?,
        name: row.plain("name")?,
        lists: row.maybe_json("lists")?,
        kind: row.wire_enum("kind")?,
        include_done: row.plain("include_done")?,
        created_at: row.at("created_at")?,
    })
}

#[async_trait]
impl Feeds for Adapter {
    async fn feed(&self, hash: &[u8; 32]) -> Result<Option<FeedRecord>> {
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        Ok(sqlx::query(
            "select f.user_id, f.id, f.name, f.lists, f.kind, f.include_done, f.created_at
               from feeds as f
               join users as u on u.id = f.user_id
              where f.hash = $1
                and u.disabled_at is null",
        )
        .bind(&hash[..])
        .try_map(|row: Row| Ok(FeedRecord { user: row.user("user_id")?, feed: feed(&row)? }))
        .fetch_optional(snapshot.conn())
        .await?)
    }
}

#[async_trait]
impl<H: TxState> FeedReads for Tx<H> {
    async fn feeds(&mut self) -> Result<Vec<Feed>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            "select id, name, lists, kind, include_done, created_at
               from feeds
              where user_id = $1
              order by created_at desc, id desc",
        )
        .bind(owner)
        .try_map(|row| feed(&row))
        .fetch_all(conn)
        .await?)
    }
}

#[async_trait]
impl FeedWrites for Tx<WriteState> {
    async fn insert_feed(&mut self, feed: &Feed, hash: &[u8; 32]) -> Result<()> {
        let (script, owner) = self.script();
        script
            .add(
                "insert into feeds (user_id, id, name, lists, kind, include_done, created_at, hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
                 on conflict do nothing",
                Expects::New("feed"),
            )
            .bind(owner)
            .bind(feed.id.0)
            .bind(&feed.name)
            .bind(feed.lists.as_ref().map(Json))
            .bind(feed.kind.as_str())
            .bind(feed.include_done)
            .bind(At(feed.created_at))
            .bind(&hash[..]);
        Ok(())
    }

    async fn delete_feed(&mut self, id: FeedId) -> Result<bool> {
        // Not gathered in the script: the caller needs to know now whether there was one.
        let (conn, owner) = self.parts().await?;
        let deleted = sqlx::query("delete from feeds where user_id = $1 and id = $2").bind(owner).bind(id.0);
        Ok(deleted.execute(conn).await?.rows_affected() > 0)
    }
}
