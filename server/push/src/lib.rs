//! Web Push: sends what waits in the outbox to the push services of browsers.
//!
//! A push is written by the transaction of what it is about, so that none is lost. Each node looks for pushes that wait,
//! at once after a change of its own and each second besides, and sends them beside each other. Right before it sends one
//! it begins an attempt in the database, and one node alone can do that.
//!
//! **Invariant:** a device gets each push at most once: an attempt of which nobody knows whether it has arrived is the
//! last one. What a push service has refused or not received is tried again for a day.

pub mod encryption;
mod sender;
pub mod vapid;

use sender::{SendOutcome, Sender};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tandem_auth::secret::Secret;
use tandem_domain::push::topic;
use tandem_protocol::{
    DeviceId, Timestamp, UserId,
    enums::{PushKind, WireEnum as _},
};
use tandem_runtime::{permits::Permits, tasks};
use tandem_service::{Result, Services, push::PushContent};
use tandem_store::{DuePush, PushEnd, PushId};
use tokio::{
    sync::{Notify, Semaphore},
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use vapid::{KeyFault, Signer};

/// How often each node looks for pushes that wait.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Pushes that one look finds.
const FOUND_AT_ONCE: u32 = 192;
/// Pushes that a node sends at the same time, and of these those of one user: a push service that does not answer must not
/// keep those of others.
const AT_ONCE: usize = 256;
const USER_AT_ONCE: usize = 32;
/// How long more pushes of such a user wait, so that looks find those of others.
const DEFERRED: Duration = Duration::from_millis(250);
/// How long slots that become free are gathered.
const GATHERED: Duration = Duration::from_millis(20);
/// The pauses between attempts double from the first to the last one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LAST_PAUSE: Duration = Duration::from_hours(1);

/// The devices of a user that are connected to this node.
pub type ConnectedDevices = Arc<dyn Fn(&UserId) -> Vec<DeviceId> + Send + Sync>;

/// Why pushes cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Key(#[from] KeyFault),
    #[error("the client for push services could not be set up")]
    Client(#[from] reqwest::Error),
    #[error(transparent)]
    Service(#[from] tandem_service::ServiceError),
}

/// Sends pushes, with the key that all nodes share.
#[derive(Clone)]
pub struct Pusher(Arc<Shared>);

struct Shared {
    services: Services,
    sender: Sender,
    connected: ConnectedDevices,
    slots: Arc<Semaphore>,
    of_user: Arc<Permits<UserId>>,
    /// What this node works on, so that a look does not find it once more.
    busy: Mutex<HashSet<PushId>>,
    /// Woken when a slot is free again.
    freed: Notify,
}

impl std::fmt::Debug for Pusher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pusher").field("sender", &self.0.sender).finish_non_exhaustive()
    }
}

impl Pusher {
    /// Reads the key of this server from the database; the first node makes it. `contact` is where a push service can ask
    /// about this server, a `mailto:` or https address.
    ///
    /// # Errors
    /// [`StartError`] when the key cannot be read or made, or TLS cannot be set up.
    pub async fn new(services: Services, contact: &str, connected: ConnectedDevices) -> Result<Self, StartError> {
        let key = services.adopt_push_key(&vapid::new_key()?).await?;
        // Installed by whichever client is made first; a second time is no error.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sender = Sender::new(Signer::new(&key, contact)?, services.push_loopback())?;
        Ok(Self(Arc::new(Shared {
            services,
            sender,
            connected,
            slots: Arc::new(Semaphore::new(AT_ONCE)),
            of_user: Permits::new(USER_AT_ONCE),
            busy: Mutex::default(),
            freed: Notify::new(),
        })))
    }

    /// Sends what waits until it is stopped. Attempts that have begun go on, and the tracker of the services waits for
    /// them.
    pub async fn run(self, stop: CancellationToken) {
        let shared = &self.0;
        loop {
            let Looked { full, next } = self.look().await.unwrap_or_else(|error| {
                tracing::warn!(error = &error as &dyn std::error::Error, "pushes could not be read");
                Looked { full: false, next: LOOK_EVERY }
            });
            tokio::select! {
                () = stop.cancelled() => return,
                () = shared.services.push_waits(), if !full => {}
                () = shared.some_freed(), if full => {}
                () = sleep(next) => {}
            }
        }
    }

    /// Starts what can be sent now.
    async fn look(&self) -> Result<Looked> {
        let shared = &self.0;
        let due = shared.services.due_pushes(FOUND_AT_ONCE).await?;
        let mut full = due.len() >= FOUND_AT_ONCE as usize;
        let mut busy_users = HashSet::new();
        for push in due {
            let Ok(slot) = Arc::clone(&shared.slots).try_acquire_owned() else {
                full = true;
                break;
            };
            if shared.busy().contains(&push.key) {
                continue;
            }
            let Some(of_user) = shared.of_user.try_acquire(push.key.user.clone()) else {
                busy_users.insert(push.key.user.clone());
                continue;
            };
            shared.busy().insert(push.key.clone());
            let shared = Arc::clone(shared);
            tasks::spawn(&self.0.services.tracker().clone(), async move {
                if let Err(error) = shared.deliver(&push).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a push could not be sent");
                }
                shared.busy().remove(&push.key);
                drop((slot, of_user));
                shared.freed.notify_one();
            });
        }
        for user in &busy_users {
            shared.services.defer_pushes(user, DEFERRED).await?;
        }
        Ok(Looked { full, next: if busy_users.is_empty() { LOOK_EVERY } else { DEFERRED } })
    }
}

/// What a look leads to.
struct Looked {
    /// Whether more waits than was started: the next look is when slots are free.
    full: bool,
    /// When the next look is at the latest.
    next: Duration,
}

impl Shared {
    fn busy(&self) -> std::sync::MutexGuard<'_, HashSet<PushId>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a moment after a slot is free: by then others are, too, and one look starts several.
    async fn some_freed(&self) {
        self.freed.notified().await;
        sleep(GATHERED).await;
    }

    async fn deliver(&self, push: &DuePush) -> Result<()> {
        if push.sending {
            count(push, "unknown");
            return self.services.end_push(&push.key, push.attempts, PushEnd::Sent).await;
        }
        let over = self.services.env().now() >= push.gives_up_at;
        if over || !push.signed_in {
            count(push, if over { "given_up" } else { "signed_out" });
            return self.services.end_push(&push.key, push.attempts, PushEnd::Dropped).await;
        }
        if let Some(until) = self.services.held_until(push, &(self.connected)(&push.key.user)) {
            return self.services.end_push(&push.key, push.attempts, PushEnd::Retry(until)).await;
        }
        let token = Secret::random("");
        let payload = match self.services.push_content(push, token.reveal()).await? {
            PushContent::Send(payload) => payload,
            PushContent::Later(at) => {
                return self.services.end_push(&push.key, push.attempts, PushEnd::Retry(at)).await;
            }
            PushContent::Obsolete(reason) => {
                count(push, reason);
                return self.services.end_push(&push.key, push.attempts, PushEnd::Dropped).await;
            }
        };
        let answerable = payload.reminder.is_some();
        if !self.services.begin_push(push, answerable.then_some(&token)).await? {
            return Ok(());
        }
        let now = self.services.env().now();
        record_delay(push, now);
        let text =
            serde_json::to_vec(&payload).map_err(|error| tandem_service::ServiceError::Internal(error.into()))?;
        let outcome = self.sender.send(push, &text, &topic(&payload.tag), now).await;
        let end = self.end(push, outcome, answerable);
        self.services.end_push(&push.key, push.attempts + 1, end).await
    }

    /// What to do after an attempt, which is counted.
    fn end(&self, push: &DuePush, outcome: SendOutcome, answerable: bool) -> PushEnd {
        // A push with a token stays, so that the token works.
        let done = if answerable { PushEnd::Sent } else { PushEnd::Dropped };
        match outcome {
            SendOutcome::Accepted => {
                count(push, "sent");
                done
            }
            SendOutcome::Unknown => {
                count(push, "unknown");
                done
            }
            SendOutcome::Gone => {
                count(push, "gone");
                PushEnd::Unsubscribed
            }
            SendOutcome::Refused(why) => {
                count(push, "refused");
                tracing::info!(why, kind = %push.subject.kind, "a push was refused");
                PushEnd::Dropped
            }
            SendOutcome::Later(after, why) => {
                count(push, why);
                let next = self.services.env().now().plus(pause(push.attempts + 1, after));
                PushEnd::Retry(next.min(push.gives_up_at))
            }
        }
    }
}

fn count(push: &DuePush, result: &'static str) {
    let kind = push.subject.kind.as_str();
    metrics::counter!("tandem_pushes_total", "kind" => kind, "result" => result).increment(1);
}

/// Records how long after its event a push is sent, at its first attempt. Those that were held back are not late.
#[expect(clippy::cast_precision_loss, reason = "a delay in milliseconds is far below what a float holds")]
fn record_delay(push: &DuePush, now: Timestamp) {
    let delay = now.millis_since(push.created_at).max(0);
    let held = i64::try_from(tandem_service::push::HELD.as_millis()).unwrap_or(i64::MAX);
    if push.attempts == 0 && delay < held && push.subject.kind != PushKind::Test {
        metrics::histogram!("tandem_push_delay_seconds").record(delay as f64 / 1_000.0);
    }
}

/// The pause after an attempt, counted from 1: what the push service asks for, else twice the last one.
fn pause(attempts: i64, asked: Option<Duration>) -> Duration {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(16);
    let own = FIRST_PAUSE.saturating_mul(1 << doublings).min(LAST_PAUSE);
    asked.map_or(own, |asked| asked.max(Duration::from_secs(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_unless_the_service_names_one() {
        let seconds = |attempts, asked| pause(attempts, asked).as_secs();
        assert_eq!([1, 2, 3, 50].map(|attempts| seconds(attempts, None)), [5, 10, 20, 3_600]);
        assert_eq!(seconds(1, Some(Duration::from_mins(2))), 120);
        assert_eq!(seconds(9, Some(Duration::ZERO)), 1);
    }
}
