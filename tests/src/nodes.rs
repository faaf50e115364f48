//! Several nodes: servers with one PostgreSQL database, one key, one NATS and one scripted provider.

use crate::{
    database::DatabaseLocation,
    eventually::eventually,
    nats::Nats,
    plain,
    provider::ScriptedProvider,
    proxy::ChaosProxy,
    server::{Setup, TestServer},
};
use futures_util::future::join_all;
use serde_json::Value;
use std::{collections::BTreeMap, ops::Index, sync::Arc};

/// The key with which every node signs.
const KEY: &str = "shared:a-key-that-all-nodes-of-a-test-share";

/// Prefix of the model name of a node, so that a request to the provider shows which node sent it.
const MODEL: &str = "node-";

/// Nodes by index, from 0: `nodes[1]`.
#[derive(Debug)]
pub struct Nodes {
    servers: Vec<TestServer>,
    nats_proxies: Vec<ChaosProxy>,
    provider: ScriptedProvider,
    nats: Arc<Nats>,
    location: DatabaseLocation,
}

/// The settings of nodes that are not started yet.
#[derive(Debug)]
pub struct NodesSetup {
    count: usize,
    settings: BTreeMap<String, String>,
    nats: Option<Arc<Nats>>,
    with_nats_proxies: bool,
}

impl NodesSetup {
    /// Sets an environment variable of every node.
    #[must_use]
    pub fn env(mut self, variable: &str, value: impl Into<String>) -> Self {
        self.settings.insert(variable.to_owned(), value.into());
        self
    }

    /// Uses a NATS that others use as well.
    #[must_use]
    pub fn nats(mut self, nats: &Arc<Nats>) -> Self {
        self.nats = Some(Arc::clone(nats));
        self
    }

    /// The proxy between a node and NATS.
    ///
    /// # Panics
    /// When the nodes are not [`with_nats_proxies`](NodesSetup::with_nats_proxies).
    #[must_use]
    pub fn with_nats_proxies(mut self) -> Self {
        self.with_nats_proxies = true;
        self
    }

    /// Starts all nodes concurrently on an empty database, and waits until they are connected to each other.
    pub async fn start(self) -> Nodes {
        let nats = if let Some(nats) = self.nats { nats } else { Arc::new(Nats::new().await) };
        let (provider, location) = (ScriptedProvider::start().await, DatabaseLocation::bare().await);
        let mut nats_proxies = Vec::new();
        let mut setups = Vec::new();
        for number in 0..self.count {
            let mut url = nats.url();
            if self.with_nats_proxies {
                let proxy = ChaosProxy::start(nats.address()).await;
                url = format!("nats://{}", proxy.address());
                nats_proxies.push(proxy);
            }
            let mut setup = TestServer::setup()
                .openai(&provider)
                .database(location.url())
                .env("OPENAI_MODEL", format!("{MODEL}{number}"))
                .env("TANDEM_JWT_SECRETS", KEY)
                .env("TANDEM_NATS_URL", url)
                .without_rate_limits();
            // Every other node has a name; the rest choose one.
            if number % 2 == 0 {
                setup = setup.env("TANDEM_NODE_ID", format!("test-{number}"));
            }
            setups.push(self.settings.iter().fold(setup, |setup, (variable, value)| setup.env(variable, value)));
        }
        let servers = join_all(setups.into_iter().map(Setup::start)).await;
        let nodes = Nodes { servers, nats_proxies, provider, nats, location };
        nodes.wait_until_connected().await;
        nodes
    }
}

impl Nodes {
    /// `count` nodes without rate limits.
    pub async fn new(count: usize) -> Self {
        Self::setup(count).start().await
    }

    /// `count` nodes with other settings.
    #[must_use]
    pub fn setup(count: usize) -> NodesSetup {
        NodesSetup { count, settings: BTreeMap::new(), nats: None, with_nats_proxies: false }
    }

    /// All nodes in the order of their index.
    pub fn iter(&self) -> impl Iterator<Item = &TestServer> {
        self.servers.iter()
    }

    /// The number of nodes.
    #[must_use]
    pub fn count(&self) -> usize {
        self.servers.len()
    }

    /// The provider of all nodes.
    #[must_use]
    pub fn provider(&self) -> &ScriptedProvider {
        &self.provider
    }

    /// The bus between the nodes.
    #[must_use]
    pub fn nats(&self) -> &Nats {
        &self.nats
    }

    #[must_use]
    pub fn location(&self) -> &DatabaseLocation {
        &self.location
    }

    /// The way of one node to NATS.
    ///
    /// # Panics
    /// When they are not [`with_nats_proxies`](NodesSetup::with_nats_proxies).
    #[must_use]
    pub fn nats_proxy(&self, number: usize) -> &ChaosProxy {
        &self.nats_proxies[number]
    }

    /// The nodes that requested a reply for this word, in order: the last one writes it.
    #[must_use]
    pub fn writers(&self, word: &str) -> Vec<usize> {
        let requests = self.provider.requests(word);
        let number = |model: &Value| model.as_str()?.strip_prefix(MODEL)?.parse().ok();
        requests.iter().map(|request| number(&request.body["model"]).expect("a node says its model")).collect()
    }

    /// The HTTP status and the `status` of `/readyz` of a node.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn ready(&self, number: usize) -> (u16, String) {
        let answer = plain::client().get(self[number].url("/readyz")).send().await.expect("a node answers");
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.expect("the answer is JSON");
        (status, body["status"].as_str().unwrap_or_default().to_owned())
    }

    /// Waits until `/readyz` of a node answers 200 with this status: `ok`, or `degraded` without NATS.
    pub async fn wait_for_status(&self, number: usize, word: &str) {
        eventually(format_args!("node {number} to be {word}"), async || {
            (self.ready(number).await == (200, word.to_owned())).then_some(())
        })
        .await;
    }

    /// Waits until all nodes are connected to NATS.
    pub async fn wait_until_connected(&self) {
        join_all((0..self.count()).map(|number| self.wait_for_status(number, "ok"))).await;
    }
}

impl Index<usize> for Nodes {
    type Output = TestServer;
    fn index(&self, number: usize) -> &TestServer {
        &self.servers[number]
    }
}
