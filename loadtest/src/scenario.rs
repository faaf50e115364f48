//! What a scenario is, and which there are.
//!
//! A scenario is one file in [`crate::scenarios`] with one type that implements [`Scenario`], and one line in [`ALL`].

use crate::{
    files::TooFew,
    measure::{
        Check, Grid, Meter, Recorder,
        exported::Exported,
        process::{Process, Usage, usage_of},
    },
    provider::{FakeProvider, Pace},
    scenarios::{
        bad_neighbour::BadNeighbour, costs::Costs, fan_out::FanOut, fifty_users::FiftyUsers, idle::Idle,
        login_storm::LoginStorm, reconnect_storm::ReconnectStorm, slow_device::SlowDevice, streams::Streams,
    },
    virtual_user::{Target, api::ApiError},
};
use async_trait::async_trait;
use std::{sync::Arc, time::Duration};

/// Every scenario, in the order of the help text.
pub const ALL: &[&dyn Scenario] = &[
    &FiftyUsers,
    &Idle,
    &FanOut,
    &ReconnectStorm,
    &SlowDevice::BY_CONTRACT,
    &Streams,
    &LoginStorm,
    &BadNeighbour,
    &Costs,
];

/// How much of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub users: usize,
    pub devices: usize,
    /// How long they are active, after everyone has arrived.
    pub duration: Duration,
}

/// What a scenario has to work with.
#[derive(Debug)]
pub struct World {
    /// How much of everything.
    pub size: Size,
    pub target: Target,
    /// The figures; the same as in `target`.
    pub meter: Arc<Meter>,
    /// Our own provider, if it was asked for.
    pub provider: Option<FakeProvider>,
    /// The server's process, if it can be seen.
    pub process: Option<Process>,
    /// The processes of its other nodes, where it has several and they can be seen.
    pub peers: Vec<Process>,
    /// What the server says of itself, if it may be asked.
    pub exported: Option<Exported>,
    /// Where the dice start.
    pub seed: u64,
}

impl World {
    /// Seconds since the start of the run.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.meter.clock.elapsed().as_secs_f64()
    }

    /// What the server has used so far, where that can be seen.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        usage_of(&self.processes(), self.seconds())
    }

    /// The processes of all nodes that can be seen.
    #[must_use]
    pub fn processes(&self) -> Vec<Process> {
        self.process.into_iter().chain(self.peers.iter().copied()).collect()
    }

    /// A counter of the server, where it tells.
    pub async fn counter(&self, name: &str) -> Option<f64> {
        self.exported.as_ref()?.counter(name).await
    }
}

/// What a scenario came to.
#[derive(Debug, Default)]
pub struct Outcome {
    pub checks: Vec<Check>,
    /// Latencies beside those that every scenario measures.
    pub latencies: Vec<(&'static str, Recorder)>,
    /// Counts beside those of every scenario.
    pub counts: Vec<(&'static str, u64)>,
    /// Figures by rows, such as one for each attack.
    pub tables: Vec<Grid>,
    /// The part of the run that counts, in seconds of its clock: from everyone's arrival to the last reply.
    pub measured: (f64, f64),
}

/// The run could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// A user could not register, log in or connect.
    #[error("a user could not arrive: {0}")]
    Arrival(#[from] ApiError),
    /// There is no room for so many sockets.
    #[error(transparent)]
    TooFewFiles(#[from] TooFew),
    /// No threads for what is done apart from the people.
    #[error("threads could not be started: {0}")]
    Threads(#[from] std::io::Error),
    /// A user's task ended by a panic.
    #[error("a user's task broke: {0}")]
    Broken(#[from] tokio::task::JoinError),
}

/// A way to put load on a server.
#[async_trait]
pub trait Scenario: Sync {
    /// As it is called on the command line.
    fn name(&self) -> &'static str;

    /// What it does, in a line.
    fn summary(&self) -> &'static str;

    /// How much of everything when nothing else is said.
    fn size(&self) -> Size;

    /// How fast our own provider writes when nothing else is said.
    fn pace(&self) -> Pace {
        Pace { tokens: 200, every: Duration::from_millis(10) }
    }

    /// Makes the run and says what its figures must be. What goes wrong on the way is noted in the meter.
    ///
    /// # Errors
    /// When the run could not be made at all.
    async fn run(&self, world: &World) -> Result<Outcome, ScenarioError>;
}

/// The scenario of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Scenario> {
    ALL.iter().copied().find(|scenario| scenario.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_is_found_by_its_name_and_says_what_it_does() {
        for scenario in ALL {
            assert!(named(scenario.name()).is_some_and(|found| found.name() == scenario.name()));
            assert!(!scenario.summary().is_empty() && scenario.size().users > 0);
        }
        assert!(named("no-such").is_none());
    }
}
