//! The attacks of the neighbour. Each continues until it is dropped.

use super::{
    neighbour::{DESCRIPTION_BYTES, Neighbour, RequestCounts},
    raw,
};
use crate::{
    provider::script::{AT_LENGTH, COUNTED, REFUSED},
    scenarios::frame_client,
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

/// Pause after a failed connection.
const PAUSE: Duration = Duration::from_millis(200);
/// Bytes of an incomplete body: far more than a server should buffer. All lanes together send two gigabits per second; more would
/// measure the loopback network of the machine.
const HALF: usize = 200_000;
/// Pause of a lane between two incomplete requests.
const HALF_PAUSE: Duration = Duration::from_millis(350);
/// Interval of commands on a socket: the maximum rate that a socket may have.
const COMMAND_EVERY: Duration = Duration::from_millis(50);
/// Messages in a conversation before the next one.
const MESSAGES: usize = 10;
/// Tasks in a chain of parents.
const DEPTH: usize = 200;

pub(super) struct Attack {
    /// The name in the table.
    pub(super) name: &'static str,
    /// Runs until it is dropped.
    pub(super) run: fn(Arc<Neighbour>, Arc<RequestCounts>) -> BoxFuture<'static, ()>,
}

/// Every attack, in the order of the phases.
pub(super) const ALL: &[Attack] = &[
    Attack { name: "messages", run: |me, counts| lanes(32, me, counts, messages).boxed() },
    Attack { name: "searches", run: |me, counts| lanes(16, me, counts, searches).boxed() },
    Attack { name: "unread exports", run: |me, counts| lanes(30, me, counts, exports).boxed() },
    Attack { name: "edits", run: |me, counts| edits(me, counts).boxed() },
    Attack { name: "long texts", run: |me, counts| lanes(8, me, counts, texts).boxed() },
    Attack { name: "deep parents", run: |me, counts| lanes(4, me, counts, parents).boxed() },
    Attack { name: "half-sent log-ins", run: |me, counts| lanes(300, me, counts, half_sent_logins).boxed() },
    Attack { name: "half-sent requests", run: |me, counts| half_sent_requests(me, counts).boxed() },
    Attack { name: "unread answers", run: |me, counts| lanes(50, me, counts, snapshots).boxed() },
    Attack { name: "unread sockets", run: |me, counts| lanes(20, me, counts, unread_sockets).boxed() },
    Attack { name: "long replies", run: |me, counts| lanes(16, me, counts, long_replies).boxed() },
];

/// Runs `count` copies of an attack concurrently.
async fn lanes<F: Future<Output = Infallible> + Send + 'static>(
    count: usize,
    me: Arc<Neighbour>,
    counts: Arc<RequestCounts>,
    lane: impl Fn(usize, Arc<Neighbour>, Arc<RequestCounts>) -> F + Send,
) {
    let mut running = JoinSet::new();
    for number in 0..count {
        running.spawn(lane(number, Arc::clone(&me), Arc::clone(&counts)));
    }
    while running.join_next().await.is_some() {}
}

/// Messages in ever more conversations, without waiting for the replies.
async fn messages(_: usize, me: Arc<Neighbour>, counts: Arc<RequestCounts>) -> Infallible {
    loop {
        let conversation = ConversationId(me.rng.uuid());
        for number in 0..MESSAGES {
            send_message(&me, &counts, conversation, &format!("Tell me about {number} {COUNTED}")).await;
        }
    }
}

async fn send_message(me: &Neighbour, counts: &RequestCounts, conversation: ConversationId, text: &str) {
    let path = format!("/conversations/{conversation}/messages");
    me.attempt(counts, Method::POST, &path, Some(&json!({"text": text}))).await;
}

/// Searches for a letter that very many words begin with.
async fn searches(_: usize, me: Arc<Neighbour>, counts: Arc<RequestCounts>) -> Infallible {
    loop {
        me.attempt(&counts, Method::GET, "/search?q=a", None).await;
    }
}

/// Requests the whole account and does not read the answer.
async fn exports(_: usize, me: Arc<Neighbour>, counts: Arc<RequestCounts>) -> Infallible {
    unread(&me, &counts, "/api/v1/me/export").await
}

async fn unread(me: &Neighbour, counts: &RequestCounts, path: &str) -> Infallible {
    let raw = me.raw();
    loop {
        counts.attempt();
        match raw.begin_to_read(path).await {
            Ok((status, stream)) => {
                counts.answered(status);
                // A refusal is short; only an accepted answer fills the buffers.
                if status < 400 {
                    // Waits until the server closes the connection.
                    let _ = stream.ready(tokio::io::Interest::ERROR).await;
                }
            }
            Err(_) => counts.failed(),
        }
        sleep(PAUSE).await;
    }
}

/// Changes one task with a long description, over REST and from as many sockets as a user may have.
async fn edits(me: Arc<Neighbour>, counts: Arc<RequestCounts>) {
    tokio::join!(
        lanes(8, Arc::clone(&me), Arc::clone(&counts), edit_by_rest),
        lanes(20, Arc::clone(&me), Arc::clone(&counts), edit_by_socket),
    );
}

async fn edit_by_rest(_: usize, me: Arc<Neighbour>, counts: Arc<RequestCounts>) -> Infallible {
    let path = format!("/tasks/{}", me.edited);
    loop {
        let change = json!({"description": me.rng.words(DESCRIPTION_BYTES)});
        me.attempt(&counts, Method::PATCH, &path, Some(&change)).await;
    }
}

async fn edit_by_socket(number: usize, me: Arc<Neighbour>, counts: Arc<RequestCounts>) -> Infallible {
    loop {
        // Any end, including an error, leads to the next socket.
        let _ = edit_until_closed(number, &me, &counts).await;
        sleep(PAUSE).await;
    }
}

async fn edit_until_closed(number: usize, me: &Neighbour, counts: &RequestCounts) -> Result<(), tungstenite::Error> {
    let (mut sink, mut stream) = open(number, me, false).await?.split();
    let mut ticks = interval(COMMAND_EVERY);
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                counts.attempt();
                change(&mut sink, me).await?;
            }
            frame = stream.next() => {
                let Some(frame) = frame else { return Ok(()) };
                count_answer(&frame?, counts);
            }
        }
    }
}

async fn open(number: usize, me: &Neighbour, narrow: bool) -> Result<Socket, tungstenite::Error> {
    frame_client::open(&me.target.next_node(), &me.api, &format!("neighbour-{number}"), narrow).await
}

async fn change(sink: &mut SplitSink<Socket, Message>, me: &Neighbour) -> Result<(), tungstenite::Error> {
    let args = json!({"task_id": me.edited, "description": me.rng.words(DESCRIPTION_BYTES)});
    let frame = json!({"type": "command", "id": me.rng.uuid(), "name": "task.update", "args": args});
    sink.send(Message::text(frame.to_string())).await
}

/// Counts the answer to a command.
fn count_answer(frame: &Message, counts: &RequestCounts) {
    let Message::Text(text) = frame else { return };
    if text.starts_with(r#"{"type":"ack""#) {
        counts.answered(200);
    } else if text.starts_with(r#"{"type":"error""#) {
        // Every refusal of a command counts alike, so its code is not read.
        counts.answered(429);
    }
}

/// Messages of up to the maximum length, for the built-in assistant, which compares them with the titles of all tasks.
async fn texts(number: usize, me: Arc<Neighbour>, counts: Arc<RequestCounts>) -> Infallible {
    let lengths = [2_000, 8_000, MAX_MESSAGE_CHARS - 100];
    for round in number.. {
        // The provider refuses the message, so that the built-in assistant has to parse it.
        let text = format!("complete {} {REFUSED}", me.rng.words(lengths[round % lengths.len()]));
        send_message(&me, &counts, ConversationId(me.rng.uuid()), &text).await;
    }
    pending().await
}

/// Builds a chain of parents, then reads, completes and moves its first task below the last.
async fn parents(_: usize, me: Arc<Neighbour>, counts: Arc<RequestCounts>) -> Infallible {
    loop {
        let top = TaskId(me.rng.uuid());
        me.attempt(&counts, Method::POST, "/tasks", Some(&json!({"id": top, "title": "Top"}))).await;
        let mut last = top;
        for depth in 0..DEPTH {
            let id = TaskId(me.rng.uuid());
            let task: Value = json!({"id": id, "title": format!("Depth {depth}"), "parent_id": last});
            // A refused task does not become part of the chain.
            if me.attempt(&counts, Method::POST, "/tasks", Some(&task)).await {
                last = id;
            }
        }
        let path = format!("/tasks/{top}");
        me.attempt(&counts, Method::PATCH, &path, Some(&json!({"parent_id": last}))).await;
        me.attempt(&counts, Method::POST, &format!("{path}/complete"), None).await;
        me.attempt(&counts, Method::DELETE, &path, None).await;
    }
}

/// Incomplete log-ins, which need no account.
async fn half_sent_logins(_: usize, me: Arc<Neighbour>, counts: Arc<RequestCounts>) -> Infallible {
    half_sent(&me, &counts, "/api/v1/auth/login", "").await
}

/// Incomplete requests with the tokens of the account.
async fn half_sent_requests(me: Arc<Neighbour>, counts: Arc<RequestCounts>) {
    tokio::join!(
        lanes(100, Arc::clone(&me), Arc::clone(&counts), half_sent_tasks),
        lanes(50, Arc::clone(&me), Arc::clone(&counts), half_sent_calls),
    );
}

async fn half_sent_tasks(_: usize, me: Arc<Neighbour>, counts: Arc<RequestCounts>) -> Infallible {
    half_sent(&me, &counts, "/api/v1/tasks", &me.api.access_token()).await
}

async fn half_sent_calls(_: usize, me: Arc<Neighbour>, counts: Arc<RequestCounts>) -> Infallible {
    half_sent(&me, &counts, "/mcp", &me.personal_token).await
}

async fn half_sent(me: &Neighbour, counts: &RequestCounts, path: &str, token: &str) -> Infallible {
    let raw = me.raw().with_token(token);
    loop {
        counts.attempt();
        match raw.begin_to_post(path, MAX_BODY_BYTES - 1, HALF).await {
            Ok(mut stream) => match raw::status(&mut stream).await {
                // The server answers an incomplete request only when its time limit ends.
                Ok(status) => counts.answered(status),
                Err(_) => counts.failed(),
            },
            Err(_) => counts.failed(),
        }
        sleep(HALF_PAUSE).await;
    }
}

async fn snapshots(number: usize, me: Arc<Neighbour>, counts: Arc<RequestCounts>) -> Infallible {
    let path = if number.is_multiple_of(2) { "/api/v1/snapshot" } else { "/api/v1/tasks?limit=200" };
    unread(&me, &counts, path).await
}

/// Sockets that change a long task and do not read the events.
async fn unread_sockets(number: usize, me: Arc<Neighbour>, counts: Arc<RequestCounts>) -> Infallible {
    loop {
        counts.attempt();
        if let Ok(socket) = open(number, &me, true).await {
            counts.answered(200);
            // The receiving half is kept open and never polled, so that the buffers fill.
            let (mut sink, _unread) = socket.split();
            let mut ticks = interval(COMMAND_EVERY);
            while change(&mut sink, &me).await.is_ok() {
                ticks.tick().await;
            }
        } else {
            counts.failed();
        }
        sleep(PAUSE).await;
    }
}

/// Replies that continue for minutes.
async fn long_replies(_: usize, me: Arc<Neighbour>, counts: Arc<RequestCounts>) -> Infallible {
    loop {
        send_message(&me, &counts, ConversationId(me.rng.uuid()), &format!("Tell me {AT_LENGTH} {COUNTED}")).await;
    }
}
