//! Everything that a signed-in device knows, and what is to be done next. Pure: it is told what happened and when, and
//! answers with [`Effect`]s; what has changed for the eye it marks in [`Dirty`].

mod frames;
pub(crate) mod views;

pub(crate) use views::{RemoteChange, StreamView, TaskView, ThreadListView, ThreadView};

use super::{
    connection::Connection,
    notice::Notice,
    outbox::{self, Entry, Outbox},
    thread::{self, Choices},
};
use tandem_protocol::{
    CommandId, ConversationId, DeviceId, MessageId, TaskId, Timestamp,
    enums::MessageState,
    limits::PROTOCOL_VERSION,
    live::{ClientFrame, Command, Hello, client::HelloDevice, command::ConversationRead},
    map::Map,
    model::{Conversation, Message, Task, User},
    replica::Replica,
    rest::{Page, Snapshot},
};

/// What the world is asked to do.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Send this over the socket.
    Send(ClientFrame),
    /// Keep this command, so that it survives a reload.
    Persist(CommandId, String),
    /// The server has it, or nobody wants it any more.
    Forget(CommandId),
    /// Load a snapshot, give it to [`Model::load_snapshot`], then say `hello` again.
    Resync,
    /// Events are missing: close the socket and connect again.
    Reconnect,
    /// Renew the access token and send it.
    RenewToken,
    /// Show the person a notice.
    Notify(Notice),
}

/// What has changed for the eye since [`Model::take_dirty`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of independent marks, one per snapshot")]
pub(crate) struct Dirty {
    pub user: bool,
    /// The list of conversations.
    pub threads: bool,
    /// The open conversation, but for the text of a running reply.
    pub thread: bool,
    /// The text of the running reply of the open conversation.
    pub stream: bool,
    pub tasks: bool,
    /// The connection, or who else is connected.
    pub connection: bool,
    /// Who is signed in where.
    pub sessions: bool,
}

impl Dirty {
    const ALL: Self =
        Self { user: true, threads: true, thread: true, stream: true, tasks: true, connection: true, sessions: true };
}

/// How much of a conversation's past is here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum History {
    #[default]
    Unknown,
    /// The first page is on its way.
    Loading,
    /// There is more: older messages are behind this cursor.
    Partial(String),
    /// As before, and the next page is on its way.
    LoadingOlder(String),
    Whole,
    /// It could not be loaded; asking again may help.
    Failed,
    /// There is no such conversation.
    Missing,
}

/// What this device knows of one conversation beside its messages.
#[derive(Clone, Debug, Default)]
struct ThreadState {
    history: History,
    choices: Choices,
    /// The newest message that was reported as read.
    read: Option<MessageId>,
}

/// Everything that a signed-in device knows.
#[derive(Debug)]
pub(crate) struct Model {
    replica: Replica,
    outbox: Outbox,
    connection: Connection,
    device: HelloDevice,
    open: Option<ConversationId>,
    threads: Map<ConversationId, ThreadState>,
    /// Leads to conversations that are not here yet.
    more_conversations: Option<String>,
    /// Leads to done tasks that are not here yet.
    more_done: Option<String>,
    /// What commands of this tab are about, for what is said when they are done.
    objects: Map<CommandId, String>,
    remote_changes: Map<TaskId, RemoteChange>,
    /// What the server's `bye` said about coming back, in milliseconds.
    reconnect_after_ms: Option<u64>,
    dirty: Dirty,
}

impl Model {
    /// A device that has just signed in.
    pub(crate) fn new(user: User, device_id: DeviceId, device_name: String, now: Timestamp) -> Self {
        let mut replica = Replica::new();
        replica.load_user(user);
        Self {
            replica,
            outbox: Outbox::default(),
            connection: Connection::new(now),
            device: HelloDevice { id: device_id, name: device_name },
            open: None,
            threads: Map::new(),
            more_conversations: None,
            more_done: None,
            objects: Map::new(),
            remote_changes: Map::new(),
            reconnect_after_ms: None,
            dirty: Dirty::ALL,
        }
    }

    /// What has changed for the eye since the last time.
    pub(crate) fn take_dirty(&mut self) -> Dirty {
        std::mem::take(&mut self.dirty)
    }

    /// What the server is known to have.
    pub(crate) fn replica(&self) -> &Replica {
        &self.replica
    }

    /// The commands on their way.
    pub(crate) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// The connection, for what is said about it.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The first frame of a connection.
    pub(crate) fn hello(&self) -> ClientFrame {
        ClientFrame::Hello(Hello {
            version: PROTOCOL_VERSION,
            device: self.device.clone(),
            resume: self.replica.resume_point(),
            streams: self.replica.streams(),
            caps: vec!["batch".to_owned()],
        })
    }

    /// The socket is gone. Gives the pause that the server asked for, if it did.
    pub(crate) fn connection_lost(&mut self, now: Timestamp) -> Option<u64> {
        self.connection.lost(now);
        self.outbox.connection_lost();
        self.dirty.connection = true;
        self.dirty.thread = true;
        self.reconnect_after_ms.take()
    }

    /// Time has passed: what is said about the connection may be another thing now.
    pub(crate) fn time_passed(&mut self) {
        self.dirty.connection = true;
    }

    /// Does something: it shows at once, and goes out as soon as there is a connection.
    pub(crate) fn submit(&mut self, id: CommandId, command: Command, now: Timestamp) -> Vec<Effect> {
        if let Some(object) = self.object_of(&command) {
            self.objects.insert(id, object);
        }
        self.mark_command(&command);
        self.outbox.push(id, command, now);
        let mut effects = Vec::new();
        if let Some(entry) = self.outbox.entries().last()
            && let Some(text) = outbox::write(entry)
        {
            effects.push(Effect::Persist(id, text));
        }
        effects.extend(self.send_due(now));
        effects
    }

    /// Takes the commands that were kept before a reload.
    pub(crate) fn restore_outbox<'a>(&mut self, kept: impl IntoIterator<Item = &'a str>) {
        self.outbox.restore(kept);
        self.dirty = Dirty::ALL;
    }

    /// Sends what may be sent now.
    pub(crate) fn send_due(&mut self, now: Timestamp) -> Vec<Effect> {
        if !self.connection.is_live() {
            return Vec::new();
        }
        let due = self.outbox.take_due(now);
        if !due.is_empty() {
            self.dirty.thread = true;
        }
        due.iter().filter_map(command_frame).map(Effect::Send).collect()
    }

    /// Sends a refused message again, under a new command: the server remembers its answer to the old one.
    pub(crate) fn resend(&mut self, message: MessageId, id: CommandId, now: Timestamp) -> Vec<Effect> {
        let Some(entry) = self.take_outgoing(message) else { return Vec::new() };
        let mut effects = vec![Effect::Forget(entry.id)];
        effects.extend(self.submit(id, entry.command, now));
        effects
    }

    /// Takes a message back that has not reached the server.
    pub(crate) fn discard(&mut self, message: MessageId) -> Vec<Effect> {
        self.take_outgoing(message).map(|entry| Effect::Forget(entry.id)).into_iter().collect()
    }

    fn take_outgoing(&mut self, message: MessageId) -> Option<Entry> {
        let id = self.outgoing(message)?.id;
        self.dirty.thread = true;
        self.outbox.remove(id)
    }

    /// The entry that carries a message which has not reached the server.
    pub(crate) fn outgoing(&self, message: MessageId) -> Option<&Entry> {
        self.outbox.entries().find(|entry| match &entry.command {
            Command::MessageSend(send) => send.id == Some(message),
            _ => false,
        })
    }

    /// Starts over from a snapshot. The first page of the open conversation comes with it, so that nothing blinks.
    pub(crate) fn load_snapshot(&mut self, snapshot: Snapshot, open: Option<(ConversationId, Page<Message>)>) {
        self.more_conversations.clone_from(&snapshot.conversations.next_cursor);
        self.replica.load_snapshot(snapshot);
        for thread in self.threads.values_mut() {
            thread.history = History::Unknown;
        }
        if let Some((conversation, page)) = open {
            self.load_history(conversation, page);
        }
        self.outbox.settle(self.replica.seq());
        self.dirty = Dirty::ALL;
    }

    /// Takes a page of a conversation's past.
    pub(crate) fn load_history(&mut self, conversation: ConversationId, page: Page<Message>) {
        self.replica.load_messages(page.items);
        self.thread_mut(conversation).history = page.next_cursor.map_or(History::Whole, History::Partial);
        self.mark_thread(conversation);
    }

    /// A page of the past did not come.
    pub(crate) fn history_failed(&mut self, conversation: ConversationId, missing: bool) {
        let is_local = self.outbox.entries().any(|entry| thread::belongs_to(entry, conversation));
        let thread = self.thread_mut(conversation);
        thread.history = match std::mem::take(&mut thread.history) {
            History::LoadingOlder(cursor) => History::Partial(cursor),
            // It begins with a message that is still here.
            _ if missing && is_local => History::Whole,
            _ if missing => History::Missing,
            _ => History::Failed,
        };
        self.mark_thread(conversation);
    }

    /// Takes one conversation that is not in the list.
    pub(crate) fn load_conversation(&mut self, conversation: Conversation) {
        self.replica.load_conversations(vec![conversation]);
        self.dirty.threads = true;
        self.dirty.thread = true;
    }

    /// Takes a further page of the list.
    pub(crate) fn load_conversations(&mut self, page: Page<Conversation>) {
        self.more_conversations = page.next_cursor;
        self.replica.load_conversations(page.items);
        self.dirty.threads = true;
    }

    /// Where the list of conversations goes on, if it does.
    pub(crate) fn more_conversations(&self) -> Option<&str> {
        self.more_conversations.as_deref()
    }

    /// Takes a page of done tasks, which the snapshot leaves out.
    pub(crate) fn load_done_tasks(&mut self, page: Page<Task>) {
        self.more_done = page.next_cursor;
        self.replica.load_tasks(page.items);
        self.dirty.tasks = true;
    }

    /// Where the list of done tasks goes on, if it does.
    pub(crate) fn more_done(&self) -> Option<&str> {
        self.more_done.as_deref()
    }

    /// Takes the account as the server answered it.
    pub(crate) fn load_user(&mut self, user: User) {
        self.replica.load_user(user);
        self.dirty.user = true;
    }

    /// Shows another conversation, or none. True when its past has to be loaded; it counts as being loaded then.
    pub(crate) fn open(&mut self, conversation: Option<ConversationId>) -> bool {
        self.open = conversation;
        self.dirty.thread = true;
        self.dirty.stream = true;
        self.dirty.threads = true;
        let Some(id) = conversation else { return false };
        let thread = self.thread_mut(id);
        let load = matches!(thread.history, History::Unknown | History::Failed);
        if load {
            thread.history = History::Loading;
        }
        load
    }

    /// A conversation that begins here: there is no past to load.
    pub(crate) fn begin(&mut self, conversation: ConversationId) {
        self.thread_mut(conversation).history = History::Whole;
    }

    /// The conversation that is shown.
    pub(crate) fn opened(&self) -> Option<ConversationId> {
        self.open
    }

    /// Asks for the page before what is here. Gives the cursor when there is one and nobody asked yet.
    pub(crate) fn take_older_cursor(&mut self, conversation: ConversationId) -> Option<String> {
        let thread = self.threads.get_mut(&conversation)?;
        let History::Partial(cursor) = &thread.history else { return None };
        let cursor = cursor.clone();
        thread.history = History::LoadingOlder(cursor.clone());
        self.mark_thread(conversation);
        Some(cursor)
    }

    /// Shows the version before (-1) or after (1) this one.
    pub(crate) fn choose_version(&mut self, message: MessageId, step: i32) {
        let Some(conversation) = self.open else { return };
        let shown = self.path(conversation);
        let Some(item) = shown.iter().find(|item| item.message.id == message) else { return };
        let index = i32::try_from(item.position() - 1).unwrap_or_default() + step;
        let Some(version) = usize::try_from(index).ok().and_then(|index| item.versions.get(index)) else { return };
        // By the parent as the tree has it: of a message on its way that is the one it was placed under.
        let (parent, version) = (item.message.parent_id, *version);
        self.thread_mut(conversation).choices.insert(parent, version);
        self.mark_thread(conversation);
    }

    /// What to report as read, when the person looks at the open conversation.
    pub(crate) fn take_read_report(&mut self) -> Option<Command> {
        let conversation_id = self.open?;
        let unread = self.replica.conversation(conversation_id)?.unread > 0;
        let newest = self.replica.messages(conversation_id).rev().find(|message| message.state != MessageState::Queued);
        let message_id = newest.filter(|message| message.state.is_final())?.id;
        let thread = self.threads.get_mut(&conversation_id)?;
        if !unread || !self.connection.is_live() || thread.read == Some(message_id) {
            return None;
        }
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

    /// Marks what a command changes for the eye.
    fn mark_command(&mut self, command: &Command) {
        match command {
            Command::MessageSend(send) => {
                // The person wants to see what they sent, not the version that they looked at before.
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
            | Command::TaskReopen(_)
            | Command::TaskDelete(_) => self.dirty.tasks = true,
            Command::MessageCancel(_) | Command::MessageApprove(_) | Command::Undo(_) => {}
        }
    }
}

fn command_frame(entry: &Entry) -> Option<ClientFrame> {
    let args = entry.command.args().ok()?;
    Some(ClientFrame::Command { id: entry.id.to_string(), name: entry.command.name().to_owned(), args })
}

#[cfg(test)]
mod tests;
