//! A server with a model behind it, a few people with a few devices each, and an auditor for each person.

use crate::{
    actor::{Actor, pause},
    audit::{Auditor, fill},
    plan::{Play, ServerFault, server_fault},
};
use futures_util::future::join_all;
use rand::RngExt as _;
use std::time::Duration;
use tandem_protocol::live::ServerFrame;
use tandem_tests::{
    FakeProvider, TestServer, TestUser,
    database::{Kind, Place},
};

/// People of a play.
const PEOPLE: u64 = 3;
/// A reply that still runs when a round is over ends within this: 5 s after a start, or its own words, with room for a
/// busy machine.
const SETTLED: Duration = Duration::from_secs(12);
/// Every so many rounds all of REST is read, and not the snapshot alone.
const READ_ALL: u32 = 5;

/// Purposes of generators beside the devices' own, which are their indexes.
const CAST: u64 = 1 << 32;
const SERVER: u64 = CAST + 1;

/// What has happened so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) kills: usize,
    pub(crate) drains: usize,
    pub(crate) database_cuts: usize,
    pub(crate) events: usize,
}

/// A person, devices and auditor.
pub(crate) struct Person {
    pub(crate) user: TestUser,
    pub(crate) devices: Vec<Actor>,
    auditor: Auditor,
}

/// Everybody.
pub(crate) struct Theatre {
    pub(crate) people: Vec<Person>,
    pub(crate) server: TestServer,
    pub(crate) provider: FakeProvider,
    pub(crate) tally: Tally,
    play: Play,
    /// Goes after the server.
    place: Place,
}

impl Theatre {
    pub(crate) async fn open(kind: Kind, play: Play) -> Self {
        let place = Place::new(kind).await;
        let provider = FakeProvider::start().await;
        let setup = TestServer::setup().openai(&provider).database(place.url());
        let server = setup.env("TANDEM_RATE_LIMIT", "off").env("TANDEM_ACCESS_TTL", "10h").start().await;
        let mut rng = play.rng(0, CAST);
        let mut people = Vec::new();
        let mut index = 0;
        for _ in 0..PEOPLE {
            let user = TestUser::register(&server).await.patient();
            let mut devices = Vec::new();
            for _ in 0..rng.random_range(2..5) {
                devices.push(Actor::new(&server, &user, play, index).await);
                index += 1;
            }
            people.push(Person { auditor: Auditor::new(&user).await, user, devices });
        }
        Self { people, server, provider, tally: Tally::default(), play, place }
    }

    /// Plays a round: everybody acts while networks and server fail, then everything comes to rest and is looked at.
    pub(crate) async fn round(&mut self, round: u32) {
        let Self { people, server, provider, tally, play, place } = self;
        let (provider, play) = (&*provider, *play);
        let fault = server_fault(&mut play.rng(round, SERVER));
        let devices = people.iter_mut().flat_map(|person| &mut person.devices);
        let acted = join_all(devices.map(|device| device.play(play, round, provider)));
        tokio::join!(acted, strike(server, place, fault, tally));
        let reads_all = round.is_multiple_of(READ_ALL) || round == play.rounds;
        let rested = join_all(people.iter_mut().map(|person| person.rest(reads_all))).await;
        tally.events += rested.into_iter().sum::<usize>();
    }
}

async fn strike(server: &TestServer, place: &Place, fault: Option<ServerFault>, tally: &mut Tally) {
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
            tally.database_cuts += place.cut_connections().await;
        }
    }
}

impl Person {
    /// Waits until nothing is on its way, and looks at everything. Gives the number of events that the devices were sent.
    async fn rest(&mut self, reads_all: bool) -> usize {
        for device in &self.devices {
            device.proxy.recover();
        }
        self.user.settled(SETTLED).await;
        for device in &mut self.devices {
            device.connect().await;
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
