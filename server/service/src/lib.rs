//! Every change and every view of a user's data, on one code path for all transports.
//!
//! A transport authenticates ([`Services::authenticate`]), is admitted ([`Services::admit`], see [`budget`]), and calls
//! [`Services::execute`] for a change that a client may retry, or one of the functions of the sections. REST, the
//! socket, MCP and the assistant would otherwise each have their own idea of what a change is.
//!
//! **Invariant:** a change is a [`unit::UnitOfWork`]: one transaction that writes rows and events; after its commit the
//! bus publishes what happened. Changes run detached from their caller, so that a client that hangs up never leaves a
//! commit unpublished.

pub mod accounts;
pub mod admin;
mod attempts;
pub mod authenticate;
pub mod budget;
pub mod candidates;
pub mod chat;
mod client;
mod commands;
pub mod documents;
pub mod error;
pub mod feeds;
pub mod limits;
mod order;
pub mod original;
mod passwords;
pub mod push;
pub mod registration;
pub mod reminders;
mod resets;
pub mod runs;
pub mod search;
pub mod sessions;
pub mod sync;
mod task_limits;
pub mod tasks;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tokens;
pub mod undo;
pub mod unit;

pub use admin::{Admin, export_spending};
pub use budget::{Admitted, Held, Work};
pub use commands::work_of;
pub use error::ServiceError;
pub use registration::{FirstAccount, NeededToRegister, Registration};
/// Plain data of the store that the services take and return. The assistant and the transports name it from here.
pub use tandem_store::{Run, TaskCounts, TaskFilter, UndoOrigin, WINDOW};
pub use unit::{CommandKey, Moment, Outcome, Spent, UnitOfWork, View};

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tandem_auth::{password::Passwords, token::KeyRing};
use tandem_bus::Bus;
use tandem_domain::clock::Env;
use tandem_protocol::rest::ProviderInfo;
use tandem_store::Store;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The result of everything here. A function that reaches the database can, beside the errors that it names, fail with
/// [`ServiceError::Unavailable`], [`ServiceError::Overloaded`] or [`ServiceError::Internal`].
pub type Result<T, E = ServiceError> = std::result::Result<T, E>;

/// How long sessions live without a use, and at most.
#[derive(Clone, Copy, Debug)]
pub struct SessionLifetimes {
    pub idle: Duration,
    pub max: Duration,
}

/// What the services are made of.
#[derive(Debug)]
pub struct ServiceDeps {
    pub store: Arc<dyn Store>,
    pub bus: Arc<dyn Bus>,
    pub env: Env,
    pub keys: KeyRing,
    pub passwords: Passwords,
    pub lifetimes: SessionLifetimes,
    pub registration: Registration,
    /// The address that people open in a browser, without a slash at its end, for links.
    pub public_url: String,
    /// Names this node in leases.
    pub node_id: String,
    /// Whether pushes may go to this machine, for tests.
    pub push_loopback: bool,
    /// Whether rate limits hold.
    pub rate_limits: bool,
    /// The numbers of budgets, quotas and time limits; they hold also when rate limits do not.
    pub limits: budget::Limits,
    pub epoch: String,
    /// Cancelled when the node drains: it is not ready for new work.
    pub draining: CancellationToken,
    /// Everything spawned, so that a drain can wait for it.
    pub tracker: TaskTracker,
}

/// How well a node can serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    Ok,
    /// Devices on other nodes learn late of what happens here.
    Degraded,
}

/// The services. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Services {
    deps: Arc<ServiceDeps>,
    requests: limits::RequestLimits,
    budgets: Arc<budget::Budgets>,
    /// Woken when a change of this node has set a reminder that fires before the next look.
    reminder_soon: Arc<Notify>,
    /// Woken when a change of this node has added pushes.
    push_soon: Arc<Notify>,
    /// The public key of this server for pushes; set by their sender.
    push_key: Arc<OnceLock<Vec<u8>>>,
    /// Lists the providers; set by the assistant, which is made of these services.
    providers: Arc<OnceLock<ProviderList>>,
}

/// Lists the providers that write replies, with their state now.
#[derive(Clone)]
struct ProviderList(Arc<dyn Fn() -> Vec<ProviderInfo> + Send + Sync>);

impl fmt::Debug for ProviderList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProviderList")
    }
}

impl Services {
    pub fn new(deps: ServiceDeps) -> Self {
        let requests = limits::RequestLimits::new(deps.rate_limits);
        let budgets = Arc::new(budget::Budgets::new(deps.limits));
        Self {
            deps: Arc::new(deps),
            requests,
            budgets,
            reminder_soon: Arc::default(),
            push_soon: Arc::default(),
            push_key: Arc::default(),
            providers: Arc::default(),
        }
    }

    /// Sets what [`Services::providers`] calls. Only the first call counts.
    pub fn list_providers(&self, list: impl Fn() -> Vec<ProviderInfo> + Send + Sync + 'static) {
        // A second assistant of the same services has the same settings.
        let _ = self.providers.set(ProviderList(Arc::new(list)));
    }

    /// The providers of this node, in the order in which they are tried; empty before the assistant has started.
    pub fn providers(&self) -> Vec<ProviderInfo> {
        self.providers.get().map(|list| (list.0)()).unwrap_or_default()
    }

    /// Names the event logs of this database; clients that know another one start over.
    pub fn epoch(&self) -> &str {
        &self.deps.epoch
    }

    pub fn env(&self) -> &Env {
        &self.deps.env
    }

    pub fn node_id(&self) -> &str {
        &self.deps.node_id
    }

    pub fn rate_limited(&self) -> bool {
        self.deps.rate_limits
    }

    fn public_url(&self) -> &str {
        &self.deps.public_url
    }

    /// Where everything that runs beside a request is spawned.
    pub fn tracker(&self) -> &TaskTracker {
        &self.deps.tracker
    }

    /// Where changes are published.
    pub fn bus(&self) -> &Arc<dyn Bus> {
        &self.deps.bus
    }

    /// Whether this node should get new work: the database answers and takes changes, and the node does not drain.
    /// Without its bus a node is degraded but still serves: all nodes lose the bus together, and a load balancer that
    /// took them out would leave none.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] when the node drains, or the database does not answer or take changes.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn ready(&self) -> Result<Readiness> {
        if self.is_draining() {
            return Err(ServiceError::unavailable("the node drains"));
        }
        self.store().ready().await?;
        Ok(if self.deps.bus.healthy() { Readiness::Ok } else { Readiness::Degraded })
    }

    /// Whether the node is about to stop and begins no new work.
    pub fn is_draining(&self) -> bool {
        self.deps.draining.is_cancelled()
    }

    /// Notes that the data is the newest there is; see [`tandem_store::Maintenance::touch_fingerprint`].
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] when the database, or the file beside it, cannot be written.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn touch_fingerprint(&self) -> Result<()> {
        Ok(self.store().touch_fingerprint().await?)
    }

    /// Closes the database in order. Nothing works afterwards.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] when the database, or the file beside it, cannot be written.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn close(&self) -> Result<()> {
        Ok(self.store().close().await?)
    }

    fn store(&self) -> &dyn Store {
        self.deps.store.as_ref()
    }

    /// Runs a change to its end even if the caller goes away.
    async fn detached<T: Send + 'static>(&self, work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
        // A task of its own is not dropped with this future; a drain waits for those that the tracker knows.
        match tandem_runtime::tasks::spawn(&self.deps.tracker, work).await {
            Ok(result) => result,
            Err(panic) => Err(ServiceError::Internal(panic.into())),
        }
    }
}
