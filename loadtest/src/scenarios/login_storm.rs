//! Two hundred log-ins at once beside live streams: hashing passwords must not be felt by those who are being answered.
//! Three phases: streams alone, streams while the log-ins last, streams alone again.

use crate::{
    measure::{Check, Recorder, process::Usage},
    scenario::{Outcome, Scenario, ScenarioError, Size, World},
    scenarios::people::{arrive, check_and_leave, correctness, each, figure, join},
    virtual_user::{Door, Expected, VirtualUser},
};
use async_trait::async_trait;
use futures_util::future::join_all;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tandem_protocol::ConversationId;
use tokio::time::sleep;

const LOG_INS: usize = 200;
/// The streams have begun everywhere.
const WARM_UP: Duration = Duration::from_secs(3);

/// See the module. The size's duration is that of each of the two phases without log-ins.
#[derive(Debug)]
pub struct LoginStorm;

#[async_trait]
impl Scenario for LoginStorm {
    fn name(&self) -> &'static str {
        "login-storm"
    }

    fn summary(&self) -> &'static str {
        "two hundred log-ins at once beside live streams: what the streams feel, and what a log-in costs"
    }

    fn size(&self) -> Size {
        Size { users: 20, devices: 2, duration: Duration::from_secs(15) }
    }

    async fn run(&self, world: &World) -> Result<Outcome, ScenarioError> {
        let people = join(arrive(world).await?, world.size.devices - 1).await?;
        let people: Vec<_> = people.into_iter().map(Arc::new).collect();
        let over = Arc::new(AtomicBool::new(false));
        let expected = Expected::of(world.provider.as_ref());
        let streams = tokio::spawn(each(people.clone(), {
            let over = Arc::clone(&over);
            move |_, user| stream(user, expected, Arc::clone(&over))
        }));
        sleep(WARM_UP).await;
        let begin = world.seconds();
        let before = phase(world, sleep(world.size.duration)).await;
        world.meter.login.clear();
        let storm = phase(world, log_in(&people)).await;
        let after = phase(world, sleep(world.size.duration)).await;
        let end = world.seconds();
        over.store(true, Ordering::Relaxed);
        streams.await??;
        check_and_leave(people.into_iter().filter_map(Arc::into_inner).collect()).await?;
        let checks = checks(world, expected.is_some(), &before, &storm, &after);
        let latencies =
            vec![("each token, before", before.tokens), ("… beside log-ins", storm.tokens), ("… after", after.tokens)];
        Ok(Outcome { checks, measured: (begin, end), latencies, ..Outcome::default() })
    }
}

/// One reply after the other, until it is over.
async fn stream(user: Arc<VirtualUser>, expected: Option<Expected>, over: Arc<AtomicBool>) {
    while !over.load(Ordering::Relaxed) {
        let conversation = ConversationId(user.dice.uuid());
        user.talk(conversation, "Tell me more".into(), Door::Rest, expected).await;
    }
}

/// All log-ins at once; who is told to come back does.
async fn log_in(people: &[Arc<VirtualUser>]) {
    let users = people.iter().cycle().take(LOG_INS);
    join_all(users.enumerate().map(|(number, user)| user.log_in_again(number))).await;
}

/// What the streams saw in one phase, and what the server used.
struct Phase {
    tokens: Recorder,
    usage: Option<(Usage, Usage)>,
}

async fn phase(world: &World, lasts: impl Future<Output = ()>) -> Phase {
    world.meter.begin();
    let start = world.usage();
    lasts.await;
    Phase { tokens: world.meter.token.take(), usage: start.zip(world.usage()) }
}

impl Phase {
    /// Processor seconds used, and how long it lasted.
    fn spent(&self) -> Option<(f64, f64)> {
        self.usage.map(|(start, end)| (end.processor - start.processor, end.at - start.at))
    }
}

fn checks(world: &World, ours: bool, before: &Phase, storm: &Phase, after: &Phase) -> Vec<Check> {
    let p99 = |phase: &Phase| phase.tokens.quantile(0.99);
    let ratio = p99(storm).zip(p99(before).zip(p99(after))).map(|(storm, (before, after))| storm / before.max(after));
    let beside = Check::at_most("p99 of tokens beside log-ins", 2.0, "×", ratio).aiming_at(1.0);
    // What the streams alone take is not the log-ins'.
    let rate = storm.spent().zip(before.spent().zip(after.spent())).map(|((spent, time), (before, after))| {
        let streams = (before.0 + after.0) / (before.1 + after.1) * time;
        figure(LOG_INS) / (spent - streams)
    });
    let mut checks = vec![
        if ours { beside } else { beside.where_known() },
        Check::at_least("log-ins per core-second", 15.0, "", rate).aiming_at(18.0).where_known(),
        Check::at_most("log-in, slowest", 120.0, "s", world.meter.login.quantile(1.0).map(|millis| millis / 1000.0)),
    ];
    checks.extend(correctness(&world.meter));
    checks
}
