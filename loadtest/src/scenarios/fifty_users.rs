//! The standing scenario: fifty people with two devices each register, log in, talk, change tasks and read histories; in
//! the end every device must show what the event log says.
//!
//! A reply is 200 tokens, 10 ms apart (the fake provider's pace), and takes two seconds; people pause for as long on
//! average, so that half of them are being answered at any time. Every fourth message asks for a task, which takes a tool
//! call. Messages go by REST and by socket in turn, from each device in turn.

use crate::{
    clock::Rng,
    measure::{Check, Meter, process::Usage},
    provider::script::{ADD_TASK, BRIEFLY},
    scenario::{Outcome, Scenario, ScenarioError, Size, World},
    scenarios::people::{correctness, each},
    virtual_user::{Door, Expected, HISTORY_PAGE, VirtualUser},
};
use async_trait::async_trait;
use std::time::Duration;
use tandem_protocol::ConversationId;
use tokio::time::{Instant, sleep, sleep_until};

/// People pause for between one and this many seconds after a reply.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(3));
/// People do not begin in the same moment, but within the length of one turn.
pub(super) const STAGGER: Duration = Duration::from_secs(4);
/// From one person's arrival to the next: a registration and two log-ins take a core about a sixth of a second. What many
/// at once have to wait is another scenario, `login-storm`.
const ARRIVAL: Duration = Duration::from_millis(250);
/// A new conversation is begun after so many messages.
const TURNS_PER_CONVERSATION: usize = 6;
/// Every so many messages one asks for a task.
const TURNS_PER_TASK: usize = 4;
/// People who have a thread of 100 messages to read before it begins: enough for a figure, few enough to be made quickly.
const READERS: usize = 5;

#[derive(Debug)]
pub struct FiftyUsers;

#[async_trait]
impl Scenario for FiftyUsers {
    fn name(&self) -> &'static str {
        "fifty-users"
    }

    fn summary(&self) -> &'static str {
        "people on several devices chat and change tasks; every device is checked against the event log"
    }

    fn size(&self) -> Size {
        Size { users: 50, devices: 2, duration: Duration::from_mins(1) }
    }

    async fn run(&self, world: &World) -> Result<Outcome, ScenarioError> {
        let people = arrive(world).await?;
        let expected = Turns::of(world);
        world.meter.begin();
        let begin = used_so_far(world);
        let until = Instant::now() + world.size.duration;
        let people = each(people, |number, person| live(person, number, until, expected)).await?;
        let end = used_so_far(world);
        let people = each(people, |_, person| async move {
            person.user.check().await;
            person
        })
        .await?;
        each(people, |_, person| person.user.leave()).await?;
        let mut checks = checks(&world.meter, expected.tokens.is_some());
        checks.extend(checks_of_use(begin, end));
        Ok(Outcome { checks, measured: (begin.at, end.at), ..Outcome::default() })
    }
}

/// One of the people, and the thread that it reads.
pub(super) struct Person {
    pub(super) user: VirtualUser,
    thread: Option<ConversationId>,
}

/// What to expect of replies.
#[derive(Clone, Copy)]
pub(super) struct Turns {
    /// Of a full reply; `None` when the provider is not ours.
    pub(super) tokens: Option<u32>,
    stagger: Duration,
}

impl Turns {
    pub(super) fn of(world: &World) -> Self {
        let tokens = world.provider.as_ref().map(|provider| provider.pace().tokens);
        let users = u32::try_from(world.size.users).unwrap_or(u32::MAX).max(1);
        Self { tokens, stagger: STAGGER / users }
    }
}

/// Everyone registers, logs in and connects, one after the other; some get a long thread.
pub(super) async fn arrive(world: &World) -> Result<Vec<Person>, ScenarioError> {
    let devices = world.size.devices;
    let ours = world.provider.is_some();
    let dice = (0..world.size.users).map(|user| Rng::new(world.meter.clock, world.seed, user)).collect();
    let target = world.target.clone();
    let arrived = each(dice, move |number, dice| {
        let target = target.clone();
        async move {
            sleep(ARRIVAL * u32::try_from(number).unwrap_or(u32::MAX)).await;
            let user = VirtualUser::arrive(&target, dice, devices).await?;
            let thread = if ours && number < READERS { Some(write_thread(&user).await) } else { None };
            Ok::<_, ScenarioError>(Person { user, thread })
        }
    });
    arrived.await?.into_iter().collect()
}

/// A thread of 100 messages, by short replies.
async fn write_thread(user: &VirtualUser) -> ConversationId {
    let thread = ConversationId(user.dice.uuid());
    for number in 0..HISTORY_PAGE / 2 {
        let expected = Expected { tokens: 1, at_once: false };
        user.talk(thread, format!("Line {number}, {BRIEFLY}"), Door::Rest, Some(expected)).await;
    }
    thread
}

/// What one person does until the time is over.
pub(super) async fn live(person: Person, number: usize, until: Instant, expected: Turns) -> Person {
    sleep(expected.stagger * u32::try_from(number).unwrap_or(u32::MAX)).await;
    let user = &person.user;
    let mut conversation = ConversationId(user.dice.uuid());
    let mut turn = user.dice.below(TURNS_PER_TASK);
    while Instant::now() < until {
        turn += 1;
        if turn.is_multiple_of(TURNS_PER_CONVERSATION) {
            conversation = ConversationId(user.dice.uuid());
        }
        let wants_task = turn.is_multiple_of(TURNS_PER_TASK);
        let text = if wants_task { format!("Please {ADD_TASK}number {turn}") } else { format!("Tell me about {turn}") };
        let door = if turn.is_multiple_of(2) { Door::Rest } else { Door::Socket(turn / 2) };
        let expect = expected.tokens.map(|tokens| Expected { tokens, at_once: !wants_task });
        user.talk(conversation, text, door, expect).await;

        let pause = user.dice.between(PAUSE.0, PAUSE.1);
        let resume = (Instant::now() + pause).min(until);
        user.change_a_task().await;
        user.read_history(person.thread.unwrap_or(conversation)).await;
        sleep_until(resume).await;
    }
    person
}

/// What had been used when.
#[derive(Clone, Copy)]
struct Used {
    /// Seconds of the run's clock.
    at: f64,
    server: Option<Usage>,
    tokens: Option<u64>,
}

fn used_so_far(world: &World) -> Used {
    let tokens = world.provider.as_ref().map(|provider| provider.served().tokens.get());
    Used { at: world.seconds(), server: world.usage(), tokens }
}

/// The thresholds on speed and on what must not happen. Figures that need our own provider may be missing without it.
fn checks(meter: &Meter, ours: bool) -> Vec<Check> {
    let of_ours = |check: Check| if ours { check } else { check.where_known() };
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
    vec![
        Check::at_most("processor per 1,000 tokens", 0.03, "s", per_thousand).aiming_at(0.015).where_known(),
        Check::at_most("server memory", 60.0, "MiB", end.server.map(|usage| usage.memory))
            .aiming_at(40.0)
            .where_known(),
    ]
}
