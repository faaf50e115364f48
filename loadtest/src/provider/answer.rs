//! Bodies of answers: one server-sent event for each token, or one JSON document.
//!
//! A body is generated while it is sent, because a token gets its time stamp at the moment of sending.

use super::{
    Context, Pace, Served,
    script::{Answer, Kind},
};
use crate::measure::stamp::Stamps;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use serde_json::{Value, json};
use std::{convert::Infallible, sync::Arc};
use tokio::time::{Instant, sleep_until};

pub(super) type Body = UnsyncBoxBody<Bytes, Infallible>;

const TITLE: &str = "A talk under load";

/// A body that is complete already.
pub(super) fn whole(text: String) -> Body {
    Full::new(Bytes::from(text)).boxed_unsync()
}

/// The body of an answer, generated while it is sent.
pub(super) fn body(answer: &Answer, context: &Context) -> Body {
    if !answer.streamed {
        return whole(document(&answer.kind, context).to_string());
    }
    let end = end_of(answer);
    let events = match &answer.kind {
        Kind::Refusal => stream::empty().boxed(),
        Kind::Title => {
            context.served.titles.increment();
            let title = delta(&json!({"role": "assistant", "content": TITLE}));
            stream::iter([title]).chain(stream::iter(end)).boxed()
        }
        Kind::AddTask { title } => {
            let calls = tool_call(title, context);
            stream::iter(calls).chain(stream::iter(end)).boxed()
        }
        Kind::Text { tokens } => {
            context.served.replies.increment();
            let counted = answer.counted.then(|| Counted::among(&context.served));
            tokens_of(*tokens, context.clone(), counted).chain(stream::iter(end)).boxed()
        }
    };
    let frames = events.map(|event| Ok(Frame::data(Bytes::from(event))));
    StreamBody::new(frames).boxed_unsync()
}

/// The tokens of a reply: the first immediately, then one per interval, each stamped when it is sent.
fn tokens_of(count: u32, context: Context, counted: Option<Counted>) -> impl Stream<Item = String> + Send {
    let start = Instant::now();
    let Pace { every, .. } = context.pace;
    stream::unfold((0, Stamps::default()), move |(sent, mut stamps)| {
        // Moves the guard into the stream, so that a cancelled reply is no longer counted either.
        let _ = &counted;
        let context = context.clone();
        async move {
            if sent == count {
                return None;
            }
            if sent > 0 {
                // From the start of the reply, so that delays do not add up.
                sleep_until(start + every * sent).await;
            }
            context.served.tokens.increment();
            let token = stamps.token(context.clock.now());
            let delta =
                if sent == 0 { json!({"role": "assistant", "content": token}) } else { json!({"content": token}) };
            Some((self::delta(&delta), (sent + 1, stamps)))
        }
    })
}

/// Counts a reply as running until it is dropped.
struct Counted(Arc<Served>);

impl Counted {
    fn among(served: &Arc<Served>) -> Self {
        served.counted.increment();
        Self(Arc::clone(served))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.counted.decrement();
    }
}

fn call_id(context: &Context) -> String {
    context.served.tool_calls.increment();
    format!("call_{}", context.served.tool_calls.get())
}

/// A tool call in three chunks, as models stream it: the name first, then the arguments in pieces.
fn tool_call(title: &str, context: &Context) -> [String; 3] {
    let arguments = json!({"title": title}).to_string();
    let middle = arguments.floor_char_boundary(arguments.len() / 2);
    let (head, tail) = arguments.split_at(middle);
    let call = |piece: &str| json!({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]});
    let opening = json!({"role": "assistant", "tool_calls": [{
        "index": 0, "id": call_id(context), "type": "function", "function": {"name": "add_task", "arguments": ""},
    }]});
    [delta(&opening), delta(&call(head)), delta(&call(tail))]
}

fn finish_reason(kind: &Kind) -> &'static str {
    if matches!(kind, Kind::AddTask { .. }) { "tool_calls" } else { "stop" }
}

/// The chunk with the finish reason, the usage chunk if it was requested, and the end marker.
fn end_of(answer: &Answer) -> Vec<String> {
    let mut end =
        vec![chunk(&json!([{"index": 0, "delta": {}, "finish_reason": finish_reason(&answer.kind)}]), &Value::Null)];
    if answer.usage {
        end.push(chunk(&json!([]), &usage(&answer.kind)));
    }
    end.push("data: [DONE]\n\n".into());
    end
}

fn usage(kind: &Kind) -> Value {
    let completion = if let Kind::Text { tokens } = kind { *tokens } else { 5 };
    json!({"prompt_tokens": 100, "completion_tokens": completion, "total_tokens": 100 + completion})
}

fn delta(delta: &Value) -> String {
    chunk(&json!([{"index": 0, "delta": delta, "finish_reason": null}]), &Value::Null)
}

fn chunk(choices: &Value, usage: &Value) -> String {
    let chunk = json!({
        "id": "chatcmpl-load", "object": "chat.completion.chunk", "created": 1, "model": "load",
        "choices": choices, "usage": usage,
    });
    format!("data: {chunk}\n\n")
}

/// The answer to a request without streaming.
fn document(kind: &Kind, context: &Context) -> Value {
    let message = match kind {
        Kind::Title => {
            context.served.titles.increment();
            json!({"role": "assistant", "content": TITLE})
        }
        Kind::Refusal => Value::Null,
        Kind::AddTask { title } => json!({"role": "assistant", "content": null, "tool_calls": [{
            "id": call_id(context), "type": "function",
            "function": {"name": "add_task", "arguments": json!({"title": title}).to_string()},
        }]}),
        Kind::Text { tokens } => {
            context.served.replies.increment();
            context.served.tokens.add(u64::from(*tokens));
            let mut stamps = Stamps::default();
            let text: String = (0..*tokens).map(|_| stamps.token(context.clock.now())).collect();
            json!({"role": "assistant", "content": text})
        }
    };
    json!({
        "id": "chatcmpl-load", "object": "chat.completion", "created": 1, "model": "load",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason(kind)}], "usage": usage(kind),
    })
}
