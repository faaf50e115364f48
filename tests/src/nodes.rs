//! Many nodes: servers that share one PostgreSQL database, one key and one NATS, with a model behind them.

use crate::{
    database::Place,
    eventually::eventually,
    nats::Nats,
    plain,
    provider::FakeProvider,
    proxy::ChaosProxy,
    server::{Setup, TestServer},
};
use futures_util::future::join_all;
use serde_json::Value;
use std::{collections::BTreeMap, ops::Index, sync::Arc};

/// The key that every node signs with and knows.
const KEY: &str = "shared:a-key-that-all-nodes-of-a-test-share";

/// What the model is called by the node of this number, so that a request to the provider tells whose it is.
const MODEL: &str = "node-";

/// Nodes, reached by their numbers from 0: `nodes[1]`.
#[derive(Debug)]
pub struct Nodes {
    servers: Vec<TestServer>,
    links: Vec<ChaosProxy>,
    provider: FakeProvider,
    nats: Arc<Nats>,
    place: Place,
}

/// Nodes that are about to be started.
#[derive(Debug)]
pub struct NodesSetup {
    count: usize,
    settings: BTreeMap<String, String>,
    nats: Option<Arc<Nats>>,
    linked: bool,
}

impl NodesSetup {
    /// Sets a variable of every node's configuration.
    #[must_use]
    pub fn env(mut self, variable: &str, value: impl Into<String>) -> Self {
        self.settings.insert(variable.to_owned(), value.into());
        self
    }

    /// Has them use a NATS that others use, too.
    #[must_use]
    pub fn nats(mut self, nats: &Arc<Nats>) -> Self {
        self.nats = Some(Arc::clone(nats));
        self
    }

    /// Gives each node a way to NATS of its own, which can be cut: [`Nodes::link`].
    #[must_use]
    pub fn linked(mut self) -> Self {
        self.linked = true;
        self
    }

    /// Starts all of them at once on an empty database, and waits until each reaches the others.
    pub async fn start(self) -> Nodes {
        let nats = if let Some(nats) = self.nats { nats } else { Arc::new(Nats::new().await) };
        let (provider, place) = (FakeProvider::start().await, Place::bare().await);
        let mut links = Vec::new();
        let mut setups = Vec::new();
        for number in 0..self.count {
            let mut url = nats.url();
            if self.linked {
                let link = ChaosProxy::start(nats.address()).await;
                url = format!("nats://{}", link.address());
                links.push(link);
            }
            let mut setup = TestServer::setup()
                .openai(&provider)
                .database(place.url())
                .env("OPENAI_MODEL", format!("{MODEL}{number}"))
                .env("TANDEM_JWT_SECRETS", KEY)
                .env("TANDEM_NATS_URL", url)
                .env("TANDEM_RATE_LIMIT", "off");
            // Every other node has a name; the rest choose one.
            if number % 2 == 0 {
                setup = setup.env("TANDEM_NODE_ID", format!("test-{number}"));
            }
            setups.push(self.settings.iter().fold(setup, |setup, (variable, value)| setup.env(variable, value)));
        }
        let servers = join_all(setups.into_iter().map(Setup::start)).await;
        let nodes = Nodes { servers, links, provider, nats, place };
        nodes.all_whole().await;
        nodes
    }
}

impl Nodes {
    /// So many nodes, without limits of rates.
    pub async fn new(count: usize) -> Self {
        Self::setup(count).start().await
    }

    /// So many nodes with settings of one's own.
    #[must_use]
    pub fn setup(count: usize) -> NodesSetup {
        NodesSetup { count, settings: BTreeMap::new(), nats: None, linked: false }
    }

    /// All of them, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &TestServer> {
        self.servers.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.servers.len()
    }

    /// The model behind all of them.
    #[must_use]
    pub fn provider(&self) -> &FakeProvider {
        &self.provider
    }

    /// The bus between them.
    #[must_use]
    pub fn nats(&self) -> &Nats {
        &self.nats
    }

    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The way of one node to NATS.
    ///
    /// # Panics
    /// When they are not [`linked`](NodesSetup::linked).
    #[must_use]
    pub fn link(&self, number: usize) -> &ChaosProxy {
        &self.links[number]
    }

    /// Which nodes asked the provider for this word, in order: the last one writes the reply.
    #[must_use]
    pub fn writers(&self, word: &str) -> Vec<usize> {
        let requests = self.provider.requests(word);
        let number = |model: &Value| model.as_str()?.strip_prefix(MODEL)?.parse().ok();
        requests.iter().map(|request| number(&request.body["model"]).expect("a node says its model")).collect()
    }

    /// What a node says of itself: the status of `/readyz`, and the word in it.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn ready(&self, number: usize) -> (u16, String) {
        let answer = plain::client().get(self[number].url("/readyz")).send().await.expect("a node answers");
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.expect("the answer is JSON");
        (status, body["status"].as_str().unwrap_or_default().to_owned())
    }

    /// Waits until a node serves, and says this of itself: `ok`, or `degraded` while it does not reach the others.
    pub async fn says(&self, number: usize, word: &str) {
        eventually(format_args!("node {number} to be {word}"), async || {
            (self.ready(number).await == (200, word.to_owned())).then_some(())
        })
        .await;
    }

    /// Waits until every node reaches the others.
    pub async fn all_whole(&self) {
        join_all((0..self.count()).map(|number| self.says(number, "ok"))).await;
    }
}

impl Index<usize> for Nodes {
    type Output = TestServer;
    fn index(&self, number: usize) -> &TestServer {
        &self.servers[number]
    }
}
