//! One user must not affect others: short versions of the known attacks, on both databases.
//!
//! Each test has a server of its own, because it is loaded. Rate limits are off, so that only the budgets apply.

use futures_util::{StreamExt as _, future::join_all, stream};
use serde_json::{Value, json};
use std::{
    future::IntoFuture as _,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};
use tandem_protocol::{ConversationId, ErrorCode};
use tandem_tests::{
    TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    eventually, fresh, plain,
    provider::Reply,
    scripted_server::ScriptedServer,
    user::Answer,
    within::assert_took,
};

/// Replies of one user at once, by default.
const REPLIES: usize = 4;
/// Replies that wait in one conversation, and for one user in all, by default.
const QUEUED_IN_CONVERSATION: usize = 20;
const QUEUED: usize = 100;
/// Time limit of `/healthz`: a blocked server answers after seconds, a busy one answers most requests immediately.
const TYPICAL: Duration = Duration::from_millis(100);
const SLOWEST: Duration = Duration::from_secs(2);

/// Turns each function into two tests, one for each database, each with a server of its own.
macro_rules! with_a_server {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {$(
            #[tokio::test]
            async fn $test() {
                super::$test(&super::LoadedServer::of(super::Kind::Sqlite).await).await;
            }
        )+}

        mod postgres {$(
            #[tokio::test]
            async fn $test() {
                super::$test(&super::LoadedServer::of(super::Kind::Postgres).await).await;
            }
        )+}
    };
}

with_a_server!(
    no_more_than_four_replies_of_a_user_are_written_at_once,
    a_conversation_queues_twenty_replies,
    a_user_queues_a_hundred_replies,
    many_searches_do_not_delay_others,
    a_long_text_against_many_titles_does_not_stop_the_node,
    a_log_in_has_a_small_body,
);

/// A server and its provider.
struct LoadedServer(ScriptedServer);

impl LoadedServer {
    async fn of(kind: Kind) -> Self {
        let mut setup = TestServer::setup().without_rate_limits();
        if kind == Kind::Postgres {
            setup = setup.database(DatabaseLocation::new(kind).await.url());
        }
        Self(ScriptedServer::start(setup).await)
    }

    /// A word whose replies wait until they are released.
    fn held_word(&self) -> String {
        let word = fresh::word("held");
        self.0.provider.answer(&word, [Reply::text("begun").hold()]);
        word
    }

    /// Requests to the model for a word that are neither answered nor given up.
    fn open_requests(&self, word: &str) -> usize {
        self.0.provider.requests(word).iter().filter(|request| !request.finished && !request.hung_up).count()
    }
}

async fn send(user: &TestUser, conversation: ConversationId, text: &str) -> Answer {
    user.post(&format!("/conversations/{conversation}/messages")).json(json!({ "text": text })).await
}

fn conversations(count: usize) -> Vec<ConversationId> {
    (0..count).map(|_| ConversationId(fresh::id())).collect()
}

/// Checks that all answers took or refused the message as they should; how many took it.
fn taken(answers: &[Answer]) -> usize {
    for refused in answers.iter().filter(|answer| answer.status != 202) {
        refused.refused(ErrorCode::RateLimited);
        assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds >= 1), "{refused:?}");
    }
    answers.iter().filter(|answer| answer.status == 202).count()
}

async fn no_more_than_four_replies_of_a_user_are_written_at_once(loaded: &LoadedServer) {
    const SENT: usize = 12;
    let (user, other) = (TestUser::register(&loaded.0.server).await, TestUser::register(&loaded.0.server).await);
    let word = loaded.held_word();
    let sent = join_all(conversations(SENT).iter().map(|conversation| send(&user, *conversation, &word))).await;
    assert_eq!(taken(&sent), SENT);
    eventually("the first replies to begin", async || (loaded.open_requests(&word) >= REPLIES).then_some(())).await;
    let others_word = loaded.held_word();
    other.send_message(ConversationId(fresh::id()), &others_word).await;
    eventually("another user's reply to begin beside them", async || {
        (loaded.open_requests(&others_word) == 1).then_some(())
    })
    .await;
    loaded.0.provider.release(&others_word);
    eventually("all replies to have their turn", async || {
        let open = loaded.open_requests(&word);
        assert!(open <= REPLIES, "{open} requests to the model at once");
        loaded.0.provider.release(&word);
        (loaded.0.provider.requests(&word).iter().filter(|request| request.finished).count() == SENT).then_some(())
    })
    .await;
}

async fn a_conversation_queues_twenty_replies(loaded: &LoadedServer) {
    let user = TestUser::register(&loaded.0.server).await;
    let (word, conversation) = (loaded.held_word(), ConversationId(fresh::id()));
    let mut answers = Vec::new();
    for _ in 0..QUEUED_IN_CONVERSATION + 5 {
        answers.push(send(&user, conversation, &word).await);
    }
    let taken = taken(&answers);
    assert!((QUEUED_IN_CONVERSATION..=QUEUED_IN_CONVERSATION + 1).contains(&taken), "{taken} were taken");
    assert_eq!(send(&user, ConversationId(fresh::id()), "hello").await.status, 202, "another conversation has room");
}

async fn a_user_queues_a_hundred_replies(loaded: &LoadedServer) {
    let user = TestUser::register(&loaded.0.server).await;
    let word = loaded.held_word();
    let conversations = conversations(QUEUED + REPLIES + 10);
    let mut answers = Vec::new();
    for some in conversations.chunks(8) {
        answers.extend(join_all(some.iter().map(|conversation| send(&user, *conversation, &word))).await);
    }
    let taken = taken(&answers);
    assert!((QUEUED..=QUEUED + REPLIES).contains(&taken), "{taken} were taken");
    let other = TestUser::register(&loaded.0.server).await;
    assert_eq!(send(&other, ConversationId(fresh::id()), "hello").await.status, 202, "another user has room");
}

async fn fill(user: &TestUser, tasks: impl Iterator<Item = Value>) {
    let added = stream::iter(tasks).map(|task| user.post("/tasks").json(task).into_future());
    added.buffer_unordered(8).for_each(async |answer| _ = answer.expect(201)).await;
}

/// Words of four letters, the same in each run.
fn words(count: usize, seed: usize) -> String {
    let letter = |number: usize| char::from(b"abcdefghijklmnopqrstuvwxyz"[number % 26]);
    let word = |number: usize| -> String { [7, 11, 13, 17].iter().map(|by| letter(number / by + number)).collect() };
    (0..count).map(|number| word(number * 31 + seed * 97)).collect::<Vec<_>>().join(" ")
}

/// Requests `/healthz` and `/me` of another user until `until` is done, and checks the durations.
async fn undisturbed<T>(loaded: &LoadedServer, other: &TestUser, until: impl Future<Output = T>) -> T {
    let over = AtomicBool::new(false);
    let work = async {
        let done = until.await;
        over.store(true, Ordering::Relaxed);
        done
    };
    let looks = async {
        let (mut taken, client) = (Vec::new(), plain::client());
        loop {
            let asked_at = Instant::now();
            let answer = client.get(loaded.0.server.url("/healthz")).send().await.expect("the server answers");
            assert_eq!(answer.status().as_u16(), 200);
            taken.push(asked_at.elapsed());
            other.get("/me").await.expect(200);
            taken.push(asked_at.elapsed());
            if over.load(Ordering::Relaxed) {
                return taken;
            }
        }
    };
    let (done, mut taken) = tokio::join!(work, looks);
    taken.sort();
    let (typical, slowest) = (taken[taken.len() / 2], taken[taken.len() - 1]);
    assert_took("half of the answers to others", typical, TYPICAL);
    assert_took("the slowest answer to another", slowest, SLOWEST);
    done
}

async fn many_searches_do_not_delay_others(loaded: &LoadedServer) {
    let (user, other) = (TestUser::register(&loaded.0.server).await, TestUser::register(&loaded.0.server).await);
    let long = (0..150).map(|number| json!({ "title": format!("Task {number}"), "description": words(1_990, number) }));
    fill(&user, long).await;
    let searches = join_all((0..16).map(|_| user.get("/search?q=a").into_future()));
    let answers = undisturbed(loaded, &other, searches).await;
    for answer in &answers {
        assert!([200, 429].contains(&answer.status), "{answer:?}");
    }
    assert!(answers.iter().any(|answer| answer.status == 200), "some are answered");
}

async fn a_long_text_against_many_titles_does_not_stop_the_node(loaded: &LoadedServer) {
    let (user, other) = (TestUser::register(&loaded.0.server).await, TestUser::register(&loaded.0.server).await);
    fill(&user, (0..500).map(|number| json!({ "title": words(100, number) }))).await;
    let conversation = ConversationId(fresh::id());
    // A model that refuses leaves the answer to the built-in assistant.
    let word = fresh::word("refused");
    loaded.0.provider.answer(&word, [Reply::error(400)]);
    let read = async {
        user.send_message(conversation, &format!("complete {} {word}", words(390, 1))).await;
        user.settled(Duration::from_secs(20)).await;
    };
    undisturbed(loaded, &other, read).await;
}

async fn a_log_in_has_a_small_body(loaded: &LoadedServer) {
    let user = TestUser::register(&loaded.0.server).await;
    let body = json!({ "email": "x".repeat(20 * 1024), "password": "none" });
    user.post("/auth/login").anonymous().json(body).await.refused(ErrorCode::PayloadTooLarge);
}
