//! A user whose items another user tries to access.

use serde_json::json;
use tandem_protocol::{
    ConversationId, MessageId, ReminderId, SessionId, TaskId, TokenId,
    enums::Scope,
    id::{FeedId, SubscriptionId},
    model::{Conversation, Message, PersonalToken, Session, Task},
    push::Subscription,
    rest::{Feed, FeedCreated, TaskWritten},
};
use tandem_tests::{TestBrowser, TestServer, TestUser, eventually, fresh};

/// A word in everything that the victim owns.
pub(super) const CANARY: &str = "canary-of-the-victim";

/// The user, with one item of each kind.
#[derive(Debug)]
pub(super) struct Victim {
    pub(super) user: TestUser,
    pub(super) conversation: ConversationId,
    pub(super) reply: MessageId,
    pub(super) task: TaskId,
    pub(super) reminder: ReminderId,
    pub(super) feed: FeedId,
    pub(super) subscription: SubscriptionId,
    pub(super) session: SessionId,
    pub(super) token: TokenId,
    pub(super) undo_token: String,
}

/// Everything that another user could have changed.
type Everything =
    (Vec<Task>, Vec<Conversation>, Vec<Message>, Vec<Session>, Vec<PersonalToken>, (Vec<Feed>, Vec<Subscription>), i64);

impl Victim {
    pub(super) async fn register(server: &TestServer) -> Self {
        let user = TestUser::register(server).await;
        let conversation = ConversationId(fresh::id());
        let sent = user.send_message(conversation, &format!("hello {CANARY}")).await;
        eventually("the reply", async || user.snapshot().await.active_messages.is_empty().then_some(())).await;
        let task = user.add(json!({ "title": CANARY, "due": { "date": "2096-11-26" } })).await;
        let feed: FeedCreated = user.post("/feeds").json(json!({ "name": CANARY })).await.expect(201).read();
        // Nobody listens there.
        let browser = TestBrowser::at(CANARY, &format!("http://127.0.0.1:9/{}", fresh::word(CANARY)));
        let body = browser.subscription(CANARY);
        let subscription: Subscription = user.post("/push/subscriptions").json(body).await.expect(201).read();
        user.add_task(&format!("another {CANARY}")).await;
        let done: TaskWritten = user.post("/tasks/2/complete").await.expect(200).read();
        user.post("/tasks/2/reopen").await.expect(200);
        let (_, token) = user.personal_token(&[Scope::Read]).await;
        let session = user.sign_in_again(CANARY).await.session().id;
        Self {
            user,
            conversation,
            reply: sent.assistant_message.id,
            task: task.id,
            reminder: task.reminders[0].id,
            feed: feed.feed.id,
            subscription: subscription.id,
            session,
            token: token.id,
            undo_token: done.undo_token.expect("a completion can be undone"),
        }
    }

    pub(super) async fn everything(&self) -> Everything {
        let user = &self.user;
        (
            user.tasks("status=all").await,
            user.all_pages("/conversations", "").await,
            user.history(self.conversation).await,
            user.all_pages("/sessions", "").await,
            user.all_pages("/tokens", "").await,
            (user.all_pages("/feeds", "").await, user.all_pages("/push/subscriptions", "").await),
            user.snapshot().await.seq,
        )
    }
}
