//! The outbox of pushes: one attempt at a time, held back and removed for what is shown, and gone with its device.

use crate::fixtures::{at, session, user, uuid};
use tandem_auth::Owner;
use tandem_protocol::{
    CommandId, DeviceId, ReminderId, SessionId, Timestamp, enums::PushKind, id::SubscriptionId, push::Subscription,
};
use tandem_store::{DuePush, NewPush, PushEnd, PushKeyPair, PushSubject, Store, SubscriptionRow};
use tandem_tests::database::TestDatabase;

crate::on_both!(
    of_two_first_starts_one_key_is_kept,
    one_attempt_begins_and_its_end_decides,
    an_attempt_that_never_ended_is_found_again,
    pushes_are_held_back_for_devices_that_show_them,
    a_token_answers_while_its_device_is_signed_in,
    devices_end_with_their_sessions,
    what_is_over_is_removed,
);

const LEASE: i64 = 30;

/// A subscription of a device that signs in.
pub(crate) async fn device(store: &dyn Store, owner: &Owner, name: &str, secret: u8) -> SubscriptionRow {
    let login = session(secret);
    let row = SubscriptionRow {
        subscription: Subscription {
            id: SubscriptionId(uuid()),
            device_id: name.into(),
            endpoint: format!("https://push.example.org/{secret}"),
            kinds: vec![PushKind::Reminder],
            created_at: at(0),
        },
        session: login.session.id,
        endpoint_hash: [secret; 32],
        public_key: vec![4; 65],
        auth_secret: vec![7; 16],
    };
    let mut tx = store.write(owner).await.unwrap();
    tx.insert_session(&login).await.unwrap();
    tx.insert_subscription(&row).await.unwrap();
    tx.commit().await.unwrap();
    row
}

pub(crate) fn push(to: &SubscriptionRow, seq: i64, kind: PushKind) -> NewPush {
    let reminder = (kind == PushKind::Reminder).then(|| ReminderId(uuid()));
    NewPush {
        subscription: to.subscription.id,
        seq,
        subject: PushSubject { kind, id: uuid(), reminder },
        command: CommandId(uuid()),
        created_at: at(0),
        next_at: Timestamp::from_millis(0),
        gives_up_at: at(86_400),
    }
}

async fn add(store: &dyn Store, owner: &Owner, pushes: &[NewPush]) {
    let mut tx = store.write(owner).await.unwrap();
    for push in pushes {
        tx.add_push(push).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn due(store: &dyn Store, second: i64) -> Vec<DuePush> {
    store.due_pushes(at(second), 100).await.unwrap()
}

async fn seqs(store: &dyn Store, second: i64) -> Vec<i64> {
    let mut seqs: Vec<_> = due(store, second).await.iter().map(|push| push.key.seq).collect();
    seqs.sort_unstable();
    seqs
}

async fn of_two_first_starts_one_key_is_kept(db: TestDatabase) {
    let key = |byte| PushKeyPair { private: vec![byte; 3], public: vec![byte; 2] };
    let (one, two) = (key(1), key(2));
    let (first, second) = tokio::join!(db.store.adopt_push_key(&one), db.store.adopt_push_key(&two));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first, second);
    assert!(first == key(1) || first == key(2));
    assert_eq!(db.store.adopt_push_key(&key(3)).await.unwrap(), first);
}

async fn one_attempt_begins_and_its_end_decides(db: TestDatabase) {
    let store = &*db.store;
    let ann = user(store, "ann").await;
    let phone = device(store, &ann, "phone", 1).await;
    let added = push(&phone, 7, PushKind::Reminder);
    add(store, &ann, std::slice::from_ref(&added)).await;
    let found = due(store, 0).await.remove(0);
    assert_eq!((found.subject, found.command, found.attempts, found.sending), (added.subject, added.command, 0, false));
    assert_eq!((found.device.as_str(), found.endpoint.as_str()), ("phone", "https://push.example.org/1"));
    let (one, two) = tokio::join!(
        store.begin_push(&found, at(LEASE), at(0), Some(&[1; 32])),
        store.begin_push(&found, at(LEASE), at(0), Some(&[2; 32])),
    );
    assert_eq!(i32::from(one.unwrap()) + i32::from(two.unwrap()), 1);
    assert!(due(store, LEASE - 1).await.is_empty(), "it is being sent");
    store.end_push(&found.key, 1, PushEnd::Retry(at(60))).await.unwrap();
    assert!(due(store, 59).await.is_empty());
    let again = due(store, 60).await.remove(0);
    assert_eq!((again.attempts, again.sending), (1, false));
    assert!(!store.begin_push(&found, at(100), at(60), None).await.unwrap(), "it was found before the other attempt");
    assert!(store.begin_push(&again, at(100), at(60), None).await.unwrap());
    store.end_push(&found.key, 1, PushEnd::Dropped).await.unwrap();
    store.end_push(&found.key, 2, PushEnd::Sent).await.unwrap();
    assert!(due(store, 9_999).await.is_empty());
    let mut tx = store.write(&ann).await.unwrap();
    assert_eq!(tx.kept_pushes(10).await.unwrap(), 1, "it can be answered");
    tx.forget_sent_pushes().await.unwrap();
    assert_eq!(tx.kept_pushes(10).await.unwrap(), 0);
    tx.commit().await.unwrap();
    add(store, &ann, &[push(&phone, 8, PushKind::Reply), push(&phone, 9, PushKind::Reply)]).await;
    let gone = due(store, 0).await.remove(0);
    assert!(store.begin_push(&gone, at(LEASE), at(0), None).await.unwrap());
    store.end_push(&gone.key, 1, PushEnd::Unsubscribed).await.unwrap();
    assert!(due(store, 0).await.is_empty(), "what waits goes with the subscription");
    assert!(store.read(&ann).await.unwrap().push_subscriptions().await.unwrap().is_empty());
}

async fn an_attempt_that_never_ended_is_found_again(db: TestDatabase) {
    let store = &*db.store;
    let ann = user(store, "ann").await;
    let phone = device(store, &ann, "phone", 1).await;
    add(store, &ann, &[push(&phone, 7, PushKind::Reminder)]).await;
    let found = due(store, 0).await.remove(0);
    assert!(store.begin_push(&found, at(LEASE), at(0), None).await.unwrap());
    assert!(due(store, LEASE - 1).await.is_empty());
    let left = due(store, LEASE).await.remove(0);
    assert_eq!((left.attempts, left.sending), (1, true), "nobody knows whether it was sent");
}

async fn pushes_are_held_back_for_devices_that_show_them(db: TestDatabase) {
    let store = &*db.store;
    let ann = user(store, "ann").await;
    let (phone, laptop) = (device(store, &ann, "phone", 1).await, device(store, &ann, "laptop", 2).await);
    let reminders = [3, 4, 5].map(|seq| push(&phone, seq, PushKind::Reminder));
    add(store, &ann, &reminders).await;
    add(store, &ann, &[push(&laptop, 4, PushKind::Reminder), push(&laptop, 6, PushKind::Reply)]).await;
    let names: Vec<DeviceId> = vec!["phone".into(), "tablet".into()];
    store.hold_pushes(ann.user(), (4, 6), &names, at(10)).await.unwrap();
    assert_eq!(seqs(store, 9).await, [3, 4], "the laptop does not show reminders for itself, the reply is for all");
    assert_eq!(seqs(store, 10).await, [3, 4, 4, 5, 6]);
    store.drop_shown_pushes(ann.user(), &"phone".into(), 4).await.unwrap();
    assert_eq!(seqs(store, 10).await, [4, 5, 6]);
    store.drop_shown_pushes(ann.user(), &"laptop".into(), 99).await.unwrap();
    assert_eq!(seqs(store, 10).await, [5, 6], "a reply is shown when it was read");
    let ben = user(store, "ben").await;
    for (user, left) in [(&ben, vec![5, 6]), (&ann, vec![])] {
        store.defer_pushes(user.user(), at(10), at(11)).await.unwrap();
        assert_eq!(seqs(store, 10).await, left);
    }
    assert_eq!(seqs(store, 11).await, [5, 6]);
    store.drop_shown_pushes(ben.user(), &"phone".into(), 99).await.unwrap();
    assert_eq!(seqs(store, 11).await, [5, 6]);
}

async fn a_token_answers_while_its_device_is_signed_in(db: TestDatabase) {
    let store = &*db.store;
    let ann = user(store, "ann").await;
    let phone = device(store, &ann, "phone", 1).await;
    let added = push(&phone, 7, PushKind::Reminder);
    add(store, &ann, std::slice::from_ref(&added)).await;
    let found = due(store, 0).await.remove(0);
    store.begin_push(&found, at(LEASE), at(0), Some(&[9; 32])).await.unwrap();
    store.end_push(&found.key, 1, PushEnd::Sent).await.unwrap();
    let answerable = store.push_answerable(&[9; 32], at(0)).await.unwrap().unwrap();
    assert_eq!((&answerable.user, answerable.session), (ann.user(), phone.session));
    assert_eq!((answerable.task.0, Some(answerable.reminder)), (added.subject.id, added.subject.reminder));
    assert_eq!(answerable.command, added.command);
    assert_eq!(store.push_answerable(&[8; 32], at(0)).await.unwrap(), None);
    assert_eq!(store.push_answerable(&[9; 32], at(86_400)).await.unwrap(), None, "too late");
    let mut tx = store.write(&ann).await.unwrap();
    assert!(tx.revoke_session(phone.session, at(1)).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(store.push_answerable(&[9; 32], at(0)).await.unwrap(), None);
}

async fn devices_end_with_their_sessions(db: TestDatabase) {
    let store = &*db.store;
    let (ann, ben) = (user(store, "ann").await, user(store, "ben").await);
    let phone = device(store, &ann, "phone", 1).await;
    add(store, &ann, &[push(&phone, 7, PushKind::Reminder)]).await;
    // Its sign-in lasts for an hour.
    assert_eq!(seqs(store, 60).await, [7]);
    assert!(due(store, 60).await[0].signed_in);
    assert!(!due(store, 100 * 86_400).await[0].signed_in, "the session is over");
    assert!(store.begin_push(&due(store, 0).await[0], at(9), at(0), None).await.unwrap());
    store.release_endpoint(&[1; 32], ann.user()).await.unwrap();
    assert_eq!(store.read(&ann).await.unwrap().push_subscriptions().await.unwrap().len(), 1);
    store.release_endpoint(&[1; 32], ben.user()).await.unwrap();
    assert!(store.read(&ann).await.unwrap().push_subscriptions().await.unwrap().is_empty());
    let tablet = device(store, &ann, "tablet", 2).await;
    let mut tx = store.write(&ann).await.unwrap();
    let changed = SubscriptionRow { session: tablet.session, public_key: vec![4; 65], ..tablet.clone() };
    tx.update_subscription(&changed).await.unwrap();
    assert!(tx.delete_subscription(tablet.subscription.id).await.unwrap());
    assert!(!tx.delete_subscription(tablet.subscription.id).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = store.write(&ann).await.unwrap();
    let stranger = SubscriptionRow { session: SessionId(uuid()), ..tablet };
    tx.insert_subscription(&stranger).await.unwrap();
    assert!(tx.commit().await.is_err(), "there is no such session");
}

async fn what_is_over_is_removed(db: TestDatabase) {
    let store = &*db.store;
    let ann = user(store, "ann").await;
    let phone = device(store, &ann, "phone", 1).await;
    add(store, &ann, &[push(&phone, 7, PushKind::Reminder)]).await;
    store.prune(at(86_400), 10).await.unwrap();
    assert_eq!(db.lines("select cast(count(*) as text) from pushes").await, ["1"]);
    store.prune(at(86_401), 10).await.unwrap();
    assert_eq!(db.lines("select cast(count(*) as text) from pushes").await, ["0"]);
}
