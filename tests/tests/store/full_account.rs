//! A user with an item of every kind, all with one word.

use crate::fixtures::{at, conversation, created, message, reply, run, session, task, user, uuid};
use serde_json::json;
use tandem_auth::Owner;
use tandem_domain::{change::TaskChange, series::CompletionRecord};
use tandem_protocol::{
    AuditId, CommandId, CompletionId, TokenId,
    enums::{AuditAction, AuditResult, FeedKind, PushKind, Scope},
    id::{FeedId, SubscriptionId},
    model::{Message, PersonalToken, Task},
    push::Subscription,
    rest::{AuditEntry, Feed},
};
use tandem_store::{ConversationRow, NewSession, Run, RunState, Store, StoredCommand, SubscriptionRow, UndoEntry};

/// The user and its items.
pub(crate) struct FullAccount {
    pub(crate) owner: Owner,
    pub(crate) conversation: ConversationRow,
    pub(crate) question: Message,
    pub(crate) answer: Message,
    pub(crate) run: Run,
    pub(crate) task: Task,
    pub(crate) completion: CompletionRecord,
    pub(crate) command: StoredCommand,
    pub(crate) undo: UndoEntry,
    pub(crate) session: NewSession,
    pub(crate) token: PersonalToken,
}

impl FullAccount {
    /// Creates a user with this name and its items. `secret` is the hash of the refresh token and the personal token.
    pub(crate) async fn of(store: &dyn Store, word: &str, secret: u8) -> Self {
        let owner = user(store, word).await;
        let row = conversation(word);
        let question = message(row.conversation.id, word);
        let answer = reply(&question);
        let run = run(&answer, RunState::Running);
        let task = Task { description: word.to_owned(), labels: vec![word.to_owned()], ..task(1, word) };
        let id = CommandId(uuid());
        let full_account = Self {
            completion: CompletionRecord::new(CompletionId(uuid()), &task, at(0)),
            command: StoredCommand {
                id,
                fingerprint: [1; 32],
                status: 200,
                seq: 1,
                body: format!("\"{word}\""),
                event_refs: Vec::new(),
            },
            undo: UndoEntry {
                token: word.to_owned(),
                at: at(0),
                used: false,
                reversal: false,
                changes: vec![TaskChange { before: None, after: Some(task.clone()) }.into()],
                origin: None,
            },
            session: session(secret),
            token: PersonalToken {
                id: TokenId(uuid()),
                name: word.to_owned(),
                scopes: vec![Scope::Read],
                created_at: at(0),
                last_used_at: None,
                expires_at: None,
            },
            owner,
            conversation: row,
            question,
            answer,
            run,
            task,
        };
        full_account.write(store, secret).await;
        full_account
    }

    async fn write(&self, store: &dyn Store, secret: u8) {
        let mut tx = store.write(&self.owner).await.unwrap();
        tx.insert_conversation(&self.conversation).await.unwrap();
        tx.insert_message(&self.question).await.unwrap();
        tx.insert_message(&self.answer).await.unwrap();
        tx.insert_run(&self.run).await.unwrap();
        tx.save_run_step(self.answer.id, 0, &json!({"text": self.task.title})).await.unwrap();
        tx.insert_task(&self.task).await.unwrap();
        tx.insert_completion(&self.completion).await.unwrap();
        tx.append(&created(&self.task)).await.unwrap();
        tx.save_command(&self.command, at(0)).await.unwrap();
        tx.save_undo(&self.undo).await.unwrap();
        tx.insert_session(&self.session).await.unwrap();
        tx.insert_personal_token(&self.token, &[secret; 32]).await.unwrap();
        let feed = Feed {
            id: FeedId(uuid()),
            name: self.task.title.clone(),
            lists: None,
            kind: FeedKind::Events,
            include_done: false,
            created_at: at(0),
        };
        tx.insert_feed(&feed, &[secret; 32]).await.unwrap();
        tx.insert_reset_link(&[secret; 32], at(0), at(60)).await.unwrap();
        let subscription = Subscription {
            id: SubscriptionId(uuid()),
            device_id: self.task.title.as_str().into(),
            endpoint: format!("https://push.example.org/{}", self.task.title),
            kinds: vec![PushKind::Reminder],
            created_at: at(0),
        };
        let row = SubscriptionRow {
            subscription,
            session: self.session.session.id,
            endpoint_hash: [secret; 32],
            public_key: vec![4; 65],
            auth_secret: vec![7; 16],
        };
        tx.insert_subscription(&row).await.unwrap();
        tx.add_push(&crate::push::push(&row, 1, PushKind::Reminder)).await.unwrap();
        let user = Some(self.owner.user().to_string());
        let entry = AuditEntry {
            id: AuditId(uuid()),
            at: at(0),
            actor: user.clone(),
            action: AuditAction::SignIn,
            target: user,
            detail: Some(self.task.title.clone()),
            ip: Some(self.task.title.clone()),
            node: "node-0".to_owned(),
            result: AuditResult::Ok,
            actor_email: None,
            target_email: None,
        };
        tx.record(&entry).await.unwrap();
        tx.commit().await.unwrap();
        while store.index_documents(self.owner.user()).await.unwrap() {}
    }
}
