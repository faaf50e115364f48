//! Copies of a PostgreSQL database, by the programs that come with it: `pg_dump` and `pg_restore`.
//!
//! **Invariant:** a restore dumps the present database before it clears it, and names that dump in its error.

use super::{Conn, PostgresStore, Row, access::Access, migrate};
use crate::{BackupError, Backups, Ended, Migrations as _, RestoreOptions, Restored, StoreError};
use async_trait::async_trait;
use percent_encoding::percent_decode_str;
use sqlx::{Connection as _, Row as _, postgres::PgConnectOptions};
use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
};
use tandem_protocol::Timestamp;
use tokio::process::Command;
use url::Url;

/// Turns row-level security off for the programs: it applies to the owner of the tables, too, and a copy has
/// everybody's rows.
const SEES_ALL: &str = "-c tandem.system=on";

/// A PostgreSQL database, to be copied or replaced.
#[derive(Clone)]
pub struct PostgresBackups {
    url: String,
    folder: PathBuf,
}

impl PostgresBackups {
    /// The database of a server. Replaced data is kept in `folder`.
    pub fn of(url: &str, folder: &Path) -> Self {
        Self { url: url.to_owned(), folder: folder.to_owned() }
    }

    /// A program of PostgreSQL for this database. The password is passed in the environment: everybody on the machine
    /// can read arguments.
    fn program(&self, name: &str) -> Result<Command, BackupError> {
        let mut url: Url =
            self.url.parse().map_err(|error| BackupError::Tool(format!("the database's URL: {error}")))?;
        let mut command = Command::new(name);
        if let Some(password) = url.password() {
            command.env("PGPASSWORD", percent_decode_str(password).decode_utf8_lossy().as_ref());
            // Cannot fail: a URL that has a password can be without one.
            let _ = url.set_password(None);
        }
        command.env("PGOPTIONS", SEES_ALL).arg(format!("--dbname={url}")).stdin(Stdio::null()).kill_on_drop(true);
        Ok(command)
    }

    async fn connect(&self) -> Result<Conn, BackupError> {
        let options: PgConnectOptions = self.url.parse().map_err(StoreError::from)?;
        // Not the name of servers: `refuse_while_in_use` would count this connection.
        let options = options.application_name("tandem-restore");
        Ok(Conn::connect_with(&options).await.map_err(StoreError::from)?)
    }

    /// As [`PostgresBackups::connect`], for the rows of everybody.
    async fn connect_to_all(&self) -> Result<Conn, BackupError> {
        let mut conn = self.connect().await?;
        sqlx::query("select set_config('tandem.system', 'on', false)")
            .execute(&mut conn)
            .await
            .map_err(StoreError::from)?;
        Ok(conn)
    }

    /// Ends what the restored copy has and the replaced database had not.
    async fn restrict(&self, replaced: Option<Access>, now: Timestamp) -> Result<Ended, BackupError> {
        // The copy may be of an older version, without some of the tables.
        let mut conn = self.connect_to_all().await?;
        migrate::up(&mut conn).await?;
        let mut txn = conn.begin().await.map_err(StoreError::from)?;
        let compared = replaced.is_some();
        let ended = replaced.unwrap_or_default().restrict(&mut txn, now, compared).await?;
        txn.commit().await.map_err(StoreError::from)?;
        Ok(ended)
    }

    async fn refuse_while_in_use(&self) -> Result<(), BackupError> {
        let mut conn = self.connect().await?;
        let servers: i64 = sqlx::query(
            "select count(*)
               from pg_stat_activity
              where datname = current_database()
                and application_name = 'tandem'",
        )
        .try_map(|row: Row| row.try_get(0))
        .fetch_one(&mut conn)
        .await
        .map_err(StoreError::from)?;
        if servers == 0 { Ok(()) } else { Err(BackupError::InUse) }
    }

    /// Removes all tables of the database.
    async fn clear(&self) -> Result<(), BackupError> {
        let store = PostgresStore::connect(&self.url, 1).await?;
        store.migrate_down(0).await?;
        store.close().await?;
        let mut conn = self.connect().await?;
        // The driver's own table, which no migration removes and the copy brings again.
        sqlx::query("drop table if exists _sqlx_migrations").execute(&mut conn).await.map_err(StoreError::from)?;
        Ok(())
    }
}

#[async_trait]
impl Backups for PostgresBackups {
    fn extension(&self) -> &'static str {
        "dump"
    }

    async fn back_up(&self, to: &Path) -> Result<(), BackupError> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // Created here and not by pg_dump, which would let others read it.
        let file = options.open(to).map_err(BackupError::with(to))?;
        let mut dump = self.program("pg_dump")?;
        // The unlogged table holds rate limits, which mean nothing in a copy.
        dump.args([
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            "--enable-row-security",
            "--no-unlogged-table-data",
        ]);
        dump.stdout(file.try_clone().map_err(BackupError::with(to))?);
        let outcome = match finish(dump, "pg_dump").await {
            Ok(_) => file.sync_all().map_err(BackupError::with(to)),
            Err(error) => Err(error),
        };
        if outcome.is_err() {
            // The first failure is the one to report.
            let _ = fs::remove_file(to);
        }
        outcome
    }

    async fn restore(&self, from: &Path, options: &RestoreOptions) -> Result<Restored, BackupError> {
        let mut list = Command::new("pg_restore");
        list.arg("--list").arg(from).stdin(Stdio::null()).stdout(Stdio::piped());
        let content = finish(list, "pg_restore").await?;
        if !content.contains("TABLE DATA public epoch") {
            let reason = "it holds no table epoch".to_owned();
            return Err(BackupError::NotABackup { file: from.to_owned(), reason });
        }
        self.refuse_while_in_use().await?;
        fs::create_dir_all(&self.folder).map_err(BackupError::with(&self.folder))?;
        let aside = self.folder.join(format!("before-{}.{}", options.stamp, self.extension()));
        // Before anything is removed: this is what a failed restore goes back to.
        self.back_up(&aside).await?;
        let replaced = Access::read(&mut self.connect_to_all().await?).await.ok();
        self.clear().await?;
        let mut restore = self.program("pg_restore")?;
        // All or nothing: what fails in the middle leaves an empty database, as the error states.
        restore.args(["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]).arg(from);
        if let Err(error) = finish(restore, "pg_restore").await {
            let again = format!("the database is empty now; to go back: tandem restore {}", aside.display());
            return Err(BackupError::Tool(format!("{error}\n{again}")));
        }
        let mut conn = self.connect().await?;
        sqlx::query("update epoch set value = replace(gen_random_uuid()::text, '-', '')")
            .execute(&mut conn)
            .await
            .map_err(StoreError::from)?;
        let ended = if options.keep_access { None } else { Some(self.restrict(replaced, options.now).await?) };
        Ok(Restored { aside, ended })
    }
}

/// Runs a program to its end; returns its output.
async fn finish(mut command: Command, name: &str) -> Result<String, BackupError> {
    let started = command.stderr(Stdio::piped()).spawn();
    let output = async { started?.wait_with_output().await };
    let output = output.await.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => BackupError::Tool(missing(name, command.as_std().get_args())),
        _ => BackupError::Tool(format!("{name}: {error}")),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(BackupError::Tool(format!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim())))
}

/// What to do when a program is missing.
fn missing<'a>(name: &str, arguments: impl Iterator<Item = &'a OsStr>) -> String {
    let arguments: Vec<_> = arguments.map(OsStr::to_string_lossy).collect();
    format!(
        "{name} is not installed here. Install the client programs of PostgreSQL, or run this where they are:\n  \
         PGOPTIONS='{SEES_ALL}' {name} {}",
        arguments.join(" ")
    )
}
