//! The two accounts whose costs are compared, and how they are filled.

use crate::{
    clock::Rng,
    provider::script::BRIEFLY,
    scenario::{ScenarioError, World},
    scenarios::wire::Wire,
    virtual_user::{
        PASSWORD, Target,
        api::{Api, ApiError, client},
    },
};
use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::time::Duration;
use tandem_protocol::{
    ConversationId, MessageId, TaskId,
    model::{Conversation, Message, Task},
    rest::{Page, Register, Registered, Snapshot},
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};
use uuid::Uuid;

/// Requests at once while an account is filled.
const FILLING: usize = 16;
/// Messages that may wait for their replies meanwhile: fewer than a conversation may queue.
const SENDING: usize = 8;
/// From a refusal to the next attempt.
const PAUSE: Duration = Duration::from_millis(20);
/// A token that is older is renewed: it would end within a case.
const TOKEN_AGE: Duration = Duration::from_mins(3);
/// The title of the conversation that is added when all else is there.
const COMPLETE: &str = "Everything is there";

/// How much an account has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) name: &'static str,
    pub(super) tasks: usize,
    /// Bytes of a description.
    pub(super) description: usize,
    pub(super) conversations: usize,
    /// Messages of the long thread, replies included.
    pub(super) messages: usize,
}

pub(super) const SMALL: Scale = Scale { name: "small", tasks: 100, description: 200, conversations: 20, messages: 200 };
pub(super) const LARGE: Scale =
    Scale { name: "large", tasks: 10_000, description: 2_000, conversations: 2_000, messages: 20_000 };

/// An account of a size, signed in, with what requests name.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) target: Target,
    pub(super) api: Api,
    pub(super) http: reqwest::Client,
    pub(super) dice: Rng,
    pub(super) wire: Mutex<Wire>,
    pub(super) personal_token: String,
    renewed_at: Mutex<Instant>,
    pub(super) tasks: Vec<Task>,
    pub(super) thread: ConversationId,
    /// The newest reply of the thread.
    pub(super) reply: MessageId,
    /// The end of the log.
    pub(super) seq: i64,
    /// Tasks and conversations that are completed and deleted.
    pub(super) spare: Vec<TaskId>,
    pub(super) spare_conversations: Vec<ConversationId>,
}

impl Account {
    /// The account of this size: the one of an earlier run, or a new one, which takes its time.
    pub(super) async fn of(world: &World, scale: Scale, number: u128, spare: usize) -> Result<Self, ScenarioError> {
        let target = world.target.for_user();
        let dice = Rng::new(world.meter.clock, world.seed, usize::from(number == 2));
        let email = format!("costs-{}@example.org", scale.name);
        let thread = ConversationId(Uuid::from_u128((0x0196 << 112) | (0x7000 << 64) | (0x8000 << 48) | number));
        let known = Api::log_in(&target, &email, PASSWORD, "Costs").await;
        if known.is_err() {
            let register = Register { email: email.clone(), password: PASSWORD.into(), name: None };
            let _: Registered = Api::new(&target).post_patiently("/auth/register", &register).await?;
        }
        let api = if let Ok(api) = known { api } else { Api::log_in(&target, &email, PASSWORD, "Costs").await? };
        let filler = Filler { api, dice };
        if !filler.is_complete().await? {
            filler.fill(&target, scale, thread).await?;
        }
        // Filling may have outlived the token.
        let api = Api::log_in(&target, &email, PASSWORD, "Costs").await?;
        Self::look(target, Filler { api, ..filler }, thread, spare).await
    }

    async fn look(target: Target, filler: Filler, thread: ConversationId, spare: usize) -> Result<Self, ScenarioError> {
        let (spare, spare_conversations) = (filler.tasks(spare, 20).await?, filler.conversations(spare / 4).await?);
        let Filler { api, dice } = filler;
        let tasks: Page<Task> = api.get("/tasks", &[("limit", "50")]).await?;
        let history: Page<Message> = api.get(&format!("/conversations/{thread}/messages"), &[]).await?;
        let reply = history.items.last().map(|message| message.id);
        let reply = reply.ok_or_else(|| ApiError::Unreadable("the thread is empty".into()))?;
        let seq = api.get::<Snapshot>("/snapshot", &[]).await?.seq;
        let personal_token = personal_token(&api).await?;
        let wire = Mutex::new(Wire::open(&target, &api, "costs").await?);
        Ok(Self {
            target,
            api,
            http: client(),
            dice,
            wire,
            personal_token,
            renewed_at: Mutex::new(Instant::now()),
            tasks: tasks.items,
            thread,
            reply,
            seq,
            spare,
            spare_conversations,
        })
    }

    /// Renews the access token and opens the socket with it when it has become old.
    pub(super) async fn renew(&self) -> Result<(), ApiError> {
        let mut renewed_at = self.renewed_at.lock().await;
        if renewed_at.elapsed() > TOKEN_AGE {
            self.api.renew(&self.api.access_token()).await?;
            *self.wire.lock().await = Wire::open(&self.target, &self.api, "costs").await?;
            *renewed_at = Instant::now();
        }
        Ok(())
    }

    /// Deletes what is left of what was added for the measurement, so that the next run finds the account as it was.
    pub(super) async fn tidy(&self) {
        for task in &self.spare {
            // Most are deleted already.
            let _ = self.api.ask::<IgnoredAny>(Method::DELETE, &format!("/tasks/{task}"), None).await;
        }
        for conversation in &self.spare_conversations {
            let path = format!("/conversations/{conversation}");
            let _ = self.api.ask::<IgnoredAny>(Method::DELETE, &path, None).await;
        }
    }
}

/// Makes tasks, conversations and messages.
struct Filler {
    api: Api,
    dice: Rng,
}

impl Filler {
    async fn is_complete(&self) -> Result<bool, ApiError> {
        let newest: Page<Conversation> = self.api.get("/conversations", &[("limit", "200")]).await?;
        if newest.items.iter().any(|conversation| conversation.title.as_deref() == Some(COMPLETE)) {
            return Ok(true);
        }
        let all: Vec<Conversation> = self.api.list("/conversations", &[]).await?;
        Ok(all.iter().any(|conversation| conversation.title.as_deref() == Some(COMPLETE)))
    }

    async fn fill(&self, target: &Target, scale: Scale, thread: ConversationId) -> Result<(), ApiError> {
        // The thread first: a reply may cost more, the more tasks there are.
        self.thread(target, thread, scale.messages / 2).await?;
        self.conversations(scale.conversations).await?;
        self.tasks(scale.tasks, scale.description).await?;
        self.post_all("/conversations", vec![json!({"title": COMPLETE})], 1).await
    }

    /// Writes a thread of so many messages, each of which is answered before too many more are sent.
    async fn thread(&self, target: &Target, thread: ConversationId, turns: usize) -> Result<(), ApiError> {
        let path = format!("/conversations/{thread}/messages");
        let mut wire = Wire::open(target, &self.api, "filler").await?;
        for first in (0..turns).step_by(SENDING) {
            let message = |number| json!({"text": format!("Line {number}, {BRIEFLY}")});
            let messages: Vec<Value> = (first..turns.min(first + SENDING)).map(message).collect();
            let mut waiting = messages.len();
            self.post_all(&path, messages, SENDING).await?;
            while waiting > 0 {
                if wire.until_next_end().await.is_err() {
                    // The token has ended, and the socket with it. What was missed is not counted.
                    self.api.renew(&self.api.access_token()).await?;
                    wire = Wire::open(target, &self.api, "filler").await?;
                    break;
                }
                waiting -= 1;
            }
        }
        Ok(())
    }

    async fn tasks(&self, count: usize, description: usize) -> Result<Vec<TaskId>, ApiError> {
        let ids: Vec<_> = (0..count).map(|_| TaskId(self.dice.uuid())).collect();
        let words = |bytes| (0..bytes / 5).map(|_| self.word()).collect::<Vec<_>>().join(" ");
        let task = |id: &TaskId| json!({"id": id, "title": words(30), "description": words(description)});
        let tasks: Vec<Value> = ids.iter().map(task).collect();
        self.post_all("/tasks", tasks, FILLING).await?;
        Ok(ids)
    }

    async fn conversations(&self, count: usize) -> Result<Vec<ConversationId>, ApiError> {
        let ids: Vec<_> = (0..count).map(|_| ConversationId(self.dice.uuid())).collect();
        let body = |id: &ConversationId| json!({"id": id, "title": format!("About {}", self.word())});
        let bodies: Vec<Value> = ids.iter().map(body).collect();
        self.post_all("/conversations", bodies, FILLING).await?;
        Ok(ids)
    }

    async fn post_all(&self, path: &str, bodies: Vec<Value>, at_once: usize) -> Result<(), ApiError> {
        let posted = stream::iter(bodies).map(|body| async move { self.post(path, &body).await });
        let mut posted = posted.buffer_unordered(at_once);
        while let Some(done) = posted.next().await {
            done?;
        }
        Ok(())
    }

    /// Asks until the server has room in its queue.
    async fn post(&self, path: &str, body: &Value) -> Result<(), ApiError> {
        loop {
            let known = self.api.access_token();
            match self.api.ask::<IgnoredAny>(Method::POST, path, Some(body)).await {
                Err(ApiError::Refused { status: 429 | 503, .. }) => sleep(PAUSE).await,
                Err(ApiError::Refused { status: 401, .. }) => self.api.renew(&known).await?,
                answer => return answer.map(|_| ()),
            }
        }
    }

    fn word(&self) -> String {
        let letter = || char::from(b"abcdefghijklmnopqrstuvwxyz"[self.dice.below(26)]);
        [letter(), letter(), letter(), letter()].into_iter().collect()
    }
}

/// A token for programs. Servers that ask for the password here get it; older ones do not know the field.
pub(in crate::scenarios) async fn personal_token(api: &Api) -> Result<String, ApiError> {
    let plain = json!({"name": "load", "scopes": ["read", "write"]});
    let mut asked = plain.clone();
    asked["password"] = json!(PASSWORD);
    let answer = match api.ask::<Value>(Method::POST, "/tokens", Some(&asked)).await {
        Err(ApiError::Refused { status: 400, .. }) => api.ask(Method::POST, "/tokens", Some(&plain)).await?,
        answer => answer?,
    };
    Ok(answer["token"].as_str().unwrap_or_default().to_owned())
}
