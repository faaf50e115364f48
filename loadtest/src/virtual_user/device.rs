//! A signed-in device: a replica kept up to date by a socket of its own.

use super::{
    Target,
    api::{Api, ApiError},
    connection::{Connection, Outgoing},
    ledger::Ledger,
};
use serde::de::DeserializeOwned;
use serde_json::value::to_raw_value;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tandem_protocol::{
    CommandId,
    live::{ClientFrame, Command},
    replica::Replica,
    rest::Snapshot,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::timeout,
};

/// A socket that is not live after this long cannot be had.
const CONNECT_TIMEOUT: Duration = Duration::from_mins(1);
/// A command that is not answered after this long is an error.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Commands that wait for the socket. A virtual user waits for each answer, so that one would do.
const OUTGOING: usize = 16;

/// A device of a virtual user.
#[derive(Debug)]
pub struct Device {
    api: Api,
    replica: Arc<Mutex<Replica>>,
    /// Raised whenever something durable may have changed.
    changed: watch::Receiver<u64>,
    outgoing: mpsc::Sender<Outgoing>,
    stop: watch::Sender<bool>,
    connection: JoinHandle<()>,
}

impl Device {
    /// Loads the snapshot, opens the socket, and waits until it is live.
    ///
    /// # Errors
    /// When the server refuses one of them.
    pub(super) async fn connect(
        target: Target,
        api: Api,
        number: usize,
        ledger: Arc<Ledger>,
    ) -> Result<Self, ApiError> {
        let mut replica = Replica::new();
        replica.load_snapshot(api.get::<Snapshot>("/snapshot", &[]).await?);
        let replica = Arc::new(Mutex::new(replica));
        let (outgoing, commands) = mpsc::channel(OUTGOING);
        let (stop, stopped) = watch::channel(false);
        let (changes, mut changed) = watch::channel(0);
        let connection = Connection::new(target, api.clone(), number, Arc::clone(&replica), ledger, changes);
        let connection = tokio::spawn(connection.run(commands, stopped));
        let live =
            timeout(CONNECT_TIMEOUT, changed.wait_for(|changes| *changes > 0)).await.is_ok_and(|live| live.is_ok());
        if !live {
            connection.abort();
            return Err(ApiError::NoAnswer("the socket does not get live".into()));
        }
        Ok(Self { api, replica, changed, outgoing, stop, connection })
    }

    /// REST with this device's session.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Looks at what the device knows.
    pub fn with_replica<T>(&self, look: impl FnOnce(&Replica) -> T) -> T {
        look(&self.replica.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives the device what REST answered.
    pub fn with_replica_mut<T>(&self, act: impl FnOnce(&mut Replica) -> T) -> T {
        act(&mut self.replica.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends a command over the socket and reads its answer.
    ///
    /// # Errors
    /// When it is refused, not answered, or the socket closes before the answer.
    pub async fn command<T: DeserializeOwned>(&self, id: CommandId, command: &Command) -> Result<T, ApiError> {
        let unreadable = |error: serde_json::Error| ApiError::Unreadable(error.to_string());
        let named = serde_json::to_value(command).map_err(unreadable)?;
        let args = to_raw_value(&named["args"]).map_err(unreadable)?;
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

    /// Waits until the device knows something; false when it does not within `longest`.
    pub async fn until(&self, longest: Duration, condition: impl Fn(&Replica) -> bool) -> bool {
        let mut changed = self.changed.clone();
        let met = changed.wait_for(|_| self.with_replica(&condition));
        timeout(longest, met).await.is_ok_and(|met| met.is_ok())
    }

    /// Closes the socket.
    pub async fn close(self) {
        // Both fail only when the connection has ended already.
        let _ = self.stop.send(true);
        let _ = self.connection.await;
    }
}
