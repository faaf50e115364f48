//! What a user spends in a day: counted, limited, shown to owners and operators.

use serde_json::{Value, json};
use tandem_protocol::{
    ConversationId, ErrorCode,
    rest::{AuditEntry, ManagedUser, MessageSent, Page},
};
use tandem_tests::{
    Reply, ScriptedProvider, TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    eventually, fresh, plain,
    user::Answer,
};

on_each!(
    replies_of_a_day_are_limited,
    tokens_of_a_day_are_limited,
    the_title_of_a_conversation_costs_its_user_tokens,
    an_owner_sets_the_limits_of_one_user,
    what_is_spent_is_in_the_metrics,
);

/// Tokens that the scripted provider reports for a reply, and for a title.
const TOKENS: i64 = 12;
/// Tokens of the first reply of a conversation.
const WITH_TITLE: i64 = 2 * TOKENS;

/// A server with settings, its owner and a member, whose messages the provider answers.
struct Site {
    server: TestServer,
    owner: TestUser,
    user: TestUser,
    word: String,
    _provider: ScriptedProvider,
    location: DatabaseLocation,
}

impl Site {
    async fn on(kind: Kind, settings: &[(&str, &str)]) -> Self {
        let (location, provider) = (DatabaseLocation::new(kind).await, ScriptedProvider::start().await);
        let setup = TestServer::setup().database(location.url()).without_rate_limits().openai(&provider);
        let setup = settings.iter().fold(setup, |setup, (variable, value)| setup.env(variable, *value));
        let server = setup.start().await;
        let word = fresh::word("scripted");
        provider.answer(&word, (0..50).map(|_| Reply::text("Hello")));
        let (owner, user) = (TestUser::register(&server).await, TestUser::register(&server).await);
        Self { server, owner, user, word, _provider: provider, location }
    }

    async fn send(&self) -> Answer {
        let conversation = ConversationId(fresh::id());
        let body = json!({ "text": format!("please {}", self.word) });
        self.user.post(&format!("/conversations/{conversation}/messages")).json(body).await
    }

    /// Sends a message and waits for the end of the reply.
    async fn reply(&self) -> MessageSent {
        let sent = self.send().await.expect(202).read();
        eventually("the reply", async || self.user.snapshot().await.active_messages.is_empty().then_some(())).await;
        sent
    }

    fn path(&self) -> String {
        format!("/admin/users/{}", self.user.user().id)
    }

    async fn managed(&self) -> ManagedUser {
        self.owner.get(&self.path()).await.expect(200).read()
    }

    async fn limit(&self, patch: Value) -> ManagedUser {
        self.owner.patch(&self.path()).json(patch).await.expect(200).read()
    }

    /// Waits until the tokens of today are counted; those of a title are only after the reply.
    async fn has_spent(&self, tokens: i64) {
        let what = format_args!("{tokens} tokens to be counted").to_string();
        eventually(what, async || (self.managed().await.spending.tokens_today == tokens).then_some(())).await;
    }

    /// Moves what was spent to yesterday.
    async fn next_day(&self) {
        self.location.execute("update users set usage_day = usage_day - 1").await;
    }
}

/// The refusal names the limit and its end, which is the next midnight of UTC.
fn assert_refused(answer: &Answer, words: &str) {
    let problem = answer.refused(ErrorCode::DailyLimit);
    assert!(problem.detail.contains(words) && problem.detail.contains("midnight UTC"), "{}", problem.detail);
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=86_400).contains(&wait), "{wait}");
}

async fn replies_of_a_day_are_limited(kind: Kind) {
    let site = Site::on(kind, &[("TANDEM_DAILY_REPLIES", "2")]).await;
    let sent = site.reply().await;
    site.user.post(&format!("/messages/{}/retry", sent.assistant_message.id)).await.expect(202);
    let refused = site.send().await;
    assert_refused(&refused, "your 2 replies");
    let retried = site.user.post(&format!("/messages/{}/retry", sent.assistant_message.id)).await;
    assert!([ErrorCode::DailyLimit.status(), ErrorCode::Conflict.status()].contains(&retried.status));
    assert_eq!(site.user.snapshot().await.conversations.items.len(), 1, "nothing is kept of a refused message");
    // Everything else goes on, and so do others.
    site.user.add_task("Milk").await;
    site.owner.send_message(ConversationId(fresh::id()), "hello").await;
    let spending = site.managed().await.spending;
    assert_eq!((spending.replies_today, spending.replies, spending.daily_replies), (2, 2, Some(2)));

    site.next_day().await;
    assert_eq!(site.managed().await.spending.replies_today, 0);
    site.send().await.expect(202);
    let spending = site.managed().await.spending;
    assert_eq!((spending.replies_today, spending.replies), (1, 3));
}

async fn tokens_of_a_day_are_limited(kind: Kind) {
    let site = Site::on(kind, &[("TANDEM_DAILY_TOKENS", "40")]).await;
    site.reply().await;
    site.has_spent(WITH_TITLE).await;
    // Not reached yet, so one more begins, and goes on to its end.
    site.reply().await;
    site.has_spent(2 * WITH_TITLE).await;
    assert_refused(&site.send().await, "your 40 tokens");
    let spending = site.managed().await.spending;
    assert_eq!((spending.tokens, spending.daily_tokens), (2 * WITH_TITLE, Some(40)));
    site.next_day().await;
    site.reply().await;
}

/// A conversation gets its title from the provider, after the first reply: whoever began it pays for it.
async fn the_title_of_a_conversation_costs_its_user_tokens(kind: Kind) {
    let site = Site::on(kind, &[]).await;
    let sent = site.reply().await;
    site.has_spent(WITH_TITLE).await;
    let body = json!({ "text": format!("please {}", site.word) });
    let conversation = sent.user_message.conversation_id;
    site.user.post(&format!("/conversations/{conversation}/messages")).json(body).await.expect(202);
    site.has_spent(WITH_TITLE + TOKENS).await;
    let spending = site.managed().await.spending;
    assert_eq!((spending.replies_today, spending.tokens), (2, WITH_TITLE + TOKENS));
    let others: ManagedUser =
        site.owner.get(&format!("/admin/users/{}", site.owner.user().id)).await.expect(200).read();
    assert_eq!(others.spending.tokens, 0);
}

async fn an_owner_sets_the_limits_of_one_user(kind: Kind) {
    let site = Site::on(kind, &[("TANDEM_DAILY_REPLIES", "1")]).await;
    site.reply().await;
    assert_refused(&site.send().await, "your 1 reply");
    let spending = site.limit(json!({ "daily_replies": 3 })).await.spending;
    assert_eq!((spending.daily_replies, spending.own_daily_replies), (Some(3), Some(3)));
    site.reply().await;
    // Another patch leaves the limits alone; null is the server's again.
    assert_eq!(site.limit(json!({ "name": "Ann" })).await.spending.own_daily_replies, Some(3));
    let spending = site.limit(json!({ "daily_replies": null, "daily_tokens": 0 })).await.spending;
    assert_eq!((spending.daily_replies, spending.own_daily_replies, spending.daily_tokens), (Some(1), None, Some(0)));
    site.has_spent(2 * WITH_TITLE).await;
    site.next_day().await;
    let off = site.send().await;
    assert!(off.refused(ErrorCode::DailyLimit).detail.contains("turned off"), "{off:?}");
    assert_eq!(off.header("retry-after"), "", "it does not end at midnight");
    for wrong in
        [json!({ "daily_replies": -1 }), json!({ "daily_tokens": 1_000_000_001 }), json!({ "daily_tokens": "x" })]
    {
        site.owner.patch(&site.path()).json(wrong).await.refused(ErrorCode::InvalidRequest);
    }
    site.user.patch(&site.path()).json(json!({ "daily_tokens": null })).await.refused(ErrorCode::NotFound);

    let command = |arguments: &[&str]| site.server.command(arguments);
    command(&["user", "limit", site.user.email(), "--replies", "7", "--tokens", "server"]).expect_success();
    let shown = command(&["user", "show", site.user.email()]).expect_success();
    assert!(shown.contains("7 replies, any tokens") && shown.contains("in all"), "{shown}");
    site.reply().await;
    site.has_spent(WITH_TITLE).await;
    assert!(command(&["user", "list"]).expect_success().contains("1 replies, 24 tokens"));
    assert!(command(&["user", "limit", site.user.email(), "--replies", "many"]).outcome().0.is_empty());
    let entries: Page<AuditEntry> = site.owner.get("/admin/audit").await.expect(200).read();
    let details: Vec<_> = entries.items.iter().filter_map(|entry| entry.detail.as_deref()).collect();
    assert!(details.contains(&"a day: 7 replies, server tokens"), "{details:?}");
}

async fn what_is_spent_is_in_the_metrics(kind: Kind) {
    let site = Site::on(kind, &[("TANDEM_DAILY_REPLIES", "1")]).await;
    site.reply().await;
    assert_refused(&site.send().await, "your 1 reply");
    let id = site.user.user().id;
    eventually("the figures of the user", async || {
        let text = plain::client().get(site.server.admin_url("/metrics")).send().await.unwrap().text().await.unwrap();
        let has = |name: &str, value: &str| text.contains(&format!("{name}{{user=\"{id}\"}} {value}"));
        let found = has("tandem_user_replies_today", "1")
            && has("tandem_user_tokens_today", "24")
            && has("tandem_user_stored_rows", "")
            && has("tandem_user_stored_bytes", "")
            && text.contains("tandem_daily_limit_refusals_total{limit=\"replies\"} 1");
        found.then_some(())
    })
    .await;
}
