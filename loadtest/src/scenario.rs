//! The trait of a scenario, its input and its result.
//!
//! A scenario is one file in [`crate::scenarios`] with one type that implements [`Scenario`], and one line in
//! [`crate::scenarios::ALL`].

use crate::{
    files::TooFewFiles,
    measure::{
        Check, Grid, Meter, Recorder,
        exported::Exported,
        process::{Process, Usage, usage_of},
    },
    provider::{Pace, StampingProvider},
    virtual_user::{Target, api::ApiError},
};
use async_trait::async_trait;
use std::{sync::Arc, time::Duration};

/// The size of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub users: usize,
    pub devices: usize,
    /// How long the users are active after all have connected.
    pub duration: Duration,
}

/// The input of a scenario.
#[derive(Debug)]
pub struct RunContext {
    pub size: Size,
    pub target: Target,
    /// The figures; the same value as in `target`.
    pub meter: Arc<Meter>,
    /// The provider in this process; `None` when the server uses another one.
    pub provider: Option<StampingProvider>,
    /// The server process; `None` when it is not on this machine.
    pub process: Option<Process>,
    /// The processes of further nodes on this machine.
    pub peers: Vec<Process>,
    /// The metrics of the server, if their address is known.
    pub exported: Option<Exported>,
    /// Seed of all random choices.
    pub seed: u64,
}

impl RunContext {
    /// Seconds since the start of the run.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.meter.clock.elapsed().as_secs_f64()
    }

    /// Processor time and memory of all nodes so far, where their processes are known.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        usage_of(&self.processes(), self.seconds())
    }

    /// The processes of all nodes on this machine.
    #[must_use]
    pub fn processes(&self) -> Vec<Process> {
        self.process.into_iter().chain(self.peers.iter().copied()).collect()
    }

    /// A counter of the server, where its metrics are known.
    pub async fn counter(&self, name: &str) -> Option<f64> {
        self.exported.as_ref()?.counter(name).await
    }
}

/// The result of a scenario.
#[derive(Debug, Default)]
pub struct Outcome {
    pub checks: Vec<Check>,
    /// Latencies in addition to those that every scenario measures.
    pub latencies: Vec<(&'static str, Recorder)>,
    /// Counts in addition to those of every scenario.
    pub counts: Vec<(&'static str, u64)>,
    /// Tables of figures, such as one row for each attack.
    pub tables: Vec<Grid>,
    /// The measured part of the run in seconds of its clock: from the last connect to the last reply.
    pub measured: (f64, f64),
}

/// Why a scenario could not be completed.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    #[error("a user could not connect: {0}")]
    Connect(#[from] ApiError),
    /// The limit of open files is too low.
    #[error(transparent)]
    TooFewFiles(#[from] TooFewFiles),
    /// The threads with low priority could not be started.
    #[error("threads could not be started: {0}")]
    Threads(#[from] std::io::Error),
    /// A user's task ended by a panic.
    #[error("a user's task panicked: {0}")]
    Panicked(#[from] tokio::task::JoinError),
}

/// A way to put load on a server.
#[async_trait]
pub trait Scenario: Sync {
    /// The name on the command line.
    fn name(&self) -> &'static str;

    /// A description in one line.
    fn summary(&self) -> &'static str;

    fn size(&self) -> Size;

    /// The default pace of the provider in this process.
    fn pace(&self) -> Pace {
        Pace { tokens: 200, every: Duration::from_millis(10) }
    }

    /// Runs the scenario and returns its checks. Errors during the run are recorded in the meter.
    ///
    /// # Errors
    /// When the run could not be completed.
    async fn run(&self, run: &RunContext) -> Result<Outcome, ScenarioError>;
}
