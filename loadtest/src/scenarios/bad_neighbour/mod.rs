//! One user does the worst of each sort while the people of `fifty-users` chat.
//!
//! That user, the neighbour, has an ordinary account. First the people are measured alone, then beside a program that
//! keeps all cores busy and asks for nothing, then beside each attack, one after the other, then beside all attacks at once.
//! What the server refuses the neighbour is no error. What it refuses the people is one, and so are tokens that are slower
//! by more than twice, a slow `/healthz`, and memory.
//!
//! On a machine with few cores a thread that wakes waits for the one that runs, whoever that is, and tokens that take a
//! millisecond alone take several. That is the scheduler's doing and not the server's: so the slower one of the two first
//! phases is the baseline. The table has both ratios.
//!
//! An attack lasts for [`ATTACKING`] of its phase. In the rest the neighbour deletes its conversations, so that the next
//! attack is not refused for what this one left in the queue; figures are taken over the whole phase.

mod apart;
mod attacks;
mod neighbour;
mod raw;
mod watch;

use super::fifty_users::{self, STAGGER, Turns};
use crate::{
    files,
    measure::{Check, Grid, Recorder},
    scenario::{Outcome, Scenario, ScenarioError, Size, World},
    scenarios::people::{check_and_leave, correctness, each},
};
use apart::{Apart, BusyCores};
use async_trait::async_trait;
use attacks::{ALL, Attack};
use neighbour::{Neighbour, Tally};
use std::{sync::Arc, time::Duration};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};
use watch::Watch;

/// The share of a phase in which the neighbour attacks.
const ATTACKING: f64 = 0.8;
/// Phases before the attacks: nobody, and busy cores.
const BASELINES: usize = 2;
const BUSY_CORES: &str = "busy cores";
/// Figures of tokens below this are not told apart: they double by chance.
const FLOOR_MS: f64 = 1.5;
/// Connections of the neighbour, for the limit of open files.
const CONNECTIONS: usize = 1_000;

/// See the module. The size's duration is that of all phases together.
#[derive(Debug)]
pub struct BadNeighbour;

#[async_trait]
impl Scenario for BadNeighbour {
    fn name(&self) -> &'static str {
        "bad-neighbour"
    }

    fn summary(&self) -> &'static str {
        "one user does the worst of each sort while fifty chat: what they feel of it, and the server's memory"
    }

    fn size(&self) -> Size {
        Size { users: 50, devices: 2, duration: Duration::from_secs(140) }
    }

    async fn run(&self, world: &World) -> Result<Outcome, ScenarioError> {
        files::make_room(world.size.users * world.size.devices + CONNECTIONS, world.process)?;
        let apart = Apart::start()?;
        let (people, neighbour) = tokio::join!(fifty_users::arrive(world), Neighbour::arrive(world, &apart));
        let (people, neighbour) = (people?, Arc::new(neighbour?));
        let length = world.size.duration / u32::try_from(courses().len()).unwrap_or(u32::MAX);
        let (start, expected) = (Instant::now() + STAGGER, Turns::of(world));
        let until = start + world.size.duration;
        let living =
            tokio::spawn(each(people, move |number, person| fifty_users::live(person, number, until, expected)));
        sleep_until(start).await;
        let begin = world.seconds();
        let mut watch = Watch::start(world);
        let mut phases = Vec::new();
        for (number, (name, attacks)) in courses().into_iter().enumerate() {
            let ends = start + length * u32::try_from(number + 1).unwrap_or(u32::MAX);
            let _busy = (name == BUSY_CORES).then(BusyCores::start);
            phases.push(phase(world, &mut watch, (&apart, &neighbour), name, attacks, ends).await);
        }
        let end = world.seconds();
        let people = living.await??;
        check_and_leave(people.into_iter().map(|person| person.user).collect()).await?;
        Ok(outcome(world, phases, (begin, end)))
    }
}

/// What is done in each phase: the [`BASELINES`], then each attack, then all.
fn courses() -> Vec<(&'static str, &'static [Attack])> {
    let each = ALL.iter().map(|attack| (attack.name, std::slice::from_ref(attack)));
    let baselines = [("nobody", &[][..]), (BUSY_CORES, &[][..])];
    baselines.into_iter().chain(each).chain([("all at once", ALL)]).collect()
}

/// What was seen in one phase.
struct Phase {
    name: &'static str,
    tally: Arc<Tally>,
    tokens: Recorder,
    health: Recorder,
    /// The most of a node, in MiB.
    memory: Option<f64>,
    /// Cores that the nodes kept busy.
    cores: Option<f64>,
    /// Errors of the people.
    errors: u64,
}

async fn phase(
    world: &World,
    watch: &mut Watch,
    (apart, neighbour): (&Apart, &Arc<Neighbour>),
    name: &'static str,
    attacks: &'static [Attack],
    ends: Instant,
) -> Phase {
    let (tally, errors) = (Arc::new(Tally::default()), world.meter.errors_in_all());
    let (began, used) = (Instant::now(), world.usage());
    world.meter.begin();
    watch.begin();
    // Dropping the set ends the attack, whatever it waits for.
    let mut attacking = JoinSet::new();
    for attack in attacks {
        attacking.spawn_on((attack.run)(Arc::clone(neighbour), Arc::clone(&tally)), apart.handle());
    }
    let length = ends.saturating_duration_since(Instant::now());
    sleep_until(ends - length.mul_f64(1.0 - ATTACKING)).await;
    attacking.shutdown().await;
    let tidying = (!attacks.is_empty()).then(|| apart.handle().spawn(Arc::clone(neighbour).tidy()));
    sleep_until(ends).await;
    if let Some(tidying) = tidying {
        tidying.abort();
    }
    let (health, memory) = watch.end();
    let errors = world.meter.errors_in_all() - errors;
    let cores =
        used.zip(world.usage()).map(|(before, now)| (now.processor - before.processor) / began.elapsed().as_secs_f64());
    Phase { name, tally, tokens: world.meter.token.take(), health, memory, cores, errors }
}

impl Phase {
    fn tokens_p99(&self) -> Option<f64> {
        self.tokens.quantile(0.99)
    }

    /// How much slower tokens are than in the slower one of the baselines.
    fn slower(&self, baselines: &[Self]) -> Option<f64> {
        let base = baselines.iter().filter_map(Self::tokens_p99).fold(FLOOR_MS, f64::max);
        Some(self.tokens_p99()? / base)
    }

    fn row(&self, baselines: &[Self]) -> Vec<String> {
        let ms = |figure: Option<f64>| figure.map_or_else(|| "-".into(), |figure| format!("{figure:.1}"));
        let mut row = vec![self.name.to_owned()];
        row.extend(self.tally.counts().map(|count| count.to_string()));
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

fn outcome(world: &World, phases: Vec<Phase>, measured: (f64, f64)) -> Outcome {
    let (baselines, beside) = phases.split_at(BASELINES);
    let most = |of: &dyn Fn(&Phase) -> Option<f64>| beside.iter().filter_map(of).reduce(f64::max);
    let (all, single) = (&beside[ALL.len()..], &beside[..ALL.len()]);
    let slowest = |phases: &[Phase]| phases.iter().filter_map(|phase| phase.slower(baselines)).reduce(f64::max);
    let tokens = Check::at_most("p99 of tokens, worst attack", 2.0, "×", slowest(single));
    let together = Check::at_most("p99 of tokens, all attacks at once", 3.0, "×", slowest(all));
    // Without a token there is no figure for its phase.
    let silent = beside.iter().filter(|phase| phase.tokens.count() == 0).count();
    let silent = Check::none("attacks beside which no token came", u64::try_from(silent).unwrap_or(u64::MAX));
    let ours = world.provider.as_ref().map(|provider| provider.served().counted.most());
    let mut checks = vec![
        if world.provider.is_some() { tokens } else { tokens.where_known() },
        if world.provider.is_some() { together } else { together.where_known() },
        if world.provider.is_some() { silent } else { Check { measured: None, ..silent.where_known() } },
        Check::at_most("/healthz, p99, worst attack", 100.0, "ms", most(&|phase| phase.health.quantile(0.99))),
        Check::at_most("server memory", 300.0, "MiB", most(&|phase| phase.memory)).where_known(),
        Check::at_most("replies of one user at once", 4.0, "", ours.map(figure)).where_known(),
    ];
    checks.extend(correctness(&world.meter));
    let table = Grid {
        title: "While one user does its worst (times in ms, memory in MiB, cores of the server that were busy)".into(),
        columns: vec![
            "attack",
            "attempts",
            "accepted",
            "refused",
            "failed",
            "open",
            "token p99",
            "× alone",
            "× baseline",
            "/healthz p99",
            "max",
            "memory",
            "cores",
            "people's errors",
        ],
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
        let (tally, health) = (Arc::default(), Recorder::default());
        Phase { name, tally, tokens, health, memory: None, cores: None, errors: 0 }
    }

    #[test]
    fn tokens_are_compared_with_those_of_the_people_alone_above_a_floor() {
        let slower = |alone, beside| phase("", beside).slower(&[phase("", alone)]).unwrap_or_default();
        assert!((slower(4, 12) - 3.0).abs() < 0.1);
        assert!((slower(1, 3) - 2.0).abs() < 0.1, "less than the floor counts as the floor");
    }

    #[test]
    fn people_are_alone_first_and_meet_everything_last() {
        let courses = courses();
        assert!(courses[0].1.is_empty());
        assert_eq!(courses.last().map(|(_, attacks)| attacks.len()), Some(ALL.len()));
        assert_eq!(courses.len(), BASELINES + ALL.len() + 1);
    }
}
