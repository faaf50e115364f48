//! What the tests of several modules begin with.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that gets no node has failed")]

use crate::{Registration, ServiceDeps, Services, SessionLifetimes, budget::Limits};
use std::{path::Path, sync::Arc, time::Duration};
use tandem_auth::{Caller, password::Passwords, token::KeyRing};
use tandem_bus::local::LocalBus;
use tandem_domain::clock::Env;
use tandem_protocol::live::EventBody;
use tandem_protocol::model::User;
use tandem_store::{Accounts as _, Admission, Entry, EventLogs as _, Migrations as _, NewAccount, sqlite::SqliteStore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The database in a folder, with every step of the schema.
async fn store(folder: &Path) -> SqliteStore {
    let store = SqliteStore::open(&folder.join("tandem.db")).await.unwrap();
    store.migrate_up().await.unwrap();
    store
}

/// Adds an account that no password opens to the database in a folder.
pub async fn register(folder: &Path, user: User) {
    let entry = Entry::Open { first_is_owner: true };
    let account = NewAccount { user, password_hash: Some("none".into()), entry, record: None };
    assert_eq!(store(folder).await.register(&account).await.unwrap(), Admission::Added);
}

/// A node without transports and without an assistant.
pub struct Node {
    pub services: Services,
    pub bus: Arc<LocalBus>,
}

impl Node {
    /// A node of this name over the database in a folder, which is made when it is not there.
    pub async fn open(folder: &Path, name: &str, rate_limits: bool) -> Self {
        Self::limited(folder, name, rate_limits, Limits::default()).await
    }

    /// The same with limits of its own.
    pub async fn limited(folder: &Path, name: &str, rate_limits: bool, limits: Limits) -> Self {
        Self::with(folder, name, rate_limits, limits, Env::system()).await
    }

    /// A node with a clock of its own.
    pub async fn with_env(folder: &Path, name: &str, env: Env) -> Self {
        Self::with(folder, name, false, Limits::default(), env).await
    }

    async fn with(folder: &Path, name: &str, rate_limits: bool, limits: Limits, env: Env) -> Self {
        let store = store(folder).await;
        let bus = Arc::new(LocalBus::default());
        let services = Services::new(ServiceDeps {
            epoch: store.epoch().await.unwrap(),
            store: Arc::new(store),
            bus: Arc::clone(&bus) as _,
            env,
            keys: KeyRing::parse("test:0123456789abcdef0123456789abcdef", Duration::from_mins(10)).unwrap(),
            passwords: Passwords::new(2).unwrap(),
            lifetimes: SessionLifetimes { idle: Duration::from_hours(1), max: Duration::from_hours(2) },
            registration: Registration::OPEN,
            public_url: "http://127.0.0.1:8080".into(),
            node_id: name.into(),
            push_loopback: true,
            rate_limits,
            limits,
            draining: CancellationToken::new(),
            tracker: TaskTracker::new(),
        });
        Self { services, bus }
    }
}

/// Commits an event without a row, such as one that is larger than any that this version writes.
pub async fn commit_event(services: &Services, caller: &Caller, body: EventBody) {
    let mut unit = services.begin(caller, None).await.unwrap();
    unit.record(body).await.unwrap();
    unit.commit().await.unwrap();
}
