//! The views: immutable copies of the state for components. Each is rebuilt when it has changed.

use super::{History, Model, RefusedEdit};
use crate::state::{
    tasks,
    thread::{self, SendStatus, ThreadItem},
};
use litemap::LiteMap;
use std::sync::Arc;
use tandem_protocol::{
    ConversationId, MessageId, TaskId, Timestamp,
    enums::{ActorKind, MessageState},
    live::Command,
    model::{Conversation, Message, Task},
    replica::PartView,
};

/// The last change of a task by someone else, or on another device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemoteChange {
    pub by: ActorKind,
    /// The name of the device, if it is connected.
    pub device: Option<String>,
    /// The local time at which the change arrived.
    pub at: Timestamp,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct TaskView {
    /// The tasks with the outbox applied.
    pub tasks: Vec<Arc<Task>>,
    /// Changes by others since the page was opened.
    pub remote_changes: LiteMap<TaskId, RemoteChange>,
    /// Whether a snapshot was loaded; before that an empty list means nothing.
    pub loaded: bool,
    /// Whether the server has more completed tasks.
    pub more_done: bool,
    /// Tasks with changes that the server does not have yet.
    pub waiting: Vec<TaskId>,
    /// Edits about which the person has to decide, because others have changed or deleted the task.
    pub refused: Vec<RefusedEdit>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ThreadEntry {
    pub conversation: Arc<Conversation>,
    pub running: bool,
}

/// The list of conversations, newest activity first.
#[derive(Clone, Debug, Default)]
pub(crate) struct ThreadListView {
    pub entries: Vec<ThreadEntry>,
    /// Whether the server has more conversations.
    pub has_more: bool,
    /// Whether a snapshot was loaded, as in [`TaskView`].
    pub loaded: bool,
}

/// The open conversation without the text of a running reply.
#[derive(Clone, Debug, Default)]
pub(crate) struct ThreadView {
    /// `None` before the first message of a new conversation.
    pub id: Option<ConversationId>,
    /// The entry in the list of conversations, if it is loaded.
    pub conversation: Option<Arc<Conversation>>,
    /// The visible messages, oldest first.
    pub items: Vec<ThreadItem>,
    pub history: History,
    pub running: Option<MessageId>,
    /// The next queued reply, if none is running in this conversation because those of other conversations use up the
    /// limit.
    pub waiting: Option<MessageId>,
    /// The parent of a message that is sent now; see [`thread::parent_for_new`].
    pub parent_for_new: Option<MessageId>,
    /// The message to scroll to, once it is loaded.
    pub target: Option<MessageId>,
    /// Whether it was deleted while this page was open; otherwise it may never have been there.
    pub deleted: bool,
}

/// The running reply of the open conversation with its text so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct StreamView {
    pub reply: Option<Arc<Message>>,
}

impl Model {
    pub(crate) fn task_view(&self) -> TaskView {
        let zone = self.replica.user().map_or("UTC", |user| user.time_zone.as_str());
        TaskView {
            tasks: tasks::apply_outbox(&self.replica.tasks(), self.outbox.entries(), zone),
            remote_changes: self.remote_changes.clone(),
            loaded: self.replica.resume_point().is_some(),
            more_done: self.more_done.is_some(),
            waiting: self
                .outbox
                .entries()
                .filter(|entry| entry.waits())
                .filter_map(|entry| tasks::id_in(&entry.command))
                .collect(),
            refused: self.refused_edits(),
        }
    }

    pub(crate) fn thread_list_view(&self) -> ThreadListView {
        let mut conversations: Vec<Arc<Conversation>> =
            self.replica.conversations().into_iter().map(Arc::clone).collect();
        for entry in self.outbox.entries().filter(|entry| entry.is_shown()) {
            apply_optimistic(&mut conversations, &entry.command, entry.made_at);
        }
        let entry = |conversation: Arc<Conversation>| {
            // Only the newest messages can be running, so the rest of a long conversation is not visited.
            let running = self.replica.messages(conversation.id).rev().take(8);
            let running = running.into_iter().any(|message| message.state == MessageState::Streaming);
            ThreadEntry { conversation, running }
        };
        ThreadListView {
            entries: conversations.into_iter().map(entry).collect(),
            has_more: self.more_conversations.is_some(),
            loaded: self.replica.resume_point().is_some(),
        }
    }
    pub(crate) fn thread_view(&self) -> ThreadView {
        let Some(id) = self.open else { return ThreadView { history: History::Whole, ..ThreadView::default() } };
        let known: Vec<_> = self.replica.messages(id).collect();
        let items = self.path(id);
        // The optimistic list, so that a new conversation has its entry at once.
        let list = self.thread_list_view();
        ThreadView {
            id: Some(id),
            conversation: list.entries.into_iter().map(|entry| entry.conversation).find(|known| known.id == id),
            running: thread::running(&known),
            waiting: thread::waiting(&known),
            parent_for_new: thread::parent_for_new(&items, &known),
            target: self.target.filter(|target| !target.shown).map(|target| target.message).filter(|id| {
                // Not before its page is loaded.
                items.iter().any(|item| item.message.id == *id)
            }),
            history: self.threads.get(&id).map(|thread| thread.history.clone()).unwrap_or_default(),
            deleted: self.threads.get(&id).is_some_and(|thread| thread.deleted),
            items: items.into_iter().map(|item| self.with_send_status(item)).collect(),
        }
    }

    pub(crate) fn stream_view(&self) -> StreamView {
        let running = self.open.and_then(|id| {
            let known: Vec<_> = self.replica.messages(id).collect();
            thread::running(&known)
        });
        StreamView { reply: running.and_then(|id| self.with_text_so_far(id)) }
    }

    /// A message with all streamed text.
    fn with_text_so_far(&self, id: MessageId) -> Option<Arc<Message>> {
        let mut message = Message::clone(self.replica.message(id)?);
        message.parts = self.replica.parts(id).map(PartView::to_part).collect();
        Some(Arc::new(message))
    }

    /// Unsent messages are shown as waiting without a connection, and as being sent with one.
    fn with_send_status(&self, mut item: ThreadItem) -> ThreadItem {
        if self.connection.is_live() && item.status == SendStatus::Waiting {
            item.status = SendStatus::Sending;
        }
        item
    }

    pub(super) fn path(&self, conversation: ConversationId) -> Vec<ThreadItem> {
        let known: Vec<_> = self.replica.messages(conversation).collect();
        let outgoing = self.outbox.entries().filter(|entry| thread::belongs_to(entry, conversation));
        let mut choices = self.threads.get(&conversation).map(|thread| thread.choices.clone()).unwrap_or_default();
        // A newer version from another device must not take away the message that somebody edits here, and a search may
        // lead to an older version. Their ancestors are chosen, too; their number limits the loop if malformed data
        // contains a cycle.
        for pinned in [self.target.map(|target| target.message), self.edited].into_iter().flatten() {
            let mut next = self.replica.message(pinned);
            for _ in 0..known.len() {
                let Some(message) = next.filter(|message| message.conversation_id == conversation) else { break };
                choices.insert(message.parent_id, message.id);
                next = message.parent_id.and_then(|id| self.replica.message(id));
            }
        }
        thread::path(&known, outgoing, &choices)
    }

    /// The title of the object of a command.
    pub(super) fn object_of(&self, command: &Command) -> Option<String> {
        let task = |name| {
            self.task_view().tasks.iter().find(|task| tasks::is_named(task, name)).map(|task| task.title.clone())
        };
        match command {
            Command::TaskCreate(new) => Some(new.title.clone()),
            Command::TaskUpdate(update) => task(update.task_id),
            Command::TaskComplete(args) => task(args.task_id),
            Command::TaskSkip(args) | Command::TaskReopen(args) | Command::TaskDelete(args) => task(args.task_id),
            Command::ReminderAck(args) => task(args.task_id),
            Command::ReminderSnooze(args) => task(args.task_id),
            Command::ConversationDelete(args) => {
                self.replica.conversation(args.conversation_id).and_then(|conversation| conversation.title.clone())
            }
            _ => None,
        }
    }
}

/// Applies the expected effect of a command to the list.
fn apply_optimistic(conversations: &mut Vec<Arc<Conversation>>, command: &Command, made_at: Timestamp) {
    match command {
        Command::MessageSend(send) => move_to_top(conversations, send.conversation_id, made_at),
        Command::ConversationUpdate(update) => {
            if let Some(known) = conversations.iter_mut().find(|known| known.id == update.conversation_id) {
                update.apply_to(Arc::make_mut(known));
            }
        }
        Command::ConversationDelete(args) => conversations.retain(|known| known.id != args.conversation_id),
        Command::ConversationRead(args) => {
            if let Some(known) = conversations.iter_mut().find(|known| known.id == args.conversation_id)
                && known.unread > 0
            {
                Arc::make_mut(known).unread = 0;
            }
        }
        _ => {}
    }
}

/// Moves a conversation with a new message to the top, or adds it.
fn move_to_top(conversations: &mut Vec<Arc<Conversation>>, id: ConversationId, made_at: Timestamp) {
    let known = conversations.iter().position(|known| known.id == id).map(|index| conversations.remove(index));
    let mut conversation = known.unwrap_or_else(|| Arc::new(Conversation::empty(id, made_at)));
    if conversation.last_message_at.is_none_or(|last| last < made_at) {
        Arc::make_mut(&mut conversation).last_message_at = Some(made_at);
    }
    conversations.insert(0, conversation);
}
