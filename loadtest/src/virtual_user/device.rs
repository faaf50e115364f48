//! A signed-in device: a replica kept up to date by a socket of its own.

use super::{
    api::{Api, ApiError},
    connection::{ClientCommand, Connection, Outgoing},
    ledger::Ledger,
    socket::Route,
    target::Target,
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

/// As whom a device connects, from where, and what it knows already.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    pub(super) target: Target,
    /// REST with the session that lets it in.
    pub(super) api: Api,
    /// From 1, within its user.
    pub(super) number: usize,
    /// Where its dice start.
    pub(super) seed: u64,
    pub(super) replica: Arc<Mutex<Replica>>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) route: Route,
}

/// A device of a virtual user.
#[derive(Debug)]
pub struct Device {
    api: Api,
    replica: Arc<Mutex<Replica>>,
    /// How often the socket went live; whoever waits is woken by every durable change, too.
    lives: watch::Receiver<u64>,
    outgoing: mpsc::Sender<Outgoing>,
    wish: watch::Sender<ClientCommand>,
    connection: JoinHandle<()>,
}

impl Device {
    /// Opens the socket when it is this device's turn, and waits until it is live.
    ///
    /// # Errors
    /// When the server refuses it.
    pub(super) async fn connect(seat: Seat) -> Result<Self, ApiError> {
        let (outgoing, commands) = mpsc::channel(OUTGOING);
        let (wish, wishes) = watch::channel(ClientCommand::default());
        let (went_live, mut lives) = watch::channel(0);
        let (target, api, replica) = (seat.target.clone(), seat.api.clone(), Arc::clone(&seat.replica));
        // It is never closed.
        let _turn = target.arriving().acquire().await;
        let connection = tokio::spawn(Connection::new(seat, went_live, wishes).run(commands));
        if !timeout(CONNECT_TIMEOUT, lives.wait_for(|lives| *lives > 0)).await.is_ok_and(|live| live.is_ok()) {
            connection.abort();
            return Err(ApiError::NoAnswer("the socket does not get live".into()));
        }
        Ok(Self { api, replica, lives, outgoing, wish, connection })
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
        let mut lives = self.lives.clone();
        let met = lives.wait_for(|_| self.with_replica(&condition));
        timeout(longest, met).await.is_ok_and(|met| met.is_ok())
    }

    /// How often the socket went live so far.
    pub fn lives(&self) -> u64 {
        *self.lives.borrow()
    }

    /// Waits until the socket has gone live more often than `before`; false when it does not within `longest`.
    pub async fn live_after(&self, before: u64, longest: Duration) -> bool {
        let mut lives = self.lives.clone();
        timeout(longest, lives.wait_for(|lives| *lives > before)).await.is_ok_and(|live| live.is_ok())
    }

    /// Loses the network: the socket is gone without a word, and the device connects again and resumes.
    pub fn cut(&self) {
        self.wish.send_modify(|wish| wish.cuts += 1);
    }

    /// Stops to read, or reads on. Who does not read for long is closed by the server; that is no error then.
    pub fn hold_still(&self, still: bool) {
        self.wish.send_modify(|wish| wish.still = still);
    }

    pub async fn close(self) {
        self.wish.send_modify(|wish| wish.over = true);
        // It fails only when the connection has ended already.
        let _ = self.connection.await;
    }
}
