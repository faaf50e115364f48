//! What is looked up before the owner is known, and what is swept over all owners.

use crate::fixtures::{at, conversation, created, message, reply, run, session, task, tasks, user, uuid};
use std::time::Duration;
use tandem_protocol::{CommandId, Timestamp, model::Message, vocab::StatusFilter};
use tandem_server::{
    auth::Owner,
    store::{Run, RunState, Store, StoreError, StoredCommand, UndoEntry},
};
use tandem_tests::database::TestDatabase;

crate::on_both!(
    the_database_answers_and_has_a_name,
    hits_are_counted_in_their_window,
    hits_at_the_same_time_are_all_counted,
    a_disabled_account_can_do_nothing_and_its_sessions_are_reported,
    the_sessions_of_a_deleted_account_are_reported,
    a_lease_is_renewed_by_its_holder,
    runs_that_nobody_works_on_are_found,
    the_log_is_pruned_by_age_and_by_length,
    what_is_kept_for_a_time_goes_when_it_is_over,
);

const MINUTE: Duration = Duration::from_mins(1);
const DAY: i64 = 24 * 3600;

async fn the_database_answers_and_has_a_name(db: TestDatabase) {
    db.store.ping().await.unwrap();
    let epoch = db.store.epoch().await.unwrap();
    assert!(epoch.len() >= 16, "{epoch:?} is no random name");
    assert_eq!(db.store.epoch().await.unwrap(), epoch);
}

async fn hits_are_counted_in_their_window(db: TestDatabase) {
    let start = Timestamp::from_millis(at(0).as_millis() / 60_000 * 60_000);
    let later = |seconds: i64| start.plus_millis(seconds * 1000);
    assert_eq!(db.store.hits("login:a", MINUTE, later(0)).await.unwrap(), 0);
    for (seconds, count) in [(0, 1), (30, 2), (59, 3), (60, 1), (61, 2)] {
        assert_eq!(db.store.hit("login:a", MINUTE, later(seconds)).await.unwrap(), count, "at {seconds} s");
    }
    assert_eq!(db.store.hit("login:b", MINUTE, later(61)).await.unwrap(), 1, "another key counts for itself");
    assert_eq!(db.store.hit("login:a", 10 * MINUTE, later(61)).await.unwrap(), 1, "and so does another length");
    assert_eq!(db.store.hits("login:a", MINUTE, later(59)).await.unwrap(), 3);
    assert_eq!(db.store.hits("login:a", MINUTE, later(119)).await.unwrap(), 2);
}

async fn hits_at_the_same_time_are_all_counted(db: TestDatabase) {
    let all = (0..30).map(|_| db.store.hit("key", MINUTE, at(0)));
    let mut counts: Vec<i64> = futures_util::future::try_join_all(all).await.unwrap();
    counts.sort_unstable();
    assert_eq!(counts, (1..=30).collect::<Vec<_>>());
}

async fn begin(store: &dyn Store, owner: &Owner, secret: u8) -> tandem_protocol::SessionId {
    let session = session(secret);
    let mut tx = store.write(owner).await.unwrap();
    tx.insert_session(&session).await.unwrap();
    tx.commit().await.unwrap();
    session.session.id
}

async fn a_disabled_account_can_do_nothing_and_its_sessions_are_reported(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let account = db.store.read(&ann).await.unwrap().account().await.unwrap();
    let laptop = begin(&*db.store, &ann, 1).await;
    let moment = match db.place {
        tandem_tests::database::Place::Sqlite { .. } => at(10).as_millis().to_string(),
        tandem_tests::database::Place::Postgres { .. } => format!("'{}'", at(10)),
    };
    db.execute(&format!("update users set disabled_at = {moment}")).await;
    assert!(matches!(db.store.write(&ann).await.map(|_| ()), Err(StoreError::NoAccount)));
    assert!(matches!(db.store.read(&ann).await.unwrap().account().await, Err(StoreError::NoAccount)));
    assert!(db.store.session(laptop).await.unwrap().unwrap().disabled);
    assert!(db.store.credentials(&account.user.email).await.unwrap().unwrap().disabled);
    assert_eq!(db.store.revoked_since(at(10)).await.unwrap(), [laptop]);
    assert_eq!(db.store.revoked_since(at(11)).await.unwrap(), []);
}

async fn the_sessions_of_a_deleted_account_are_reported(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut sessions = vec![begin(&*db.store, &ann, 1).await, begin(&*db.store, &ann, 2).await];
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.delete_account(at(10)).await.unwrap();
    tx.commit().await.unwrap();
    let mut reported = db.store.revoked_since(at(10)).await.unwrap();
    reported.sort();
    sessions.sort();
    assert_eq!(reported, sessions);
    assert_eq!(db.store.revoked_since(at(11)).await.unwrap(), []);
    assert!(db.store.session(sessions[0]).await.unwrap().is_none());
}

/// Adds a reply and its run, which `change` has made something of.
async fn start(store: &dyn Store, owner: &Owner, said: &Message, seconds: i64, change: impl FnOnce(&mut Run)) -> Run {
    let answer = Message { created_at: at(seconds), ..reply(said) };
    let mut run = run(&answer, RunState::Running);
    change(&mut run);
    let mut tx = store.write(owner).await.unwrap();
    tx.insert_message(&answer).await.unwrap();
    tx.insert_run(&run).await.unwrap();
    tx.commit().await.unwrap();
    run
}

async fn ask(store: &dyn Store, owner: &Owner) -> Message {
    let row = conversation("Plans");
    let said = message(row.conversation.id, "What is next?");
    let mut tx = store.write(owner).await.unwrap();
    tx.insert_conversation(&row).await.unwrap();
    tx.insert_message(&said).await.unwrap();
    tx.commit().await.unwrap();
    said
}

fn leased(node: &str, seconds: i64) -> impl FnOnce(&mut Run) {
    let node = Some(node.to_owned());
    move |run| {
        run.node = node;
        run.lease_until = Some(at(seconds));
    }
}

async fn a_lease_is_renewed_by_its_holder(db: TestDatabase) {
    let (ann, ben) = (user(&*db.store, "ann").await, user(&*db.store, "ben").await);
    let mine = start(&*db.store, &ann, &ask(&*db.store, &ann).await, 0, leased("node-a", 10)).await;
    let theirs = start(&*db.store, &ben, &ask(&*db.store, &ben).await, 0, leased("node-b", 10)).await;
    db.store.renew_leases("node-a", at(20)).await.unwrap();
    let lease = async |owner: &Owner, run: &Run| {
        db.store.read(owner).await.unwrap().run(run.message_id).await.unwrap().unwrap().lease_until
    };
    assert_eq!(lease(&ann, &mine).await, Some(at(20)));
    assert_eq!(lease(&ben, &theirs).await, Some(at(10)));
    let expired = db.store.expired_runs(at(10), 10).await.unwrap();
    assert_eq!(expired, [(ben.user().clone(), theirs.message_id)]);
}

async fn runs_that_nobody_works_on_are_found(db: TestDatabase) {
    let (ann, ben) = (user(&*db.store, "ann").await, user(&*db.store, "ben").await);
    let (first, second) = (ask(&*db.store, &ann).await, ask(&*db.store, &ann).await);
    let store = &*db.store;
    let over = start(store, &ann, &first, 3, leased("node-a", 10)).await;
    start(store, &ann, &first, 4, |run| run.state = RunState::Queued).await;
    let head = start(store, &ann, &second, 1, |run| run.state = RunState::Queued).await;
    start(store, &ann, &second, 2, |run| run.state = RunState::Queued).await;
    let fresh = start(store, &ben, &ask(store, &ben).await, 0, |_| ()).await;
    start(store, &ben, &ask(store, &ben).await, 0, leased("node-a", 99)).await;
    let waiting = ask(store, &ben).await;
    start(store, &ben, &waiting, 0, |run| run.state = RunState::Waiting).await;
    start(store, &ben, &waiting, 1, |run| run.state = RunState::Queued).await;

    let expected = [(&ben, &fresh), (&ann, &head), (&ann, &over)];
    let expected = expected.map(|(owner, run)| (owner.user().clone(), run.message_id));
    assert_eq!(store.expired_runs(at(10), 10).await.unwrap(), expected, "oldest first");
    assert_eq!(store.expired_runs(at(10), 2).await.unwrap(), expected[..2]);
    assert_eq!(store.expired_runs(at(9), 10).await.unwrap(), expected[..2]);
}

async fn log(store: &dyn Store, owner: &Owner, seconds: &[i64]) {
    let mut tx = store.write(owner).await.unwrap();
    for &seconds in seconds {
        let mut draft = created(&task(1, "Milk"));
        draft.at = at(seconds);
        tx.append(&draft).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn the_log_is_pruned_by_age_and_by_length(db: TestDatabase) {
    let (quiet, busy) = (user(&*db.store, "quiet").await, user(&*db.store, "busy").await);
    log(&*db.store, &quiet, &[0, DAY, 8 * DAY]).await;
    log(&*db.store, &busy, &[8 * DAY; 1005]).await;
    let kept = async |owner: &Owner| {
        let mut tx = db.store.read(owner).await.unwrap();
        (tx.oldest_seq().await.unwrap(), tx.account().await.unwrap().seq)
    };
    db.store.prune(at(8 * DAY), 1005).await.unwrap();
    assert_eq!(kept(&quiet).await, (Some(2), 3), "what is older than 7 days goes");
    assert_eq!(kept(&busy).await, (Some(1), 1005));
    db.store.prune(at(8 * DAY), 2).await.unwrap();
    assert_eq!(kept(&quiet).await, (Some(2), 3));
    assert_eq!(kept(&busy).await, (Some(1004), 1005), "and what has too many newer ones");
    db.store.prune(at(30 * DAY), 2).await.unwrap();
    assert_eq!(kept(&quiet).await, (None, 3));
    log(&*db.store, &quiet, &[30 * DAY]).await;
    assert_eq!(kept(&quiet).await, (Some(4), 4), "an empty log goes on where it was");
}

async fn what_is_kept_for_a_time_goes_when_it_is_over(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let milk = tasks(&*db.store, &ann, &["Milk"]).await.remove(0);
    let id = CommandId(uuid());
    let command = StoredCommand { id, fingerprint: [0; 32], status: 200, seq: 1, body: "{}".to_owned() };
    let undo = UndoEntry { token: "u".to_owned(), at: at(0), used: false, changes: Vec::new(), origin: None };
    let laptop = session(1);
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.delete_task(milk.id, at(0)).await.unwrap();
    tx.save_command(&command, at(0)).await.unwrap();
    tx.save_undo(&undo).await.unwrap();
    tx.insert_session(&laptop).await.unwrap();
    tx.rotate_refresh(&[1; 32], &[2; 32], &laptop.session, at(0)).await.unwrap();
    tx.commit().await.unwrap();
    db.store.hit("key", MINUTE, at(0)).await.unwrap();

    // What is left after so many seconds: command, old refresh token, task, undo entry, session, hits.
    for (seconds, left) in [
        (24 * 3600, [true, true, true, true, true, false]),
        (2 * DAY, [true, true, true, true, true, false]),
        (2 * DAY + 1, [false, true, true, true, true, false]),
        (30 * DAY, [false, true, true, true, true, false]),
        (30 * DAY + 1, [false, false, false, false, true, false]),
        (30 * DAY + 3601, [false, false, false, false, false, false]),
    ] {
        db.store.prune(at(seconds), 10).await.unwrap();
        let mut tx = db.store.read(&ann).await.unwrap();
        let found = [
            tx.command(id).await.unwrap().is_some(),
            db.store.refresh_token(&[1; 32]).await.unwrap().is_some(),
            tx.task_id_used(milk.id).await.unwrap(),
            tx.undo_entry("u").await.unwrap().is_some(),
            db.store.session(laptop.session.id).await.unwrap().is_some(),
            db.store.hits("key", MINUTE, at(0)).await.unwrap() > 0,
        ];
        assert_eq!(found, left, "after {seconds} s");
        assert!(tx.all_tasks(StatusFilter::All).await.unwrap().is_empty());
    }
    assert!(db.store.refresh_token(&[2; 32]).await.unwrap().is_none(), "tokens go with their session");
}
