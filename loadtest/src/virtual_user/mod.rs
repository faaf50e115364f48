//! A virtual user: registers, logs in each device, connects, sends messages, changes tasks, and is checked at the end.
//!
//! It uses the server as the web client does: over REST and sockets, with a replica as the state of each device. So a
//! difference between a replica and the log is an error of the server.
//!
//! Errors of a single request never end a run. They are recorded in the meter.

pub mod api;
pub mod check;
mod connection;
pub mod device;
pub mod ledger;
mod observer;
pub(crate) mod socket;
pub mod target;

pub use target::{Node, Target};

use crate::{
    clock::Rng,
    measure::Meter,
    provider::StampingProvider,
    virtual_user::{
        api::{Api, ApiError},
        connection::DeviceSetup,
        device::Device,
        ledger::{Ledger, ReplyEnd, SentMessage},
        socket::Route,
    },
};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::de::DeserializeOwned;
use std::{
    fmt::Write,
    sync::{Arc, Mutex},
    time::Duration,
};
use tandem_protocol::{
    CommandId, ConversationId, MessageId, TaskId,
    enums::TaskStatus,
    live::{
        Command,
        command::{MessageSend, TaskRefArgs, TaskUpdate},
    },
    model::{Message, Task},
    replica::Replica,
    rest::{MessageBody, MessageSent, NewTask, Page, Register, Registered, Snapshot, TaskPatch, TaskWritten},
};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout},
};

/// Time limit for a reply.
const REPLY_TIMEOUT: Duration = Duration::from_mins(1);
/// Devices of one user that connect at the same time.
const JOINING: usize = 64;
/// The password of all virtual users.
pub const PASSWORD: &str = "correct horse battery staple";
/// Messages in a page of history.
pub const HISTORY_PAGE: usize = 100;

/// A user with devices.
#[derive(Debug)]
pub struct VirtualUser {
    target: Target,
    email: String,
    /// REST with the session of the first device.
    api: Api,
    devices: Vec<Device>,
    ledger: Arc<Ledger>,
    meter: Arc<Meter>,
    pub rng: Rng,
}

/// The transport of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Rest,
    /// The command `message.send`, from the device with this index.
    Socket(usize),
}

impl VirtualUser {
    /// Registers an account, logs in the devices, and connects them, each with a session of its own.
    ///
    /// # Errors
    /// When the server refuses or cannot be reached.
    pub async fn register(target: &Target, rng: Rng, devices: usize) -> Result<Self, ApiError> {
        let mut email = String::from("load-");
        // Writing to a string cannot fail.
        let _ = write!(email, "{}@example.org", rng.uuid().simple());
        let target = &target.for_user();
        let register = Register { email: email.clone(), password: PASSWORD.into(), ..Register::default() };
        let _: Registered = Api::new(target).post_patiently("/auth/register", &register).await?;
        let ledger = Arc::new(Ledger::default());
        let seed = rng.seed();
        let mut connected = Vec::new();
        for number in 1..=devices.max(1) {
            let target = target.next_node();
            let api = Api::log_in(&target, &email, PASSWORD, &format!("Device {number}")).await?;
            let mut replica = Replica::new();
            replica.load_snapshot(api.get::<Snapshot>("/snapshot", &[]).await?);
            let (ledger, replica) = (Arc::clone(&ledger), Arc::new(Mutex::new(replica)));
            let route = Route { from: target.next_source(), narrow: false, client: target.client };
            connected.push(Device::connect(DeviceSetup { target, api, number, seed, replica, ledger, route }).await?);
        }
        let api = connected[0].api().clone();
        let (target, meter) = (target.clone(), Arc::clone(&target.meter));
        Ok(Self { target, email, api, devices: connected, ledger, meter, rng })
    }

    /// Connects more devices: sockets that share the session of the first device and start with a copy of its replica. With
    /// `narrow` they have small buffers, so that the server notices soon when one stops reading.
    ///
    /// # Errors
    /// When the server refuses one.
    pub async fn join(&mut self, more: usize, narrow: bool) -> Result<(), ApiError> {
        let (known, seed) = (self.devices[0].with_replica(Replica::clone), self.rng.seed());
        let first = self.devices.len() + 1;
        let setups = (first..first + more).map(|number| DeviceSetup {
            target: self.target.next_node(),
            api: self.api.clone(),
            number,
            seed,
            replica: Arc::new(Mutex::new(known.clone())),
            ledger: Arc::clone(&self.ledger),
            route: Route { from: self.target.next_source(), narrow, client: self.target.client },
        });
        let joined: Vec<Device> = stream::iter(setups).map(Device::connect).buffered(JOINING).try_collect().await?;
        self.devices.extend(joined);
        Ok(())
    }

    pub fn email(&self) -> &str {
        &self.email
    }

    /// Logs in once more, which is measured; the session is not used.
    pub async fn log_in_again(&self, number: usize) {
        let signed_in = Api::log_in(&self.target, &self.email, PASSWORD, &format!("Log-in {number}")).await;
        if let Err(error) = signed_in {
            self.meter.error("log-in", error.to_string());
        }
    }

    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// Sends a message and waits until its reply has ended on the device.
    pub async fn send_and_wait(
        &self,
        conversation_id: ConversationId,
        text: String,
        transport: Transport,
        expected: Option<Expected>,
    ) {
        let (ended, reply) = oneshot::channel();
        let Some(_) = self.send(conversation_id, text, transport, expected, ended).await else { return };
        match timeout(REPLY_TIMEOUT, reply).await {
            Ok(Ok(ended)) => self.note_reply(&ended),
            Ok(Err(_)) => self.meter.error("reply", "the device was closed before the reply ended"),
            Err(_) => self.meter.error("reply", format!("no end within {REPLY_TIMEOUT:?}")),
        }
    }

    async fn send(
        &self,
        conversation_id: ConversationId,
        text: String,
        transport: Transport,
        expected: Option<Expected>,
        ended: oneshot::Sender<ReplyEnd>,
    ) -> Option<MessageSent> {
        let id = MessageId(self.rng.uuid());
        let key = CommandId(self.rng.uuid());
        let device = if let Transport::Socket(device) = transport { device % self.devices.len() } else { 0 };
        let sent_at = self.meter.clock.now();
        // Before sending, because the reply may arrive on a device before the answer to this request.
        self.ledger.sent(id, SentMessage { sent_at, expected, device: device + 1 }, ended);
        let answer: Result<MessageSent, ApiError> = match transport {
            Transport::Rest => {
                let path = format!("/conversations/{conversation_id}/messages");
                self.api.post(&path, &MessageBody { id: Some(id), text, parent_id: None }, Some(key)).await
            }
            Transport::Socket(_) => {
                let send = MessageSend { conversation_id, id: Some(id), text, parent_id: None };
                self.devices[device].command(key, &Command::MessageSend(send)).await
            }
        };
        let now = self.meter.clock.now();
        match answer {
            Ok(answer) => {
                self.meter.sending.record(now, now - sent_at);
                Some(answer)
            }
            Err(error) => {
                self.meter.error("message", error.to_string());
                None
            }
        }
    }

    fn note_reply(&self, ended: &ReplyEnd) {
        self.meter.replies.increment();
        self.meter.reply.record(self.meter.clock.now(), ended.added);
        if !ended.complete {
            self.meter.error("reply", format!("ended as {}", ended.state));
        }
    }

    /// Changes one task: creates, updates, completes, reopens or deletes it, by chance.
    pub async fn change_a_task(&self) {
        let number = self.rng.below(self.devices.len());
        let known: Vec<Arc<Task>> =
            self.devices[number].with_replica(|replica| replica.tasks().into_iter().cloned().collect());
        let picked = known.get(self.rng.below(known.len())).map(|task| (task.id, task.status));
        let command = match (self.rng.below(4), picked) {
            (1, Some((id, _))) => Command::TaskUpdate(TaskUpdate {
                task_id: id.into(),
                patch: TaskPatch { title: Some("Changed under load".into()), ..TaskPatch::default() },
            }),
            (2, Some((id, TaskStatus::Open))) => Command::TaskComplete(id.into()),
            (2, Some((id, TaskStatus::Done))) => Command::TaskReopen(TaskRefArgs::from(id)),
            // Only from a longer list, so that there are always tasks to change.
            (3, Some((id, _))) if known.len() > 10 => Command::TaskDelete(TaskRefArgs::from(id)),
            _ => Command::TaskCreate(NewTask {
                id: Some(TaskId(self.rng.uuid())),
                title: "Made under load".into(),
                ..NewTask::default()
            }),
        };
        self.command::<serde_json::Value>(number, &command).await;
    }

    /// Adds a task over REST; `None` when that fails.
    pub async fn add_task(&self, title: &str) -> Option<TaskWritten> {
        let key = CommandId(self.rng.uuid());
        let task = NewTask { id: Some(TaskId(self.rng.uuid())), title: title.into(), ..NewTask::default() };
        self.measured(key, self.api.post("/tasks", &task, Some(key))).await
    }

    /// Changes a task from the device with this index; `None` when that fails.
    pub async fn update_task(&self, device: usize, id: TaskId, patch: TaskPatch) -> Option<TaskWritten> {
        self.command(device % self.devices.len(), &Command::TaskUpdate(TaskUpdate { task_id: id.into(), patch })).await
    }

    async fn command<T: DeserializeOwned>(&self, device: usize, command: &Command) -> Option<T> {
        let key = CommandId(self.rng.uuid());
        self.measured(key, self.devices[device].command(key, command)).await
    }

    async fn measured<T>(&self, key: CommandId, change: impl Future<Output = Result<T, ApiError>>) -> Option<T> {
        let sent_at = self.meter.clock.now();
        // Before sending, because the event may arrive before the acknowledgement.
        self.ledger.commanded(key, sent_at);
        match change.await {
            Ok(answer) => {
                let now = self.meter.clock.now();
                self.meter.command.record(now, now - sent_at);
                self.meter.changes.increment();
                Some(answer)
            }
            Err(error) => {
                self.meter.error("task", error.to_string());
                None
            }
        }
    }

    /// Waits until all devices have an event. Records an error and returns false when one has not after `longest`.
    pub async fn all_reach(&self, seq: i64, longest: Duration) -> bool {
        // One deadline for all devices: the limit applies to the slowest one.
        let deadline = Instant::now() + longest;
        for device in &self.devices {
            let left = deadline.saturating_duration_since(Instant::now());
            if !device.until(left, |replica| replica.seq() >= seq).await {
                let at = device.with_replica(Replica::seq);
                self.meter.error("event late", format!("event {seq} is not there after {longest:?}: at {at}"));
                return false;
            }
        }
        true
    }

    /// Reads the newest page of a conversation, as a device does that opens it. Returns the number of messages.
    pub async fn read_history(&self, conversation_id: ConversationId) -> usize {
        let path = format!("/conversations/{conversation_id}/messages");
        let sent_at = self.meter.clock.now();
        let page: Page<Message> = match self.api.get(&path, &[("limit", &HISTORY_PAGE.to_string())]).await {
            Ok(page) => page,
            Err(error) => {
                self.meter.error("history", error.to_string());
                return 0;
            }
        };
        let now = self.meter.clock.now();
        let count = page.items.len();
        // A shorter page costs less and would improve the figure.
        if count == HISTORY_PAGE {
            self.meter.history.record(now, now - sent_at);
        }
        self.devices[0].with_replica_mut(|replica| replica.load_messages(page.items));
        count
    }

    pub async fn close(self) {
        for device in self.devices {
            device.close().await;
        }
    }
}

/// Properties of a reply by the provider in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    pub tokens: u32,
    /// Whether the reply begins with text, so that the latency of its first token is that of the server. False when a tool is
    /// called first.
    pub at_once: bool,
}

impl Expected {
    /// The expectation of an ordinary reply, if the provider is in this process.
    pub fn of(provider: Option<&StampingProvider>) -> Option<Self> {
        provider.map(|provider| Self { tokens: provider.pace().tokens, at_once: true })
    }
}
