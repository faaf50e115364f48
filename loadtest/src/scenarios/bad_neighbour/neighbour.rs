//! The account that attacks, what it has, and what became of its requests.

use super::{apart::Apart, raw::Raw};
use crate::{
    clock::Rng,
    measure::Count,
    scenario::{ScenarioError, World},
    scenarios::costs::personal_token,
    virtual_user::{
        PASSWORD, Target,
        api::{Api, ApiError},
    },
};
use futures_util::{StreamExt, stream};
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

/// Tasks with as long a description as there can be.
const LONG_TASKS: usize = 300;
pub(super) const DESCRIPTION: usize = 10_000;
/// Tasks with a title of a hundred words.
const TITLES: usize = 1_500;
const WORDS_OF_TITLE: usize = 100;
/// Requests at once while the account is filled.
const FILLING: usize = 8;
/// From a refusal to the next attempt. A flood of refusals would measure the machine's network, not the budgets.
const PAUSE: Duration = Duration::from_millis(50);

/// What became of the requests of one phase.
#[derive(Debug, Default)]
pub(super) struct Tally {
    attempts: Count,
    accepted: Count,
    refused: Count,
    failed: Count,
}

impl Tally {
    pub(super) fn attempt(&self) {
        self.attempts.one();
    }

    /// It was answered with a status.
    pub(super) fn answered(&self, status: u16) {
        match status {
            0..400 => &self.accepted,
            400..500 => &self.refused,
            _ => &self.failed,
        }
        .one();
    }

    /// It was not answered.
    pub(super) fn failed(&self) {
        self.failed.one();
    }

    /// Attempts, of them accepted, refused, failed, and not answered before the attack ended.
    pub(super) fn counts(&self) -> [u64; 5] {
        let [attempts, accepted, refused, failed] =
            [&self.attempts, &self.accepted, &self.refused, &self.failed].map(Count::get);
        [attempts, accepted, refused, failed, attempts.saturating_sub(accepted + refused + failed)]
    }
}

/// The account that attacks.
#[derive(Debug)]
pub(super) struct Neighbour {
    pub(super) target: Target,
    pub(super) api: Api,
    pub(super) dice: Rng,
    /// The task that is changed all the time.
    pub(super) edited: TaskId,
    /// For `/mcp`; empty when the server gives none.
    pub(super) personal_token: String,
}

impl Neighbour {
    /// Registers, logs in, and fills its account as fast as the server lets it. It does so and everything later on the
    /// threads of its own: a client's connections stay with the threads that opened them.
    pub(super) async fn arrive(world: &World, apart: &Apart) -> Result<Self, ScenarioError> {
        let target = world.target.for_user();
        let dice = Rng::new(world.meter.clock, world.seed, world.size.users);
        apart.handle().spawn(Self::settle(target, dice)).await?
    }

    async fn settle(target: Target, dice: Rng) -> Result<Self, ScenarioError> {
        let email = format!("neighbour-{}@example.org", dice.uuid().simple());
        let register = Register { email: email.clone(), password: PASSWORD.into(), name: None };
        let _: Registered = Api::new(&target).post_patiently("/auth/register", &register).await?;
        let api = Api::log_in(&target, &email, PASSWORD, "Neighbour").await?;
        let edited = TaskId(dice.uuid());
        let personal_token = personal_token(&api).await.unwrap_or_default();
        let this = Self { target, api, dice, edited, personal_token };
        this.fill().await?;
        Ok(this)
    }

    /// Tasks with long descriptions, and others with long titles.
    async fn fill(&self) -> Result<(), ApiError> {
        let long = (0..LONG_TASKS).map(|number| {
            let id = if number == 0 { self.edited } else { TaskId(self.dice.uuid()) };
            json!({"id": id, "title": format!("A long one, {number}"), "description": self.text(DESCRIPTION)})
        });
        let titled = (0..TITLES).map(|_| json!({"title": self.title()}));
        let tasks = long.chain(titled);
        let filled = stream::iter(tasks).map(|task| async move { self.keep_asking("/tasks", &task).await });
        let mut filled = filled.buffer_unordered(FILLING);
        while let Some(done) = filled.next().await {
            done?;
        }
        Ok(())
    }

    /// Asks until the server lets it.
    async fn keep_asking(&self, path: &str, body: &Value) -> Result<(), ApiError> {
        loop {
            match self.api.ask::<IgnoredAny>(Method::POST, path, Some(body)).await {
                Err(ApiError::Refused { status: 429, .. }) => sleep(PAUSE).await,
                answer => return answer.map(|_| ()),
            }
        }
    }

    /// Makes a request that counts. Whether it was accepted; a pause follows when it was not.
    pub(super) async fn attempt(&self, tally: &Tally, method: Method, path: &str, body: Option<&Value>) -> bool {
        tally.attempt();
        let answer = self.api.ask::<IgnoredAny>(method, path, body).await;
        match &answer {
            Ok(_) => tally.answered(200),
            Err(ApiError::Refused { status, .. }) => tally.answered(*status),
            Err(_) => tally.failed(),
        }
        if answer.is_err() {
            sleep(PAUSE).await;
        }
        answer.is_ok()
    }

    /// Deletes its conversations, which ends the replies in them.
    pub(super) async fn tidy(self: Arc<Self>) {
        loop {
            let listed = self.api.list::<Conversation>("/conversations", &[]).await.unwrap_or_default();
            for conversation in &listed {
                let path = format!("/conversations/{}", conversation.id);
                let deleted = self.api.ask::<IgnoredAny>(Method::DELETE, &path, None).await;
                if deleted.is_err() {
                    sleep(PAUSE).await;
                }
            }
            sleep(PAUSE).await;
        }
    }

    /// Connections of its own, past every client that behaves.
    pub(super) fn raw(&self) -> Raw {
        Raw::of(&self.target.next_node(), self.api.access_token())
    }

    /// Words of four letters, as many as there is room for.
    pub(super) fn text(&self, bytes: usize) -> String {
        let words = (0..bytes / 5).map(|_| self.word());
        words.collect::<Vec<_>>().join(" ")
    }

    fn title(&self) -> String {
        self.text(WORDS_OF_TITLE * 5)
    }

    fn word(&self) -> String {
        let letter = || char::from(b"abcdefghijklmnopqrstuvwxyz"[self.dice.below(26)]);
        [letter(), letter(), letter(), letter()].into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_told_apart_by_their_answers() {
        let tally = Tally::default();
        for status in [200, 202, 429, 409, 503] {
            tally.attempt();
            tally.answered(status);
        }
        tally.attempt();
        assert_eq!(tally.counts(), [6, 2, 2, 1, 1]);
    }
}
