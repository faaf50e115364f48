//! A device of a virtual user: a replica that a socket of its own keeps current.
//!
//! The socket belongs to a task ([`super::connection`]). The device sends it commands through a channel, and its desired
//! state through a watch, of which only the latest value matters.

use super::{
    api::{Api, ApiError},
    connection::{Connection, DesiredState, DeviceSetup, Outgoing},
};
use serde::de::DeserializeOwned;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tandem_protocol::{
    CommandId,
    live::{ClientFrame, Command},
    replica::Replica,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::timeout,
};

/// Time limit for a socket to become live.
const CONNECT_TIMEOUT: Duration = Duration::from_mins(1);
/// Time limit for the answer to a command.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Capacity of the channel for commands. A virtual user waits for each answer, so one would do.
const OUTGOING: usize = 16;

/// A device of a virtual user.
#[derive(Debug)]
pub struct Device {
    api: Api,
    replica: Arc<Mutex<Replica>>,
    /// How often the socket went live; waiters are also woken after each durable change.
    live_count: watch::Receiver<u64>,
    outgoing: mpsc::Sender<Outgoing>,
    desired: watch::Sender<DesiredState>,
    connection: JoinHandle<()>,
}

impl Device {
    /// Opens the socket as soon as the limit of concurrent connects allows, and waits until it is live.
    ///
    /// # Errors
    /// When the server refuses it.
    pub(super) async fn connect(setup: DeviceSetup) -> Result<Self, ApiError> {
        let (outgoing, commands) = mpsc::channel(OUTGOING);
        let (desired, states) = watch::channel(DesiredState::default());
        let (went_live, mut live_count) = watch::channel(0);
        let (target, api, replica) = (setup.target.clone(), setup.api.clone(), Arc::clone(&setup.replica));
        // The semaphore is never closed.
        let _permit = target.connecting().acquire().await;
        let connection = tokio::spawn(Connection::new(setup, went_live, states).run(commands));
        if !timeout(CONNECT_TIMEOUT, live_count.wait_for(|live_count| *live_count > 0))
            .await
            .is_ok_and(|live| live.is_ok())
        {
            connection.abort();
            return Err(ApiError::NoAnswer("the socket does not become live".into()));
        }
        Ok(Self { api, replica, live_count, outgoing, desired, connection })
    }

    /// REST with the session of this device.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Reads the replica under its lock.
    pub fn with_replica<T>(&self, look: impl FnOnce(&Replica) -> T) -> T {
        look(&self.replica.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the replica under its lock, with data from REST.
    pub fn with_replica_mut<T>(&self, act: impl FnOnce(&mut Replica) -> T) -> T {
        act(&mut self.replica.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends a command over the socket and waits for the answer.
    ///
    /// # Errors
    /// When the command is refused or not answered, or the socket closes before.
    pub async fn command<T: DeserializeOwned>(&self, id: CommandId, command: &Command) -> Result<T, ApiError> {
        let unreadable = |error: serde_json::Error| ApiError::Unreadable(error.to_string());
        let args = command.args().map_err(unreadable)?;
        let frame = ClientFrame::Command { id: id.to_string(), name: command.name().into(), args };
        let text = serde_json::to_string(&frame).map_err(unreadable)?;
        let (answer, answered) = oneshot::channel();
        let gone = || ApiError::NoAnswer("the socket was closed".into());
        self.outgoing.send(Outgoing { id: id.to_string(), text, answer }).await.map_err(|_| gone())?;
        match timeout(ANSWER_TIMEOUT, answered).await {
            Ok(Ok(Ok(result))) => serde_json::from_str(result.get()).map_err(unreadable),
            Ok(Ok(Err(refused))) => Err(refused.into()),
            Ok(Err(_)) => Err(gone()),
            Err(_) => Err(ApiError::NoAnswer(format!("no ack within {ANSWER_TIMEOUT:?}"))),
        }
    }

    /// Waits until the replica meets a condition; false when it does not within `longest`.
    pub async fn until(&self, longest: Duration, condition: impl Fn(&Replica) -> bool) -> bool {
        let mut live_count = self.live_count.clone();
        // The closure ignores the count: every change of the watch makes it check the replica.
        let met = live_count.wait_for(|_| self.with_replica(&condition));
        timeout(longest, met).await.is_ok_and(|met| met.is_ok())
    }

    /// How often the socket has become live so far.
    pub fn live_count(&self) -> u64 {
        *self.live_count.borrow()
    }

    /// Waits until the socket has become live more often than `before`; false when it does not within `longest`.
    pub async fn live_after(&self, before: u64, longest: Duration) -> bool {
        let mut live_count = self.live_count.clone();
        timeout(longest, live_count.wait_for(|live_count| *live_count > before)).await.is_ok_and(|live| live.is_ok())
    }

    /// Cuts the socket without a close frame. The device reconnects and resumes.
    pub fn cut(&self) {
        self.desired.send_modify(|desired| desired.cuts += 1);
    }

    /// Stops or continues reading. The server closes a device that does not read for long, which then is no error.
    pub fn pause_reading(&self, paused: bool) {
        self.desired.send_modify(|desired| desired.paused = paused);
    }

    pub async fn close(self) {
        self.desired.send_modify(|desired| desired.closed = true);
        // An error means that the task panicked, which the runtime has printed.
        let _ = self.connection.await;
    }
}
