//! Writes replies: claims runs, streams from a provider, calls tools, persists every step.
//!
//! The service begins a run and publishes that; some node claims it. What a run has done stands in the database
//! after each step, so a node may die at any time: another one, or the same after its start, goes on from there.
//!
//! **Invariant:** a run that is in hand here has its lease renewed; one that is let go is finished, parked or released.

mod active;
mod breaker;
mod compute;
mod peer_text;
mod prompt;
pub mod provider;
pub mod providers;
mod run;
mod title;
pub mod tools;

use active::ActiveRuns;
use providers::{ProviderHandle, ProviderSettings, SetupError};
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use tandem_bus::{BusMessage, Control, Listener};
use tandem_protocol::{Timestamp, UserId};
use tandem_service::Services;
use tokio_util::sync::CancellationToken;

/// How often leases are renewed; they last three times as long.
const RENEW_EVERY: Duration = Duration::from_secs(3);
/// How often runs are looked for that nobody holds.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// How long released runs get to store where they are.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(3);

/// What the assistant needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who answers, in the order of fallback.
    pub providers: Vec<ProviderSettings>,
    /// Whether no other node works on this database: what was running when the last one ended is claimed at once.
    pub only_node: bool,
}

/// The assistant of this node.
#[derive(Debug)]
pub struct Assistant {
    services: Services,
    active: Arc<ActiveRuns>,
    closing: CancellationToken,
}

impl Assistant {
    /// Starts to claim runs.
    pub async fn start(services: Services, settings: Settings) -> Result<Arc<Self>, SetupError> {
        let providers = providers::build(&settings.providers)?;
        let names: Vec<_> = providers.iter().map(|handle: &ProviderHandle| handle.provider.name()).collect();
        tracing::info!(providers = names.join(","), prompt_version = prompt::VERSION, "the assistant is ready");
        let assistant = Arc::new(Self {
            active: Arc::new(ActiveRuns::new(services.clone(), providers)),
            closing: CancellationToken::new(),
            services,
        });
        assistant.services.bus().listen(Arc::new(BusListener(Arc::downgrade(&assistant))));
        if settings.only_node {
            assistant.sweep(Timestamp::from_millis(i64::MAX)).await;
        }
        assistant.spawn_maintenance();
        Ok(assistant)
    }

    /// Claims no new runs, gives those in hand this long to end, then releases them where they are.
    pub async fn drain(&self, limit: Duration) {
        self.active.close();
        if tokio::time::timeout(limit, self.active.empty()).await.is_err() {
            self.active.release_all();
            if tokio::time::timeout(RELEASE_TIMEOUT, self.active.empty()).await.is_err() {
                tracing::warn!("some replies could not be put down in time; their leases will end");
            }
        }
        self.closing.cancel();
    }

    /// Renews leases and looks for runs that nobody holds, until the drain is over.
    fn spawn_maintenance(self: &Arc<Self>) {
        let this = Arc::clone(self);
        self.services.tracker().spawn(async move {
            let (mut renew, mut sweep) = (tokio::time::interval(RENEW_EVERY), tokio::time::interval(SWEEP_EVERY));
            loop {
                tokio::select! {
                    () = this.closing.cancelled() => return,
                    _ = renew.tick() => {
                        this.renew().await;
                        this.count_queued().await;
                    }
                    _ = sweep.tick() => {
                        this.sweep(this.services.env().now()).await;
                        this.stop_unwanted().await;
                        set_gauge("tandem_runs", u32::try_from(this.active.len()));
                    }
                }
            }
        });
    }

    async fn renew(&self) {
        let runs = self.active.ids();
        if runs.is_empty() {
            return;
        }
        if let Err(error) = self.services.renew_leases(&runs).await {
            tracing::warn!(error = %error, "leases were not renewed");
        }
    }

    async fn count_queued(&self) {
        match self.services.queued_runs().await {
            Ok(queued) => set_gauge("tandem_runs_queued", u32::try_from(queued)),
            Err(error) => tracing::warn!(error = %error, "could not count the replies that are queued"),
        }
    }

    async fn sweep(&self, lease_now: Timestamp) {
        match self.services.expired_runs(lease_now).await {
            Ok(runs) => {
                for (user, id) in runs {
                    self.active.claim(&user, id, lease_now);
                }
            }
            Err(error) => tracing::warn!(error = %error, "could not look for runs that nobody holds"),
        }
    }

    /// Stops what users at other nodes have stopped while the bus was away.
    async fn stop_unwanted(&self) {
        if !self.services.bus().is_shared() || self.active.is_empty() {
            return;
        }
        match self.services.unwanted_runs().await {
            Ok(runs) => runs.into_iter().for_each(|id| self.active.cancel(id)),
            Err(error) => tracing::warn!(error = %error, "could not look for runs that are to stop"),
        }
    }

    fn on_control(&self, user: &UserId, control: &Control) {
        match control {
            Control::RunQueued(id) | Control::RunReleased(id) => {
                self.active.claim(user, *id, self.services.env().now());
            }
            Control::CancelRun(id) => self.active.cancel(*id),
            Control::AccountDeleted => self.active.cancel_all_of(user),
            Control::SessionRevoked(_)
            | Control::RunEnded { .. }
            | Control::ResyncHint
            | Control::Asked
            | Control::Present { .. }
            | Control::Unattended => {}
        }
    }
}

fn set_gauge<E>(name: &'static str, value: Result<u32, E>) {
    metrics::gauge!(name).set(f64::from(value.unwrap_or(u32::MAX)));
}

/// Listens to the bus for an assistant that may be gone.
struct BusListener(Weak<Assistant>);

impl Listener for BusListener {
    fn on_message(&self, user: &UserId, message: &BusMessage) {
        let Some(assistant) = self.0.upgrade() else { return };
        match message {
            BusMessage::Control(control) => assistant.on_control(user, control),
            BusMessage::Delta(delta) => assistant.active.on_delta(delta),
            BusMessage::Events(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
