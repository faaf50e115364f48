//! One user sends as much load as it can while the users of `fifty-users` chat.
//!
//! That user, the neighbour, has an ordinary account. The phases: the users alone, beside a program that keeps all cores
//! busy without using the server, beside each attack, and beside all attacks at once. A refusal is an error for the users
//! and not for the neighbour. Tokens more than twice as slow, a slow `/healthz` and too much memory are failures.
//!
//! On a machine with few cores, a thread that wakes up waits for the running one, so tokens that take a millisecond alone
//! take several beside anything busy. That is the scheduler's share and not the server's, so the slower one of the first two
//! phases is the baseline. The table has both ratios.
//!
//! An attack takes [`ATTACKING`] of its phase. In the rest, the neighbour deletes its conversations, so that its queue is
//! empty for the next attack. The figures are those of the whole phase.

mod attacks;
mod low_priority;
mod neighbour;
mod raw;
mod watch;

use super::fifty_users::{self, ReplyPlan, STAGGER};
use crate::{
    files,
    measure::{Check, Grid, Recorder},
    scenario::{About, Outcome, RunContext, Scenario, ScenarioError, Size},
    scenarios::users::{check_and_close, correctness, each},
};
use async_trait::async_trait;
use attacks::{ALL, Attack};
use low_priority::{BusyCores, LowPriorityRuntime};
use neighbour::{Neighbour, RequestCounts};
use std::{sync::Arc, time::Duration};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};
use watch::Watch;

/// The share of a phase during which the neighbour attacks.
const ATTACKING: f64 = 0.8;
/// Phases before the attacks: users alone, and busy cores.
const BASELINES: usize = 2;
const BUSY_CORES: &str = "busy cores";
/// Token latencies below this count as this: such small figures double by chance.
const FLOOR_MS: f64 = 1.5;
/// Connections of the neighbour, for the limit of open files.
const CONNECTIONS: usize = 1_000;

/// The scenario `bad-neighbour`. The duration of its size is that of all phases together.
#[derive(Debug)]
pub struct BadNeighbour;

#[async_trait]
impl Scenario for BadNeighbour {
    fn about(&self) -> About {
        About {
            name: "bad-neighbour",
            summary: "one user does the worst of each sort while fifty chat: what they feel of it, and the server's memory",
            size: Size { users: 50, devices: 2, duration: Duration::from_secs(140) },
        }
    }

    async fn run(&self, run: &RunContext) -> Result<Outcome, ScenarioError> {
        files::ensure_file_limit(run.size.users * run.size.devices + CONNECTIONS, run.process)?;
        let low_priority = LowPriorityRuntime::start()?;
        let (users, neighbour) = tokio::join!(fifty_users::connect_all(run), Neighbour::connect(run, &low_priority));
        let (users, neighbour) = (users?, Arc::new(neighbour?));
        let length = run.size.duration / u32::try_from(phase_plan().len()).unwrap_or(u32::MAX);
        // The users start at different moments; measuring begins when all of them have started.
        let (start, expected) = (Instant::now() + STAGGER, ReplyPlan::of(run));
        let until = start + run.size.duration;
        let chats = tokio::spawn(each(users, move |number, user| fifty_users::chat(user, number, until, expected)));
        sleep_until(start).await;
        let begin = run.seconds();
        let mut watch = Watch::start(run);
        let mut phases = Vec::new();
        for (number, (name, attacks)) in phase_plan().into_iter().enumerate() {
            let ends = start + length * u32::try_from(number + 1).unwrap_or(u32::MAX);
            // Dropped at the end of the phase, which ends the threads.
            let _busy = (name == BUSY_CORES).then(BusyCores::start);
            phases.push(phase(run, &mut watch, (&low_priority, &neighbour), name, attacks, ends).await);
        }
        let end = run.seconds();
        let users = chats.await??;
        check_and_close(users.into_iter().map(|user| user.user).collect()).await?;
        Ok(outcome(run, phases, (begin, end)))
    }
}

/// The name and the attacks of each phase: the [`BASELINES`], then each attack, then all.
fn phase_plan() -> Vec<(&'static str, &'static [Attack])> {
    let each = ALL.iter().map(|attack| (attack.name, std::slice::from_ref(attack)));
    let baselines = [("nobody", &[][..]), (BUSY_CORES, &[][..])];
    baselines.into_iter().chain(each).chain([("all at once", ALL)]).collect()
}

/// The figures of one phase.
struct Phase {
    name: &'static str,
    counts: Arc<RequestCounts>,
    tokens: Recorder,
    health: Recorder,
    /// The maximum of a node in MiB.
    memory: Option<f64>,
    /// Processor seconds of all nodes per second.
    cores: Option<f64>,
    /// Errors of the users.
    errors: u64,
}

async fn phase(
    run: &RunContext,
    watch: &mut Watch,
    (low_priority, neighbour): (&LowPriorityRuntime, &Arc<Neighbour>),
    name: &'static str,
    attacks: &'static [Attack],
    ends: Instant,
) -> Phase {
    let (counts, errors) = (Arc::new(RequestCounts::default()), run.meter.errors_in_all());
    let (began, used) = (Instant::now(), run.usage());
    run.meter.begin();
    watch.begin();
    // Dropping the set cancels the attack at any await.
    let mut attacking = JoinSet::new();
    for attack in attacks {
        attacking.spawn_on((attack.run)(Arc::clone(neighbour), Arc::clone(&counts)), low_priority.handle());
    }
    let length = ends.saturating_duration_since(Instant::now());
    sleep_until(ends - length.mul_f64(1.0 - ATTACKING)).await;
    attacking.shutdown().await;
    let cleanup =
        (!attacks.is_empty()).then(|| low_priority.handle().spawn(Arc::clone(neighbour).delete_conversations()));
    sleep_until(ends).await;
    if let Some(cleanup) = cleanup {
        cleanup.abort();
    }
    let (health, memory) = watch.end();
    let errors = run.meter.errors_in_all() - errors;
    let cores =
        used.zip(run.usage()).map(|(before, now)| (now.processor - before.processor) / began.elapsed().as_secs_f64());
    Phase { name, counts, tokens: run.meter.token.take(), health, memory, cores, errors }
}

impl Phase {
    fn tokens_p99(&self) -> Option<f64> {
        self.tokens.quantile(0.99)
    }

    /// The ratio of the token latency to that of the slower baseline.
    fn slower(&self, baselines: &[Self]) -> Option<f64> {
        let base = baselines.iter().filter_map(Self::tokens_p99).fold(FLOOR_MS, f64::max);
        Some(self.tokens_p99()? / base)
    }

    fn row(&self, baselines: &[Self]) -> Vec<String> {
        let ms = |figure: Option<f64>| figure.map_or_else(|| "-".into(), |figure| format!("{figure:.1}"));
        let mut row = vec![self.name.to_owned()];
        row.extend(self.counts.counts().map(|count| count.to_string()));
        row.extend([
            ms(self.tokens_p99()),
            ms(self.slower(&baselines[..1])),
            ms(self.slower(baselines)),
            ms(self.health.quantile(0.99)),
            ms(self.health.quantile(1.0)),
            ms(self.memory),
            self.cores.map_or_else(|| "-".into(), |cores| format!("{cores:.2}")),
            self.errors.to_string(),
        ]);
        row
    }
}

fn outcome(run: &RunContext, phases: Vec<Phase>, measured: (f64, f64)) -> Outcome {
    let (baselines, beside) = phases.split_at(BASELINES);
    let most = |of: &dyn Fn(&Phase) -> Option<f64>| beside.iter().filter_map(of).reduce(f64::max);
    let (all, single) = (&beside[ALL.len()..], &beside[..ALL.len()]);
    let slowest = |phases: &[Phase]| phases.iter().filter_map(|phase| phase.slower(baselines)).reduce(f64::max);
    let tokens = Check::at_most("p99 of tokens, worst attack", 2.0, "×", slowest(single));
    let together = Check::at_most("p99 of tokens, all attacks at once", 3.0, "×", slowest(all));
    // A phase without tokens has no latency, which no other check would notice.
    let silent = beside.iter().filter(|phase| phase.tokens.count() == 0).count();
    let silent = Check::none("attacks beside which no token came", u64::try_from(silent).unwrap_or(u64::MAX));
    let ours = run.provider.as_ref().map(|provider| provider.served().counted.most());
    let mut checks = vec![
        tokens.required_if(run.provider.is_some()),
        together.required_if(run.provider.is_some()),
        if run.provider.is_some() { silent } else { Check { measured: None, ..silent.where_known() } },
        Check::at_most("/healthz, p99, worst attack", 100.0, "ms", most(&|phase| phase.health.quantile(0.99))),
        Check::at_most("server memory", 300.0, "MiB", most(&|phase| phase.memory)).where_known(),
        Check::at_most("replies of one user at once", 4.0, "", ours.map(figure)).where_known(),
    ];
    checks.extend(correctness(&run.meter));
    let table = Grid {
        title: "While one user does its worst (times in ms, memory in MiB, cores of the server that were busy)".into(),
        columns: "attack|attempts|accepted|refused|failed|open|token p99|× alone|\
                  × baseline|/healthz p99|max|memory|cores|people's errors"
            .split('|')
            .collect(),
        rows: phases.iter().map(|phase| phase.row(baselines)).collect(),
    };
    let counts = vec![("replies of the neighbour at once", ours.unwrap_or_default())];
    let names = ["each token, people alone", "each token, beside all attacks"];
    let mut ends = phases.into_iter().map(|phase| phase.tokens);
    let latencies = names.into_iter().zip(ends.next().into_iter().chain(ends.next_back())).collect();
    Outcome { checks, latencies, counts, tables: vec![table], measured }
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 replies")]
fn figure(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(name: &'static str, token_ms: u64) -> Phase {
        let tokens = Recorder::default();
        tokens.record(0, token_ms * 1_000_000);
        let (counts, health) = (Arc::default(), Recorder::default());
        Phase { name, counts, tokens, health, memory: None, cores: None, errors: 0 }
    }

    #[test]
    fn tokens_are_compared_with_the_baseline_above_a_floor() {
        let slower = |alone, beside| phase("", beside).slower(&[phase("", alone)]).unwrap_or_default();
        assert!((slower(4, 12) - 3.0).abs() < 0.1);
        assert!((slower(1, 3) - 2.0).abs() < 0.1, "less than the floor counts as the floor");
    }

    #[test]
    fn the_first_phase_has_no_attack_and_the_last_has_all() {
        let phase_plan = phase_plan();
        assert!(phase_plan[0].1.is_empty());
        assert_eq!(phase_plan.last().map(|(_, attacks)| attacks.len()), Some(ALL.len()));
        assert_eq!(phase_plan.len(), BASELINES + ALL.len() + 1);
    }
}
