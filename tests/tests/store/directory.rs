//! Look-ups before the owner is known, and sweeps over all owners.

use crate::fixtures::{at, conversation, created, message, reply, run, session, task, tasks, user, uuid};
use std::time::Duration;
use tandem_auth::Owner;
use tandem_protocol::{CommandId, Timestamp, enums::StatusFilter, model::Message};
use tandem_store::{EndedSession, Furthest, RateLimit, Run, RunState, Store, StoreError, StoredCommand, UndoEntry};
use tandem_tests::database::TestDatabase;

crate::on_both!(
    the_database_answers_and_has_a_name,
    an_allowance_is_used_up_and_refilled,
    an_allowance_that_is_used_up_stays_so_for_clocks_that_differ_a_little,
    times_from_a_clock_that_was_ahead_are_ignored,
    times_from_a_clock_that_was_ahead_are_corrected,
    a_session_begun_by_a_clock_that_was_ahead_begins_at_its_next_refresh,
    of_several_allowances_those_before_the_refused_one_are_taken,
    a_hundred_concurrent_requests_get_no_more_than_the_limit,
    a_disabled_account_can_do_nothing_and_its_sessions_are_reported,
    the_sessions_of_a_deleted_account_are_reported,
    a_lease_is_renewed_by_its_holder,
    runs_without_a_lease_are_found,
    runs_that_are_to_stop_are_found_by_their_node,
    the_heads_of_logs_are_those_of_the_given_users,
    of_the_log_seven_days_and_the_newest_events_stay,
    expired_rows_are_removed,
);

const DAY: i64 = 24 * 3600;

async fn the_database_answers_and_has_a_name(db: TestDatabase) {
    db.store.ready().await.unwrap();
    let epoch = db.store.epoch().await.unwrap();
    assert!(epoch.len() >= 16, "{epoch:?} is no random name");
    assert_eq!(db.store.epoch().await.unwrap(), epoch);
}

/// Three at once, and one more every ten seconds.
fn three(key: &str) -> RateLimit {
    RateLimit { key: key.to_owned(), burst: 3, every: Duration::from_secs(10) }
}

async fn an_allowance_is_used_up_and_refilled(db: TestDatabase) {
    let wait = async |key: &str, seconds: i64| {
        let wait = db.store.take(&[three(key)], at(seconds)).await.unwrap();
        wait.map(|wait| wait.as_secs())
    };
    for (seconds, expected) in [(0, None), (1, None), (2, None), (2, Some(8)), (9, Some(1)), (10, None), (10, Some(10))]
    {
        assert_eq!(wait("a", seconds).await, expected, "at {seconds} s");
    }
    assert_eq!(wait("b", 10).await, None, "another key counts for itself");
    for expected in [None, None, None, Some(10)] {
        assert_eq!(wait("a", 100).await, expected, "after a rest there are three again, not more");
    }
    db.store.give_back(&[three("a")]).await.unwrap();
    assert_eq!((wait("a", 100).await, wait("a", 100).await), (None, Some(10)));
}

/// Requests overtake each other, and clocks of nodes differ: neither gives anything back.
async fn an_allowance_that_is_used_up_stays_so_for_clocks_that_differ_a_little(db: TestDatabase) {
    for _ in 0..3 {
        assert_eq!(db.store.take(&[three("ann")], at(10)).await.unwrap(), None);
    }
    for seconds in [9, 5, -40] {
        let wait = db.store.take(&[three("ann")], at(seconds)).await.unwrap();
        assert!(wait.is_some(), "there is one by a clock that shows {seconds} s");
    }
}

/// A machine without a battery-backed clock may start in the future until NTP corrects it.
async fn times_from_a_clock_that_was_ahead_are_ignored(db: TestDatabase) {
    const YEAR: i64 = 365 * 24 * 60 * 60;
    for _ in 0..4 {
        db.store.take(&[three("ann")], at(YEAR)).await.unwrap();
    }
    assert_eq!(db.store.take(&[three("ann")], at(0)).await.unwrap(), None, "it is whole again");
    for _ in 0..2 {
        assert_eq!(db.store.take(&[three("ann")], at(0)).await.unwrap(), None);
    }
    assert!(db.store.take(&[three("ann")], at(0)).await.unwrap().is_some(), "and is used up as ever");

    let ann = user(&*db.store, "ann").await;
    let run = start(&*db.store, &ann, &exchange(&*db.store, &ann).await, 0, leased("node-a", YEAR)).await;
    let expired = db.store.expired_runs(at(0), at(60), 4, 10).await.unwrap();
    assert_eq!(expired, [(ann.user().clone(), run.message_id)]);
}

/// The corrections at the start of any sweep.
async fn sweep(store: &dyn Store, seconds: i64) {
    let furthest = Furthest { session: at(seconds + 3600), rate_limit: at(seconds + 600) };
    store.set_back(at(seconds), furthest).await.unwrap();
}

async fn times_from_a_clock_that_was_ahead_are_corrected(db: TestDatabase) {
    const YEAR: i64 = 365 * DAY;
    let (ann, ben) = (user(&*db.store, "ann").await, user(&*db.store, "ben").await);
    let milk = tasks(&*db.store, &ann, &["Milk"]).await.remove(0);
    log(&*db.store, &ann, &[YEAR; 120]).await;
    let (mut used, mut over) = (session(1), session(3));
    for ahead in [&mut used, &mut over] {
        let session = &mut ahead.session;
        (session.created_at, session.last_seen_at, session.expires_at) = (at(YEAR), at(YEAR), at(YEAR + 3600));
        ahead.ends_at = at(YEAR + 2 * DAY);
    }
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.delete_task(milk.id, at(YEAR)).await.unwrap();
    tx.insert_session(&used).await.unwrap();
    tx.insert_session(&over).await.unwrap();
    tx.rotate_refresh(&[1; 32], &[2; 32], &used.session, at(YEAR)).await.unwrap();
    tx.revoke_session(over.session.id, at(YEAR)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.store.write(&ben).await.unwrap();
    tx.delete_account(at(YEAR)).await.unwrap();
    tx.commit().await.unwrap();
    db.store.take(&[three("ahead")], at(YEAR)).await.unwrap();
    db.store.take(&[three("right")], at(0)).await.unwrap();

    // By a clock that was never set, nothing.
    let unset = Timestamp::from_millis(0);
    db.store.set_back(unset, Furthest { session: unset, rate_limit: unset }).await.unwrap();
    assert_eq!(db.store.session(used.session.id).await.unwrap().unwrap().session.created_at, at(YEAR));
    sweep(&*db.store, 0).await;
    let found = db.store.session(used.session.id).await.unwrap().unwrap();
    assert_eq!((found.session.created_at, found.session.last_seen_at), (at(0), at(0)));
    assert_eq!((found.session.expires_at, found.ends_at), (at(3600), at(2 * DAY)));
    assert_eq!(db.store.refresh_token(&[1; 32]).await.unwrap().unwrap().replaced_at, Some(at(0)));
    assert!(db.store.session(over.session.id).await.unwrap().unwrap().revoked, "what has ended stays so");
    assert_eq!(db.store.ended_since(at(1)).await.unwrap(), [], "the end is not reported again and again");
    let whole = at(0).as_millis();
    assert_eq!(db.lines(&format!("select key from allowances where full_at <= {whole}")).await, ["ahead"]);
    db.store.prune(at(30 * DAY + 1), 0).await.unwrap();
    for table in ["tasks", "events", "ended_sessions"] {
        assert_eq!(db.lines(&format!("select 'one' from {table}")).await, [""; 0], "of {table}");
    }
}

async fn a_session_begun_by_a_clock_that_was_ahead_begins_at_its_next_refresh(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut laptop = session(1);
    laptop.session.created_at = at(9 * DAY);
    laptop.ends_at = at(11 * DAY);
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.insert_session(&laptop).await.unwrap();
    assert!(tx.rotate_refresh(&[1; 32], &[2; 32], &laptop.session, at(5)).await.unwrap());
    assert!(tx.rotate_refresh(&[2; 32], &[3; 32], &laptop.session, at(6)).await.unwrap());
    tx.commit().await.unwrap();
    let found = db.store.session(laptop.session.id).await.unwrap().unwrap();
    assert_eq!((found.session.created_at, found.ends_at), (at(5), at(5 + 2 * DAY)));
}

async fn of_several_allowances_those_before_the_refused_one_are_taken(db: TestDatabase) {
    let both = [three("mine"), three("ours")];
    for _ in 0..3 {
        assert_eq!(db.store.take(&both[1..], at(0)).await.unwrap(), None);
    }
    for _ in 0..3 {
        let refused = db.store.take(&both, at(0)).await.unwrap();
        assert_eq!(refused, Some(Duration::from_secs(10)), "the second one refuses");
    }
    let mine = db.store.take(&both[..1], at(0)).await.unwrap();
    assert_eq!(mine, Some(Duration::from_secs(10)), "the three refused attempts have used up the first one");
}

async fn a_hundred_concurrent_requests_get_no_more_than_the_limit(db: TestDatabase) {
    let both = [RateLimit { burst: 20, ..three("account") }, RateLimit { burst: 100, ..three("address") }];
    let all = (0..100).map(|_| {
        let (store, both) = (std::sync::Arc::clone(&db.store), both.clone());
        tokio::spawn(async move { store.take(&both, at(0)).await.unwrap() })
    });
    let answers = futures_util::future::join_all(all.collect::<Vec<_>>()).await;
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Ok(None))).count(), 20);
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
    let moment = match db.location {
        tandem_tests::database::DatabaseLocation::Sqlite { .. } => at(10).as_millis().to_string(),
        tandem_tests::database::DatabaseLocation::Postgres { .. } => format!("'{}'", at(10)),
    };
    db.execute(&format!("update users set disabled_at = {moment}")).await;
    assert!(matches!(db.store.write(&ann).await.map(|_| ()), Err(StoreError::NoAccount)));
    assert!(matches!(db.store.read(&ann).await.unwrap().account().await, Err(StoreError::NoAccount)));
    assert!(db.store.session(laptop).await.unwrap().unwrap().disabled);
    assert!(db.store.credentials(&account.user.email).await.unwrap().unwrap().disabled);
    assert_eq!(db.store.ended_since(at(10)).await.unwrap(), [EndedSession { id: laptop, account_deleted: false }]);
    assert_eq!(db.store.ended_since(at(11)).await.unwrap(), []);
}

async fn the_sessions_of_a_deleted_account_are_reported(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut sessions = vec![begin(&*db.store, &ann, 1).await, begin(&*db.store, &ann, 2).await];
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.delete_account(at(10)).await.unwrap();
    tx.commit().await.unwrap();
    let reported = db.store.ended_since(at(10)).await.unwrap();
    assert!(reported.iter().all(|ended| ended.account_deleted));
    let mut reported: Vec<_> = reported.into_iter().map(|ended| ended.id).collect();
    reported.sort();
    sessions.sort();
    assert_eq!(reported, sessions);
    assert_eq!(db.store.ended_since(at(11)).await.unwrap(), []);
    assert!(!db.store.session(sessions[0]).await.unwrap().unwrap().alive(at(10)), "its rows are still there");
    db.store.remove_deleted(ann.user()).await.unwrap();
    assert!(db.store.session(sessions[0]).await.unwrap().is_none());
    assert_eq!(db.store.ended_since(at(10)).await.unwrap().len(), 2);
}

/// Adds a reply and its run, which `change` has made something of.
async fn start(
    store: &dyn Store,
    owner: &Owner,
    question: &Message,
    seconds: i64,
    change: impl FnOnce(&mut Run),
) -> Run {
    let answer = Message { created_at: at(seconds), ..reply(question) };
    let mut run = run(&answer, RunState::Running);
    change(&mut run);
    let mut tx = store.write(owner).await.unwrap();
    tx.insert_message(&answer).await.unwrap();
    tx.insert_run(&run).await.unwrap();
    tx.commit().await.unwrap();
    run
}

async fn exchange(store: &dyn Store, owner: &Owner) -> Message {
    let row = conversation("Plans");
    let question = message(row.conversation.id, "What is next?");
    let mut tx = store.write(owner).await.unwrap();
    tx.insert_conversation(&row).await.unwrap();
    tx.insert_message(&question).await.unwrap();
    tx.commit().await.unwrap();
    question
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
    let mine = start(&*db.store, &ann, &exchange(&*db.store, &ann).await, 0, leased("node-a", 10)).await;
    let theirs = start(&*db.store, &ben, &exchange(&*db.store, &ben).await, 0, leased("node-b", 10)).await;
    let left = start(&*db.store, &ann, &exchange(&*db.store, &ann).await, 1, leased("node-a", 10)).await;
    db.store.renew_leases("node-a", &[mine.message_id, theirs.message_id], at(20)).await.unwrap();
    let lease = async |owner: &Owner, run: &Run| {
        db.store.read(owner).await.unwrap().run(run.message_id).await.unwrap().unwrap().lease_until
    };
    assert_eq!(lease(&ann, &mine).await, Some(at(20)));
    assert_eq!(lease(&ben, &theirs).await, Some(at(10)));
    assert_eq!(lease(&ann, &left).await, Some(at(10)), "what is not in hand any more is left to whoever finds it");
    let expired = db.store.expired_runs(at(10), at(1000), 4, 10).await.unwrap();
    let expected = [(&ben, &theirs), (&ann, &left)].map(|(owner, run)| (owner.user().clone(), run.message_id));
    assert_eq!(expired, expected);
}

async fn runs_that_are_to_stop_are_found_by_their_node(db: TestDatabase) {
    let (ann, store) = (user(&*db.store, "ann").await, &*db.store);
    let unwanted = |run: &mut Run| {
        leased("node-a", 10)(run);
        run.cancel_requested = true;
    };
    let found = start(store, &ann, &exchange(store, &ann).await, 0, unwanted).await;
    start(store, &ann, &exchange(store, &ann).await, 1, leased("node-a", 10)).await;
    assert_eq!(store.unwanted_runs("node-a").await.unwrap(), [found.message_id]);
    assert_eq!(store.unwanted_runs("node-b").await.unwrap(), []);
}

async fn the_heads_of_logs_are_those_of_the_given_users(db: TestDatabase) {
    let (ann, ben) = (user(&*db.store, "ann").await, user(&*db.store, "ben").await);
    user(&*db.store, "cleo").await;
    let mut expected = vec![(ben.user().clone(), 0)];
    let mut tx = db.store.write(&ann).await.unwrap();
    let written = tx.append(&created(&task(1, "Milk"))).await.unwrap();
    tx.commit().await.unwrap();
    expected.push((ann.user().clone(), written.seq));
    expected.sort();
    let unknown: tandem_protocol::UserId = "nobody".into();
    let mut heads = db.store.log_heads(&[ann.user().clone(), unknown, ben.user().clone()]).await.unwrap();
    heads.sort();
    assert_eq!(heads, expected);
    assert_eq!(db.store.log_heads(&[]).await.unwrap(), []);
}

async fn runs_without_a_lease_are_found(db: TestDatabase) {
    let (ann, ben) = (user(&*db.store, "ann").await, user(&*db.store, "ben").await);
    let (first, second) = (exchange(&*db.store, &ann).await, exchange(&*db.store, &ann).await);
    let store = &*db.store;
    let over = start(store, &ann, &first, 3, leased("node-a", 10)).await;
    start(store, &ann, &first, 4, |run| run.state = RunState::Queued).await;
    let head = start(store, &ann, &second, 1, |run| run.state = RunState::Queued).await;
    start(store, &ann, &second, 2, |run| run.state = RunState::Queued).await;
    let fresh = start(store, &ben, &exchange(store, &ben).await, 0, |_| ()).await;
    start(store, &ben, &exchange(store, &ben).await, 0, leased("node-a", 99)).await;
    let waiting = exchange(store, &ben).await;
    start(store, &ben, &waiting, 0, |run| run.state = RunState::Waiting).await;
    start(store, &ben, &waiting, 1, |run| run.state = RunState::Queued).await;

    let queued = db.lines("select state from runs where state = 'queued'").await.len();
    assert_eq!(store.queued_runs().await.unwrap(), i64::try_from(queued).unwrap());
    let expected = [(&ben, &fresh), (&ann, &head), (&ann, &over)];
    let expected = expected.map(|(owner, run)| (owner.user().clone(), run.message_id));
    assert_eq!(store.expired_runs(at(10), at(1000), 4, 10).await.unwrap(), expected, "oldest first");
    assert_eq!(store.expired_runs(at(10), at(1000), 4, 2).await.unwrap(), expected[..2]);
    assert_eq!(store.expired_runs(at(9), at(1000), 4, 10).await.unwrap(), expected[..2]);
    let busy = [expected[0].clone(), expected[2].clone()];
    let as_many_as_may = store.expired_runs(at(10), at(1000), 1, 10).await.unwrap();
    assert_eq!(as_many_as_may, busy, "as many as may run for that user already");
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

async fn of_the_log_seven_days_and_the_newest_events_stay(db: TestDatabase) {
    let (quiet, busy) = (user(&*db.store, "quiet").await, user(&*db.store, "busy").await);
    log(&*db.store, &quiet, &[0, DAY, 8 * DAY]).await;
    log(&*db.store, &busy, &vec![0; 2500]).await;
    log(&*db.store, &busy, &[8 * DAY; 5]).await;
    let kept = async |owner: &Owner| {
        let mut tx = db.store.read(owner).await.unwrap();
        (tx.oldest_seq().await.unwrap(), tx.account().await.unwrap().seq)
    };
    db.store.prune(at(7 * DAY), 3).await.unwrap();
    assert_eq!(kept(&busy).await, (Some(1), 2505), "what is not older than 7 days stays, however much it is");
    db.store.prune(at(8 * DAY), 10).await.unwrap();
    assert_eq!(kept(&quiet).await, (Some(1), 3), "the newest stay, however old they are");
    assert_eq!(kept(&busy).await, (Some(2496), 2505));
    db.store.prune(at(8 * DAY), 3).await.unwrap();
    assert_eq!(kept(&busy).await, (Some(2501), 2505), "both stay, whichever is more");
    db.store.prune(at(9 * DAY), 2).await.unwrap();
    assert_eq!(kept(&quiet).await, (Some(2), 3));
    db.store.prune(at(30 * DAY + 1), 10).await.unwrap();
    assert_eq!(kept(&quiet).await, (Some(2), 3));
    db.store.prune(at(31 * DAY + 1), 10).await.unwrap();
    assert_eq!(kept(&quiet).await, (Some(3), 3), "after 30 days everything is removed");
    db.store.prune(at(60 * DAY), 10).await.unwrap();
    assert_eq!(kept(&quiet).await, (None, 3));
    log(&*db.store, &quiet, &[60 * DAY]).await;
    assert_eq!(kept(&quiet).await, (Some(4), 4), "an empty log continues its numbers");
}

async fn expired_rows_are_removed(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let milk = tasks(&*db.store, &ann, &["Milk"]).await.remove(0);
    let id = CommandId(uuid());
    let command =
        StoredCommand { id, fingerprint: [0; 32], status: 200, seq: 1, body: "{}".to_owned(), event_refs: Vec::new() };
    let undo =
        UndoEntry { token: "u".to_owned(), at: at(0), used: false, reversal: false, changes: Vec::new(), origin: None };
    let laptop = session(1);
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.delete_task(milk.id, at(0)).await.unwrap();
    tx.save_command(&command, at(0)).await.unwrap();
    tx.save_undo(&undo).await.unwrap();
    tx.insert_session(&laptop).await.unwrap();
    tx.rotate_refresh(&[1; 32], &[2; 32], &laptop.session, at(0)).await.unwrap();
    tx.commit().await.unwrap();
    db.store.take(&[three("key")], at(0)).await.unwrap();

    // What is left after so many seconds: command, old refresh token, task, undo entry, session.
    for (seconds, left) in [
        (24 * 3600, [true, true, true, true, true]),
        (2 * DAY, [true, true, true, true, true]),
        (2 * DAY + 1, [false, true, true, true, true]),
        (30 * DAY, [false, true, true, true, true]),
        (30 * DAY + 1, [false, false, false, false, true]),
        (30 * DAY + 3601, [false, false, false, false, false]),
    ] {
        db.store.prune(at(seconds), 10).await.unwrap();
        let mut tx = db.store.read(&ann).await.unwrap();
        let found = [
            tx.command(id).await.unwrap().is_some(),
            db.store.refresh_token(&[1; 32]).await.unwrap().is_some(),
            !db.lines("select title from tasks").await.is_empty(),
            tx.undo_entry("u").await.unwrap().is_some(),
            db.store.session(laptop.session.id).await.unwrap().is_some(),
        ];
        assert_eq!(found, left, "after {seconds} s");
        assert!(tx.all_tasks(StatusFilter::All).await.unwrap().is_empty());
    }
    assert!(db.store.refresh_token(&[2; 32]).await.unwrap().is_none(), "tokens go with their session");
    assert!(db.lines("select key from allowances").await.is_empty(), "allowances go when they are whole");
}
