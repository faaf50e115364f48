//! The provider's side of the connection: chat completions, streamed as server-sent events.

use super::{
    Desk,
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

/// What titles are called; a request without tools asks for one.
const TITLE: &str = "A fine title";

pub(super) fn app(desk: Arc<Desk>) -> Router {
    Router::new().route("/v1/chat/completions", post(complete)).with_state(desk)
}

async fn complete(State(desk): State<Arc<Desk>>, Json(body): Json<Value>) -> Response {
    let streamed = body["stream"] == true;
    if body["tools"].as_array().is_none_or(Vec::is_empty) {
        return title(streamed);
    }
    let said = last_of_person(&body);
    let Some((word, turn, reply, gate)) = desk.take(body, &said) else {
        return stream_of(Course::unwatched(Reply::text("I was not told what to say to that.")));
    };
    if let Some(status) = reply.status {
        desk.note(&word, turn, |request| request.finished = true);
        let status = StatusCode::from_u16(status).expect("a script names a status");
        return (status, Json(json!({ "error": { "message": "scripted", "type": "scripted" } }))).into_response();
    }
    stream_of(Course {
        steps: reply.steps().into_iter(),
        gate,
        watch: Some(Watch { desk, word, turn, finished: false }),
    })
}

fn title(streamed: bool) -> Response {
    if streamed {
        return stream_of(Course::unwatched(Reply::text(TITLE)));
    }
    let message = json!({ "role": "assistant", "content": TITLE });
    Json(json!({ "id": "title", "object": "chat.completion", "created": 1, "model": "fake-1",
        "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] }))
    .into_response()
}

fn last_of_person(body: &Value) -> String {
    let messages = body["messages"].as_array().into_iter().flatten().rev();
    let content = messages.filter(|message| message["role"] == "user").map(|message| &message["content"]).next();
    match content {
        Some(Value::String(text)) => text.clone(),
        // The other form that the protocol allows: a list of parts.
        Some(parts) => parts.to_string(),
        None => String::new(),
    }
}

/// How often the model has answered since the person spoke last.
pub(super) fn answers_since_person(body: &Value) -> usize {
    let messages = body["messages"].as_array().into_iter().flatten().rev();
    let since = messages.take_while(|message| message["role"] != "user");
    since.filter(|message| message["role"] == "assistant").count()
}

/// A reply on its way.
struct Course {
    steps: vec::IntoIter<Step>,
    gate: Arc<Notify>,
    watch: Option<Watch>,
}

impl Course {
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

fn stream_of(course: Course) -> Response {
    let steps = stream::unfold(course, |mut course| async { course.next().await.map(|bytes| (bytes, course)) });
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(steps)).into_response()
}

fn event(mut chunk: Value) -> Bytes {
    chunk["id"] = "chatcmpl-scripted".into();
    chunk["object"] = "chat.completion.chunk".into();
    chunk["created"] = 1.into();
    chunk["model"] = "fake-1".into();
    format!("data: {chunk}\n\n").into()
}

/// Notes how a request ended: the stream is dropped when the other side hangs up.
struct Watch {
    desk: Arc<Desk>,
    word: String,
    turn: usize,
    finished: bool,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let finished = self.finished;
        self.desk.note(&self.word, self.turn, |request| {
            request.finished = finished;
            request.hung_up = !finished;
        });
    }
}
