//! The bus between nodes, over NATS: a subject per user, to which a node subscribes while the user has a device or a reply there.
//!
//! On its own node messages are a call, as on a node that is alone; NATS takes them to the others. Nothing is kept for a
//! node that is away or too slow: its listeners are called, as it may have lost something ([`Listener::on_loss`]) and reads the log.
//!
//! Subjects begin with the epoch of the database, so that several databases can share one NATS.

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

/// Events that are larger in JSON are read from the log by the nodes that need them.
const MAX_EVENTS_BYTES: usize = 32 * 1024;
/// Messages on their way to NATS. What comes while there are so many is lost, and found by the sweep of the others.
const OUTGOING: usize = 8192;
/// Messages of one user that wait on this node.
const INCOMING: usize = 4096;
/// A NATS that does not answer is found dead after two of these.
const PING_EVERY: Duration = Duration::from_secs(2);
/// The longest pause between attempts to connect.
const MAX_PAUSE: Duration = Duration::from_secs(1);
/// States of the connection that wait to be acted on.
const EVENTS: usize = 64;

/// Why there is no bus.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// The setting cannot be read.
    #[error("TANDEM_NATS_URL: expected nats://host:port, several of them with commas between")]
    Address,
    /// The client could not be made.
    #[error("the bus could not be set up")]
    Client(#[from] async_nats::ConnectError),
}

/// Takes messages to the other nodes.
pub struct NatsBus(Arc<Shared>);

impl fmt::Debug for NatsBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsBus").field("subscriptions", &self.0.subscriptions.len()).finish_non_exhaustive()
    }
}

/// What the bus and its tasks have in common.
struct Shared {
    client: Client,
    listeners: Listeners,
    /// What every subject begins with.
    prefix: String,
    subscriptions: DashMap<UserId, Subscribed>,
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl NatsBus {
    /// Connects in the background, now and whenever the connection was lost: a node starts and works without NATS, only
    /// the others learn later what happened there. `urls` has one address or several with commas between; `cluster` names
    /// what the nodes have in common, in letters, digits and hyphens.
    pub async fn connect(
        urls: &str,
        cluster: &str,
        node: &str,
        tracker: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<Self, NatsError> {
        let addresses = addresses(urls)?;
        let (states, changes) = mpsc::channel(EVENTS);
        let client = ConnectOptions::new()
            .name(node)
            .no_echo()
            .retry_on_initial_connect()
            .ping_interval(PING_EVERY)
            .client_capacity(OUTGOING)
            .subscription_capacity(INCOMING)
            .reconnect_delay_callback(pause)
            .event_callback(move |event| {
                // More of them than fit are of the same kind: whoever acts on one acts on all that was missed.
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
        if audience != Audience::Elsewhere {
            self.0.listeners.deliver(user, &message);
        }
        if audience != Audience::Here {
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

    /// Any text may name a user; a word of a subject has neither dots nor spaces.
    fn subject(&self, user: &UserId) -> String {
        format!("{}.user.{}", self.prefix, URL_SAFE_NO_PAD.encode(user.as_str()))
    }

    /// Sends messages, or drops them: whoever publishes does not wait, and what would come late is better read from the log.
    fn send(&self, user: &UserId, message: &BusMessage) {
        if !self.is_connected() {
            metrics::counter!("tandem_bus_dropped_total", "why" => "disconnected").increment(1);
            return;
        }
        let payload = match encode(message) {
            Ok(payload) => payload,
            Err(error) => return tracing::error!(%error, "a message that cannot be written"),
        };
        // Without a budget of the runtime: it could end in the middle of a task's other work, and nothing would be sent.
        let sent = tokio::task::unconstrained(self.client.publish(self.subject(user), payload.into()));
        match sent.now_or_never() {
            Some(Ok(())) => metrics::counter!("tandem_bus_sent_total").increment(1),
            Some(Err(error)) => tracing::warn!(%error, "messages were not sent to other nodes"),
            None => metrics::counter!("tandem_bus_dropped_total", "why" => "full").increment(1),
        }
    }
}

/// Messages as they travel: events that are too large as the advice to read the log.
fn encode(message: &BusMessage) -> serde_json::Result<Vec<u8>> {
    let payload = serde_json::to_vec(message)?;
    if payload.len() <= MAX_EVENTS_BYTES || !matches!(message, BusMessage::Events(_)) {
        return Ok(payload);
    }
    serde_json::to_vec(&BusMessage::Control(Control::ResyncHint))
}

/// Has the log read whenever messages may have been lost: by a node that was away or did not keep up.
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
                // The answer comes when the subscriptions are renewed: nothing slips in between.
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
            // One for each attempt to connect, and there is one each second.
            Some(Event::ClientError(error)) => tracing::debug!(%error, "NATS could not be reached"),
            Some(other) => tracing::warn!(event = %other, "the connection to NATS"),
        }
    }
}

impl Shared {
    /// Looks up what may have been missed, and asks the other nodes for what is not in the log.
    async fn catch_up(&self) {
        self.listeners.on_loss();
        let users: Vec<UserId> = self.subscriptions.iter().map(|subscriptions| subscriptions.key().clone()).collect();
        for user in users {
            self.ask(&user).await;
        }
    }

    /// Asks the other nodes what they know of a user that is in no log.
    async fn ask(&self, user: &UserId) {
        let asked = serde_json::to_vec(&BusMessage::Control(Control::Asked)).unwrap_or_default();
        if let Err(error) = self.client.publish(self.subject(user), asked.into()).await {
            tracing::warn!(%error, "other nodes were not asked for running replies");
        }
    }
}

/// Connects once, and gives the version of the server.
pub async fn ask_version(urls: &str) -> Result<String, NatsError> {
    let client = ConnectOptions::new().name("tandem doctor").connect(addresses(urls)?).await?;
    Ok(client.server_info().version)
}

fn addresses(urls: &str) -> Result<Vec<ServerAddr>, NatsError> {
    let addresses = urls.split(',').map(|url| url.trim().parse());
    addresses.collect::<Result<_, _>>().map_err(|_| NatsError::Address)
}

/// How long to wait before another attempt to connect: at most a second, and not in step with other nodes.
fn pause(attempts: usize) -> Duration {
    let longest = MAX_PAUSE.min(Duration::from_millis(50).saturating_mul(u32::try_from(attempts).unwrap_or(u32::MAX)));
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
        let BusMessage::Events(heard) = serde_json::from_slice(&payload).unwrap() else { panic!("another message") };
        assert_eq!(*heard, [sent]);
    }

    #[test]
    fn large_events_become_the_advice_to_read_the_log() {
        let payload = encode(&BusMessage::Events([event(&"x".repeat(MAX_EVENTS_BYTES))].into())).unwrap();
        let message = serde_json::from_slice(&payload).unwrap();
        assert!(matches!(message, BusMessage::Control(Control::ResyncHint)));
    }

    #[test]
    fn pauses_grow_to_a_second() {
        assert!(pause(1) <= Duration::from_millis(50));
        assert!((500..=1000).contains(&pause(1000).as_millis()));
    }
}
