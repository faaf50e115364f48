//! Measures beside the users how fast `/healthz` answers and how much memory the nodes have.

use crate::{
    measure::{
        Meter, Recorder,
        process::{Process, usage_of},
    },
    scenario::RunContext,
    virtual_user::api::client,
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{interval, timeout},
};

/// Interval of requests and of memory samples.
const EVERY: Duration = Duration::from_millis(50);
/// A longer answer counts with this time.
const LONGEST: Duration = Duration::from_secs(10);

/// Measures until it is dropped.
pub(super) struct Watch {
    health: Arc<Recorder>,
    memory: Arc<Mutex<Option<f64>>>,
    _tasks: JoinSet<()>,
}

impl Watch {
    /// Starts the requests to every node.
    pub(super) fn start(run: &RunContext) -> Self {
        let (health, memory) = (Arc::default(), Arc::default());
        let mut tasks = JoinSet::new();
        for node in run.target.nodes() {
            tasks.spawn(probe(format!("{}/healthz", node.url), Arc::clone(&run.meter), Arc::clone(&health)));
        }
        tasks.spawn(sample_memory(run.processes(), Arc::clone(&memory)));
        Self { health, memory, _tasks: tasks }
    }

    /// Removes the figures so far.
    pub(super) fn begin(&self) {
        self.health.clear();
        *self.memory.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The latencies of `/healthz` since [`Watch::begin`], and the maximum memory of a node in MiB.
    pub(super) fn end(&mut self) -> (Recorder, Option<f64>) {
        (self.health.take(), *self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Sends a request at every tick.
async fn probe(url: String, meter: Arc<Meter>, health: Arc<Recorder>) {
    let http = client();
    let mut ticks = interval(EVERY);
    let mut requests = JoinSet::new();
    loop {
        ticks.tick().await;
        // Not after the answer to the one before: a server that stalls would get fewer requests and look better.
        let (request, meter, health) = (http.get(&url), Arc::clone(&meter), Arc::clone(&health));
        requests.spawn(async move {
            let sent_at = meter.clock.now();
            match timeout(LONGEST, request.send()).await {
                Ok(Ok(answer)) if !answer.status().is_success() => meter.error("healthz", answer.status().to_string()),
                Ok(Err(error)) => meter.error("healthz", error.without_url().to_string()),
                // A timeout is no error here: its latency, which is recorded below, exceeds the threshold.
                Ok(Ok(_)) | Err(_) => {}
            }
            let now = meter.clock.now();
            health.record(now, now - sent_at);
        });
        while requests.try_join_next().is_some() {}
    }
}

async fn sample_memory(nodes: Vec<Process>, memory: Arc<Mutex<Option<f64>>>) {
    let mut ticks = interval(EVERY);
    loop {
        ticks.tick().await;
        let Some(now) = usage_of(&nodes, 0.0) else { continue };
        let mut most = memory.lock().unwrap_or_else(PoisonError::into_inner);
        *most = Some(most.map_or(now.memory, |most| most.max(now.memory)));
    }
}
