//! The servers of a test: one on either database, or three nodes on one.

use crate::{
    actor::pause,
    plan::{BusFault, ServerFault},
    world::FaultCounts,
};
use std::time::Duration;
use tandem_tests::{
    Nodes, ScriptedProvider, TestServer,
    database::{DatabaseLocation, Kind},
    scripted_server::ScriptedServer,
};

/// Number of nodes with [`Topology::Many`].
const NODES: usize = 3;

/// The kind of servers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Topology {
    One(Kind),
    /// Nodes on PostgreSQL with NATS between them.
    Many,
}

/// One server or several nodes, with their provider.
pub(crate) enum Servers {
    One { server: Box<TestServer>, provider: ScriptedProvider, location: DatabaseLocation },
    Many(Box<Nodes>),
}

impl Servers {
    pub(crate) async fn open(topology: Topology) -> Self {
        match topology {
            Topology::One(kind) => {
                let location = DatabaseLocation::new(kind).await;
                let setup =
                    TestServer::setup().database(location.url()).without_rate_limits().env("TANDEM_ACCESS_TTL", "10h");
                let ScriptedServer { server, provider } = ScriptedServer::start(setup).await;
                Self::One { server: Box::new(server), provider, location }
            }
            Topology::Many => Self::Many(Box::new(Nodes::setup(NODES).env("TANDEM_ACCESS_TTL", "10h").start().await)),
        }
    }

    /// The number of servers.
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

    pub(crate) fn provider(&self) -> &ScriptedProvider {
        match self {
            Self::One { provider, .. } => provider,
            Self::Many(nodes) => nodes.provider(),
        }
    }

    fn location(&self) -> &DatabaseLocation {
        match self {
            Self::One { location, .. } => location,
            Self::Many(nodes) => nodes.location(),
        }
    }

    /// Time limit for running replies at the end of a round, with a margin for a busy machine: 5 s after the start of a single
    /// server, 12 s after the end of one of several nodes.
    pub(crate) fn settles_within(&self) -> Duration {
        Duration::from_secs(if self.count() > 1 { 18 } else { 12 })
    }

    /// Applies a fault to the server with this index.
    pub(crate) async fn inject_server_fault(&self, number: usize, fault: Option<ServerFault>) -> FaultCounts {
        let (server, mut counts) = (self.server(number), FaultCounts::default());
        match fault {
            None => {}
            Some(ServerFault::Kill { at }) => {
                pause(at).await;
                counts.kills += 1;
                server.kill_and_restart().await;
            }
            Some(ServerFault::KillTwice { at }) => {
                pause(at).await;
                counts.kills += 2;
                server.kill_and_restart().await;
                server.kill_and_restart().await;
            }
            Some(ServerFault::Terminate { at }) => {
                pause(at).await;
                counts.drains += 1;
                let status = server.terminate().await;
                assert!(status.success(), "a drained server exited with {status}");
                server.start().await;
            }
            Some(ServerFault::LoseDatabase { at }) => {
                pause(at).await;
                counts.database_cuts += self.location().cut_connections().await;
            }
        }
        counts
    }

    /// Applies a fault to the bus, if there is one.
    pub(crate) async fn inject_bus_fault(&self, fault: Option<BusFault>) -> FaultCounts {
        let (Self::Many(nodes), Some(BusFault { at, time })) = (self, fault) else { return FaultCounts::default() };
        pause(at).await;
        nodes.nats().stop();
        pause(time).await;
        nodes.nats().start().await;
        FaultCounts { bus_stops: 1, ..FaultCounts::default() }
    }
}
