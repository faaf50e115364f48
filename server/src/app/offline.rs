//! The services for commands that manage accounts. They work on the database itself, whether or not a server runs on
//! it: a server finds ended sessions within a second, because it looks for them twice a second.

use super::CONNECTIONS;
use crate::config::{Config, Database};
use std::{sync::Arc, time::Duration};
use tandem_auth::{password::Passwords, secret::Secret, token::KeyRing};
use tandem_bus::local::LocalBus;
use tandem_domain::clock::Env;
use tandem_protocol::enums::AuditAction;
use tandem_service::{ServiceDeps, Services, SessionLifetimes};
use tandem_store::{Migrations, Store, postgres::PostgresStore, sqlite::SqliteStore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// As the record names the node of these commands.
const NODE: &str = "command line";

/// How long a statement of a command may take that works on everything.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Opens the configured database, whose schema must be up to date. A statement for a user may take as long as `limit`.
pub(crate) async fn open_store(config: &Config, limit: Duration) -> anyhow::Result<Arc<dyn Store>> {
    Ok(match &config.database {
        Database::Sqlite(path) => {
            anyhow::ensure!(
                path.exists(),
                "there is no database at {}: start the server first, or run this in the folder of its tandem.toml",
                path.display()
            );
            let store = SqliteStore::open_limited(path, limit).await?;
            require_schema(&store).await?;
            Arc::new(store)
        }
        Database::Postgres(url) => {
            let store = PostgresStore::connect_limited(url, CONNECTIONS, limit).await?;
            require_schema(&store).await?;
            Arc::new(store)
        }
    })
}

/// Opens the services on the configured database, as [`open_store`] does.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Services> {
    let store = open_store(config, config.limits.statement).await?;
    Ok(Services::new(ServiceDeps {
        epoch: store.epoch().await?,
        store,
        bus: Arc::new(LocalBus::default()),
        env: Env::system(),
        keys: throwaway_keys(config)?,
        passwords: Passwords::new(1)?,
        lifetimes: SessionLifetimes { idle: config.session_idle_ttl, max: config.session_max_ttl },
        registration: config.registration,
        public_url: config.public_url.clone(),
        node_id: NODE.into(),
        push_loopback: false,
        rate_limits: config.rate_limit,
        limits: config.limits,
        draining: CancellationToken::new(),
        tracker: TaskTracker::new(),
    }))
}

/// Keys that nothing is signed with: commands issue no access tokens. Those of the server may be on another machine, and
/// a file of new ones here would be mistaken for them.
fn throwaway_keys(config: &Config) -> anyhow::Result<KeyRing> {
    Ok(KeyRing::parse(&format!("command:{}", Secret::random("").reveal()), config.access_ttl)?)
}

/// Notes in the record of the restored database that it was restored.
pub(crate) async fn record_restore(config: &Config) -> anyhow::Result<()> {
    Ok(open(config).await?.record_operation(AuditAction::Restore, None).await?)
}

async fn require_schema(database: &dyn Migrations) -> anyhow::Result<()> {
    let steps = database.migration_status().await?;
    anyhow::ensure!(
        steps.iter().all(|step| step.applied),
        "the schema is not up to date: start the server, or run `tandem migrate up`"
    );
    Ok(())
}
