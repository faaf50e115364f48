//! The loop as a whole: over a real database, against a provider over real HTTP that misbehaves as providers do.

mod approval;
mod evasion;
mod fallback;
mod queue;
mod reminders;
mod replies;
mod series;
mod sizes;
mod summaries;
mod takeover;
mod thoughts;
mod tools;
mod undo;
mod upstream;

use super::{
    Assistant, Settings, Timeouts,
    providers::{Endpoint, ProviderSettings},
};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tandem_auth::{Authority, Caller, Owner};
use tandem_bus::{Bus as _, BusMessage, Listener};
use tandem_domain::clock::Env;
use tandem_protocol::{
    ConversationId, MessageId, UserId,
    enums::{ActorKind, Decision, MessageState, Scope, TextKind, ToolState, UserRole},
    live::{
        Actor, Command, Delta, Event, EventBody,
        command::{MessageApprove, MessageRefArgs, MessageSend},
    },
    model::{Message, Part, Task, ToolCall, User},
    rest::{MessageRetried, MessageSent, TaskQuery},
    settings::UserSettings,
};
use tandem_service::{Admitted, Services, Work, budget::Limits, testing};
use tempfile::TempDir;
use tokio::sync::Notify;
use upstream::Upstream;
use uuid::Uuid;

/// Nothing here takes longer; a test that waits for so long has failed.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What was published on the bus.
#[derive(Debug, Default)]
struct Recorder {
    events: Mutex<Vec<Event>>,
    deltas: Mutex<Vec<Delta>>,
    more: Notify,
}

impl Listener for Recorder {
    fn on_message(&self, _user: &UserId, message: &BusMessage) {
        match message {
            BusMessage::Events(events) => self.events.lock().unwrap().extend(events.iter().cloned()),
            BusMessage::Delta(delta) => self.deltas.lock().unwrap().push(Delta::clone(delta)),
            BusMessage::Control(_) => {}
        }
        self.more.notify_waiters();
    }
}

/// A node with a user on it.
struct Node {
    services: Services,
    recorded: Arc<Recorder>,
    caller: Caller,
    assistant: Arc<Assistant>,
}

/// A database that nodes share.
struct TestDatabase {
    folder: TempDir,
    user: UserId,
}

impl TestDatabase {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let env = Env::system();
        let user = UserId::from(env.id().to_string());
        let profile = User {
            id: user.clone(),
            email: "ann@tandem.example".into(),
            name: "Ann".into(),
            email_verified: false,
            image: None,
            time_zone: "Europe/Berlin".into(),
            created_at: env.now(),
            role: UserRole::Member,
            settings: UserSettings::default(),
        };
        testing::register(folder.path(), profile).await;
        Self { folder, user }
    }

    /// A node that works on the database.
    async fn node(&self, name: &str, providers: Vec<ProviderSettings>) -> Node {
        self.limited(name, providers, Limits::default()).await
    }

    /// The same with limits of its own.
    async fn limited(&self, name: &str, providers: Vec<ProviderSettings>, limits: Limits) -> Node {
        let (services, recorded, caller) = self.without_assistant(name, limits).await;
        let settings = Settings { providers, only_node: true, timeouts: Timeouts::default() };
        let assistant = Assistant::start(services.clone(), settings).await.unwrap();
        Node { services, recorded, caller, assistant }
    }

    /// A node without an assistant: it accepts commands, and claims no runs.
    async fn without_listener(&self, name: &str) -> (Services, Arc<Recorder>, Caller) {
        self.without_assistant(name, Limits::default()).await
    }

    async fn without_assistant(&self, name: &str, limits: Limits) -> (Services, Arc<Recorder>, Caller) {
        let opened = testing::Node::limited(self.folder.path(), name, false, limits).await;
        let testing::Node { services, bus } = opened;
        let recorded = Arc::new(Recorder::default());
        bus.listen(Arc::clone(&recorded) as _);
        let caller = Caller {
            owner: Owner::for_test(self.user.clone()),
            authority: Authority::Run,
            scopes: vec![Scope::Read, Scope::Write],
            actor: Actor { kind: ActorKind::User, device_id: None },
            address: None,
        };
        (services, recorded, caller)
    }
}

/// One user and one node, with the upstream as provider and the built-in assistant as fallback.
async fn single_node(upstream: &Upstream) -> (TestDatabase, Node) {
    let database = TestDatabase::new().await;
    let node = database.node("a", vec![openai(upstream), ProviderSettings::Builtin]).await;
    (database, node)
}

fn openai(upstream: &Upstream) -> ProviderSettings {
    ProviderSettings::OpenAi(endpoint(upstream))
}

fn gemini(upstream: &Upstream) -> ProviderSettings {
    ProviderSettings::Gemini(endpoint(upstream))
}

fn endpoint(upstream: &Upstream) -> Endpoint {
    Endpoint {
        base_url: upstream.base_url(),
        api_key: "test".into(),
        model: "test-model".into(),
        context: Some(32_000),
    }
}

impl Node {
    /// The user with a permit for a change, which covers what these tests read, too.
    async fn admitted(&self) -> Admitted {
        self.services.admit(self.caller.clone(), Work::Change).await.unwrap()
    }

    async fn execute<T: DeserializeOwned>(&self, command: Command) -> T {
        let outcome = self.services.execute(self.admitted().await, None, command).await.unwrap();
        serde_json::from_str(outcome.body.get()).unwrap()
    }

    /// Sends a message in a new conversation. Returns the id of the reply.
    async fn send(&self, text: &str) -> MessageId {
        self.send_in(ConversationId(Uuid::from_u128(1)), text).await
    }

    async fn send_in(&self, conversation_id: ConversationId, text: &str) -> MessageId {
        let send = MessageSend { conversation_id, id: None, text: text.into(), parent_id: None };
        self.execute::<MessageSent>(Command::MessageSend(send)).await.assistant_message.id
    }

    /// Sends a message and returns the reply.
    async fn reply_to(&self, text: &str) -> Message {
        let id = self.send(text).await;
        self.ended(id).await
    }

    /// The reply that is written in the place of another.
    async fn retry(&self, message_id: MessageId) -> Message {
        let retry = Command::MessageRetry(MessageRefArgs { message_id });
        let id = self.execute::<MessageRetried>(retry).await.assistant_message.id;
        self.ended(id).await
    }

    /// The reply once it has ended.
    async fn ended(&self, id: MessageId) -> Message {
        self.event(|body| match body {
            EventBody::MessageCompleted { message } if message.id == id => Some(message),
            _ => None,
        })
        .await
    }

    /// The reply's calls once so many wait for the user.
    async fn waiting(&self, id: MessageId, count: usize) -> Vec<ToolCall> {
        self.until(|recorded| {
            let bodies =
                recorded.events.lock().unwrap().iter().filter_map(|event| event.body().unwrap()).collect::<Vec<_>>();
            let waiting: Vec<ToolCall> = bodies
                .into_iter()
                .filter_map(|body| match body {
                    EventBody::MessagePart { message_id, part: Part::ToolCall(call), .. } if message_id == id => {
                        Some(call)
                    }
                    _ => None,
                })
                .filter(|call| call.state == ToolState::AwaitingApproval)
                .collect();
            (waiting.len() >= count).then_some(waiting)
        })
        .await
    }

    async fn answer(&self, message_id: MessageId, call_id: &str, decision: Decision) {
        let args = MessageApprove { message_id, call_id: call_id.into(), decision };
        self.execute::<serde_json::Value>(Command::MessageApprove(args)).await;
    }

    async fn cancel(&self, message_id: MessageId) {
        self.execute::<serde_json::Value>(Command::MessageCancel(MessageRefArgs { message_id })).await;
    }

    /// The first event for which `pick` has an answer.
    async fn event<T>(&self, pick: impl Fn(EventBody) -> Option<T>) -> T {
        self.until(|recorded| recorded.events.lock().unwrap().iter().find_map(|event| pick(event.body().unwrap()?)))
            .await
    }

    /// What was streamed of a reply's attempt.
    fn streamed(&self, id: MessageId, attempt: i64) -> String {
        let deltas = self.recorded.deltas.lock().unwrap();
        let text = deltas.iter().filter(|d| d.kind == TextKind::Text);
        text.filter(|d| d.message_id == id && d.attempt == attempt).map(|d| d.text.as_str()).collect()
    }

    /// What was streamed of the thoughts of a reply's attempt.
    fn thoughts(&self, id: MessageId, attempt: i64) -> String {
        let deltas = self.recorded.deltas.lock().unwrap();
        let thoughts = deltas.iter().filter(|d| d.kind == TextKind::Reasoning);
        thoughts.filter(|d| d.message_id == id && d.attempt == attempt).map(|d| d.text.as_str()).collect()
    }

    async fn until<T>(&self, mut check: impl FnMut(&Recorder) -> Option<T>) -> T {
        let wait = async {
            loop {
                let more = self.recorded.more.notified();
                if let Some(found) = check(&self.recorded) {
                    return found;
                }
                more.await;
            }
        };
        match tokio::time::timeout(TIMEOUT, wait).await {
            Ok(found) => found,
            Err(elapsed) => panic!("it never came ({elapsed}); recorded {:#?}", self.recorded.events.lock().unwrap()),
        }
    }

    async fn add(&self, titles: &[&str]) {
        for title in titles {
            let draft = serde_json::from_value(json!({ "title": title })).unwrap();
            self.execute::<serde_json::Value>(Command::TaskCreate(draft)).await;
        }
    }

    async fn tasks(&self) -> Vec<Task> {
        self.services.tasks(&self.admitted().await, TaskQuery::default()).await.unwrap().items
    }

    async fn titles(&self) -> Vec<String> {
        self.tasks().await.into_iter().map(|task| task.title).collect()
    }
}

fn calls(message: &Message) -> Vec<&ToolCall> {
    message.parts.iter().filter_map(Part::as_tool_call).collect()
}

fn states(message: &Message) -> Vec<ToolState> {
    calls(message).into_iter().map(|call| call.state).collect()
}

fn provider(message: &Message) -> &str {
    message.provider.as_ref().map_or("none", |provider| provider.name.as_str())
}

fn is_complete(message: &Message) {
    assert_eq!((message.state, &message.error), (MessageState::Complete, &None), "{message:#?}");
}
