//! The HTTP side of the scripted provider: chat completions, streamed as server-sent events.

use super::{
    SharedScripts,
    reply::{Reply, Step},
};
use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use std::{future, io, sync::Arc, vec};
use tokio::sync::Notify;

/// The title of every conversation; a request without tools is for a title.
const TITLE: &str = "A fine title";

pub(super) fn app(shared: Arc<SharedScripts>) -> Router {
    Router::new().route("/v1/chat/completions", post(complete)).with_state(shared)
}

async fn complete(State(shared): State<Arc<SharedScripts>>, Json(body): Json<Value>) -> Response {
    let streamed = body["stream"] == true;
    if body["tools"].as_array().is_none_or(Vec::is_empty) {
        return title(streamed);
    }
    let text = last_user_message(&body);
    let Some((word, number, reply, gate)) = shared.take(body, &text) else {
        return stream_of(ReplyStream::unwatched(Reply::text("There is no script for this message.")));
    };
    if let Some(status) = reply.status {
        shared.note(&word, number, |request| request.finished = true);
        let status = StatusCode::from_u16(status).expect("a script names a status");
        return (status, Json(json!({ "error": { "message": "scripted", "type": "scripted" } }))).into_response();
    }
    stream_of(ReplyStream {
        steps: reply.steps().into_iter(),
        gate,
        watch: Some(Watch { shared, word, number, finished: false }),
    })
}

fn title(streamed: bool) -> Response {
    if streamed {
        return stream_of(ReplyStream::unwatched(Reply::text(TITLE)));
    }
    let message = json!({ "role": "assistant", "content": TITLE });
    Json(json!({ "id": "title", "object": "chat.completion", "created": 1, "model": "fake-1",
        "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] }))
    .into_response()
}

fn last_user_message(body: &Value) -> String {
    let messages = body["messages"].as_array().into_iter().flatten().rev();
    let content = messages.filter(|message| message["role"] == "user").map(|message| &message["content"]).next();
    match content {
        Some(Value::String(text)) => text.clone(),
        // The other form that the protocol allows: a list of parts.
        Some(parts) => parts.to_string(),
        None => String::new(),
    }
}

/// Number of answers of the model after the last message of the user.
pub(super) fn answers_since_user_message(body: &Value) -> usize {
    let messages = body["messages"].as_array().into_iter().flatten().rev();
    let since = messages.take_while(|message| message["role"] != "user");
    since.filter(|message| message["role"] == "assistant").count()
}

/// A reply that is being sent.
struct ReplyStream {
    steps: vec::IntoIter<Step>,
    gate: Arc<Notify>,
    watch: Option<Watch>,
}

impl ReplyStream {
    fn unwatched(reply: Reply) -> Self {
        Self { steps: reply.steps().into_iter(), gate: Arc::default(), watch: None }
    }

    /// The bytes of the next step; `None` at the end.
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            match self.steps.next()? {
                Step::Chunk(chunk) => return Some(Ok(event(chunk))),
                Step::Pause(pause) => tokio::time::sleep(pause).await,
                Step::Hold => self.gate.notified().await,
                Step::Hang => future::pending().await,
                Step::Cut => return Some(Err(io::ErrorKind::ConnectionReset.into())),
                Step::Done => {
                    if let Some(watch) = &mut self.watch {
                        watch.finished = true;
                    }
                    return Some(Ok(Bytes::from_static(b"data: [DONE]\n\n")));
                }
            }
        }
    }
}

fn stream_of(reply: ReplyStream) -> Response {
    let steps = stream::unfold(reply, |mut reply| async { reply.next().await.map(|bytes| (bytes, reply)) });
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(steps)).into_response()
}

fn event(mut chunk: Value) -> Bytes {
    chunk["id"] = "chatcmpl-scripted".into();
    chunk["object"] = "chat.completion.chunk".into();
    chunk["created"] = 1.into();
    chunk["model"] = "fake-1".into();
    format!("data: {chunk}\n\n").into()
}

/// Records how a request ended: the stream is dropped when the server closes the connection.
struct Watch {
    shared: Arc<SharedScripts>,
    word: String,
    number: usize,
    finished: bool,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let finished = self.finished;
        self.shared.note(&self.word, self.number, |request| {
            request.finished = finished;
            request.hung_up = !finished;
        });
    }
}
