//! Two hundred log-ins at once beside streaming replies: password hashing must not delay the streams.
//!
//! Three phases: streams alone, streams beside the log-ins, streams alone again.

use crate::{
    measure::{Check, Recorder, process::Usage},
    scenario::{About, Outcome, RunContext, Scenario, ScenarioError, Size},
    scenarios::users::{check_and_close, connect_all, correctness, each, figure, join},
    virtual_user::{Expected, Transport, VirtualUser},
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

const CONCURRENT_LOG_INS: usize = 200;
/// Time after which all streams have begun.
const WARM_UP: Duration = Duration::from_secs(3);

/// The scenario `login-storm`. The duration of its size is that of each phase without log-ins.
#[derive(Debug)]
pub struct LoginStorm;

#[async_trait]
impl Scenario for LoginStorm {
    fn about(&self) -> About {
        About {
            name: "login-storm",
            summary: "two hundred log-ins at once beside live streams: what the streams feel, and what a log-in costs",
            size: Size { users: 20, devices: 2, duration: Duration::from_secs(15) },
        }
    }

    async fn run(&self, run: &RunContext) -> Result<Outcome, ScenarioError> {
        let users = join(connect_all(run).await?, run.size.devices - 1).await?;
        let users: Vec<_> = users.into_iter().map(Arc::new).collect();
        let over = Arc::new(AtomicBool::new(false));
        let expected = Expected::of(run.provider.as_ref());
        let streams = tokio::spawn(each(users.clone(), {
            let over = Arc::clone(&over);
            move |_, user| stream(user, expected, Arc::clone(&over))
        }));
        sleep(WARM_UP).await;
        let begin = run.seconds();
        let before = phase(run, sleep(run.size.duration)).await;
        // Only the log-ins of the storm count, not those of the preparation.
        run.meter.login.clear();
        let storm = phase(run, log_in(&users)).await;
        let after = phase(run, sleep(run.size.duration)).await;
        let end = run.seconds();
        over.store(true, Ordering::Relaxed);
        streams.await??;
        // The tasks have ended, so these are the last references.
        check_and_close(users.into_iter().filter_map(Arc::into_inner).collect()).await?;
        let checks = checks(run, expected.is_some(), &before, &storm, &after);
        let latencies =
            vec![("each token, before", before.tokens), ("… beside log-ins", storm.tokens), ("… after", after.tokens)];
        Ok(Outcome { checks, measured: (begin, end), latencies, ..Outcome::default() })
    }
}

/// One reply after the other, until `over` is set.
async fn stream(user: Arc<VirtualUser>, expected: Option<Expected>, over: Arc<AtomicBool>) {
    while !over.load(Ordering::Relaxed) {
        let conversation = ConversationId(user.rng.uuid());
        user.send_and_wait(conversation, "Tell me more".into(), Transport::Rest, expected).await;
    }
}

/// All log-ins at once. Each is repeated as long as the server refuses it for lack of capacity.
async fn log_in(users: &[Arc<VirtualUser>]) {
    let chosen = users.iter().cycle().take(CONCURRENT_LOG_INS);
    join_all(chosen.enumerate().map(|(number, user)| user.log_in_again(number))).await;
}

/// Token latencies and usage of one phase.
struct Phase {
    tokens: Recorder,
    usage: Option<(Usage, Usage)>,
}

async fn phase(run: &RunContext, until: impl Future<Output = ()>) -> Phase {
    run.meter.begin();
    let start = run.usage();
    until.await;
    Phase { tokens: run.meter.token.take(), usage: start.zip(run.usage()) }
}

impl Phase {
    /// Processor seconds, and the length of the phase in seconds.
    fn spent(&self) -> Option<(f64, f64)> {
        self.usage.map(|(start, end)| (end.processor - start.processor, end.at - start.at))
    }
}

fn checks(run: &RunContext, ours: bool, before: &Phase, storm: &Phase, after: &Phase) -> Vec<Check> {
    let p99 = |phase: &Phase| phase.tokens.quantile(0.99);
    let ratio = p99(storm).zip(p99(before).zip(p99(after))).map(|(storm, (before, after))| storm / before.max(after));
    let beside = Check::at_most("p99 of tokens beside log-ins", 2.0, "×", ratio).aiming_at(1.0);
    // Subtract the processor time of the streams, as measured in the phases without log-ins.
    let rate = storm.spent().zip(before.spent().zip(after.spent())).map(|((spent, time), (before, after))| {
        let streams = (before.0 + after.0) / (before.1 + after.1) * time;
        figure(CONCURRENT_LOG_INS) / (spent - streams)
    });
    let mut checks = vec![
        beside.required_if(ours),
        Check::at_least("log-ins per core-second", 15.0, "", rate).aiming_at(18.0).where_known(),
        Check::at_most("log-in, slowest", 120.0, "s", run.meter.login.quantile(1.0).map(|millis| millis / 1000.0)),
    ];
    checks.extend(correctness(&run.meter));
    checks
}
