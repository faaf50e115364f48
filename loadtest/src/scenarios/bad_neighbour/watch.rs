//! What is watched beside the people: how fast `/healthz` answers, and how much memory a node has.

use crate::{
    measure::{
        Meter, Recorder,
        process::{Process, usage_of},
    },
    scenario::World,
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

/// From one look to the next.
const EVERY: Duration = Duration::from_millis(50);
/// An answer that takes longer counts as one that took so long.
const LONGEST: Duration = Duration::from_secs(10);

/// Watches until it is dropped.
pub(super) struct Watch {
    health: Arc<Recorder>,
    memory: Arc<Mutex<Option<f64>>>,
    _tasks: JoinSet<()>,
}

impl Watch {
    /// Starts to watch every node.
    pub(super) fn start(world: &World) -> Self {
        let (health, memory) = (Arc::default(), Arc::default());
        let mut tasks = JoinSet::new();
        for node in world.target.nodes() {
            tasks.spawn(ask(format!("{}/healthz", node.url), Arc::clone(&world.meter), Arc::clone(&health)));
        }
        tasks.spawn(look(world.processes(), Arc::clone(&memory)));
        Self { health, memory, _tasks: tasks }
    }

    /// Forgets what was seen so far.
    pub(super) fn begin(&self) {
        self.health.clear();
        *self.memory.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The times of `/healthz` since [`Watch::begin`], and the most memory of a node in MiB.
    pub(super) fn end(&mut self) -> (Recorder, Option<f64>) {
        (self.health.take(), *self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Asks at every tick, whether the answers before have come or not: a server that stands still must not be asked less.
async fn ask(url: String, meter: Arc<Meter>, health: Arc<Recorder>) {
    let http = client();
    let mut ticks = interval(EVERY);
    let mut asked = JoinSet::new();
    loop {
        ticks.tick().await;
        let (request, meter, health) = (http.get(&url), Arc::clone(&meter), Arc::clone(&health));
        asked.spawn(async move {
            let asked_at = meter.clock.now();
            match timeout(LONGEST, request.send()).await {
                Ok(Ok(answer)) if !answer.status().is_success() => meter.error("healthz", answer.status().to_string()),
                Ok(Err(error)) => meter.error("healthz", error.without_url().to_string()),
                Ok(Ok(_)) | Err(_) => {}
            }
            let now = meter.clock.now();
            health.record(now, now - asked_at);
        });
        while asked.try_join_next().is_some() {}
    }
}

async fn look(nodes: Vec<Process>, memory: Arc<Mutex<Option<f64>>>) {
    let mut ticks = interval(EVERY);
    loop {
        ticks.tick().await;
        let Some(now) = usage_of(&nodes, 0.0) else { continue };
        let mut most = memory.lock().unwrap_or_else(PoisonError::into_inner);
        *most = Some(most.map_or(now.memory, |most| most.max(now.memory)));
    }
}
