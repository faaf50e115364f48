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

/// What a scenario is, before it runs.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The name on the command line.
    pub name: &'static str,
    /// A description in one line.
    pub summary: &'static str,
    /// The size when the command line gives none.
    pub size: Size,
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
    pub fn seconds(&self) -> f64 {
        self.meter.clock.elapsed().as_secs_f64()
    }

    /// Processor time and memory of all nodes so far, where their processes are known.
    pub fn usage(&self) -> Option<Usage> {
        usage_of(&self.processes(), self.seconds())
    }

    pub fn processes(&self) -> Vec<Process> {
        self.process.into_iter().chain(self.peers.iter().copied()).collect()
    }

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
    #[error(transparent)]
    TooFewFiles(#[from] TooFewFiles),
    #[error("threads could not be started: {0}")]
    Threads(#[from] std::io::Error),
    #[error("a user's task panicked: {0}")]
    Panicked(#[from] tokio::task::JoinError),
}

/// A way to put load on a server.
#[async_trait]
pub trait Scenario: Sync {
    fn about(&self) -> About;

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
