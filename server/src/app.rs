//! The composition root: opens the store and the bus, passes them to the services, and starts the transports.
//!
//! Only this module and its children name concrete adapters, so that the choice of a database is made in one place.
//!
//! The order of the start matters: whatever sends messages is started after its listeners. The stop has the opposite
//! order: no new work, then the devices, then the replies, then the background tasks, and the store last.

pub(crate) mod doctor;
mod modes;
pub(crate) mod offline;
mod open_files;

use crate::{
    config::{Config, Database, ProviderKind},
    lifecycle::{Lifecycle, StopSignals},
    telemetry,
};
use anyhow::Context as _;
use metrics_exporter_prometheus::PrometheusHandle;
use std::{
    net::SocketAddr,
    num::NonZero,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tandem_assistant::{Assistant, Settings as AssistantSettings, providers::ProviderSettings};
use tandem_auth::password::Passwords;
use tandem_bus::{Bus, local::LocalBus, nats::NatsBus};
use tandem_domain::clock::Env;
use tandem_http::{Connections, HttpSettings, HttpState, Transports};
use tandem_mcp::McpSettings;
use tandem_push::Pusher;
use tandem_realtime::{
    Hub, background, connection_limiter::ConnectionLimiter, nodes, resume::Handshake, upgrade, upgrade::UpgradeState,
};
use tandem_runtime::tasks;
use tandem_service::{ServiceDeps, Services, SessionLifetimes, export_spending, reminders};
use tandem_store::{
    Backups, Migrations, RestoreOptions, Restored, Store,
    postgres::{PostgresBackups, PostgresStore},
    sqlite::{SqliteBackups, SqliteStore},
};
use tokio::{net::TcpListener, time::timeout};

/// How long running replies may take to end when the node drains. Then they are handed over.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);
/// How long all other tasks may take to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections of a node to PostgreSQL, including those for look-ups of sessions. A change holds one for a few
/// milliseconds.
const CONNECTIONS: u32 = 16;
/// How often old events and results are removed.
const PRUNE_EVERY: Duration = Duration::from_mins(10);
/// How often texts are looked for that have to be indexed. A search indexes those of its user itself; of the others, the words
/// of many share pages.
const INDEX_EVERY: Duration = Duration::from_secs(5);
/// The pause between two transactions while more texts wait, since each holds the writer of SQLite.
const INDEX_PAUSE: Duration = Duration::from_millis(50);
/// The newest events of a user, which are kept however old they are.
const KEEP_EVENTS: i64 = 10_000;

#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    services: Services,
    hub: Arc<Hub>,
    assistant: Arc<Assistant>,
    lifecycle: Lifecycle,
}

/// Runs the server until a signal stops it.
pub(crate) async fn serve(config: Config) -> anyhow::Result<()> {
    telemetry::install_logs(&config)?;
    let metrics = telemetry::install_metrics()?;
    open_files::allow(config.limits.connections);
    let mut signals = StopSignals::install().context("cannot handle signals")?;
    // Before anything is opened: a second server fails here, and has changed nothing.
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}; is another server running?", config.listen))?;
    let public_url = config.public_url.clone();
    let running = tokio::select! {
        started = start(config, listener, Some(metrics)) => started?,
        () = signals.next() => {
            tracing::info!("stopped at its start");
            return Ok(());
        }
    };
    show_setup_code(&running.services, &public_url).await?;
    tracing::info!(address = %running.address, "Tandem is ready at {public_url}");
    signals.next().await;
    tracing::info!("draining: running replies may end; a second signal stops at once");
    tokio::select! {
        () = running.stop() => tracing::info!("stopped"),
        () = signals.next() => tracing::warn!("stopped at once by a second signal"),
    }
    Ok(())
}

/// Prints the code that the first account needs. Not to the log, which is kept, and may leave out what has this level.
async fn show_setup_code(services: &Services, public_url: &str) -> anyhow::Result<()> {
    if let Some(code) = services.new_setup_code().await? {
        let code = code.reveal();
        println!(
            "This server has no owner yet. Create the first account with this set-up code, which is not shown again:"
        );
        println!("Set-up code: {code}");
        println!("Or open {public_url}/register#setup={code}");
    }
    Ok(())
}

/// Starts a server on a listener. Without `metrics` none are served.
pub(crate) async fn start(
    config: Config,
    listener: TcpListener,
    metrics: Option<PrometheusHandle>,
) -> anyhow::Result<Running> {
    let lifecycle = Lifecycle::default();
    // The first start writes a generated key into the folder.
    prepare_folder(&config.data_dir)?;
    let keys = config.key_ring()?;
    let store = open_store(&config).await?;
    warn(&config);
    let env = Env::system();
    // Unique for each process: leases of the last process with the same name are not those of this one.
    let start = env.id().simple().to_string();
    let node_id = config.node_id.as_ref().map_or_else(|| start.clone(), |name| format!("{name}-{start}"));
    let epoch = store.epoch().await?;
    let bus = open_bus(&config, &epoch, &node_id, &lifecycle).await?;
    let services = Services::new(ServiceDeps {
        store,
        bus: Arc::clone(&bus),
        env,
        keys,
        passwords: Passwords::new(std::thread::available_parallelism().map_or(1, NonZero::get))?,
        lifetimes: SessionLifetimes { idle: config.session_idle_ttl, max: config.session_max_ttl },
        registration: config.registration,
        public_url: config.public_url.clone(),
        node_id,
        push_loopback: config.push_loopback,
        rate_limits: config.rate_limit,
        limits: config.limits,
        epoch,
        draining: lifecycle.draining.clone(),
        tracker: lifecycle.tracker.clone(),
    });
    let (hub, signals) = Hub::new(config.sockets_per_user);
    let hub = Arc::new(hub);
    // Before anything is spawned that publishes: a message without its listener is lost.
    bus.listen(Arc::clone(&hub) as _);
    let stop = &lifecycle.stopping;
    let tracker = &lifecycle.tracker;
    tasks::spawn(tracker, background::run(Arc::clone(&hub), services.clone(), signals, stop.clone()));
    tasks::spawn(tracker, background::watch_revocations(Arc::clone(&hub), services.clone(), stop.clone()));
    if services.bus().is_shared() {
        tasks::spawn(tracker, nodes::run(Arc::clone(&hub), services.clone(), stop.clone()));
    }
    tasks::spawn(tracker, prune(services.clone(), config.audit_ttl, stop.clone()));
    tasks::spawn(tracker, index(services.clone(), stop.clone()));
    tasks::spawn(tracker, reminders::run(services.clone(), stop.clone()));
    tasks::spawn(tracker, start_pusher(&config, &services, &hub).await?.run(stop.clone()));
    // Without a bus no other node can hold a lease, so runs of the last process are claimed at once.
    let assistant = AssistantSettings {
        providers: provider_settings(&config),
        only_node: config.nats_url.is_none(),
        timeouts: config.timeouts,
    };
    let assistant = Assistant::start(services.clone(), assistant).await?;
    // The configured port may be 0.
    let address = listener.local_addr()?;
    let settings = http_settings(&config)?;
    let connections = Connections::new(&config.limits, config.rate_limit, &settings.trusted_proxies);
    let router = router(settings, &services, &hub);
    tasks::spawn(tracker, tandem_http::serve(listener, router, connections, stop.clone(), tracker.clone()));
    if let Some(metrics) = metrics.clone() {
        tasks::spawn(tracker, telemetry::fold_samples(metrics, stop.clone()));
        tasks::spawn(tracker, export_spending(services.clone(), stop.clone()));
    }
    if let (Some(admin), Some(metrics)) = (config.admin_listen, metrics) {
        match TcpListener::bind(admin).await {
            Ok(listener) => {
                let router = tandem_http::admin_router(metrics, admin.ip().is_loopback());
                let connections = Connections::new(&config.limits, config.rate_limit, &[]);
                tasks::spawn(tracker, tandem_http::serve(listener, router, connections, stop.clone(), tracker.clone()));
            }
            // Not an error of the start: a second server on one machine is common, and works without metrics.
            Err(error) => tracing::warn!(address = %admin, %error, "metrics are off: cannot listen on the address"),
        }
    }
    Ok(Running { address, services, hub, assistant, lifecycle })
}

impl Running {
    /// Drains and stops: refuses new work, closes sockets, lets replies end or hands them over.
    pub(crate) async fn stop(self) {
        self.lifecycle.draining.cancel();
        background::drain(&self.hub).await;
        self.assistant.drain(DRAIN_TIMEOUT).await;
        // Sockets that were connecting during the first drain.
        background::drain(&self.hub).await;
        // Not earlier: replies that end need the background tasks for their last events.
        self.lifecycle.stopping.cancel();
        self.lifecycle.tracker.close();
        if timeout(STOP_TIMEOUT, self.lifecycle.tracker.wait()).await.is_err() {
            tracing::warn!(tasks = self.lifecycle.tracker.len(), "some tasks did not end in time");
        }
        if let Err(error) = self.services.close().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the database could not be closed");
        }
    }
}

pub(crate) async fn open_migrations(config: &Config) -> anyhow::Result<Box<dyn Migrations>> {
    Ok(match &config.database {
        Database::Sqlite(path) => {
            prepare_parent(path)?;
            Box::new(SqliteStore::open(path).await?)
        }
        Database::Postgres(url) => Box::new(PostgresStore::connect(url, CONNECTIONS).await?),
    })
}

/// Copies the configured database into a file, and returns its path.
pub(crate) async fn back_up(config: &Config, to: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let backups = open_backups(config);
    let to = if let Some(file) = to {
        file
    } else {
        let folder = config.data_dir.join("backups");
        prepare_folder(&folder)?;
        folder.join(format!("tandem-{}.{}", stamp(), backups.extension()))
    };
    backups.back_up(&to).await?;
    Ok(to)
}

/// Replaces the configured database by a copy.
pub(crate) async fn restore(config: &Config, from: &Path, keep_access: bool) -> anyhow::Result<Restored> {
    if let Database::Sqlite(path) = &config.database {
        prepare_parent(path)?;
    }
    let options = RestoreOptions { now: Env::system().now(), stamp: stamp(), keep_access };
    Ok(open_backups(config).restore(from, &options).await?)
}

fn open_backups(config: &Config) -> Box<dyn Backups> {
    match &config.database {
        Database::Sqlite(path) => Box::new(SqliteBackups::of(path)),
        Database::Postgres(url) => Box::new(PostgresBackups::of(url, &config.data_dir)),
    }
}

/// The time for names of files: `20261123T093000Z`.
fn stamp() -> String {
    Env::system().now().to_string().split('.').next().unwrap_or_default().replace(['-', ':'], "") + "Z"
}

async fn open_store(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    let store: Arc<dyn Store> = match &config.database {
        Database::Sqlite(path) => {
            prepare_parent(path)?;
            let store = SqliteStore::open_alone(path, config.limits.statement).await?;
            migrate(&store, config.migrate).await?;
            // Devices may have events that this copy does not, under numbers that it will give to others.
            if store.detect_restore().await? {
                tracing::warn!("the database is an older copy: its log gets a new epoch, and devices start over");
            }
            Arc::new(store)
        }
        Database::Postgres(url) => {
            let store = PostgresStore::connect_limited(url, CONNECTIONS, config.limits.statement).await?;
            migrate(&store, config.migrate).await?;
            Arc::new(store)
        }
    };
    Ok(store)
}

/// Opens the bus. `epoch` is the same on all nodes of a database.
async fn open_bus(config: &Config, epoch: &str, node: &str, lifecycle: &Lifecycle) -> anyhow::Result<Arc<dyn Bus>> {
    let Some(urls) = &config.nats_url else { return Ok(Arc::new(LocalBus::default())) };
    Ok(Arc::new(NatsBus::connect(urls, epoch, node, &lifecycle.tracker, &lifecycle.stopping).await?))
}

async fn migrate(database: &dyn Migrations, allowed: bool) -> anyhow::Result<()> {
    if allowed {
        return Ok(database.migrate_up().await?);
    }
    let steps = database.migration_status().await?;
    // An older schema would fail later, in the middle of a request.
    anyhow::ensure!(steps.iter().all(|step| step.applied), "the schema is not up to date: run `tandem migrate up`");
    Ok(())
}

/// Makes the sender of pushes. Devices of other nodes are held back by these nodes.
async fn start_pusher(config: &Config, services: &Services, hub: &Arc<Hub>) -> anyhow::Result<Pusher> {
    let hub = Arc::clone(hub);
    let connected = move |user: &_| hub.present(user).into_iter().map(|device| device.id).collect();
    Ok(Pusher::new(services.clone(), &config.push_contact, Arc::new(connected)).await?)
}

fn http_settings(config: &Config) -> anyhow::Result<HttpSettings> {
    let origins =
        config.allowed_origins.iter().map(|origin| Ok(origin.parse()?)).collect::<anyhow::Result<Vec<_>>>()?;
    let proxies = config.trusted_proxies.iter().map(|proxy| {
        proxy.parse().with_context(|| format!("TANDEM_TRUSTED_PROXIES: {proxy} is neither an address nor a block"))
    });
    Ok(HttpSettings {
        public_url: config.public_url.parse()?,
        allowed_origins: origins,
        trusted_proxies: proxies.collect::<anyhow::Result<_>>()?,
        spool: config.data_dir.clone(),
    })
}

fn router(settings: HttpSettings, services: &Services, hub: &Arc<Hub>) -> axum::Router {
    let sockets = UpgradeState {
        handshake: Arc::new(Handshake::new(services.clone(), Arc::clone(hub))),
        limiter: Arc::new(ConnectionLimiter::new(services.rate_limited(), hub.sockets_per_user())),
        own: settings.public_url.clone(),
        allowed: settings.allowed_origins.clone().into(),
    };
    let mcp = McpSettings { hosts: settings.hosts(), origins: settings.origins() };
    let transports = Transports { socket: upgrade::route(sockets), mcp: tandem_mcp::route(services.clone(), mcp) };
    tandem_http::router(HttpState::new(services.clone(), settings), transports)
}

fn provider_settings(config: &Config) -> Vec<ProviderSettings> {
    let providers = config.providers.iter().filter_map(|kind| match kind {
        ProviderKind::OpenAi => config.openai.clone().map(ProviderSettings::OpenAi),
        ProviderKind::Gemini => config.gemini.clone().map(ProviderSettings::Gemini),
        ProviderKind::Builtin => Some(ProviderSettings::Builtin),
    });
    providers.collect()
}

/// Creates a folder that only its owner can read.
fn prepare_folder(folder: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| format!("cannot create the folder {}", folder.display()))
}

fn prepare_parent(file: &Path) -> anyhow::Result<()> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => prepare_folder(folder),
        _ => Ok(()),
    }
}

/// Logs what an operator should change although the server starts.
fn warn(config: &Config) {
    for finding in modes::open_to_others(config) {
        tracing::warn!("{finding}: {}", modes::ADVICE);
    }
    for url in &config.keyless {
        tracing::warn!("{url} is set, but the provider has no key: it is not used");
    }
    if let Some(kid) = config.weak_key() {
        tracing::warn!(
            "TANDEM_JWT_SECRETS: the secret of key {kid:?} is easy to guess. Use it only to try the server out."
        );
    }
}

/// Indexes texts for the search, in short transactions. The pauses between them are long enough for some ten transactions
/// of others.
async fn index(services: Services, stop: tokio_util::sync::CancellationToken) {
    let mut last = None;
    loop {
        last = match services.index_next(last.as_ref()).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "texts were not indexed");
                None
            }
        };
        let pause = if last.is_some() { INDEX_PAUSE } else { INDEX_EVERY };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Removes the rest of deleted accounts and expired rows, at the start and then at an interval.
async fn prune(services: Services, audit_ttl: Duration, stop: tokio_util::sync::CancellationToken) {
    let mut every = tokio::time::interval(PRUNE_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = every.tick() => {}
        }
        if let Err(error) = services.finish_deletions().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the rest of deleted accounts was not removed");
        }
        if let Err(error) = services.prune(KEEP_EVENTS).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "expired rows were not removed");
        }
        if let Err(error) = services.prune_audit(audit_ttl).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "old entries of the record were not removed");
        }
        if let Err(error) = services.touch_fingerprint().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the fingerprint of the database was not renewed");
        }
    }
}
