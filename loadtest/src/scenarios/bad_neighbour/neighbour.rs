//! The account of the neighbour, and the counts of its requests.

use super::{low_priority::LowPriorityRuntime, raw::Raw};
use crate::{
    clock::Rng,
    measure::Count,
    scenario::{RunContext, ScenarioError},
    scenarios::{costs::personal_token, users::post_all},
    virtual_user::{
        PASSWORD, Target,
        api::{Api, ApiError},
    },
};
use reqwest::Method;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tandem_protocol::{
    TaskId,
    model::Conversation,
    rest::{Register, Registered},
};
use tokio::time::sleep;

/// Number of tasks with a description of the maximum length.
const LONG_TASKS: usize = 300;
pub(super) const DESCRIPTION_BYTES: usize = 10_000;
/// Number of tasks with a title of a hundred words.
const TITLES: usize = 1_500;
const TITLE_BYTES: usize = 500;
/// Concurrent requests while the account is filled.
const FILLING: usize = 8;
/// Pause after a refusal. A flood of refusals would measure the loopback network instead of the budgets.
const PAUSE: Duration = Duration::from_millis(50);

/// The results of the requests in one phase.
#[derive(Debug, Default)]
pub(super) struct RequestCounts {
    attempts: Count,
    accepted: Count,
    refused: Count,
    failed: Count,
}

impl RequestCounts {
    pub(super) fn attempt(&self) {
        self.attempts.increment();
    }

    /// Counts a request that was answered with a status.
    pub(super) fn answered(&self, status: u16) {
        match status {
            0..400 => &self.accepted,
            400..500 => &self.refused,
            _ => &self.failed,
        }
        .increment();
    }

    /// Counts a request that was not answered.
    pub(super) fn failed(&self) {
        self.failed.increment();
    }

    /// Requests that were sent, accepted, refused, failed, and still open when the attack ended.
    pub(super) fn counts(&self) -> [u64; 5] {
        let [attempts, accepted, refused, failed] =
            [&self.attempts, &self.accepted, &self.refused, &self.failed].map(Count::get);
        [attempts, accepted, refused, failed, attempts.saturating_sub(accepted + refused + failed)]
    }
}

/// The account of the neighbour.
#[derive(Debug)]
pub(super) struct Neighbour {
    pub(super) target: Target,
    pub(super) api: Api,
    pub(super) rng: Rng,
    /// The task that all edits change.
    pub(super) edited: TaskId,
    /// The token for `/mcp`; empty when the server issues none.
    pub(super) personal_token: String,
}

impl Neighbour {
    /// Registers, logs in, and fills the account as fast as the server allows.
    pub(super) async fn connect(run: &RunContext, low_priority: &LowPriorityRuntime) -> Result<Self, ScenarioError> {
        let target = run.target.for_user();
        // The index after those of the users, so that all choices differ from theirs.
        let rng = Rng::new(run.meter.clock, run.seed, run.size.users);
        // On its own threads from the start: connections of an HTTP client stay on the runtime that opened them.
        low_priority.handle().spawn(Self::prepare(target, rng)).await?
    }

    async fn prepare(target: Target, rng: Rng) -> Result<Self, ScenarioError> {
        let email = format!("neighbour-{}@example.org", rng.uuid().simple());
        let register = Register { email: email.clone(), password: PASSWORD.into(), ..Register::default() };
        let _: Registered = Api::new(&target).post_patiently("/auth/register", &register).await?;
        let api = Api::log_in(&target, &email, PASSWORD, "Neighbour").await?;
        let edited = TaskId(rng.uuid());
        let personal_token = personal_token(&api).await.unwrap_or_default();
        let this = Self { target, api, rng, edited, personal_token };
        this.fill().await?;
        Ok(this)
    }

    /// Adds tasks with long descriptions, and others with long titles.
    async fn fill(&self) -> Result<(), ApiError> {
        let long = (0..LONG_TASKS).map(|number| {
            let id = if number == 0 { self.edited } else { TaskId(self.rng.uuid()) };
            json!({"id": id, "title": format!("A long one, {number}"), "description": self.rng.words(DESCRIPTION_BYTES)})
        });
        let titled = (0..TITLES).map(|_| json!({"title": self.rng.words(TITLE_BYTES)}));
        post_all(&self.api, "/tasks", long.chain(titled).collect(), FILLING).await
    }

    /// Sends a request and counts it. Returns whether it was accepted; otherwise after a pause.
    pub(super) async fn attempt(
        &self,
        counts: &RequestCounts,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> bool {
        counts.attempt();
        let answer = self.api.request::<IgnoredAny>(method, path, body).await;
        match &answer {
            Ok(_) => counts.answered(200),
            Err(ApiError::Refused { status, .. }) => counts.answered(*status),
            Err(_) => counts.failed(),
        }
        if answer.is_err() {
            sleep(PAUSE).await;
        }
        answer.is_ok()
    }

    /// Deletes the conversations of the account, which ends the replies in them.
    pub(super) async fn delete_conversations(self: Arc<Self>) {
        loop {
            let listed = self.api.list::<Conversation>("/conversations", &[]).await.unwrap_or_default();
            for conversation in &listed {
                let path = format!("/conversations/{}", conversation.id);
                let deleted = self.api.request::<IgnoredAny>(Method::DELETE, &path, None).await;
                if deleted.is_err() {
                    sleep(PAUSE).await;
                }
            }
            sleep(PAUSE).await;
        }
    }

    /// Connections outside of the HTTP client.
    pub(super) fn raw(&self) -> Raw {
        Raw::of(&self.target.next_node(), self.api.access_token())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_counted_by_their_answers() {
        let counts = RequestCounts::default();
        for status in [200, 202, 429, 409, 503] {
            counts.attempt();
            counts.answered(status);
        }
        counts.attempt();
        assert_eq!(counts.counts(), [6, 2, 2, 1, 1]);
    }
}
