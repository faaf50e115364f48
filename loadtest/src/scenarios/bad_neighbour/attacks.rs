//! The attacks. Each goes on until it is dropped.

use super::{
    neighbour::{DESCRIPTION, Neighbour, Tally},
    raw,
};
use crate::{
    provider::script::{AT_LENGTH, COUNTED, REFUSED},
    scenarios::wire,
    virtual_user::socket::Socket,
};
use futures_util::{FutureExt, SinkExt, StreamExt, future::BoxFuture, stream::SplitSink};
use reqwest::Method;
use serde_json::{Value, json};
use std::{convert::Infallible, future::pending, sync::Arc, time::Duration};
use tandem_protocol::{
    ConversationId, TaskId,
    limits::{MAX_BODY_BYTES, MAX_MESSAGE_CHARS},
};
use tokio::{
    task::JoinSet,
    time::{interval, sleep},
};
use tokio_tungstenite::tungstenite::{self, Message};

/// From a connection that failed to the next.
const PAUSE: Duration = Duration::from_millis(200);
/// Bytes of a half-sent body: far more than a server should keep of it. All lanes together send two gigabits a second, which
/// is as much as a fast line carries; what is more would measure the network of the machine.
const HALF: usize = 200_000;
/// From one half-sent request of a lane to the next.
const HALF_PAUSE: Duration = Duration::from_millis(350);
/// From one command of a socket to the next: as fast as a socket may go.
const COMMAND_EVERY: Duration = Duration::from_millis(50);
/// Messages of a conversation before the next one is begun.
const MESSAGES: usize = 10;
/// Tasks in a chain of parents before it is used, and the next one is begun.
const DEPTH: usize = 200;

pub(super) struct Attack {
    /// As the table names it.
    pub(super) name: &'static str,
    /// Attacks until it is dropped.
    pub(super) run: fn(Arc<Neighbour>, Arc<Tally>) -> BoxFuture<'static, ()>,
}

/// Every attack, in the order in which they are made.
pub(super) const ALL: &[Attack] = &[
    Attack { name: "messages", run: |me, tally| lanes(32, me, tally, messages).boxed() },
    Attack { name: "searches", run: |me, tally| lanes(16, me, tally, searches).boxed() },
    Attack { name: "unread exports", run: |me, tally| lanes(30, me, tally, exports).boxed() },
    Attack { name: "edits", run: |me, tally| edits(me, tally).boxed() },
    Attack { name: "long texts", run: |me, tally| lanes(8, me, tally, texts).boxed() },
    Attack { name: "deep parents", run: |me, tally| lanes(4, me, tally, parents).boxed() },
    Attack { name: "half-sent log-ins", run: |me, tally| lanes(300, me, tally, half_sent_logins).boxed() },
    Attack { name: "half-sent requests", run: |me, tally| half_sent_requests(me, tally).boxed() },
    Attack { name: "unread answers", run: |me, tally| lanes(50, me, tally, snapshots).boxed() },
    Attack { name: "unread sockets", run: |me, tally| lanes(20, me, tally, unread_sockets).boxed() },
    Attack { name: "long replies", run: |me, tally| lanes(16, me, tally, long_replies).boxed() },
];

/// Does the same so many times over. Whoever drops it ends all.
async fn lanes<F: Future<Output = Infallible> + Send + 'static>(
    count: usize,
    me: Arc<Neighbour>,
    tally: Arc<Tally>,
    lane: impl Fn(usize, Arc<Neighbour>, Arc<Tally>) -> F + Send,
) {
    let mut running = JoinSet::new();
    for number in 0..count {
        running.spawn(lane(number, Arc::clone(&me), Arc::clone(&tally)));
    }
    while running.join_next().await.is_some() {}
}

/// One message after the other, in more and more conversations, without a look at the replies.
async fn messages(_: usize, me: Arc<Neighbour>, tally: Arc<Tally>) -> Infallible {
    loop {
        let conversation = ConversationId(me.dice.uuid());
        for number in 0..MESSAGES {
            say(&me, &tally, conversation, &format!("Tell me about {number} {COUNTED}")).await;
        }
    }
}

async fn say(me: &Neighbour, tally: &Tally, conversation: ConversationId, text: &str) {
    let path = format!("/conversations/{conversation}/messages");
    me.attempt(tally, Method::POST, &path, Some(&json!({"text": text}))).await;
}

/// A letter that very many words begin with.
async fn searches(_: usize, me: Arc<Neighbour>, tally: Arc<Tally>) -> Infallible {
    loop {
        me.attempt(&tally, Method::GET, "/search?q=a", None).await;
    }
}

/// Everything that it has, asked for and not read.
async fn exports(_: usize, me: Arc<Neighbour>, tally: Arc<Tally>) -> Infallible {
    unread(&me, &tally, "/api/v1/me/export").await
}

async fn unread(me: &Neighbour, tally: &Tally, path: &str) -> Infallible {
    let raw = me.raw();
    loop {
        tally.attempt();
        match raw.begin_to_read(path).await {
            Ok((status, stream)) => {
                tally.answered(status);
                if status < 400 {
                    // It waits until the server has enough of it, and comes back.
                    let _ = stream.ready(tokio::io::Interest::ERROR).await;
                }
            }
            Err(_) => tally.failed(),
        }
        sleep(PAUSE).await;
    }
}

/// One task with a long description, changed over REST and from all sockets that one may have.
async fn edits(me: Arc<Neighbour>, tally: Arc<Tally>) {
    tokio::join!(
        lanes(8, Arc::clone(&me), Arc::clone(&tally), edit_by_rest),
        lanes(20, Arc::clone(&me), Arc::clone(&tally), edit_by_socket),
    );
}

async fn edit_by_rest(_: usize, me: Arc<Neighbour>, tally: Arc<Tally>) -> Infallible {
    let path = format!("/tasks/{}", me.edited);
    loop {
        let change = json!({"description": me.text(DESCRIPTION)});
        me.attempt(&tally, Method::PATCH, &path, Some(&change)).await;
    }
}

async fn edit_by_socket(number: usize, me: Arc<Neighbour>, tally: Arc<Tally>) -> Infallible {
    loop {
        // However it ends, it begins again.
        let _ = edit_until_closed(number, &me, &tally).await;
        sleep(PAUSE).await;
    }
}

async fn edit_until_closed(number: usize, me: &Neighbour, tally: &Tally) -> Result<(), tungstenite::Error> {
    let (mut sink, mut stream) = open(number, me, false).await?.split();
    let mut ticks = interval(COMMAND_EVERY);
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                tally.attempt();
                change(&mut sink, me).await?;
            }
            frame = stream.next() => {
                let Some(frame) = frame else { return Ok(()) };
                note(&frame?, tally);
            }
        }
    }
}

async fn open(number: usize, me: &Neighbour, narrow: bool) -> Result<Socket, tungstenite::Error> {
    wire::open(&me.target.next_node(), &me.api, &format!("neighbour-{number}"), narrow).await
}

async fn change(sink: &mut SplitSink<Socket, Message>, me: &Neighbour) -> Result<(), tungstenite::Error> {
    let args = json!({"task_id": me.edited, "description": me.text(DESCRIPTION)});
    let frame = json!({"type": "command", "id": me.dice.uuid(), "name": "task.update", "args": args});
    sink.send(Message::text(frame.to_string())).await
}

/// Counts the answer to a command.
fn note(frame: &Message, tally: &Tally) {
    let Message::Text(text) = frame else { return };
    if text.starts_with(r#"{"type":"ack""#) {
        tally.answered(200);
    } else if text.starts_with(r#"{"type":"error""#) {
        tally.answered(429);
    }
}

/// Messages of up to the longest text, for the built-in assistant, which compares them with the titles of all tasks.
async fn texts(number: usize, me: Arc<Neighbour>, tally: Arc<Tally>) -> Infallible {
    let lengths = [2_000, 8_000, MAX_MESSAGE_CHARS - 100];
    for turn in number.. {
        let text = format!("complete {} {REFUSED}", me.text(lengths[turn % lengths.len()]));
        say(&me, &tally, ConversationId(me.dice.uuid()), &text).await;
    }
    pending().await
}

/// Each task below the one before; then the highest one is read, completed and moved below the lowest.
async fn parents(_: usize, me: Arc<Neighbour>, tally: Arc<Tally>) -> Infallible {
    loop {
        let top = TaskId(me.dice.uuid());
        me.attempt(&tally, Method::POST, "/tasks", Some(&json!({"id": top, "title": "Top"}))).await;
        let mut last = top;
        for depth in 0..DEPTH {
            let id = TaskId(me.dice.uuid());
            let task: Value = json!({"id": id, "title": format!("Depth {depth}"), "parent_id": last});
            if me.attempt(&tally, Method::POST, "/tasks", Some(&task)).await {
                last = id;
            }
        }
        let path = format!("/tasks/{top}");
        me.attempt(&tally, Method::PATCH, &path, Some(&json!({"parent_id": last}))).await;
        me.attempt(&tally, Method::POST, &format!("{path}/complete"), None).await;
        me.attempt(&tally, Method::DELETE, &path, None).await;
    }
}

/// Log-ins that are not sent to their end. They need no account.
async fn half_sent_logins(_: usize, me: Arc<Neighbour>, tally: Arc<Tally>) -> Infallible {
    half_sent(&me, &tally, "/api/v1/auth/login", "").await
}

/// Requests of the account that are not sent to their end.
async fn half_sent_requests(me: Arc<Neighbour>, tally: Arc<Tally>) {
    tokio::join!(
        lanes(100, Arc::clone(&me), Arc::clone(&tally), half_sent_tasks),
        lanes(50, Arc::clone(&me), Arc::clone(&tally), half_sent_calls),
    );
}

async fn half_sent_tasks(_: usize, me: Arc<Neighbour>, tally: Arc<Tally>) -> Infallible {
    half_sent(&me, &tally, "/api/v1/tasks", &me.api.access_token()).await
}

async fn half_sent_calls(_: usize, me: Arc<Neighbour>, tally: Arc<Tally>) -> Infallible {
    half_sent(&me, &tally, "/mcp", &me.personal_token).await
}

async fn half_sent(me: &Neighbour, tally: &Tally, path: &str, token: &str) -> Infallible {
    let raw = me.raw().with_token(token);
    loop {
        tally.attempt();
        match raw.begin_to_post(path, MAX_BODY_BYTES - 1, HALF).await {
            Ok(mut stream) => match raw::status(&mut stream).await {
                // It is answered only when the server has had enough of it.
                Ok(status) => tally.answered(status),
                Err(_) => tally.failed(),
            },
            Err(_) => tally.failed(),
        }
        sleep(HALF_PAUSE).await;
    }
}

async fn snapshots(number: usize, me: Arc<Neighbour>, tally: Arc<Tally>) -> Infallible {
    let path = if number.is_multiple_of(2) { "/api/v1/snapshot" } else { "/api/v1/tasks?limit=200" };
    unread(&me, &tally, path).await
}

/// Sockets that send changes of a long task and do not read what comes of it.
async fn unread_sockets(number: usize, me: Arc<Neighbour>, tally: Arc<Tally>) -> Infallible {
    loop {
        tally.attempt();
        if let Ok(socket) = open(number, &me, true).await {
            tally.answered(200);
            let (mut sink, _unread) = socket.split();
            let mut ticks = interval(COMMAND_EVERY);
            while change(&mut sink, &me).await.is_ok() {
                ticks.tick().await;
            }
        } else {
            tally.failed();
        }
        sleep(PAUSE).await;
    }
}

/// Replies that go on for minutes, token by token.
async fn long_replies(_: usize, me: Arc<Neighbour>, tally: Arc<Tally>) -> Infallible {
    loop {
        say(&me, &tally, ConversationId(me.dice.uuid()), &format!("Tell me {AT_LENGTH} {COUNTED}")).await;
    }
}
