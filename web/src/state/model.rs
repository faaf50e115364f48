//! Everything that a signed-in device knows, and what to do next.
//!
//! The model is a state machine: it receives events with the current time, and returns [`Effect`]s, which the engine
//! carries out. What has changed for the views is marked in [`Dirty`], so that one frame rebuilds each view at most
//! once.
//!
//! **Invariant:** a view is the replica with the outbox applied. The replica contains only what the server has sent, so
//! dropping a refused command is its rollback.

mod edits;
mod frames;
mod pinned;
mod undo;
pub(crate) mod views;

pub(crate) use edits::{EditDecision, RefusedEdit};
pub(crate) use views::{RemoteChange, StreamView, TaskView, ThreadListView, ThreadView};

use super::{
    connection::Connection,
    notice::Notice,
    outbox::{self, Entry, Outbox},
    thread::{self, Choices},
};
use litemap::LiteMap;
use pinned::Target;
use tandem_protocol::{
    CommandId, ConversationId, DeviceId, MessageId, TaskId, Timestamp,
    enums::MessageState,
    limits::PROTOCOL_VERSION,
    live::{ClientFrame, Command, Hello, client::HelloDevice, command::ConversationRead},
    model::{Conversation, Due, Message, Task, User},
    replica::Replica,
    rest::{Page, Snapshot},
};

/// An action that the engine carries out.
#[derive(Debug)]
pub(crate) enum Effect {
    Send(ClientFrame),
    /// Store this command, so that it survives a reload.
    Persist(CommandId, String),
    /// Remove a stored command: the server has it, or it is no longer wanted.
    Forget(CommandId),
    /// Load a snapshot, pass it to [`Model::load_snapshot`], then send `hello` again.
    Resync,
    /// Events are missing: close the socket and connect again.
    Reconnect,
    /// Renew the access token and send it over the socket.
    RenewToken,
    Notify(Notice),
    /// The task that a command has completed is due again.
    Again {
        id: CommandId,
        next: Due,
    },
    /// A command has failed, so nothing of it can be taken back.
    Dropped(CommandId),
    /// Submit another command in place of one that was refused.
    Submit(Command),
    /// The conversation does not exist any more: move what was written in it to a new one.
    Abandon(ConversationId),
    /// Keep the text of a message that can no longer be sent, as a draft.
    KeepText(String),
}

/// The views that have changed since [`Model::take_dirty`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of independent marks, one per snapshot")]
pub(crate) struct Dirty {
    pub user: bool,
    pub threads: bool,
    /// The open conversation without the text of a running reply.
    pub thread: bool,
    /// The text of the running reply in the open conversation.
    pub stream: bool,
    pub tasks: bool,
    /// The connection, or the list of connected devices.
    pub connection: bool,
    /// The sessions of the account.
    pub sessions: bool,
}

impl Dirty {
    const ALL: Self =
        Self { user: true, threads: true, thread: true, stream: true, tasks: true, connection: true, sessions: true };
}

/// How much of the history of a conversation is loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum History {
    #[default]
    Unknown,
    /// The first page is being loaded.
    Loading,
    /// Loaded down to this cursor; there are older messages.
    Partial(String),
    /// The page at this cursor is being loaded.
    LoadingOlder(String),
    Whole,
    /// Loading failed, and may be tried again.
    Failed,
    /// The conversation does not exist.
    Missing,
}

/// What is known of a conversation beside its messages.
#[derive(Clone, Debug, Default)]
struct ThreadState {
    history: History,
    choices: Choices,
    /// Whether it was deleted while this page was open.
    deleted: bool,
    /// The newest message that was reported as read.
    read: Option<MessageId>,
}

#[derive(Debug)]
pub(crate) struct Model {
    replica: Replica,
    outbox: Outbox,
    connection: Connection,
    device: HelloDevice,
    open: Option<ConversationId>,
    /// The message that is being edited. It stays visible when another version of it arrives.
    edited: Option<MessageId>,
    target: Option<Target>,
    threads: LiteMap<ConversationId, ThreadState>,
    /// The cursor of the next page of conversations.
    more_conversations: Option<String>,
    /// The cursor of the next page of completed tasks.
    more_done: Option<String>,
    /// The titles of what the commands of this tab are about, for their notices. The object itself may be gone by then.
    objects: LiteMap<CommandId, String>,
    remote_changes: LiteMap<TaskId, RemoteChange>,
    undos: undo::Undos,
    /// The conversation whose chosen versions must be stored.
    chosen: Option<ConversationId>,
    /// The pause before reconnecting that the server requested with `bye`.
    reconnect_after_ms: Option<u64>,
    dirty: Dirty,
}

impl Model {
    /// The model of a device that has just signed in.
    pub(crate) fn new(user: User, device_id: DeviceId, device_name: String, now: Timestamp) -> Self {
        let mut replica = Replica::new();
        replica.load_user(user);
        Self {
            replica,
            outbox: Outbox::default(),
            connection: Connection::new(now),
            device: HelloDevice { id: device_id, name: device_name },
            open: None,
            edited: None,
            target: None,
            threads: LiteMap::new(),
            more_conversations: None,
            more_done: None,
            objects: LiteMap::new(),
            undos: undo::Undos::new(),
            remote_changes: LiteMap::new(),
            chosen: None,
            reconnect_after_ms: None,
            dirty: Dirty::ALL,
        }
    }

    /// Returns the changed views, and resets them.
    pub(crate) fn take_dirty(&mut self) -> Dirty {
        std::mem::take(&mut self.dirty)
    }

    /// The state that the server has sent.
    pub(crate) fn replica(&self) -> &Replica {
        &self.replica
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The `hello` frame, the first one of a connection.
    pub(crate) fn hello(&self) -> ClientFrame {
        ClientFrame::Hello(Hello {
            version: PROTOCOL_VERSION,
            device: self.device.clone(),
            resume: self.replica.resume_point(),
            streams: self.replica.streams(),
            // The server may send several frames in one message.
            caps: vec!["batch".to_owned()],
        })
    }

    /// Handles the loss of the connection. Returns the pause that the server requested, in milliseconds.
    pub(crate) fn connection_lost(&mut self, now: Timestamp) -> Option<u64> {
        self.connection.lost(now);
        self.outbox.connection_lost();
        self.dirty.connection = true;
        self.dirty.thread = true;
        self.reconnect_after_ms.take()
    }

    /// Marks what may have changed because time has passed.
    pub(crate) fn time_passed(&mut self) {
        self.dirty.connection = true;
    }

    /// Submits a command: its effect is visible at once, and it is sent as soon as there is a connection.
    pub(crate) fn submit(&mut self, id: CommandId, command: Command, now: Timestamp) -> Vec<Effect> {
        if let Some(object) = self.object_of(&command) {
            self.objects.insert(id, object);
        }
        self.mark_command(&command);
        let seen = self.seen_by(&command);
        self.outbox.push(id, command, seen, now);
        let mut effects = Vec::new();
        if let Some(entry) = self.outbox.entries().last()
            // Stored before it is sent, so that a crash in between loses nothing.
            && let Some(text) = outbox::write(entry)
        {
            effects.push(Effect::Persist(id, text));
        }
        effects.extend(self.send_due(now));
        effects
    }

    /// Adds the commands that were stored before a reload.
    pub(crate) fn restore_outbox<'a>(&mut self, kept: impl IntoIterator<Item = &'a str>) {
        self.outbox.restore(kept);
        self.dirty = Dirty::ALL;
    }

    /// Sends the commands that are due.
    pub(crate) fn send_due(&mut self, now: Timestamp) -> Vec<Effect> {
        if !self.connection.is_live() {
            return Vec::new();
        }
        let due = self.outbox.take_due(now);
        if !due.is_empty() {
            self.dirty.thread = true;
        }
        due.iter().filter_map(Entry::frame).map(Effect::Send).collect()
    }

    /// Sends a refused message again, as a new command because the server remembers its answer to the old one.
    pub(crate) fn resend(&mut self, message: MessageId, id: CommandId, now: Timestamp) -> Vec<Effect> {
        let Some(entry) = self.take_outgoing(message) else { return Vec::new() };
        let mut effects = vec![Effect::Forget(entry.id)];
        effects.extend(self.submit(id, entry.command, now));
        effects
    }

    /// Removes a command that was not sent yet; `None` if it was.
    pub(crate) fn take_back(&mut self, id: CommandId) -> Option<Vec<Effect>> {
        let entry = self.outbox.take_back(id)?;
        self.mark_command(&entry.command);
        Some(vec![Effect::Forget(id)])
    }

    /// Removes a message that has not reached the server.
    pub(crate) fn discard(&mut self, message: MessageId) -> Vec<Effect> {
        self.take_outgoing(message).map(|entry| Effect::Forget(entry.id)).into_iter().collect()
    }

    fn take_outgoing(&mut self, message: MessageId) -> Option<Entry> {
        let id = self.outgoing(message)?.id;
        self.dirty.thread = true;
        self.outbox.remove(id)
    }

    /// The outbox entry of a message that has not reached the server.
    pub(crate) fn outgoing(&self, message: MessageId) -> Option<&Entry> {
        self.outbox.entries().find(|entry| match &entry.command {
            Command::MessageSend(send) => send.id == Some(message),
            _ => false,
        })
    }

    /// Replaces the replica by a snapshot. The first page of the open conversation comes with it, so that its messages
    /// do not disappear for a moment.
    pub(crate) fn load_snapshot(&mut self, snapshot: Snapshot, open: Option<(ConversationId, Page<Message>)>) {
        self.more_conversations.clone_from(&snapshot.conversations.next_cursor);
        self.replica.load_snapshot(snapshot);
        // The snapshot replaces all messages, so other conversations must be loaded again when they are opened.
        for (_, thread) in self.threads.iter_mut() {
            thread.history = History::Unknown;
        }
        if let Some((conversation, page)) = open {
            self.load_history(conversation, page);
        }
        // The snapshot contains the effects of commands that were acknowledged before it.
        self.outbox.settle(self.replica.seq());
        self.dirty = Dirty::ALL;
    }

    /// Adds a page of older messages.
    pub(crate) fn load_history(&mut self, conversation: ConversationId, page: Page<Message>) {
        self.replica.load_messages(page.items);
        self.thread_mut(conversation).history = page.next_cursor.map_or(History::Whole, History::Partial);
        self.mark_thread(conversation);
    }

    /// Handles a failure to load messages. `missing`: the server does not know the conversation.
    pub(crate) fn history_failed(&mut self, conversation: ConversationId, missing: bool) -> Vec<Effect> {
        // The server does not know a conversation before its first message has arrived.
        let is_local = self.outbox.entries().any(|entry| thread::belongs_to(entry, conversation));
        let thread = self.thread_mut(conversation);
        thread.history = match std::mem::take(&mut thread.history) {
            // The cursor is still valid, so the page can be requested again.
            History::LoadingOlder(cursor) => History::Partial(cursor),
            // Its first message has not been sent yet.
            _ if missing && is_local => History::Whole,
            _ if missing => History::Missing,
            _ => History::Failed,
        };
        let gone = thread.history == History::Missing;
        self.mark_thread(conversation);
        gone.then_some(Effect::Abandon(conversation)).into_iter().collect()
    }

    /// Adds a conversation that is not in the loaded part of the list.
    pub(crate) fn load_conversation(&mut self, conversation: Conversation) {
        self.replica.load_conversations(vec![conversation]);
        self.dirty.threads = true;
        self.dirty.thread = true;
    }

    /// Adds a page of the list of conversations.
    pub(crate) fn load_conversations(&mut self, page: Page<Conversation>) {
        self.more_conversations = page.next_cursor;
        self.replica.load_conversations(page.items);
        self.dirty.threads = true;
    }

    /// The cursor of the next page of conversations, if there is one.
    pub(crate) fn more_conversations(&self) -> Option<&str> {
        self.more_conversations.as_deref()
    }

    /// Adds a page of completed tasks, which the snapshot does not contain.
    pub(crate) fn load_done_tasks(&mut self, page: Page<Task>) {
        self.more_done = page.next_cursor;
        self.replica.load_tasks(page.items);
        self.dirty.tasks = true;
    }

    /// The cursor of the next page of completed tasks, if there is one.
    pub(crate) fn more_done(&self) -> Option<&str> {
        self.more_done.as_deref()
    }

    /// Adds a task that the replica may not have, because it is done.
    pub(crate) fn load_task(&mut self, task: Task) {
        self.replica.load_tasks(vec![task]);
        self.dirty.tasks = true;
    }

    pub(crate) fn load_user(&mut self, user: User) {
        self.replica.load_user(user);
        self.dirty.user = true;
    }

    /// Opens a conversation. Returns true if its messages must be loaded, and marks them as being loaded.
    pub(crate) fn open(&mut self, conversation: Option<ConversationId>) -> bool {
        self.open = conversation;
        self.target = self.target.filter(|target| Some(target.conversation) == conversation);
        self.dirty.thread = true;
        self.dirty.stream = true;
        self.dirty.threads = true;
        let Some(id) = conversation else { return false };
        let thread = self.thread_mut(id);
        // Messages that are loaded or being loaded must not be requested twice.
        let load = matches!(thread.history, History::Unknown | History::Failed);
        if load {
            thread.history = History::Loading;
        }
        load
    }

    /// Marks a new conversation as completely loaded, because it has no history.
    pub(crate) fn begin(&mut self, conversation: ConversationId) {
        self.thread_mut(conversation).history = History::Whole;
    }

    /// The chosen versions to store, as a text, if they have changed.
    pub(crate) fn take_choices(&mut self) -> Option<(ConversationId, String)> {
        let conversation = self.chosen.take()?;
        let choices = &self.threads.get(&conversation)?.choices;
        let pairs = choices.iter().map(|(parent, version)| match parent {
            Some(parent) => format!("{parent} {version}"),
            None => format!("- {version}"),
        });
        Some((conversation, pairs.collect::<Vec<_>>().join(",")))
    }

    /// Restores the versions that were chosen before a reload. What cannot be read is skipped.
    pub(crate) fn restore_choices(&mut self, conversation: ConversationId, stored: &str) {
        for pair in stored.split(',') {
            if let Some((parent, version)) = pair.split_once(' ')
                && let Ok(version) = version.parse()
            {
                self.thread_mut(conversation).choices.insert(parent.parse().ok(), version);
            }
        }
    }

    pub(crate) fn opened(&self) -> Option<ConversationId> {
        self.open
    }

    /// Returns the cursor of the next older page and marks it as being loaded; `None` if there is none or it is already
    /// being loaded.
    pub(crate) fn take_older_cursor(&mut self, conversation: ConversationId) -> Option<String> {
        let thread = self.threads.get_mut(&conversation)?;
        let History::Partial(cursor) = &thread.history else { return None };
        let cursor = cursor.clone();
        thread.history = History::LoadingOlder(cursor.clone());
        self.mark_thread(conversation);
        Some(cursor)
    }

    /// The cursor of the next older page, if there is one and it is not being loaded.
    pub(crate) fn older_cursor(&self, conversation: ConversationId) -> Option<&str> {
        match &self.threads.get(&conversation)?.history {
            History::Partial(cursor) => Some(cursor),
            _ => None,
        }
    }

    /// Shows the previous (-1) or next (1) version of a message.
    pub(crate) fn choose_version(&mut self, message: MessageId, step: i32) {
        let Some(conversation) = self.open else { return };
        let shown = self.path(conversation);
        let Some(item) = shown.iter().find(|item| item.message.id == message) else { return };
        let index = i32::try_from(item.position() - 1).unwrap_or_default() + step;
        let Some(version) = usize::try_from(index).ok().and_then(|index| item.versions.get(index)) else { return };
        // The parent by which the tree has grouped it; an unsent message has none of its own.
        let (parent, version) = (item.message.parent_id, *version);
        self.thread_mut(conversation).choices.insert(parent, version);
        // Remembered over reloads.
        self.chosen = Some(conversation);
        self.mark_thread(conversation);
    }

    /// The command that marks the open conversation as read, if there is something to report.
    pub(crate) fn take_read_report(&mut self) -> Option<Command> {
        let conversation_id = self.open?;
        let unread = self.replica.conversation(conversation_id)?.unread > 0;
        // A queued reply has no content yet, and a running one is reported when it has ended.
        let newest = self.replica.messages(conversation_id).rev().find(|message| message.state != MessageState::Queued);
        let message_id = newest.filter(|message| message.state.is_final())?.id;
        let thread = self.threads.get_mut(&conversation_id)?;
        if !unread || !self.connection.is_live() || thread.read == Some(message_id) {
            return None;
        }
        // Recorded before the server answers, so that each render does not send another report.
        thread.read = Some(message_id);
        Some(Command::ConversationRead(ConversationRead { conversation_id, message_id }))
    }

    fn thread_mut(&mut self, conversation: ConversationId) -> &mut ThreadState {
        self.threads.entry(conversation).or_default()
    }

    fn mark_thread(&mut self, conversation: ConversationId) {
        if self.open == Some(conversation) {
            self.dirty.thread = true;
            self.dirty.stream = true;
        }
    }

    /// Marks the views that a command changes.
    fn mark_command(&mut self, command: &Command) {
        match command {
            Command::MessageSend(send) => {
                // The person wants to see the new message, also if they have chosen another version at this place.
                let parent = send.parent_id.flatten();
                self.thread_mut(send.conversation_id).choices.remove(&parent);
                self.mark_thread(send.conversation_id);
                self.dirty.threads = true;
            }
            Command::MessageRetry(args) => {
                if let Some(conversation) = self.replica.message(args.message_id).map(|message| message.conversation_id)
                {
                    let parent = self.replica.message(args.message_id).and_then(|message| message.parent_id);
                    self.thread_mut(conversation).choices.remove(&parent);
                }
            }
            Command::ConversationCreate(_)
            | Command::ConversationUpdate(_)
            | Command::ConversationDelete(_)
            | Command::ConversationRead(_) => {
                self.dirty.threads = true;
                self.dirty.thread = true;
            }
            Command::TaskCreate(_)
            | Command::TaskUpdate(_)
            | Command::TaskComplete(_)
            | Command::TaskSkip(_)
            | Command::TaskReopen(_)
            | Command::TaskDelete(_)
            | Command::ReminderAck(_)
            | Command::ReminderSnooze(_) => self.dirty.tasks = true,
            Command::MessageCancel(_) | Command::MessageApprove(_) | Command::Undo(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
