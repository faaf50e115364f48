//! A provider over HTTP that says what it is told to say, step by step.

use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream, tcp::OwnedWriteHalf},
    sync::Notify,
};

/// What one request is answered with.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    status: u16,
    headers: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Send(String),
    /// Nothing more until the test says so.
    Hold,
    /// Nothing more, and the connection stays open.
    Hang,
    /// The connection breaks.
    Cut,
}

/// The provider.
pub(super) struct Upstream {
    address: std::net::SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    replies: Mutex<VecDeque<Reply>>,
    requests: Mutex<Vec<Value>>,
    hung_up: Mutex<usize>,
    message: Notify,
    gate: Notify,
}

/// A frame of a stream.
pub(super) fn frame(value: &Value) -> Reply {
    Reply { status: 200, headers: String::new(), steps: vec![Step::Send(format!("data: {value}\n\n"))] }
}

fn delta(delta: &Value) -> Reply {
    frame(&json!({ "model": "fake", "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] }))
}

/// Text in chunks.
pub(super) fn text(chunks: &[&str]) -> Reply {
    let start = delta(&json!({ "role": "assistant", "content": "" }));
    chunks.iter().fold(start, |reply, chunk| reply.then(delta(&json!({ "content": chunk }))))
}

/// Tool calls as OpenAI sends them: by index, arguments in chunks.
pub(super) fn openai_calls(calls: &[(&str, Value)]) -> Reply {
    let mut reply = delta(&json!({ "role": "assistant", "content": null }));
    for (index, (name, arguments)) in calls.iter().enumerate() {
        let id = format!("call_{name}_{index}_{arguments}");
        let open =
            json!({ "index": index, "id": id, "type": "function", "function": { "name": name, "arguments": "" } });
        reply = reply.then(delta(&json!({ "tool_calls": [open] })));
        let text = arguments.to_string();
        let (first, second) = text.split_at(text.len() / 2);
        for chunk in [first, second] {
            let more = json!({ "index": index, "function": { "arguments": chunk } });
            reply = reply.then(delta(&json!({ "tool_calls": [more] })));
        }
    }
    reply.then(frame(&json!({ "choices": [{ "delta": {}, "finish_reason": "tool_calls" }] }))).done()
}

/// Tool calls as Gemini sends them: whole, without index, finished with `stop`, signed.
pub(super) fn gemini_calls(calls: &[(&str, Value)], signature: &str) -> Reply {
    let mut reply = delta(&json!({ "role": "assistant" }));
    for (index, (name, arguments)) in calls.iter().enumerate() {
        let function = json!({ "name": name, "arguments": arguments.to_string() });
        let mut call = json!({ "id": format!("g{index}"), "type": "function", "function": function });
        if index == 0 {
            call["extra_content"] = json!({ "google": { "thought_signature": signature } });
        }
        reply = reply.then(delta(&json!({ "tool_calls": [call] })));
    }
    reply.then(frame(&json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }] }))).done()
}

/// A refusal.
pub(super) fn status(status: u16) -> Reply {
    let body = json!({ "error": { "message": "canary-upstream", "code": null } }).to_string();
    Reply { status, headers: String::new(), steps: vec![Step::Send(body)] }
}

/// A frame that does not end: so many bytes of it, and the connection stays open.
pub(super) fn endless(bytes: usize) -> Reply {
    let start = Step::Send("data: ".into());
    let rest = (0..bytes / 65_536).map(|_| Step::Send("x".repeat(65_536)));
    Reply { status: 200, headers: String::new(), steps: std::iter::once(start).chain(rest).collect() }.hang()
}

/// Nothing at all.
pub(super) fn silence() -> Reply {
    Reply { status: 200, headers: String::new(), steps: Vec::new() }
}

impl Reply {
    pub(super) fn then(mut self, next: Reply) -> Self {
        self.steps.extend(next.steps);
        self
    }

    pub(super) fn finish(self, reason: &str) -> Self {
        self.then(frame(&json!({ "choices": [{ "delta": {}, "finish_reason": reason }] })))
    }

    /// What it cost, and the end mark.
    pub(super) fn done(self) -> Self {
        let usage =
            json!({ "choices": [], "usage": { "prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12 } });
        let mut done = self.then(frame(&usage));
        done.steps.push(Step::Send("data: [DONE]\n\n".into()));
        done
    }

    pub(super) fn hold(mut self) -> Self {
        self.steps.push(Step::Hold);
        self
    }

    pub(super) fn hang(mut self) -> Self {
        self.steps.push(Step::Hang);
        self
    }

    pub(super) fn cut(mut self) -> Self {
        self.steps.push(Step::Cut);
        self
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers += name;
        self.headers += ": ";
        self.headers += value;
        self.headers += "\r\n";
        self
    }
}

impl Upstream {
    /// Answers with these, in order; then with a plain text for ever. Title requests are answered apart.
    pub(super) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { replies: Mutex::new(replies.into_iter().collect()), ..Shared::default() });
        let served = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&served)));
            }
        });
        Self { address, shared }
    }

    pub(super) fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Lets a reply that waits at [`Reply::hold`] go on.
    pub(super) fn release(&self) {
        self.shared.gate.notify_one();
    }

    /// The bodies of requests so far, without those for titles.
    pub(super) fn requests(&self) -> Vec<Value> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Waits until a client has closed a connection on which an answer hung.
    pub(super) async fn hung_up(&self) {
        loop {
            let message = self.shared.message.notified();
            if *self.shared.hung_up.lock().unwrap() > 0 {
                return;
            }
            message.await;
        }
    }
}

async fn serve(socket: TcpStream, shared: Arc<Shared>) {
    let (reader, mut writer) = socket.into_split();
    let mut reader = BufReader::new(reader);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let reply = if body.get("tools").is_none() {
        text(&["A fine title"]).finish("stop").done()
    } else {
        shared.requests.lock().unwrap().push(body);
        let next = shared.replies.lock().unwrap().pop_front();
        next.unwrap_or_else(|| text(&["All ", "done."]).finish("stop").done())
    };
    let hangs = matches!(reply.steps.last(), Some(Step::Hang));
    if send(&mut writer, reply, &shared.gate).await && hangs {
        let _ = reader.read(&mut [0]).await;
        *shared.hung_up.lock().unwrap() += 1;
        shared.message.notify_waiters();
    }
}

/// Sends a reply; false when the connection is to break.
async fn send(writer: &mut OwnedWriteHalf, reply: Reply, gate: &Notify) -> bool {
    let kind = if reply.status == 200 { "text/event-stream" } else { "application/json" };
    let head = format!(
        "HTTP/1.1 {} X\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n{}Connection: close\r\n\r\n",
        reply.status, reply.headers
    );
    if writer.write_all(head.as_bytes()).await.is_err() {
        return false;
    }
    for step in reply.steps {
        match step {
            Step::Send(text) => {
                if writer.write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes()).await.is_err() {
                    return false;
                }
            }
            Step::Hold => gate.notified().await,
            Step::Hang => return true,
            Step::Cut => return false,
        }
    }
    writer.write_all(b"0\r\n\r\n").await.is_ok()
}
