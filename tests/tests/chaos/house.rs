//! What people connect to: one server on either database, or three nodes on one.

use crate::{
    actor::pause,
    plan::{BusFault, ServerFault},
    world::Tally,
};
use std::time::Duration;
use tandem_tests::{
    FakeProvider, Nodes, TestServer,
    database::{Kind, Place},
};

/// Nodes where there are many.
const NODES: usize = 3;

/// Which house it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Build {
    One(Kind),
    /// Nodes on PostgreSQL with NATS between them.
    Many,
}

/// One server or many, with the model behind them.
pub(crate) enum House {
    One { server: Box<TestServer>, provider: FakeProvider, place: Place },
    Many(Box<Nodes>),
}

impl House {
    pub(crate) async fn open(build: Build) -> Self {
        match build {
            Build::One(kind) => {
                let (place, provider) = (Place::new(kind).await, FakeProvider::start().await);
                let setup = TestServer::setup().openai(&provider).database(place.url());
                let server = setup.env("TANDEM_RATE_LIMIT", "off").env("TANDEM_ACCESS_TTL", "10h").start().await;
                Self::One { server: Box::new(server), provider, place }
            }
            Build::Many => Self::Many(Box::new(Nodes::setup(NODES).env("TANDEM_ACCESS_TTL", "10h").start().await)),
        }
    }

    /// How many servers there are.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::One { .. } => 1,
            Self::Many(nodes) => nodes.count(),
        }
    }

    pub(crate) fn server(&self, number: usize) -> &TestServer {
        match self {
            Self::One { server, .. } => server,
            Self::Many(nodes) => &nodes[number],
        }
    }

    pub(crate) fn provider(&self) -> &FakeProvider {
        match self {
            Self::One { provider, .. } => provider,
            Self::Many(nodes) => nodes.provider(),
        }
    }

    fn place(&self) -> &Place {
        match self {
            Self::One { place, .. } => place,
            Self::Many(nodes) => nodes.place(),
        }
    }

    /// A reply that still runs when a round is over ends within this, with room for a busy machine: 5 s after the start
    /// of a server that is alone, 12 s after the end of one of many.
    pub(crate) fn settles_within(&self) -> Duration {
        Duration::from_secs(if self.count() > 1 { 18 } else { 12 })
    }

    /// What happens to the server of this number.
    pub(crate) async fn strike(&self, number: usize, fault: Option<ServerFault>) -> Tally {
        let (server, mut tally) = (self.server(number), Tally::default());
        match fault {
            None => {}
            Some(ServerFault::Kill { at }) => {
                pause(at).await;
                tally.kills += 1;
                server.kill_and_restart().await;
            }
            Some(ServerFault::KillTwice { at }) => {
                pause(at).await;
                tally.kills += 2;
                server.kill_and_restart().await;
                server.kill_and_restart().await;
            }
            Some(ServerFault::Terminate { at }) => {
                pause(at).await;
                tally.drains += 1;
                let status = server.terminate().await;
                assert!(status.success(), "a drained server ends with {status}");
                server.start().await;
            }
            Some(ServerFault::LoseDatabase { at }) => {
                pause(at).await;
                tally.database_cuts += self.place().cut_connections().await;
            }
        }
        tally
    }

    /// What happens to the bus, where there is one.
    pub(crate) async fn disturb(&self, fault: Option<BusFault>) -> Tally {
        let (Self::Many(nodes), Some(BusFault { at, time })) = (self, fault) else { return Tally::default() };
        pause(at).await;
        nodes.nats().stop();
        pause(time).await;
        nodes.nats().start().await;
        Tally { bus_stops: 1, ..Tally::default() }
    }
}
