//! An account as the server has it, with its log: the truth that devices are compared with. It knows nothing of replicas.

use crate::samples;
use std::{collections::BTreeMap, sync::Arc};
use tandem_protocol::{
    ConversationId, MessageId, TaskId,
    enums::{MessageState, Role, TaskStatus, TextKind, ToolState},
    live::{EventBody, StreamPosition, server::Delta},
    model::{Conversation, Message, Part, Task, User},
    replica::Digest,
    rest::{Page, Snapshot},
};
use uuid::Uuid;

/// What the server sends for a change.
#[derive(Clone, Debug)]
pub(crate) enum Sent {
    /// The event of this seq, see [`Source::event`].
    Event(i64),
    Delta(Delta),
}

/// One page of everything that a snapshot leaves out, read at one moment.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) conversations: Vec<Conversation>,
    pub(crate) messages: Vec<Message>,
    pub(crate) tasks: Vec<Task>,
}

#[derive(Debug)]
pub(crate) struct Source {
    epoch: u32,
    log: Vec<EventBody>,
    user: Arc<User>,
    conversations: BTreeMap<ConversationId, Arc<Conversation>>,
    messages: BTreeMap<MessageId, Arc<Message>>,
    tasks: BTreeMap<TaskId, Arc<Task>>,
    /// Made so far: ids and times count on from it.
    made: u32,
    out: Vec<Sent>,
}

/// Texts of one and more bytes a character, as tokens come.
const PIECES: [&str; 4] = ["a", "né ", "🎉", "lorem "];

impl Source {
    pub(crate) fn new() -> Self {
        Self {
            epoch: 1,
            log: Vec::new(),
            user: Arc::new(samples::user()),
            conversations: BTreeMap::new(),
            messages: BTreeMap::new(),
            tasks: BTreeMap::new(),
            made: 0,
            out: Vec::new(),
        }
    }

    pub(crate) fn epoch(&self) -> String {
        format!("e{}", self.epoch)
    }

    pub(crate) fn seq(&self) -> i64 {
        i64::try_from(self.log.len()).unwrap()
    }

    pub(crate) fn event(&self, seq: i64) -> &EventBody {
        &self.log[usize::try_from(seq - 1).unwrap()]
    }

    pub(crate) fn digest(&self) -> Digest {
        Digest {
            epoch: Some(self.epoch()),
            seq: self.seq(),
            user: Some(Arc::clone(&self.user)),
            conversations: self.conversations.clone(),
            messages: self.messages.clone(),
            tasks: self.tasks.clone(),
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let open = self.tasks.values().filter(|task| task.status == TaskStatus::Open);
        Snapshot {
            epoch: self.epoch(),
            seq: self.seq(),
            user: User::clone(&self.user),
            conversations: Page::whole(values(&self.conversations)),
            tasks: open.map(|task| Task::clone(task)).collect(),
            active_messages: self.running().map(|message| Message::clone(message)).collect(),
        }
    }

    pub(crate) fn history(&self) -> History {
        History {
            conversations: values(&self.conversations),
            messages: values(&self.messages),
            tasks: values(&self.tasks),
        }
    }

    /// What a device that says `hello` gets of running replies: everything from its `have` to now.
    pub(crate) fn catch_up(&self, streams: &[StreamPosition]) -> Vec<Delta> {
        let mut deltas = Vec::new();
        for message in self.running() {
            let known = streams.iter().find(|known| known.message_id == message.id && known.attempt == message.attempt);
            let (first, have) = known.map_or((0, 0), |known| (known.part, known.have));
            for (part, text) in message.parts.iter().enumerate().skip(first) {
                let offset = if part == first { have } else { 0 };
                let Some((kind, text)) = text.as_streamed() else { continue };
                if text.len() > offset {
                    let text = text[offset..].to_owned();
                    deltas.push(Delta { message_id: message.id, attempt: message.attempt, part, offset, text, kind });
                }
            }
        }
        deltas
    }

    /// Whether a device may show this text: what was said so far in this attempt, or the start of it.
    pub(crate) fn has_said(&self, id: MessageId, part: usize, shown: &str) -> bool {
        let Some(message) = self.messages.get(&id) else { return true };
        message.parts.get(part).and_then(Part::as_streamed).is_some_and(|(_, text)| text.starts_with(shown))
    }

    pub(crate) fn attempt(&self, id: MessageId) -> i64 {
        self.messages.get(&id).map_or(0, |message| message.attempt)
    }

    /// A backup is put back: another epoch, the same state.
    pub(crate) fn restore(&mut self) {
        self.epoch += 1;
    }

    /// Lets something happen, chosen by two numbers, and returns what is sent for it.
    pub(crate) fn step(&mut self, what: u8, pick: u8) -> Vec<Sent> {
        match what % 20 {
            0 => self.create_conversation(),
            1 => self.rename_conversation(pick),
            2 => self.delete_conversation(pick),
            3..=5 => self.send_message(pick),
            6 => self.create_task(),
            7 => self.change_task(pick),
            8 => self.delete_task(pick),
            9 => self.change_user(),
            10 => self.end_reply(pick),
            11 => self.restart_reply(pick),
            12 => self.checkpoint(pick),
            13 => self.take_back_call(pick),
            14 | 15 => self.use_tool(pick),
            _ => self.say(pick),
        }
        std::mem::take(&mut self.out)
    }

    fn running(&self) -> impl Iterator<Item = &Arc<Message>> {
        self.messages.values().filter(|message| !message.state.is_final())
    }

    fn make(&mut self) -> (Uuid, i64) {
        self.made += 1;
        // Ids are no help in ordering: they run the other way than time.
        (Uuid::from_u128(u128::from(u32::MAX - self.made)), i64::from(self.made))
    }

    fn record(&mut self, body: EventBody) {
        self.log.push(body);
        self.out.push(Sent::Event(self.seq()));
    }

    fn put_conversation(&mut self, conversation: Conversation, new: bool) {
        self.conversations.insert(conversation.id, Arc::new(conversation.clone()));
        self.record(if new {
            EventBody::ConversationCreated { conversation }
        } else {
            EventBody::ConversationUpdated { conversation }
        });
    }

    fn create_conversation(&mut self) {
        let (id, now) = self.make();
        let conversation =
            Conversation { id: ConversationId(id), created_at: samples::at(now), ..samples::conversation(0) };
        self.put_conversation(conversation, true);
    }

    fn rename_conversation(&mut self, pick: u8) {
        let Some(mut conversation) = picked(&self.conversations, pick) else { return };
        let (_, now) = self.make();
        conversation.title = Some(format!("title {now}"));
        conversation.updated_at = samples::at(now);
        self.put_conversation(conversation, false);
    }

    fn delete_conversation(&mut self, pick: u8) {
        let Some(Conversation { id, .. }) = picked(&self.conversations, pick) else { return };
        self.conversations.remove(&id);
        self.messages.retain(|_, message| message.conversation_id != id);
        self.record(EventBody::ConversationDeleted { conversation_id: id });
    }

    fn send_message(&mut self, pick: u8) {
        let Some(mut conversation) = picked(&self.conversations, pick) else { return self.create_conversation() };
        let (question, now) = self.make();
        let (answer, _) = self.make();
        let at = samples::at(now);
        let question = Message {
            id: MessageId(question),
            conversation_id: conversation.id,
            role: Role::User,
            created_at: at,
            ..samples::ended("question")
        };
        let state = if pick.is_multiple_of(2) { MessageState::Streaming } else { MessageState::Queued };
        let answer = Message {
            id: MessageId(answer),
            role: Role::Assistant,
            state,
            completed_at: None,
            parts: Vec::new(),
            ..question.clone()
        };
        for message in [question, answer] {
            self.messages.insert(message.id, Arc::new(message.clone()));
            self.record(EventBody::MessageCreated { message });
        }
        conversation.last_message_at = Some(at);
        self.put_conversation(conversation, false);
    }

    /// Changes a running reply; `tell` names the event from the reply as it is then.
    fn change_reply(&mut self, pick: u8, change: impl FnOnce(&mut Message) -> Option<EventBody>) {
        let running: Vec<_> = self.running().map(|message| message.id).collect();
        if running.is_empty() {
            return self.send_message(pick);
        }
        let message = self.messages.get_mut(&running[usize::from(pick) % running.len()]).unwrap();
        if let Some(body) = change(Arc::make_mut(message)) {
            self.record(body);
        }
    }

    fn say(&mut self, pick: u8) {
        let mut said = None;
        self.change_reply(pick, |reply| {
            let text = PIECES[usize::from(pick / 16) % PIECES.len()].to_owned();
            let kind = if pick.is_multiple_of(4) { TextKind::Reasoning } else { TextKind::Text };
            if reply.parts.last().and_then(Part::as_streamed).is_none_or(|(of, _)| of != kind) {
                reply.parts.push(Part::streamed(kind, ""));
            }
            let part = reply.parts.len() - 1;
            let Some(Part::Text { text: so_far } | Part::Reasoning { text: so_far, .. }) = reply.parts.last_mut()
            else {
                return None;
            };
            let offset = so_far.len();
            so_far.push_str(&text);
            said = Some(Delta { message_id: reply.id, attempt: reply.attempt, part, offset, text, kind });
            None
        });
        self.out.extend(said.map(Sent::Delta));
    }

    fn use_tool(&mut self, pick: u8) {
        self.change_reply(pick, |reply| {
            let running = matches!(reply.parts.last(), Some(Part::ToolCall(call)) if call.state == ToolState::Running);
            if running {
                reply.parts.pop();
            }
            let part = samples::call(if running { ToolState::Done } else { ToolState::Running });
            reply.parts.push(part.clone());
            Some(EventBody::MessagePart { message_id: reply.id, index: reply.parts.len() - 1, part })
        });
    }

    fn restart_reply(&mut self, pick: u8) {
        self.change_reply(pick, |reply| {
            reply.attempt += 1;
            reply.state = MessageState::Streaming;
            reply.parts.truncate(usize::from(pick / 64));
            Some(EventBody::MessageRestarted {
                message_id: reply.id,
                attempt: reply.attempt,
                parts: reply.parts.clone(),
            })
        });
    }

    fn checkpoint(&mut self, pick: u8) {
        self.change_reply(pick, |reply| {
            if let (Some(part @ (Part::Text { .. } | Part::Reasoning { .. })), true) =
                (reply.parts.first(), pick >= 128)
            {
                return Some(EventBody::MessagePart { message_id: reply.id, index: 0, part: part.clone() });
            }
            reply.state = MessageState::Streaming;
            Some(EventBody::MessageUpdated { message: reply.clone() })
        });
    }

    fn end_reply(&mut self, pick: u8) {
        self.change_reply(pick, |reply| {
            reply.state = if pick >= 128 { MessageState::Cancelled } else { MessageState::Complete };
            reply.completed_at = Some(reply.created_at);
            Some(EventBody::MessageCompleted { message: reply.clone() })
        });
    }

    /// An undo of a call in a reply that has ended.
    fn take_back_call(&mut self, pick: u8) {
        let ended = self.messages.values_mut().filter(|message| message.state.is_final());
        for message in ended {
            let Some(index) = message.parts.iter().position(|part| part.as_tool_call().is_some()) else { continue };
            let part = samples::call(ToolState::Undone);
            Arc::make_mut(message).parts[index] = part.clone();
            let body = if pick >= 128 {
                EventBody::MessagePart { message_id: message.id, index, part }
            } else {
                EventBody::MessageUpdated { message: Message::clone(message) }
            };
            return self.record(body);
        }
    }

    fn create_task(&mut self) {
        let (id, now) = self.make();
        let task = Task { id: TaskId(id), number: now, ..samples::task(0, 1) };
        self.tasks.insert(task.id, Arc::new(task.clone()));
        self.record(EventBody::TaskCreated { task });
    }

    fn change_task(&mut self, pick: u8) {
        let Some(mut task) = picked(&self.tasks, pick) else { return self.create_task() };
        task.rev += 1;
        task.status = if pick >= 128 { TaskStatus::Done } else { TaskStatus::Open };
        self.tasks.insert(task.id, Arc::new(task.clone()));
        self.record(EventBody::TaskUpdated { task });
    }

    fn delete_task(&mut self, pick: u8) {
        let Some(Task { id, .. }) = picked(&self.tasks, pick) else { return };
        self.tasks.remove(&id);
        self.record(EventBody::TaskDeleted { task_id: id });
    }

    fn change_user(&mut self) {
        let (_, now) = self.make();
        let user = User { name: format!("name {now}"), ..User::clone(&self.user) };
        self.user = Arc::new(user.clone());
        self.record(EventBody::UserUpdated { user });
    }
}

fn picked<K, T: Clone>(all: &BTreeMap<K, Arc<T>>, pick: u8) -> Option<T> {
    let index = usize::from(pick).checked_rem(all.len())?;
    all.values().nth(index).map(|one| T::clone(one))
}

fn values<K, T: Clone>(all: &BTreeMap<K, Arc<T>>) -> Vec<T> {
    all.values().map(|one| T::clone(one)).collect()
}
