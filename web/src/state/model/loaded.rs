//! What was loaded over REST: a snapshot, and the pages that it does not contain.

use super::{Dirty, Effect, History, Model};
use crate::state::thread;
use tandem_protocol::{
    ConversationId,
    live::ServerFrame,
    model::{Conversation, Message, Task, User},
    replica::Change,
    rest::{Page, Snapshot},
};

impl Model {
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

    /// Loads what was kept: a snapshot, and the events after it. They are applied up to the first that is missing, from
    /// which the server goes on.
    pub(crate) fn restore(
        &mut self,
        snapshot: Snapshot,
        frames: &[ServerFrame],
        open: Option<(ConversationId, Page<Message>)>,
    ) {
        self.load_snapshot(snapshot, None);
        let events = frames.iter().filter(|frame| matches!(frame, ServerFrame::Event(_)));
        for event in events {
            if matches!(self.replica.apply(event), Change::Gap { .. }) {
                break;
            }
        }
        if let Some((conversation, page)) = open {
            self.load_history(conversation, page);
        }
        self.outbox.settle(self.replica.seq());
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
        self.load_tasks(page.items);
    }

    /// The cursor of the next page of completed tasks, if there is one.
    pub(crate) fn more_done(&self) -> Option<&str> {
        self.more_done.as_deref()
    }

    /// Adds tasks that the replica may not have, because they are done.
    pub(crate) fn load_tasks(&mut self, tasks: Vec<Task>) {
        self.replica.load_tasks(tasks);
        self.dirty.tasks = true;
    }

    pub(crate) fn load_user(&mut self, user: User) {
        self.replica.load_user(user);
        self.dirty.user = true;
    }
}
