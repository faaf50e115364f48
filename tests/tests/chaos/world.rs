//! Users with several devices each, an auditor for each user, and the servers.

use crate::{
    actor::Actor,
    audit::{Auditor, fill},
    plan::{ChaosPlan, bus_fault, server_fault},
    servers::{Servers, Topology},
};
use futures_util::future::join_all;
use rand::RngExt as _;
use std::ops::AddAssign;
use tandem_protocol::live::ServerFrame;
use tandem_tests::TestUser;

const USERS: u64 = 3;
/// Every so many rounds, all of REST is compared instead of the snapshot only.
const READ_ALL: u32 = 5;

/// Purposes of random generators other than those of the devices, which use their index.
const SETUP: u64 = 1 << 32;
const SERVER: u64 = SETUP + 1;
const BUS: u64 = SETUP + 2;

/// Faults and events so far.
#[derive(Debug, Default)]
pub(crate) struct FaultCounts {
    pub(crate) kills: usize,
    pub(crate) drains: usize,
    pub(crate) database_cuts: usize,
    pub(crate) bus_stops: usize,
    pub(crate) events: usize,
}

impl AddAssign for FaultCounts {
    fn add_assign(&mut self, more: Self) {
        let Self { kills, drains, database_cuts, bus_stops, events } = more;
        self.kills += kills;
        self.drains += drains;
        self.database_cuts += database_cuts;
        self.bus_stops += bus_stops;
        self.events += events;
    }
}

/// A user with devices and an auditor.
pub(crate) struct ChaosUser {
    pub(crate) user: TestUser,
    pub(crate) devices: Vec<Actor>,
    auditor: Auditor,
}

/// Everything in a test.
pub(crate) struct ChaosWorld {
    pub(crate) users: Vec<ChaosUser>,
    pub(crate) counts: FaultCounts,
    servers: Servers,
    plan: ChaosPlan,
}

impl ChaosWorld {
    pub(crate) async fn open(topology: Topology, plan: ChaosPlan) -> Self {
        let servers = Servers::open(topology).await;
        let mut rng = plan.rng(0, SETUP);
        let mut users = Vec::new();
        let mut index = 0;
        for _ in 0..USERS {
            let user = TestUser::register(servers.server(0)).await.patient();
            let mut devices = Vec::new();
            for _ in 0..rng.random_range(2..5) {
                devices.push(Actor::new(servers.server(0), &user, plan, index).await);
                index += 1;
            }
            users.push(ChaosUser { auditor: Auditor::new(&user).await, user, devices });
        }
        Self { users, counts: FaultCounts::default(), servers, plan }
    }

    /// Runs a round: all devices act during faults, then everything settles and is compared.
    pub(crate) async fn round(&mut self, round: u32) {
        let Self { users, counts, servers, plan } = self;
        let (servers, plan) = (&*servers, *plan);
        let mut rng = plan.rng(round, SERVER);
        let (fault, victim) = (server_fault(&mut rng), rng.random_range(0..servers.count()));
        let devices = users.iter_mut().flat_map(|user| &mut user.devices);
        let acted = join_all(devices.map(|device| device.act(plan, round, servers)));
        let bus = servers.inject_bus_fault(bus_fault(&mut plan.rng(round, BUS)));
        let (_, server_counts, faults) = tokio::join!(acted, servers.inject_server_fault(victim, fault), bus);
        *counts += server_counts;
        *counts += faults;
        let reads_all = round.is_multiple_of(READ_ALL) || round == plan.rounds;
        let event_counts = join_all(users.iter_mut().map(|user| user.settle(servers, reads_all))).await;
        counts.events += event_counts.into_iter().sum::<usize>();
    }
}

impl ChaosUser {
    /// Waits until nothing is in progress, and compares everything. Returns the number of events that the devices received.
    async fn settle(&mut self, servers: &Servers, reads_all: bool) -> usize {
        for device in &self.devices {
            device.proxy.recover();
        }
        self.user.settled(servers.settles_within()).await;
        for device in &mut self.devices {
            device.connect(servers).await;
            let snapshots = device.device.look(|seen| seen.snapshots);
            if std::mem::replace(&mut device.filled, snapshots) < snapshots {
                fill(&device.device).await;
            }
        }
        while !self.agrees(reads_all).await {}
        for device in &self.devices {
            self.auditor.check_commands(&device.entries);
        }
        self.devices
            .iter()
            .map(|device| device.device.look(|seen| seen.frames.drain(..).filter(is_event).count()))
            .sum()
    }

    /// Compares devices and REST with the log. False when an event was added meanwhile, such as a generated title.
    async fn agrees(&mut self, reads_all: bool) -> bool {
        let head = self.auditor.catch_up().await;
        for Actor { device, .. } in &self.devices {
            device.reach(head).await;
            device.look(tandem_tests::device::Seen::settle);
            device.assert_faultless();
        }
        let digests: Vec<_> = self.devices.iter().map(|actor| actor.device.digest()).collect();
        let snapshot = self.user.snapshot().await;
        if snapshot.seq != head || digests.iter().any(|digest| digest.seq != head) {
            return false;
        }
        for (Actor { device, .. }, digest) in self.devices.iter().zip(&digests) {
            self.auditor.check_device(device.id(), digest);
        }
        if reads_all {
            self.auditor.check_rest(snapshot.clone()).await;
        }
        self.auditor.check_snapshot(&snapshot);
        true
    }
}

fn is_event(frame: &ServerFrame) -> bool {
    matches!(frame, ServerFrame::Event(_))
}
