//! The default scenario: fifty users with two devices each chat, change tasks and read histories. At the end every device
//! must equal the event log.
//!
//! A reply has 200 tokens at intervals of 10 ms and takes two seconds. The users pause for two seconds on average, so half
//! of them have a running reply at any time. Every fourth message requests a task, which takes a tool call. Messages use REST
//! and the sockets of all devices in turn.

use crate::{
    clock::Rng,
    measure::{Check, Meter, process::Usage},
    provider::script::{ADD_TASK, BRIEFLY},
    scenario::{About, Outcome, RunContext, Scenario, ScenarioError, Size},
    scenarios::users::{correctness, each},
    virtual_user::{Expected, HISTORY_PAGE, Transport, VirtualUser},
};
use async_trait::async_trait;
use std::time::Duration;
use tandem_protocol::ConversationId;
use tokio::time::{Instant, sleep, sleep_until};

/// The shortest and longest pause after a reply.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(3));
/// The users start at different moments within this time, the length of one message with its reply and pause.
pub(super) const STAGGER: Duration = Duration::from_secs(4);
/// Interval between two users that connect: a registration and two log-ins take a core about a sixth of a second. Waits of
/// many at once are the subject of `login-storm`.
const CONNECT_INTERVAL: Duration = Duration::from_millis(250);
/// Messages in a conversation before the next one.
const MESSAGES_PER_CONVERSATION: usize = 6;
/// One of so many messages requests a task.
const MESSAGES_PER_TASK: usize = 4;
/// Users with a thread of 100 messages: enough for a figure, few enough to be written quickly.
const READERS: usize = 5;

#[derive(Debug)]
pub struct FiftyUsers;

#[async_trait]
impl Scenario for FiftyUsers {
    fn about(&self) -> About {
        About {
            name: "fifty-users",
            summary: "people on several devices chat and change tasks; every device is checked against the event log",
            size: Size { users: 50, devices: 2, duration: Duration::from_mins(1) },
        }
    }

    async fn run(&self, run: &RunContext) -> Result<Outcome, ScenarioError> {
        let users = connect_all(run).await?;
        let expected = ReplyPlan::of(run);
        run.meter.begin();
        let begin = used_so_far(run);
        let until = Instant::now() + run.size.duration;
        let users = each(users, |number, user| chat(user, number, until, expected)).await?;
        let end = used_so_far(run);
        let users = each(users, |_, user| async move {
            user.user.check().await;
            user
        })
        .await?;
        each(users, |_, user| user.user.close()).await?;
        let mut checks = checks(&run.meter, expected.tokens.is_some());
        checks.extend(checks_of_use(begin, end));
        Ok(Outcome { checks, measured: (begin.at, end.at), ..Outcome::default() })
    }
}

/// A user and the thread that it reads.
pub(super) struct ChatUser {
    pub(super) user: VirtualUser,
    thread: Option<ConversationId>,
}

/// The expected replies and the start times.
#[derive(Clone, Copy)]
pub(super) struct ReplyPlan {
    /// Tokens of an ordinary reply; `None` when the provider is not in this process.
    pub(super) tokens: Option<u32>,
    stagger: Duration,
}

impl ReplyPlan {
    pub(super) fn of(run: &RunContext) -> Self {
        let tokens = run.provider.as_ref().map(|provider| provider.pace().tokens);
        let users = u32::try_from(run.size.users).unwrap_or(u32::MAX).max(1);
        Self { tokens, stagger: STAGGER / users }
    }
}

/// Registers and connects the users one after the other; some write a long thread.
pub(super) async fn connect_all(run: &RunContext) -> Result<Vec<ChatUser>, ScenarioError> {
    let devices = run.size.devices;
    let ours = run.provider.is_some();
    let rng = (0..run.size.users).map(|user| Rng::new(run.meter.clock, run.seed, user)).collect();
    let target = run.target.clone();
    let connected = each(rng, move |number, rng| {
        let target = target.clone();
        async move {
            sleep(CONNECT_INTERVAL * u32::try_from(number).unwrap_or(u32::MAX)).await;
            let user = VirtualUser::register(&target, rng, devices).await?;
            // Only the provider in this process knows the phrase for a short reply.
            let thread = if ours && number < READERS { Some(write_thread(&user).await) } else { None };
            Ok::<_, ScenarioError>(ChatUser { user, thread })
        }
    });
    connected.await?.into_iter().collect()
}

/// Writes a thread of 100 messages with short replies.
async fn write_thread(user: &VirtualUser) -> ConversationId {
    let thread = ConversationId(user.rng.uuid());
    for number in 0..HISTORY_PAGE / 2 {
        let expected = Expected { tokens: 1, at_once: false };
        user.send_and_wait(thread, format!("Line {number}, {BRIEFLY}"), Transport::Rest, Some(expected)).await;
    }
    thread
}

/// The actions of one user until the end.
pub(super) async fn chat(chat_user: ChatUser, number: usize, until: Instant, expected: ReplyPlan) -> ChatUser {
    sleep(expected.stagger * u32::try_from(number).unwrap_or(u32::MAX)).await;
    let user = &chat_user.user;
    let mut conversation = ConversationId(user.rng.uuid());
    let mut number = user.rng.below(MESSAGES_PER_TASK);
    while Instant::now() < until {
        number += 1;
        if number.is_multiple_of(MESSAGES_PER_CONVERSATION) {
            conversation = ConversationId(user.rng.uuid());
        }
        let wants_task = number.is_multiple_of(MESSAGES_PER_TASK);
        let text =
            if wants_task { format!("Please {ADD_TASK}number {number}") } else { format!("Tell me about {number}") };
        let transport = if number.is_multiple_of(2) { Transport::Rest } else { Transport::Socket(number / 2) };
        let expect = expected.tokens.map(|tokens| Expected { tokens, at_once: !wants_task });
        user.send_and_wait(conversation, text, transport, expect).await;

        let pause = user.rng.between(PAUSE.0, PAUSE.1);
        // The change and the reading of the history are part of the pause.
        let resume = (Instant::now() + pause).min(until);
        user.change_a_task().await;
        user.read_history(chat_user.thread.unwrap_or(conversation)).await;
        sleep_until(resume).await;
    }
    chat_user
}

/// Usage at one moment.
#[derive(Clone, Copy)]
struct Used {
    /// Seconds of the run's clock.
    at: f64,
    server: Option<Usage>,
    tokens: Option<u64>,
    replies: u64,
}

fn used_so_far(run: &RunContext) -> Used {
    let tokens = run.provider.as_ref().map(|provider| provider.served().tokens.get());
    Used { at: run.seconds(), server: run.usage(), tokens, replies: run.meter.replies.get() }
}

/// The thresholds on latencies and errors. Some figures are missing when the provider is not in this process.
fn checks(meter: &Meter, ours: bool) -> Vec<Check> {
    let of_ours = |check: Check| check.required_if(ours);
    let mut checks = vec![
        of_ours(Check::at_most("first token, added, p99", 15.0, "ms", meter.first_token.quantile(0.99)).aiming_at(5.0)),
        of_ours(Check::at_most("each token, added, p99", 3.0, "ms", meter.token.quantile(0.99)).aiming_at(1.0)),
        Check::at_most("reply without streaming, p95", 5000.0, "ms", meter.reply.quantile(0.95)),
        of_ours(
            Check::at_most("history of 100 messages, slowest", 50.0, "ms", meter.history.quantile(1.0)).aiming_at(10.0),
        ),
        Check::at_most("log-in, slowest", 1000.0, "ms", meter.login.quantile(1.0)),
        Check::at_most("task change on every device, p99", 250.0, "ms", meter.spread.quantile(0.99)),
    ];
    checks.extend(correctness(meter));
    checks
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 tokens")]
fn checks_of_use(begin: Used, end: Used) -> Vec<Check> {
    let processor = end.server.zip(begin.server).map(|(end, begin)| end.processor - begin.processor);
    let thousands = end.tokens.zip(begin.tokens).map(|(end, begin)| (end - begin) as f64 / 1000.0);
    let per_thousand =
        processor.zip(thousands).filter(|(_, thousands)| *thousands > 0.0).map(|(s, thousands)| s / thousands);
    // Of everything that the users do: messages, tasks and log-ins, too.
    let written = |used: Used| used.server.and_then(|usage| usage.written);
    let per_reply = written(end)
        .zip(written(begin))
        .filter(|_| end.replies > begin.replies)
        .map(|(end_written, begin_written)| (end_written - begin_written) / (end.replies - begin.replies) as f64);
    vec![
        Check::at_most("processor per 1,000 tokens", 0.05, "s", per_thousand).aiming_at(0.03).where_known(),
        Check::at_most("server memory", 40.0, "MiB", end.server.map(|usage| usage.memory))
            .aiming_at(30.0)
            .where_known(),
        Check::at_most("written to disk per reply", 64.0, "KiB", per_reply).aiming_at(24.0).where_known(),
    ]
}
