//! Durable events: their order, and what each one changes.
//!
//! A page of REST may have been read after an event that is still on its way, so an event may be older than what is known.
//! It then counts as applied and changes nothing: `rev` orders the states of a task, `attempt` and the final state order
//! the states of a reply.

use super::{Change, ContractBreach, Replica};
use crate::{
    enums::{MessageState, ToolState},
    id::{ConversationId, MessageId, TaskId},
    live::{Event, EventBody},
    model::{Conversation, Message, Part, Task, ToolCall},
};
use std::sync::Arc;

/// Parts of one reply: a run has ten turns at most, each with one text, one thought and at most 16 calls. An index beyond this is
/// refused, because the parts before it would be allocated.
const MAX_PARTS: usize = 1024;

impl Replica {
    /// Applies the next event; one out of order is recorded as a fault and not applied.
    pub(super) fn apply_event(&mut self, event: &Event) -> Change {
        if let Err(change) = self.admit(event.seq) {
            return change;
        }
        match event.body() {
            Ok(Some(body)) => self.apply_body(body),
            Ok(None) => Change::None,
            Err(error) => {
                // The event counts as applied: a device that requested it again would receive the same bytes.
                self.fault(ContractBreach::UnreadableEvent { seq: event.seq, error: error.to_string() });
                Change::None
            }
        }
    }

    /// Applies an event whose data was read already, for a caller that feeds many replicas from one log.
    pub fn apply_read(&mut self, seq: i64, body: EventBody) -> Change {
        match self.admit(seq) {
            Ok(()) => self.apply_body(body),
            Err(change) => change,
        }
    }

    /// Whether this is the next event; if so it counts as applied.
    fn admit(&mut self, seq: i64) -> Result<(), Change> {
        let have = self.seq();
        if self.stale {
            return Err(Change::None);
        }
        if seq <= have {
            // Events up to the floor were part of the snapshot. They may still arrive, which is no fault.
            if seq > self.floor {
                self.fault(ContractBreach::EventTwice { seq });
            }
            return Err(Change::Duplicate);
        }
        let expected = have + 1;
        if seq > expected {
            self.fault(ContractBreach::EventGap { expected, got: seq });
            return Err(Change::Gap { expected, got: seq });
        }
        self.seq = Some(seq);
        Ok(())
    }

    fn apply_body(&mut self, body: EventBody) -> Change {
        match body {
            EventBody::ConversationCreated { conversation } | EventBody::ConversationUpdated { conversation } => {
                self.put_conversation(conversation)
            }
            EventBody::ConversationDeleted { conversation_id } => self.remove_conversation(conversation_id),
            EventBody::MessageCreated { message } => self.message_created(message),
            EventBody::MessageUpdated { message } => self.message_updated(message),
            EventBody::MessageCompleted { message } => self.message_completed(message),
            EventBody::MessagePart { message_id, index, part } => self.message_part(message_id, index, part),
            EventBody::MessageRestarted { message_id, attempt, parts } => {
                self.message_restarted(message_id, attempt, parts)
            }
            EventBody::TaskCreated { task } => self.put_task(task),
            EventBody::TaskUpdated { task } | EventBody::ReminderDue { task, .. } => match self.tasks.get(&task.id) {
                // A page of the list was ahead of the events.
                Some(known) if known.rev > task.rev => Change::None,
                _ => self.put_task(task),
            },
            EventBody::TaskDeleted { task_id } => self.remove_task(task_id),
            EventBody::SessionCreated { .. } | EventBody::SessionRevoked { .. } => Change::Sessions,
            EventBody::UserUpdated { user } => {
                self.user = Some(Arc::new(user));
                Change::User
            }
        }
    }

    fn put_conversation(&mut self, conversation: Conversation) -> Change {
        let id = conversation.id;
        self.gone_conversations.remove(&id);
        self.conversations.insert(id, Arc::new(conversation));
        Change::Conversation(id)
    }

    fn remove_conversation(&mut self, id: ConversationId) -> Change {
        self.gone_conversations.insert(id, ());
        self.conversations.remove(&id);
        for ((_, _, message), ()) in self.threads.remove(&id).unwrap_or_default() {
            self.messages.remove(&message);
            self.streams.remove(&message);
        }
        Change::ConversationRemoved(id)
    }

    fn put_task(&mut self, task: Task) -> Change {
        let id = task.id;
        // An undo of the deletion brings the same id back.
        self.gone_tasks.remove(&id);
        self.tasks.insert(id, Arc::new(task));
        Change::Task(id)
    }

    fn remove_task(&mut self, id: TaskId) -> Change {
        self.gone_tasks.insert(id, ());
        self.tasks.remove(&id);
        Change::TaskRemoved(id)
    }

    fn message_created(&mut self, message: Message) -> Change {
        if self.messages.contains_key(&message.id) {
            // A page of the history was ahead of the events.
            return Change::None;
        }
        self.message_updated(message)
    }

    fn message_updated(&mut self, message: Message) -> Change {
        if message.state.is_final() {
            return self.message_completed(message);
        }
        // A reply that has ended starts over only with a later attempt.
        let ahead = |known: &Arc<Message>| {
            known.attempt > message.attempt || (known.state.is_final() && known.attempt == message.attempt)
        };
        if self.messages.get(&message.id).is_some_and(ahead) {
            return Change::None;
        }
        let change = changed(&message);
        self.put_running(Arc::new(message));
        change
    }

    fn message_completed(&mut self, message: Message) -> Change {
        if self.messages.get(&message.id).is_some_and(|known| known.attempt > message.attempt) {
            return Change::None;
        }
        let change = changed(&message);
        self.put_final(Arc::new(message));
        change
    }

    fn message_part(&mut self, id: MessageId, index: usize, part: Part) -> Change {
        if index > MAX_PARTS {
            let error = format!("part {index} is more than a reply can have");
            self.fault(ContractBreach::UnreadableEvent { seq: self.seq(), error });
            return Change::None;
        }
        let Some(known) = self.messages.get(&id) else {
            // Its page may be on its way and may have been read before this event.
            self.missed.entry(id).or_default().insert(index, part);
            return Change::None;
        };
        let mut message = Message::clone(known);
        // The reply may have ended in a page that was read after this event was sent.
        if message.state.is_final() {
            set_part_after_end(&mut message, index, part);
            let change = changed(&message);
            self.put_message(Arc::new(message));
            return change;
        }
        // Parts before may have been streamed only: an empty text stands for them until the reply ends.
        while message.parts.len() <= index {
            message.parts.push(Part::text(""));
        }
        message.parts[index] = part;
        let change = changed(&message);
        self.put_running(Arc::new(message));
        change
    }

    fn message_restarted(&mut self, id: MessageId, attempt: i64, parts: Vec<Part>) -> Change {
        let Some(known) = self.messages.get(&id).filter(|known| known.attempt < attempt) else { return Change::None };
        let mut message = Message::clone(known);
        message.attempt = attempt;
        message.parts = parts;
        message.state = MessageState::Streaming;
        message.error = None;
        message.completed_at = None;
        let change = changed(&message);
        self.put_running(Arc::new(message));
        change
    }

    /// Stores a message and inserts it into the order of its conversation.
    pub(super) fn put_message(&mut self, message: Arc<Message>) {
        self.missed.remove(&message.id);
        let order = (message.created_at, message.role, message.id);
        let thread = message.conversation_id;
        if let Some(old) = self.messages.insert(message.id, message) {
            let old_order = (old.created_at, old.role, old.id);
            if old_order == order && old.conversation_id == thread {
                return;
            }
            if let Some(old_thread) = self.threads.get_mut(&old.conversation_id) {
                old_thread.remove(&old_order);
            }
        }
        self.threads.entry(thread).or_default().insert(order, ());
    }
}

/// Applies a part to a reply that has ended. Only a call that was undone changes then. Any other part is older than the
/// message, which came by a page that was ahead of the events.
pub(super) fn set_part_after_end(message: &mut Message, index: usize, part: Part) {
    let ended = |call: &ToolCall| !matches!(call.state, ToolState::Running | ToolState::AwaitingApproval);
    if part.as_tool_call().is_some_and(ended)
        && let Some(known @ Part::ToolCall(_)) = message.parts.get_mut(index)
    {
        *known = part;
    }
}

fn changed(message: &Message) -> Change {
    Change::Message { conversation_id: message.conversation_id, message_id: message.id }
}
