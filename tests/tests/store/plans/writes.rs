//! All statements that change data of a user.

use super::person::{Person, id};
use crate::fixtures::{at, conversation, created, message, reply, run, session, task, uuid};
use serde_json::json;
use tandem_auth::Authority;
use tandem_domain::series::CompletionRecord;
use tandem_protocol::{
    CommandId, CompletionId, TokenId,
    enums::{FeedKind, MessageState, PushKind, Scope},
    id::{FeedId, SubscriptionId},
    model::{Message, Part, PersonalToken, Summary},
    push::Subscription,
    rest::Feed,
};
use tandem_store::{BeginOptions, LogCut, Run, RunState, Store, StoredCommand, SubscriptionRow, UndoEntry, WriteTx};

/// `secret` is of no other call.
pub(super) async fn change_everything(store: &dyn Store, person: &Person, secret: u8) {
    for right in [Authority::Session(person.session), Authority::Token(person.token)] {
        let options = BeginOptions { right: Some((right, at(0))), command: Some(person.command), disabled: false };
        let begun = store.begin(&person.owner, options).await.unwrap();
        assert!(begun.allowed && begun.done.is_some());
    }
    let mut tx = store.write(&person.owner).await.unwrap();
    chat(tx.as_mut(), person).await;
    tasks(tx.as_mut(), person, secret).await;
    account(tx.as_mut(), secret).await;
    tx.commit().await.unwrap();
    // Never committed, because the next round needs the removed rows.
    let mut tx = store.write(&person.owner).await.unwrap();
    let cut = LogCut { bytes: 100_000, rows: 256, upto: i64::MAX, commands_before: at(0) };
    tx.cut_log(&cut).await.unwrap();
    tx.usage().await.unwrap();
    tx.leave().await.unwrap();
}

/// Takes a conversation away, then the whole account.
pub(super) async fn leave(store: &dyn Store, person: &Person) {
    let mut tx = store.write(&person.owner).await.unwrap();
    tx.delete_conversation(person.conversation, at(0)).await.unwrap();
    tx.commit_soon().await.unwrap();
    let mut tx = store.write(&person.owner).await.unwrap();
    tx.delete_account(at(0)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(store.deleted_accounts().await.unwrap().contains(person.owner.user()));
    store.remove_deleted(person.owner.user()).await.unwrap();
}

async fn chat(tx: &mut dyn WriteTx, person: &Person) {
    let mut row = conversation("Plans");
    tx.insert_conversation(&row).await.unwrap();
    row.conversation.title = Some("Other plans".to_owned());
    tx.update_conversation(&row, true).await.unwrap();
    let question = message(person.conversation, "What is next?");
    let answer = reply(&question);
    let begun = Run { node: Some("node-0".to_owned()), ..run(&answer, RunState::Running) };
    tx.insert_message(&question).await.unwrap();
    tx.insert_message(&answer).await.unwrap();
    tx.insert_run(&begun).await.unwrap();
    tx.update_run(&begun).await.unwrap();
    for index in [0, 0] {
        tx.save_run_step(answer.id, index, &json!({"text": "a"})).await.unwrap();
    }
    let whole = Message { state: MessageState::Complete, parts: vec![Part::text("Milk is next.")], ..answer.clone() };
    tx.update_message(&whole).await.unwrap();
    tx.save_summary(answer.id, &Summary { text: "Milk was planned.".to_owned(), created_at: at(0) }).await.unwrap();
    tx.delete_run(answer.id).await.unwrap();
    tx.delete_conversation(row.conversation.id, at(0)).await.unwrap();
}

async fn tasks(tx: &mut dyn WriteTx, person: &Person, secret: u8) {
    let number = tx.account().await.unwrap().next_task_number;
    let milk = task(number, "Milk");
    tx.insert_task(&milk).await.unwrap();
    tx.update_task(&milk, true).await.unwrap();
    tx.update_reminders(&milk).await.unwrap();
    let feed = Feed {
        id: FeedId(uuid()),
        name: "Ours".to_owned(),
        lists: None,
        kind: FeedKind::Events,
        include_done: false,
        created_at: at(0),
    };
    tx.insert_feed(&feed, &[secret; 32]).await.unwrap();
    assert!(tx.delete_feed(feed.id).await.unwrap());
    let phone = SubscriptionRow {
        subscription: Subscription {
            id: SubscriptionId(uuid()),
            device_id: "new".into(),
            endpoint: "https://push.example.org/new".to_owned(),
            kinds: vec![PushKind::Reminder],
            created_at: at(0),
        },
        session: person.session,
        endpoint_hash: [secret; 32],
        public_key: vec![4; 65],
        auth_secret: vec![7; 16],
    };
    tx.insert_subscription(&phone).await.unwrap();
    tx.update_subscription(&phone).await.unwrap();
    tx.add_push(&crate::push::push(&phone, 1, PushKind::Reminder)).await.unwrap();
    tx.forget_sent_pushes().await.unwrap();
    assert!(tx.delete_subscription(phone.subscription.id).await.unwrap());
    let record = CompletionRecord::new(CompletionId(uuid()), &milk, at(0));
    tx.insert_completion(&record).await.unwrap();
    tx.delete_completion(record.completion.id).await.unwrap();
    tx.delete_task(milk.id, at(0)).await.unwrap();
    tx.append(&created(&milk)).await.unwrap();
    let id = CommandId(uuid());
    let command =
        StoredCommand { id, fingerprint: [0; 32], status: 200, seq: 1, body: "{}".to_owned(), event_refs: Vec::new() };
    tx.save_command(&command, at(0)).await.unwrap();
    let token = format!("undo-{secret}");
    let entry = UndoEntry { token, at: at(0), used: false, reversal: false, changes: Vec::new(), origin: None };
    tx.save_undo(&entry).await.unwrap();
    tx.use_undo(&entry.token).await.unwrap();
    tx.use_undo(&person.undo).await.unwrap();
}

async fn account(tx: &mut dyn WriteTx, secret: u8) {
    let user = tx.account().await.unwrap().user;
    tx.update_user(&user).await.unwrap();
    tx.rehash_password("$argon2id$old", "$argon2id$new").await.unwrap();
    tx.set_password_hash("$argon2id$old").await.unwrap();
    let laptop = session(secret);
    tx.insert_session(&laptop).await.unwrap();
    assert!(tx.rotate_refresh(&[secret; 32], &[secret + 128; 32], &laptop.session, at(1)).await.unwrap());
    tx.forget_spent_tokens(laptop.session.id, 64).await.unwrap();
    assert!(tx.revoke_session(laptop.session.id, at(2)).await.unwrap());
    tx.forget_ended_sessions(at(3), 100).await.unwrap();
    tx.forget_trash(50).await.unwrap();
    tx.usage().await.unwrap();
    let token = PersonalToken {
        id: TokenId(id(u64::from(secret) << 40)),
        name: "Script".to_owned(),
        scopes: vec![Scope::Read],
        created_at: at(0),
        last_used_at: None,
        expires_at: None,
    };
    tx.insert_personal_token(&token, &[secret; 32]).await.unwrap();
    assert!(tx.delete_personal_token(token.id).await.unwrap());
}
