//! A server with a model behind it, a few people with a few devices each, and an auditor for each person.

use crate::{
    actor::Actor,
    audit::{Auditor, fill},
    house::{Build, House},
    plan::{Plan, bus_fault, server_fault},
};
use futures_util::future::join_all;
use rand::RngExt as _;
use std::ops::AddAssign;
use tandem_protocol::live::ServerFrame;
use tandem_tests::TestUser;

/// People of a play.
const PEOPLE: u64 = 3;
/// Every so many rounds all of REST is read, and not the snapshot alone.
const READ_ALL: u32 = 5;

/// Purposes of generators beside the devices' own, which are their indexes.
const CAST: u64 = 1 << 32;
const SERVER: u64 = CAST + 1;
const BUS: u64 = CAST + 2;

/// What has happened so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) kills: usize,
    pub(crate) drains: usize,
    pub(crate) database_cuts: usize,
    pub(crate) bus_stops: usize,
    pub(crate) events: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        let Self { kills, drains, database_cuts, bus_stops, events } = more;
        self.kills += kills;
        self.drains += drains;
        self.database_cuts += database_cuts;
        self.bus_stops += bus_stops;
        self.events += events;
    }
}

/// A person, devices and auditor.
pub(crate) struct Person {
    pub(crate) user: TestUser,
    pub(crate) devices: Vec<Actor>,
    auditor: Auditor,
}

pub(crate) struct ChaosWorld {
    pub(crate) people: Vec<Person>,
    pub(crate) tally: Tally,
    house: House,
    play: Plan,
}

impl ChaosWorld {
    pub(crate) async fn open(build: Build, play: Plan) -> Self {
        let house = House::open(build).await;
        let mut rng = play.rng(0, CAST);
        let mut people = Vec::new();
        let mut index = 0;
        for _ in 0..PEOPLE {
            let user = TestUser::register(house.server(0)).await.patient();
            let mut devices = Vec::new();
            for _ in 0..rng.random_range(2..5) {
                devices.push(Actor::new(house.server(0), &user, play, index).await);
                index += 1;
            }
            people.push(Person { auditor: Auditor::new(&user).await, user, devices });
        }
        Self { people, tally: Tally::default(), house, play }
    }

    /// Plays a round: everybody acts while networks and server fail, then everything comes to rest and is looked at.
    pub(crate) async fn round(&mut self, round: u32) {
        let Self { people, tally, house, play } = self;
        let (house, play) = (&*house, *play);
        let mut rng = play.rng(round, SERVER);
        let (fault, victim) = (server_fault(&mut rng), rng.random_range(0..house.count()));
        let devices = people.iter_mut().flat_map(|person| &mut person.devices);
        let acted = join_all(devices.map(|device| device.play(play, round, house)));
        let bus = house.disturb(bus_fault(&mut play.rng(round, BUS)));
        let (_, struck, disturbed) = tokio::join!(acted, house.strike(victim, fault), bus);
        *tally += struck;
        *tally += disturbed;
        let reads_all = round.is_multiple_of(READ_ALL) || round == play.rounds;
        let rested = join_all(people.iter_mut().map(|person| person.rest(house, reads_all))).await;
        tally.events += rested.into_iter().sum::<usize>();
    }
}

impl Person {
    /// Waits until nothing is on its way, and looks at everything. Gives the number of events that the devices were sent.
    async fn rest(&mut self, house: &House, reads_all: bool) -> usize {
        for device in &self.devices {
            device.proxy.recover();
        }
        self.user.settled(house.settles_within()).await;
        for device in &mut self.devices {
            device.connect(house).await;
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

    /// Holds devices and REST against the log. False when something was added meanwhile, such as a better title.
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
