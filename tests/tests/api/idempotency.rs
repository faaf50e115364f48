//! An idempotency key makes every retry harmless.

use crate::support::Site;
use futures_util::future::join_all;
use serde_json::json;
use std::future::IntoFuture as _;
use tandem_protocol::{
    ConversationId, ErrorCode,
    rest::{AuditEntry, InvitationCreated, Page, ResetLink},
};
use tandem_tests::{TestUser, fresh, user::PendingRequest};

/// Sends the same request at each call.
type Change<'a> = Box<dyn Fn() -> PendingRequest + 'a>;

on_both!(
    a_retry_gets_the_first_answer_and_does_nothing,
    a_retry_after_further_changes_still_gets_the_first_answer,
    a_key_is_refused_for_another_request,
    keys_are_per_user,
    every_kind_of_change_takes_a_key,
    twelve_sends_at_once_act_once,
    a_retry_is_answered_when_its_change_is_durable,
    a_key_is_a_uuid,
    a_repetition_is_shown_the_secret_again,
    a_repetition_by_the_same_owner_is_shown_the_link_again,
);

async fn a_retry_gets_the_first_answer_and_does_nothing(site: &Site) {
    let user = TestUser::register(site).await;
    let key = fresh::id();
    let send = || user.post("/tasks").key(key).json(json!({ "title": "Once" }));
    let first = send().await;
    let seq = user.snapshot().await.seq;
    let second = send().await;
    assert_eq!((second.status, &second.body), (201, &first.expect(201).body));
    assert_eq!(user.tasks("").await.len(), 1);
    assert_eq!(user.snapshot().await.seq, seq);
}

async fn a_retry_after_further_changes_still_gets_the_first_answer(site: &Site) {
    let user = TestUser::register(site).await;
    let key = fresh::id();
    let send = || user.post("/tasks").key(key).json(json!({ "title": "Once" }));
    let first = send().await;
    user.delete("/tasks/1").await.expect(200);
    assert_eq!(send().await.body, first.body);
    assert!(user.tasks("").await.is_empty());
}

async fn a_key_is_refused_for_another_request(site: &Site) {
    let user = TestUser::register(site).await;
    let key = fresh::id();
    user.post("/tasks").key(key).json(json!({ "title": "Once" })).await.expect(201);
    let others = [
        user.post("/tasks").json(json!({ "title": "Other" })),
        user.post("/conversations").json(json!({ "title": "Once" })),
        user.delete("/tasks/1"),
        user.post("/tasks/1/complete"),
    ];
    for other in others {
        other.key(key).await.refused(ErrorCode::IdempotencyConflict);
    }
    assert_eq!(user.tasks("").await.len(), 1);
}

async fn keys_are_per_user(site: &Site) {
    let (one, other) = (TestUser::register(site).await, TestUser::register(site).await);
    let key = fresh::id();
    one.post("/tasks").key(key).json(json!({ "title": "One's" })).await.expect(201);
    other.post("/tasks").key(key).json(json!({ "title": "The other's" })).await.expect(201);
    assert_eq!(other.tasks("").await[0].title, "The other's");
}

async fn every_kind_of_change_takes_a_key(site: &Site) {
    let user = TestUser::register(site).await;
    let conversation = ConversationId(fresh::id());
    user.add_task("Subject").await;
    let messages = format!("/conversations/{conversation}/messages");
    let named = format!("/conversations/{conversation}");
    let changes: [(&str, Change); 8] = [
        ("patch a task", Box::new(|| user.patch("/tasks/1").json(json!({ "title": "Changed" })))),
        ("complete it", Box::new(|| user.post("/tasks/1/complete"))),
        ("undo that", Box::new(|| user.post("/undo").json(json!({})))),
        ("delete it", Box::new(|| user.delete("/tasks/1"))),
        ("say something", Box::new(|| user.post(&messages).json(json!({ "text": "hello" })))),
        ("name it", Box::new(|| user.patch(&named).json(json!({ "title": "Named" })))),
        ("start another", Box::new(|| user.post("/conversations").json(json!({ "title": "Another" })))),
        ("delete it", Box::new(|| user.delete(&named))),
    ];
    for (what, change) in changes {
        let key = fresh::id();
        let first = change().key(key).await;
        assert!((200..300).contains(&first.status), "{what}: {first:?}");
        let second = change().key(key).await;
        assert_eq!((second.status, &second.body), (first.status, &first.body), "{what}");
    }
}

async fn twelve_sends_at_once_act_once(site: &Site) {
    let user = TestUser::register(site).await;
    let key = fresh::id();
    let sends = (0..12).map(|_| user.post("/tasks").key(key).json(json!({ "title": "Raced" })).into_future());
    let answers = join_all(sends).await;
    assert!(answers.iter().any(|answer| answer.status == 201));
    for answer in &answers {
        assert!(matches!(answer.status, 201 | 409 | 503), "{answer:?}");
    }
    assert_eq!(user.tasks("").await.len(), 1);
}

/// Retries at the same moment, as those of a client that gave up waiting. What the first of their answers says is durable, and
/// can be read.
async fn a_retry_is_answered_when_its_change_is_durable(site: &Site) {
    let user = TestUser::register(site).await;
    for _ in 0..20 {
        let (key, id) = (fresh::id(), fresh::id());
        let sends = (0..3).map(async |_| {
            let sent = user.post("/tasks").key(key).json(json!({ "id": id, "title": "Once" })).await;
            (sent.status, user.get(&format!("/tasks/{id}")).await.status)
        });
        for (sent, read) in join_all(sends).await {
            assert!(sent != 201 || read == 200, "created with {sent}, and then read with {read}");
        }
    }
}

async fn a_key_is_a_uuid(site: &Site) {
    let user = TestUser::register(site).await;
    let braced = format!("{{{}}}", fresh::id());
    for key in ["abc", "", "7", &braced] {
        user.post("/tasks").key(key).json(json!({ "title": "x" })).await.refused(ErrorCode::InvalidRequest);
    }
    assert!(user.tasks("").await.is_empty());
}

async fn a_repetition_is_shown_the_secret_again(site: &Site) {
    let (user, other) = (TestUser::register(site).await, TestUser::register(site).await);
    for (path, body, secret) in [
        ("/feeds", json!({ "name": "Ours" }), "url"),
        ("/tokens", json!({ "name": "Ours", "scopes": ["read"] }), "token"),
    ] {
        let key = fresh::id();
        let create = |user: &TestUser| user.post(path).key(key).json(body.clone());
        let first = create(&user).await;
        assert_eq!(create(&user).await.expect(201).body, first.expect(201).body, "{path}");
        let listed = |answer: &serde_json::Value| answer["items"].as_array().map(Vec::len);
        assert_eq!(listed(&user.get(path).await.value()), Some(1), "{path} was done once");
        let first = first.value();
        assert_ne!(create(&other).await.expect(201).value()[secret], first[secret], "a key is of one user");
        assert_ne!(user.post(path).json(body.clone()).await.expect(201).value()[secret], first[secret]);
        let mut changed = body.clone();
        changed["name"] = json!("Other");
        user.post(path).key(key).json(changed).await.refused(ErrorCode::IdempotencyConflict);
        user.post(path).key("no-uuid").json(body.clone()).await.refused(ErrorCode::InvalidRequest);
        user.delete(&format!("{path}/{}", first["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(create(&user).await.expect(201).value(), first, "it is not created again");
        assert!(!site.log().contains(first[secret].as_str().unwrap()));
    }
}

async fn a_repetition_by_the_same_owner_is_shown_the_link_again(site: &Site) {
    let (owner, second, user) = (site.owner(), TestUser::register(site).await, TestUser::register(site).await);
    let path = |user: &TestUser| format!("/admin/users/{}", user.user().id);
    owner.patch(&path(&second)).json(json!({ "role": "owner" })).await.expect(200);
    let link_of = |user: &TestUser| format!("{}/reset-link", path(user));

    let (key, body) = (fresh::id(), json!({ "email": fresh::email() }));
    let invite = |owner: &TestUser| owner.post("/admin/invitations").key(key).json(body.clone());
    let first = invite(owner).await;
    assert_eq!(invite(owner).await.expect(201).body, first.expect(201).body);
    let invitation: InvitationCreated = first.read();
    assert_ne!(invite(&second).await.expect(201).read::<InvitationCreated>().token, invitation.token);
    let changed = owner.post("/admin/invitations").key(key).json(json!({ "uses": 2 }));
    changed.await.refused(ErrorCode::IdempotencyConflict);

    let key = fresh::id();
    let link = |owner: &TestUser, user: &TestUser| owner.post(&link_of(user)).key(key);
    let first = link(owner, &user).await;
    assert_eq!(link(owner, &user).await.expect(201).body, first.expect(201).body);
    let made: ResetLink = first.read();
    assert_ne!(link(owner, &second).await.expect(201).read::<ResetLink>().token, made.token, "of another account");
    link(&second, &user).await.refused(ErrorCode::IdempotencyConflict);
    for path in ["/admin/invitations", &link_of(&user)] {
        owner.post(path).key("no-uuid").await.refused(ErrorCode::InvalidRequest);
    }

    let record: Page<AuditEntry> = owner.get(&format!("/admin/audit?user={}", user.user().id)).await.expect(200).read();
    let made_links = record.items.iter().filter(|entry| entry.action.to_string() == "reset_link_create").count();
    assert_eq!(made_links, 1, "the repetition made none");
    let used = json!({ "token": made.token, "password": "a brand new password" });
    owner.post("/auth/reset").anonymous().json(used.clone()).await.expect(204);
    assert_eq!(link(owner, &user).await.expect(201).body, first.body, "it is not made again");
    owner.post("/auth/reset").anonymous().json(used).await.refused(ErrorCode::InvalidToken);
    for secret in [&made.token, &invitation.token] {
        assert!(site.database().await.tables_holding(secret).await.is_empty() && !site.log().contains(secret));
    }
}
