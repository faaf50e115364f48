//! Statements over all users: look-ups and sweeps.

use super::person::{Person, Size, id};
use crate::fixtures::{at, uuid};
use std::time::Duration;
use tandem_auth::secret;
use tandem_protocol::{
    MessageId, UserId,
    enums::{TextKind, UserRole},
    live::Delta,
    model::User,
    settings::UserSettings,
};
use tandem_store::{
    Admission, Entry, Furthest, Maintenance as _, NewAccount, PushEnd, PushKeyPair, RateLimit, Store,
    postgres::PostgresStore,
};

/// Events that a log keeps; the heavy user has more.
const KEPT: i64 = 10_000;

pub(super) async fn look_up_everything(store: &dyn Store, size: Size, person: &Person) {
    store.epoch().await.unwrap();
    store.touch_fingerprint().await.unwrap();
    store.ready().await.unwrap();
    assert_eq!(store.register(&known(person)).await.unwrap(), Admission::Taken);
    assert!(store.has_owner().await.unwrap());
    let email = format!("{}@example.org", person.owner.user());
    assert!(store.credentials(&email).await.unwrap().is_some());
    assert!(store.session(person.session).await.unwrap().is_some());
    store.refresh_token(&[0; 32]).await.unwrap();
    store.personal_token(&[0; 32]).await.unwrap();
    store.touch_personal_token(person.token, at(0)).await.unwrap();
    // As nodes read, with their overlap of some seconds, and as a node reads that reconnects after a while.
    for seconds in [-10, -600] {
        store.ended_since(at(seconds)).await.unwrap();
    }
    let limits = ["log-in:7", "new"].map(|key| {
        let key = format!("{key}{}", person.owner.user());
        RateLimit { key, burst: 1, every: Duration::from_secs(10) }
    });
    for _ in 0..2 {
        store.take(&limits, at(0)).await.unwrap();
    }
    store.give_back(&limits).await.unwrap();

    // A sequential scan is right for a large part of a table.
    let users: Vec<UserId> = (200..250).map(|number| format!("u{number}").into()).collect();
    assert_eq!(store.log_heads(&users).await.unwrap().len(), users.len());
    let mut runs: Vec<MessageId> = (1..40).map(|number| MessageId(id(4 * size.rows + number * 4))).collect();
    runs.push(MessageId(uuid()));
    store.renew_leases("node-0", &runs, at(8)).await.unwrap();
    let text = |id: &MessageId| Delta {
        message_id: *id,
        attempt: 1,
        part: 0,
        offset: 0,
        text: "word".to_owned(),
        kind: TextKind::Text,
    };
    let texts: Vec<_> = runs.iter().map(|id| (person.owner.user().clone(), text(id))).collect();
    store.add_reply_texts("node-0", &texts).await.unwrap();
    assert!(!store.unwanted_runs("node-1").await.unwrap().is_empty());
    while store.index_next(Some(person.owner.user())).await.unwrap().is_some() {}
    assert!(!store.index_documents(person.owner.user()).await.unwrap());
    assert!(store.queued_runs().await.unwrap() > 0);
    assert_eq!(store.feed(&[0; 32]).await.unwrap(), None);
    assert!(!store.due_reminders(at(0), 100).await.unwrap().is_empty());
    push_everything(store, person).await;
    assert!(!store.expired_runs(at(0), at(60), 4, 100).await.unwrap().is_empty());
}

async fn push_everything(store: &dyn Store, person: &Person) {
    let (user, device) = (person.owner.user(), "phone".into());
    let key = PushKeyPair { private: vec![1], public: vec![2] };
    store.adopt_push_key(&key).await.unwrap();
    store.release_endpoint(&[0; 32], user).await.unwrap();
    assert_eq!(store.push_answerable(&[0; 32], at(0)).await.unwrap(), None);
    store.hold_pushes(user, (1, 9), std::slice::from_ref(&device), at(10)).await.unwrap();
    store.drop_shown_pushes(user, &device, 1).await.unwrap();
    let due = store.due_pushes(at(0), 192).await.unwrap();
    assert!(!due.is_empty());
    store.defer_pushes(&"u1".into(), at(0), at(1)).await.unwrap();
    let ends = [PushEnd::Sent, PushEnd::Retry(at(0)), PushEnd::Dropped, PushEnd::Unsubscribed];
    for (push, end) in due.iter().zip(ends) {
        assert!(store.begin_push(push, at(30), at(0), Some(&secret::hash(&format!("{:?}", push.key)))).await.unwrap());
        store.end_push(&push.key, push.attempts + 1, end).await.unwrap();
    }
}

/// A user who wants the email address of another.
fn known(person: &Person) -> NewAccount {
    let user = User {
        id: format!("second-{}", person.owner.user()).into(),
        email: format!("{}@example.org", person.owner.user()),
        name: "Second".to_owned(),
        email_verified: false,
        image: None,
        time_zone: "Europe/Berlin".to_owned(),
        created_at: at(0),
        role: UserRole::Member,
        settings: UserSettings::default(),
    };
    NewAccount {
        user,
        password_hash: Some("$argon2id$old".to_owned()),
        entry: Entry::Open { first_is_owner: true },
        record: None,
    }
}

/// Removes what is over, each time some more.
pub(super) async fn prune(store: &PostgresStore) {
    for hours in 0..8 {
        let now = at(hours * 3600);
        store.set_back(now, Furthest { session: now, rate_limit: now }).await.unwrap();
        store.prune(now, KEPT).await.unwrap();
    }
}
