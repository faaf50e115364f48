//! The bus between nodes, over NATS: a subject per user, to which a node subscribes while the user has a device or a
//! reply there.
//!
//! Listeners of the same node are called directly, with or without a connection to NATS, so that a node on its own is
//! not slower for it. Only publish and subscribe are used: durable streams of NATS would be a second log, which would
//! have to agree with the one in the database.
//!
//! Nothing is kept for a node that is disconnected or too slow. It learns that it may have lost messages
//! ([`Listener::on_loss`]) and reads the log. Publishing never waits for NATS. Subjects begin with the epoch of the
//! database, so that several databases can share one NATS.

mod subscriptions;

use super::{Audience, Bus, BusMessage, Control, Listener, Listeners, Subscription};
use async_nats::{Client, ConnectOptions, Event, ServerAddr, connection::State};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dashmap::DashMap;
use futures_util::FutureExt as _;
use rand::RngExt as _;
use std::{fmt, sync::Arc, time::Duration};
use subscriptions::Subscribed;
use tandem_protocol::UserId;
use tandem_runtime::tasks;
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Events that are larger as JSON are not sent: the nodes that need them read the log.
const MAX_EVENTS_BYTES: usize = 32 * 1024;
/// Messages that wait to be sent to NATS. Further ones are dropped; other nodes find what is in the log by their sweep.
const SEND_CAPACITY: usize = 8192;
/// Messages of one user that wait on this node. Further ones are lost, which NATS reports as a slow consumer.
const RECEIVE_CAPACITY: usize = 4096;
/// A server that leaves two pings unanswered counts as disconnected.
const PING_INTERVAL: Duration = Duration::from_secs(2);
/// The longest pause between attempts to connect.
const MAX_RECONNECT_DELAY: Duration = Duration::from_secs(1);
/// Events of the connection that wait to be handled.
const EVENT_CAPACITY: usize = 64;

/// Why NATS cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    #[error("TANDEM_NATS_URL: expected nats://host:port, or several of them separated by commas")]
    Address,
    #[error("cannot connect to NATS")]
    Client(#[from] async_nats::ConnectError),
}

/// A bus whose messages also reach other nodes.
pub struct NatsBus(Arc<Shared>);

impl fmt::Debug for NatsBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsBus").field("subscriptions", &self.0.subscriptions.len()).finish_non_exhaustive()
    }
}

/// The state that the bus shares with its tasks.
struct Shared {
    client: Client,
    listeners: Listeners,
    prefix: String,
    subscriptions: DashMap<UserId, Subscribed>,
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl NatsBus {
    /// Creates the bus and connects in the background, again whenever the connection is lost: a node starts and works
    /// without NATS, and other nodes learn of its changes later. `urls` holds addresses separated by commas. `cluster`,
    /// in letters, digits and hyphens, is the same on all nodes of one database.
    ///
    /// # Errors
    /// [`NatsError::Address`] when `urls` cannot be parsed, [`NatsError::Client`] when the client cannot be created.
    pub async fn connect(
        urls: &str,
        cluster: &str,
        node: &str,
        tracker: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<Self, NatsError> {
        let addresses = addresses(urls)?;
        let (states, changes) = mpsc::channel(EVENT_CAPACITY);
        let client = ConnectOptions::new()
            .name(node)
            .no_echo()
            .retry_on_initial_connect()
            .ping_interval(PING_INTERVAL)
            .client_capacity(SEND_CAPACITY)
            .subscription_capacity(RECEIVE_CAPACITY)
            .reconnect_delay_callback(reconnect_delay)
            .event_callback(move |event| {
                // The callback must not wait. Dropped events are harmless: handling the one that is still queued
                // catches up with everything that was missed.
                let _ = states.try_send(event);
                async {}
            })
            .connect(addresses)
            .await?;
        let shared = Arc::new(Shared {
            client,
            listeners: Listeners::default(),
            prefix: format!("tandem.{cluster}"),
            subscriptions: DashMap::new(),
            tracker: tracker.clone(),
            stop: stop.clone(),
        });
        tasks::spawn(tracker, watch_connection(Arc::clone(&shared), changes));
        Ok(Self(shared))
    }
}

impl Bus for NatsBus {
    fn publish(&self, user: &UserId, message: BusMessage) {
        let audience = message.audience();
        if audience != Audience::Remote {
            self.0.listeners.deliver(user, &message);
        }
        if audience != Audience::Local {
            self.0.send(user, &message);
        }
    }

    fn listen(&self, listener: Arc<dyn Listener>) {
        self.0.listeners.add(listener);
    }

    fn subscribe(&self, user: &UserId) -> Subscription {
        subscriptions::subscribe(&self.0, user)
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn healthy(&self) -> bool {
        self.0.is_connected()
    }
}

impl Shared {
    fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// The subject of a user. The id may be any text, but a token of a subject has neither dots nor spaces.
    fn subject(&self, user: &UserId) -> String {
        format!("{}.user.{}", self.prefix, URL_SAFE_NO_PAD.encode(user.as_str()))
    }

    /// Sends a message, or drops it when it cannot be sent at once: a publisher does not wait, and other nodes read
    /// late events from the log.
    fn send(&self, user: &UserId, message: &BusMessage) {
        if !self.is_connected() {
            metrics::counter!("tandem_bus_dropped_total", "why" => "disconnected").increment(1);
            return;
        }
        let payload = match encode(message) {
            Ok(payload) => payload,
            Err(error) => return tracing::error!(%error, "a message could not be encoded"),
        };
        // Outside of tokio's cooperative budget: in a task that has used up its own, the channel would report that it
        // is full although it is not, and the message would be dropped.
        let sent = tokio::task::unconstrained(self.client.publish(self.subject(user), payload.into()));
        match sent.now_or_never() {
            Some(Ok(())) => metrics::counter!("tandem_bus_sent_total").increment(1),
            Some(Err(error)) => tracing::warn!(%error, "a message was not sent to other nodes"),
            None => metrics::counter!("tandem_bus_dropped_total", "why" => "full").increment(1),
        }
    }
}

/// Encodes a message as JSON. Events that are too large become a hint to read the log.
fn encode(message: &BusMessage) -> serde_json::Result<Vec<u8>> {
    let payload = serde_json::to_vec(message)?;
    if payload.len() <= MAX_EVENTS_BYTES || !matches!(message, BusMessage::Events(_)) {
        return Ok(payload);
    }
    serde_json::to_vec(&BusMessage::Control(Control::ResyncHint))
}

/// Catches up whenever messages may have been lost: after a reconnect, and when this node did not keep up.
async fn watch_connection(shared: Arc<Shared>, mut changes: mpsc::Receiver<Event>) {
    let connected = metrics::gauge!("tandem_bus_connected");
    connected.set(0.0);
    loop {
        let event = tokio::select! {
            () = shared.stop.cancelled() => return,
            event = changes.recv() => event,
        };
        match event {
            None => return,
            Some(Event::Connected) => {
                connected.set(1.0);
                tracing::info!("connected to NATS");
                // The client renews its subscriptions before it flushes: only then messages arrive again, and what was
                // missed until then can be caught up with.
                if shared.client.flush().await.is_ok() {
                    shared.catch_up().await;
                }
            }
            Some(Event::SlowConsumer(_)) => {
                metrics::counter!("tandem_bus_overruns_total").increment(1);
                shared.catch_up().await;
            }
            Some(Event::Disconnected) => {
                connected.set(0.0);
                tracing::warn!("no connection to NATS: devices on other nodes see changes a little later");
            }
            // One for each failed attempt, which is one a second: too many for the log of an operator.
            Some(Event::ClientError(error)) => tracing::debug!(%error, "cannot connect to NATS"),
            Some(other) => tracing::warn!(event = %other, "the connection to NATS has changed"),
        }
    }
}

impl Shared {
    /// Notifies the listeners, which read the logs, and requests from other nodes what no log holds.
    async fn catch_up(&self) {
        self.listeners.each(|listener| listener.on_loss());
        // Copied first: a guard of the map must not be held while a publish waits.
        let users: Vec<UserId> = self.subscriptions.iter().map(|entry| entry.key().clone()).collect();
        for user in users {
            self.request_state(&user).await;
        }
    }

    /// Requests the running text and the presence of a user from the other nodes.
    async fn request_state(&self, user: &UserId) {
        let request = serde_json::to_vec(&BusMessage::Control(Control::StateRequested)).unwrap_or_default();
        if let Err(error) = self.client.publish(self.subject(user), request.into()).await {
            tracing::warn!(%error, "running replies were not requested from other nodes");
        }
    }
}

/// Connects once and returns the version of the server.
///
/// # Errors
/// [`NatsError::Address`] when `urls` cannot be parsed, [`NatsError::Client`] when no server can be reached.
pub async fn server_version(urls: &str) -> Result<String, NatsError> {
    let client = ConnectOptions::new().name("tandem doctor").connect(addresses(urls)?).await?;
    Ok(client.server_info().version)
}

fn addresses(urls: &str) -> Result<Vec<ServerAddr>, NatsError> {
    let addresses = urls.split(',').map(|url| url.trim().parse());
    addresses.collect::<Result<_, _>>().map_err(|_| NatsError::Address)
}

/// The delay before another attempt to connect: at most a second, and random, so that nodes do not connect all at once.
fn reconnect_delay(attempts: usize) -> Duration {
    let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
    let longest = MAX_RECONNECT_DELAY.min(Duration::from_millis(50).saturating_mul(attempts));
    longest.mul_f64(rand::rng().random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_protocol::{
        Timestamp,
        enums::ActorKind,
        live::{Actor, Event},
    };

    fn event(title: &str) -> Event {
        Event {
            seq: 7,
            at: Timestamp::from_millis(0),
            name: "task.updated".into(),
            data: serde_json::value::to_raw_value(&serde_json::json!({ "title": title })).unwrap(),
            actor: Actor { kind: ActorKind::User, device_id: None },
            command_id: None,
        }
    }

    #[test]
    fn events_arrive_as_they_were_sent() {
        let sent = event("milk");
        let payload = encode(&BusMessage::Events([sent.clone()].into())).unwrap();
        let BusMessage::Events(received) = serde_json::from_slice(&payload).unwrap() else { panic!("another message") };
        assert_eq!(*received, [sent]);
    }

    #[test]
    fn large_events_become_a_hint_to_read_the_log() {
        let payload = encode(&BusMessage::Events([event(&"x".repeat(MAX_EVENTS_BYTES))].into())).unwrap();
        let message = serde_json::from_slice(&payload).unwrap();
        assert!(matches!(message, BusMessage::Control(Control::ResyncHint)));
    }

    #[test]
    fn reconnect_delays_grow_to_a_second() {
        assert!(reconnect_delay(1) <= Duration::from_millis(50));
        assert!((500..=1000).contains(&reconnect_delay(1000).as_millis()));
    }
}
