//! Writes the replies: claims runs, streams from a provider, calls tools, and persists every step.
//!
//! The service begins a run and publishes that; one node claims it. What a run has done is in the database after each
//! step, so a node may fail at any time: another one, or the same after a restart, continues from there. The bus only
//! makes it fast; a sweep each second finds what the bus lost.
//!
//! **Invariant:** the lease of a run that is active here is renewed. A run that stops being active is finished, parked
//! or released, or its lease expires.

mod active;
pub mod arguments;
mod breaker;
mod checkpoints;
mod compute;
mod ids;
mod peer_text;
mod prompt;
pub mod provider;
pub mod providers;
mod run;
mod timeouts;
pub mod tools;

pub use timeouts::Timeouts;

use active::ActiveRuns;
use checkpoints::Checkpoints;
use providers::{ProviderHandle, ProviderSettings, Providers, SetupError};
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use tandem_bus::{BusMessage, Control, Listener};
use tandem_protocol::{Timestamp, UserId};
use tandem_runtime::tasks;
use tandem_service::Services;
use tokio_util::sync::CancellationToken;

/// Interval between two renewals of the leases, which last three times as long.
const RENEW_EVERY: Duration = Duration::from_secs(3);
/// Interval between two searches for runs that no node holds.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// Time for released runs to store their state.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(3);

#[derive(Clone, Debug)]
pub struct Settings {
    /// The providers, in the order of fallback.
    pub providers: Vec<ProviderSettings>,
    /// Whether this is the only node of the database. Then whatever was running when it last stopped is claimed at
    /// once, without regard to leases.
    pub only_node: bool,
    pub timeouts: Timeouts,
}

/// The assistant of one node. It works until [`Assistant::drain`].
#[derive(Debug)]
pub struct Assistant {
    services: Services,
    active: Arc<ActiveRuns>,
    closing: CancellationToken,
}

impl Assistant {
    /// Sets up the providers and starts to claim runs.
    ///
    /// # Errors
    /// When a provider cannot be set up.
    pub async fn start(services: Services, settings: Settings) -> Result<Arc<Self>, SetupError> {
        let Providers { handles: providers, remote } = providers::build(&settings.providers, &settings.timeouts)?;
        let names: Vec<_> = providers.iter().map(|handle: &ProviderHandle| handle.provider.name()).collect();
        tracing::info!(providers = names.join(","), prompt_version = prompt::VERSION, "the assistant is ready");
        let checkpoints = Arc::<Checkpoints>::default();
        services.list_providers({
            let providers = Arc::clone(&providers);
            move || providers.iter().map(ProviderHandle::info).collect()
        });
        let active = ActiveRuns::new(services.clone(), providers, settings.timeouts, Arc::clone(&checkpoints))
            .map_err(SetupError::Threads)?;
        let assistant = Arc::new(Self { active: Arc::new(active), closing: CancellationToken::new(), services });
        assistant.services.bus().listen(Arc::new(BusListener(Arc::downgrade(&assistant))));
        if settings.only_node {
            // At the end of time every lease has expired.
            assistant.sweep(Timestamp::from_millis(i64::MAX)).await;
        }
        for provider in remote {
            tasks::spawn(assistant.services.tracker(), providers::watch(provider, assistant.closing.clone()));
        }
        assistant.spawn_maintenance();
        let (services, closing) = (assistant.services.clone(), assistant.closing.clone());
        tasks::spawn(assistant.services.tracker(), async move { checkpoints.run(&services, &closing).await });
        Ok(assistant)
    }

    /// Claims no more runs, gives the active ones this long to end, then releases them.
    pub async fn drain(&self, limit: Duration) {
        // First: a run that is published from now on belongs to another node.
        self.active.close();
        if tokio::time::timeout(limit, self.active.wait_until_empty()).await.is_err() {
            self.active.release_all();
            if tokio::time::timeout(RELEASE_TIMEOUT, self.active.wait_until_empty()).await.is_err() {
                tracing::warn!("some replies were not released in time; their leases will expire");
            }
        }
        self.closing.cancel();
    }

    /// Renews leases and searches for runs that no node holds, until the drain is over.
    fn spawn_maintenance(self: &Arc<Self>) {
        let this = Arc::clone(self);
        tasks::spawn(self.services.tracker(), async move {
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
                        set_gauge(&metrics::gauge!("tandem_runs"), u32::try_from(this.active.len()));
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
            // If this goes on, the leases expire and other nodes claim the runs. What is written here is refused then.
            tracing::warn!(error = %error, "leases were not renewed");
        }
    }

    async fn count_queued(&self) {
        match self.services.queued_runs().await {
            Ok(queued) => set_gauge(&metrics::gauge!("tandem_runs_queued"), u32::try_from(queued)),
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

    /// Stops runs that were cancelled at another node while the bus was away.
    async fn stop_unwanted(&self) {
        // On a single node the bus is a call, which cannot be lost.
        if !self.services.bus().is_shared() || self.active.is_empty() {
            return;
        }
        match self.services.unwanted_runs().await {
            Ok(runs) => runs.into_iter().for_each(|id| self.active.cancel(id)),
            Err(error) => tracing::warn!(error = %error, "could not search for cancelled runs"),
        }
    }

    fn on_control(&self, user: &UserId, control: &Control) {
        match control {
            Control::RunQueued(id) | Control::RunReleased(id) => {
                self.active.claim(user, *id, self.services.env().now());
            }
            Control::CancelRun(id) => self.active.cancel(*id),
            Control::AccountDeleted => self.active.cancel_all_of(user),
            // Listed one by one: a new message must be considered here.
            Control::SessionRevoked(_)
            | Control::RunEnded { .. }
            | Control::ResyncHint
            | Control::StateRequested
            | Control::Presence { .. }
            | Control::PushesAdded { .. }
            | Control::Unsubscribed => {}
        }
    }
}

fn set_gauge<E>(gauge: &metrics::Gauge, value: Result<u32, E>) {
    gauge.set(f64::from(value.unwrap_or(u32::MAX)));
}

/// Passes messages of the bus to the assistant, without keeping it alive: the bus keeps its listeners.
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
