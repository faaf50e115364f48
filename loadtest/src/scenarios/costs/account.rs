//! The two accounts whose costs are compared.

use crate::{
    clock::Rng,
    provider::script::BRIEFLY,
    scenario::{RunContext, ScenarioError},
    scenarios::{frame_client::FrameClient, users::post_all},
    virtual_user::{
        PASSWORD, Target,
        api::{Api, ApiError, client},
    },
};
use reqwest::Method;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::time::Duration;
use tandem_protocol::{
    ConversationId, MessageId, TaskId,
    model::{Conversation, Message, Task},
    rest::{Page, Register, Registered, Snapshot},
};
use tokio::{sync::Mutex, time::Instant};
use uuid::Uuid;

/// Concurrent requests while an account is filled.
const FILLING: usize = 16;
/// Messages without a reply yet while the thread is written: fewer than a conversation may queue.
const SENDING: usize = 8;
/// An older token is renewed before a case: it would expire within it.
const TOKEN_AGE: Duration = Duration::from_mins(3);
/// The title of the conversation that is added last.
const COMPLETE: &str = "Everything is there";

/// The size of an account.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenarios) struct Scale {
    pub(in crate::scenarios) name: &'static str,
    pub(in crate::scenarios) tasks: usize,
    /// Bytes of a description.
    pub(in crate::scenarios) description: usize,
    pub(in crate::scenarios) conversations: usize,
    /// Messages of the long thread, replies included.
    pub(in crate::scenarios) messages: usize,
}

pub(in crate::scenarios) const SMALL: Scale =
    Scale { name: "small", tasks: 100, description: 200, conversations: 20, messages: 200 };
pub(in crate::scenarios) const LARGE: Scale =
    Scale { name: "large", tasks: 10_000, description: 2_000, conversations: 2_000, messages: 20_000 };

/// A signed-in account of a given size, with the ids that requests need.
#[derive(Debug)]
pub(in crate::scenarios) struct Account {
    pub(in crate::scenarios) target: Target,
    pub(in crate::scenarios) api: Api,
    pub(in crate::scenarios) http: reqwest::Client,
    pub(in crate::scenarios) rng: Rng,
    pub(in crate::scenarios) frames: Mutex<FrameClient>,
    pub(in crate::scenarios) personal_token: String,
    renewed_at: Mutex<Instant>,
    pub(in crate::scenarios) tasks: Vec<Task>,
    pub(in crate::scenarios) thread: ConversationId,
    /// The newest reply of the thread.
    pub(in crate::scenarios) reply: MessageId,
    /// The end of the event log.
    pub(in crate::scenarios) seq: i64,
    /// Tasks and conversations that cases complete and delete.
    pub(in crate::scenarios) spare: Vec<TaskId>,
    pub(in crate::scenarios) spare_conversations: Vec<ConversationId>,
}

impl Account {
    /// The account of this size: that of an earlier run, or a new one.
    pub(in crate::scenarios) async fn of(
        run: &RunContext,
        scale: Scale,
        number: u128,
        spare: usize,
    ) -> Result<Self, ScenarioError> {
        let target = run.target.for_user();
        // A generator for each account, because equal ids of two accounts would be refused.
        let rng = Rng::new(run.meter.clock, run.seed, usize::try_from(number).unwrap_or_default());
        let email = format!("costs-{}@example.org", scale.name);
        // A fixed id, so that the next run finds the thread; version 7 like all ids of clients.
        let thread = ConversationId(Uuid::from_u128((0x0196 << 112) | (0x7000 << 64) | (0x8000 << 48) | number));
        let known = Api::log_in(&target, &email, PASSWORD, "Costs").await;
        if known.is_err() {
            let register = Register { email: email.clone(), password: PASSWORD.into(), ..Register::default() };
            let _: Registered = Api::new(&target).post_patiently("/auth/register", &register).await?;
        }
        let api = if let Ok(api) = known { api } else { Api::log_in(&target, &email, PASSWORD, "Costs").await? };
        let filler = Filler { api, rng };
        if !filler.is_complete().await? {
            filler.fill(&target, scale, thread).await?;
        }
        // Filling may have taken longer than the token is valid.
        let api = Api::log_in(&target, &email, PASSWORD, "Costs").await?;
        Self::load(target, Filler { api, ..filler }, thread, spare).await
    }

    async fn load(target: Target, filler: Filler, thread: ConversationId, spare: usize) -> Result<Self, ScenarioError> {
        let (spare, spare_conversations) = (filler.tasks(spare, 20).await?, filler.conversations(spare / 4).await?);
        let Filler { api, rng } = filler;
        let tasks: Page<Task> = api.get("/tasks", &[("limit", "50")]).await?;
        let history: Page<Message> = api.get(&format!("/conversations/{thread}/messages"), &[]).await?;
        let reply = history.items.last().map(|message| message.id);
        let reply = reply.ok_or_else(|| ApiError::Unreadable("the thread is empty".into()))?;
        let seq = api.get::<Snapshot>("/snapshot", &[]).await?.seq;
        let personal_token = personal_token(&api).await?;
        let frames = Mutex::new(FrameClient::open(&target, &api, "costs").await?);
        Ok(Self {
            target,
            api,
            http: client(),
            rng,
            frames,
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

    /// Renews an old access token and opens the socket with the new one.
    pub(in crate::scenarios) async fn renew(&self) -> Result<(), ApiError> {
        let mut renewed_at = self.renewed_at.lock().await;
        if renewed_at.elapsed() > TOKEN_AGE {
            self.api.renew(&self.api.access_token()).await?;
            *self.frames.lock().await = FrameClient::open(&self.target, &self.api, "costs").await?;
            *renewed_at = Instant::now();
        }
        Ok(())
    }

    /// Deletes the spare tasks and conversations, so that the next run finds the account unchanged.
    pub(in crate::scenarios) async fn delete_spare(&self) {
        for task in &self.spare {
            // Most have been deleted by a case.
            let _ = self.api.request::<IgnoredAny>(Method::DELETE, &format!("/tasks/{task}"), None).await;
        }
        for conversation in &self.spare_conversations {
            let path = format!("/conversations/{conversation}");
            let _ = self.api.request::<IgnoredAny>(Method::DELETE, &path, None).await;
        }
    }
}

/// Adds tasks, conversations and messages.
struct Filler {
    api: Api,
    rng: Rng,
}

impl Filler {
    async fn is_complete(&self) -> Result<bool, ApiError> {
        // The marker is on the first page unless other conversations were used later.
        let newest: Page<Conversation> = self.api.get("/conversations", &[("limit", "200")]).await?;
        if newest.items.iter().any(|conversation| conversation.title.as_deref() == Some(COMPLETE)) {
            return Ok(true);
        }
        let all: Vec<Conversation> = self.api.list("/conversations", &[]).await?;
        Ok(all.iter().any(|conversation| conversation.title.as_deref() == Some(COMPLETE)))
    }

    async fn fill(&self, target: &Target, scale: Scale, thread: ConversationId) -> Result<(), ApiError> {
        // The thread first, because a reply may be slower with more tasks.
        self.thread(target, thread, scale.messages / 2).await?;
        self.conversations(scale.conversations).await?;
        self.tasks(scale.tasks, scale.description).await?;
        post_all(&self.api, "/conversations", vec![json!({"title": COMPLETE})], 1).await
    }

    /// Writes a thread of `turns` messages and their replies.
    async fn thread(&self, target: &Target, thread: ConversationId, turns: usize) -> Result<(), ApiError> {
        let path = format!("/conversations/{thread}/messages");
        let mut frames = FrameClient::open(target, &self.api, "filler").await?;
        for first in (0..turns).step_by(SENDING) {
            let message = |number| json!({"text": format!("Line {number}, {BRIEFLY}")});
            let messages: Vec<Value> = (first..turns.min(first + SENDING)).map(message).collect();
            let mut waiting = messages.len();
            post_all(&self.api, &path, messages, SENDING).await?;
            while waiting > 0 {
                if frames.until_next_end().await.is_err() {
                    // The token has expired and closed the socket. Its remaining replies are not awaited.
                    self.api.renew(&self.api.access_token()).await?;
                    frames = FrameClient::open(target, &self.api, "filler").await?;
                    break;
                }
                waiting -= 1;
            }
        }
        Ok(())
    }

    async fn tasks(&self, count: usize, description: usize) -> Result<Vec<TaskId>, ApiError> {
        let ids: Vec<_> = (0..count).map(|_| TaskId(self.rng.uuid())).collect();
        let task =
            |id: &TaskId| json!({"id": id, "title": self.rng.words(30), "description": self.rng.words(description)});
        let tasks: Vec<Value> = ids.iter().map(task).collect();
        post_all(&self.api, "/tasks", tasks, FILLING).await?;
        Ok(ids)
    }

    async fn conversations(&self, count: usize) -> Result<Vec<ConversationId>, ApiError> {
        let ids: Vec<_> = (0..count).map(|_| ConversationId(self.rng.uuid())).collect();
        let body = |id: &ConversationId| json!({"id": id, "title": format!("About {}", self.rng.words(5))});
        let bodies: Vec<Value> = ids.iter().map(body).collect();
        post_all(&self.api, "/conversations", bodies, FILLING).await?;
        Ok(ids)
    }
}

/// A personal token. Current servers require the password for it; older ones do not know that field.
pub(in crate::scenarios) async fn personal_token(api: &Api) -> Result<String, ApiError> {
    let plain = json!({"name": "load", "scopes": ["read", "write"]});
    let mut with_password = plain.clone();
    with_password["password"] = json!(PASSWORD);
    let answer = match api.request::<Value>(Method::POST, "/tokens", Some(&with_password)).await {
        Err(ApiError::Refused { status: 400, .. }) => api.request(Method::POST, "/tokens", Some(&plain)).await?,
        answer => answer?,
    };
    Ok(answer["token"].as_str().unwrap_or_default().to_owned())
}
