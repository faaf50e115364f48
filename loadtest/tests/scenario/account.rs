//! An account of the small server: its state, its log, and its sockets.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use tandem_protocol::{
    ConversationId, MessageId, TaskId, Timestamp,
    enums::{MessageState, Role, TaskStatus, TextKind, UserRole},
    live::{EventBody, ServerFrame, server::Delta},
    model::{Conversation, Message, Part, Task, User},
    rest::{MessageSent, NewTask, TaskWritten},
    settings::UserSettings,
};
use tokio::sync::mpsc::UnboundedSender;
use uuid::Uuid;

/// An error that the server makes once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    /// The first socket does not get an event.
    SkipsAnEvent,
    /// The first socket gets an event twice.
    RepeatsAnEvent,
    /// A token of a reply is missing from deltas and event.
    SwallowsAToken,
    /// The first socket gets a message of the user with another text, which no later event corrects.
    TellsSomethingElse,
    /// The first device that resumes does not get the first event that it missed.
    ForgetsWhatWasMissed,
    /// A device that stops reading is never closed; its frames are queued without limit.
    WaitsForEver,
}

#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) user: User,
    pub(crate) conversations: BTreeMap<ConversationId, Conversation>,
    pub(crate) messages: BTreeMap<MessageId, Message>,
    pub(crate) tasks: BTreeMap<TaskId, Task>,
    pub(crate) log: Vec<Value>,
    pub(crate) sockets: Vec<UnboundedSender<String>>,
    /// Whether the flaw has not been made yet.
    flaw: Flaw,
    made: i64,
}

impl Account {
    pub(crate) fn new(number: u128, flaw: Flaw) -> Self {
        let user = User {
            id: number.to_string().into(),
            email: String::new(),
            name: String::new(),
            email_verified: false,
            image: None,
            time_zone: "UTC".into(),
            created_at: Timestamp::from_millis(0),
            role: UserRole::Member,
            settings: UserSettings::default(),
        };
        Self {
            user,
            conversations: BTreeMap::new(),
            messages: BTreeMap::new(),
            tasks: BTreeMap::new(),
            log: Vec::new(),
            sockets: Vec::new(),
            flaw,
            made: 0,
        }
    }

    pub(crate) fn seq(&self) -> usize {
        self.log.len()
    }

    fn make(&mut self) -> (Uuid, Timestamp) {
        self.made += 1;
        (Uuid::from_u128(u128::from(self.made.unsigned_abs())), Timestamp::from_millis(self.made))
    }

    /// Whether to make the error now: once, and only after the first event.
    fn applies_flaw(&mut self, flaw: Flaw) -> bool {
        let now = self.flaw == flaw && self.sockets.len() == 2 && self.log.len() > 20;
        if now {
            self.flaw = Flaw::None;
        }
        now
    }

    /// Whether to leave out an event for a device that resumes with the first `known` ones.
    pub(crate) fn skips_event(&mut self, known: usize) -> bool {
        let now = self.flaw == Flaw::ForgetsWhatWasMissed && known < self.log.len();
        if now {
            self.flaw = Flaw::None;
        }
        now
    }

    fn record(&mut self, body: &EventBody, command: Option<&str>) {
        let event = json!({
            "type": "event", "seq": self.log.len() + 1, "at": Timestamp::from_millis(self.made), "name": body.name(),
            "data": body, "actor": {"kind": "user", "device_id": null}, "command_id": command,
        });
        self.log.push(event.clone());
        let mut first = vec![event.to_string()];
        if self.applies_flaw(Flaw::SkipsAnEvent) {
            first.clear();
        } else if self.applies_flaw(Flaw::RepeatsAnEvent) {
            first.push(event.to_string());
        } else if event["data"]["message"]["role"] == "user" && self.applies_flaw(Flaw::TellsSomethingElse) {
            let mut other = event.clone();
            other["data"]["message"]["parts"] = json!([Part::text("Something else")]);
            first = vec![other.to_string()];
        }
        for (number, socket) in self.sockets.iter().enumerate() {
            for text in if number == 0 { first.clone() } else { vec![event.to_string()] } {
                // The receiver is gone when the socket is closed.
                let _ = socket.send(text);
            }
        }
    }

    /// Adds a message and its reply, whose text [`Account::add_token`] streams.
    pub(crate) fn send(&mut self, conversation_id: ConversationId, id: MessageId, text: &str) -> MessageSent {
        let (reply, at) = self.make();
        let user_message = Message {
            id,
            conversation_id,
            parent_id: None,
            role: Role::User,
            state: MessageState::Complete,
            parts: vec![Part::text(text)],
            attempt: 1,
            provider: None,
            error: None,
            created_at: at,
            completed_at: Some(at),
            usage: None,
            undo_token: None,
            summary: None,
        };
        let assistant_message = Message {
            id: MessageId(reply),
            parent_id: Some(id),
            role: Role::Assistant,
            state: MessageState::Streaming,
            parts: Vec::new(),
            completed_at: None,
            ..user_message.clone()
        };
        let talk = Conversation { last_message_at: Some(at), ..Conversation::empty(conversation_id, at) };
        self.conversations.insert(conversation_id, talk.clone());
        self.record(&EventBody::ConversationUpdated { conversation: talk }, None);
        for message in [&user_message, &assistant_message] {
            self.messages.insert(message.id, message.clone());
            self.record(&EventBody::MessageCreated { message: message.clone() }, None);
        }
        MessageSent { user_message, assistant_message, seq: 0 }
    }

    /// Streams a token of a reply.
    pub(crate) fn add_token(&mut self, id: MessageId, token: &str) {
        if self.applies_flaw(Flaw::SwallowsAToken) {
            return;
        }
        let message = self.messages.get_mut(&id).unwrap();
        if message.parts.is_empty() {
            message.parts.push(Part::text(""));
        }
        let Part::Text { text } = &mut message.parts[0] else { unreachable!("replies are text") };
        let delta =
            Delta { message_id: id, attempt: 1, part: 0, offset: text.len(), text: token.into(), kind: TextKind::Text };
        text.push_str(token);
        let frame = ServerFrame::Delta(delta).to_json();
        for socket in &self.sockets {
            // Ignored for the same reason.
            let _ = socket.send(frame.clone());
        }
    }

    pub(crate) fn end(&mut self, id: MessageId) {
        let message = self.messages.get_mut(&id).unwrap();
        message.state = MessageState::Complete;
        message.completed_at = Some(message.created_at);
        let message = message.clone();
        self.record(&EventBody::MessageCompleted { message }, None);
    }

    /// `task.create`; any other name changes the description, if there is one, and completes the task.
    pub(crate) fn change_task(&mut self, command: &str, name: &str, args: &Value) -> TaskWritten {
        let task = if name == "task.create" { self.create_task(args) } else { self.complete_task(args) };
        self.tasks.insert(task.id, task.clone());
        let body = if task.rev == 1 {
            EventBody::TaskCreated { task: task.clone() }
        } else {
            EventBody::TaskUpdated { task: task.clone() }
        };
        self.record(&body, Some(command));
        TaskWritten { task, seq: i64::try_from(self.seq()).unwrap(), undo_token: None }
    }

    fn create_task(&mut self, args: &Value) -> Task {
        let new: NewTask = serde_json::from_value(args.clone()).unwrap();
        let (_, at) = self.make();
        Task { number: self.made, title: new.title, rev: 1, ..Task::empty(new.id.unwrap(), at) }
    }

    fn complete_task(&mut self, args: &Value) -> Task {
        let id: TaskId = serde_json::from_value(args["task_id"].clone()).unwrap();
        let mut task = self.tasks[&id].clone();
        task.rev += 1;
        task.status = TaskStatus::Done;
        if let Some(description) = args["description"].as_str() {
            description.clone_into(&mut task.description);
        }
        task
    }
}
