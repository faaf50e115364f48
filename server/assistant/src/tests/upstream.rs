//! A provider over HTTP that answers each request by a script.

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

/// The answer to one request.
#[derive(Clone, Debug)]
pub(super) struct Script {
    status: u16,
    headers: String,
    steps: Vec<ScriptStep>,
}

#[derive(Clone, Debug)]
enum ScriptStep {
    Send(String),
    /// Nothing more until [`Upstream::release`].
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
    scripts: Mutex<VecDeque<Script>>,
    requests: Mutex<Vec<Value>>,
    /// Requests without tools that are not for a title.
    summary_requests: Mutex<Vec<Value>>,
    /// The answer to these.
    summary: Mutex<Option<Script>>,
    hung_up: Mutex<usize>,
    message: Notify,
    released: Notify,
}

/// A frame of a stream.
pub(super) fn frame(value: &Value) -> Script {
    Script { status: 200, headers: String::new(), steps: vec![ScriptStep::Send(format!("data: {value}\n\n"))] }
}

pub(super) fn delta(delta: &Value) -> Script {
    frame(&json!({ "model": "fake", "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] }))
}

/// Text in chunks.
pub(super) fn text(chunks: &[&str]) -> Script {
    let start = delta(&json!({ "role": "assistant", "content": "" }));
    chunks.iter().fold(start, |script, chunk| script.then(delta(&json!({ "content": chunk }))))
}

/// Thoughts in chunks, under the name that a server has for them.
pub(super) fn thoughts(name: &str, chunks: &[&str]) -> Script {
    let start = delta(&json!({ "role": "assistant", "content": "" }));
    chunks.iter().fold(start, |script, chunk| script.then(delta(&json!({ name: chunk, "content": null }))))
}

/// Tool calls as OpenAI sends them: by index, arguments in chunks.
pub(super) fn openai_calls(calls: &[(&str, Value)]) -> Script {
    let mut script = delta(&json!({ "role": "assistant", "content": null }));
    for (index, (name, arguments)) in calls.iter().enumerate() {
        let id = format!("call_{name}_{index}_{arguments}");
        let open =
            json!({ "index": index, "id": id, "type": "function", "function": { "name": name, "arguments": "" } });
        script = script.then(delta(&json!({ "tool_calls": [open] })));
        let text = arguments.to_string();
        let (first, second) = text.split_at(text.len() / 2);
        for chunk in [first, second] {
            let more = json!({ "index": index, "function": { "arguments": chunk } });
            script = script.then(delta(&json!({ "tool_calls": [more] })));
        }
    }
    script.then(frame(&json!({ "choices": [{ "delta": {}, "finish_reason": "tool_calls" }] }))).done()
}

/// Tool calls as Gemini sends them: whole, without index, finished with `stop`, signed.
pub(super) fn gemini_calls(calls: &[(&str, Value)], signature: &str) -> Script {
    let mut script = delta(&json!({ "role": "assistant" }));
    for (index, (name, arguments)) in calls.iter().enumerate() {
        let function = json!({ "name": name, "arguments": arguments.to_string() });
        let mut call = json!({ "id": format!("g{index}"), "type": "function", "function": function });
        if index == 0 {
            call["extra_content"] = json!({ "google": { "thought_signature": signature } });
        }
        script = script.then(delta(&json!({ "tool_calls": [call] })));
    }
    script.then(frame(&json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }] }))).done()
}

/// A refusal.
pub(super) fn status(status: u16) -> Script {
    let body = json!({ "error": { "message": "canary-upstream", "code": null } }).to_string();
    Script { status, headers: String::new(), steps: vec![ScriptStep::Send(body)] }
}

/// A frame that does not end: so many bytes of it, and the connection stays open.
pub(super) fn endless(bytes: usize) -> Script {
    let start = ScriptStep::Send("data: ".into());
    let rest = (0..bytes / 65_536).map(|_| ScriptStep::Send("x".repeat(65_536)));
    Script { status: 200, headers: String::new(), steps: std::iter::once(start).chain(rest).collect() }.hang()
}

/// Nothing at all.
pub(super) fn silence() -> Script {
    Script { status: 200, headers: String::new(), steps: Vec::new() }
}

impl Script {
    pub(super) fn then(mut self, next: Script) -> Self {
        self.steps.extend(next.steps);
        self
    }

    /// The same refusal with another body.
    pub(super) fn body(mut self, body: &Value) -> Self {
        self.steps = vec![ScriptStep::Send(body.to_string())];
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
        done.steps.push(ScriptStep::Send("data: [DONE]\n\n".into()));
        done
    }

    pub(super) fn hold(mut self) -> Self {
        self.steps.push(ScriptStep::Hold);
        self
    }

    pub(super) fn hang(mut self) -> Self {
        self.steps.push(ScriptStep::Hang);
        self
    }

    pub(super) fn cut(mut self) -> Self {
        self.steps.push(ScriptStep::Cut);
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
    pub(super) async fn start(scripts: impl IntoIterator<Item = Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { scripts: Mutex::new(scripts.into_iter().collect()), ..Shared::default() });
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

    /// Answers each request for a summary with this.
    pub(super) fn summarise_as(&self, script: Script) {
        *self.shared.summary.lock().unwrap() = Some(script);
    }

    pub(super) fn summary_requests(&self) -> Vec<Value> {
        self.shared.summary_requests.lock().unwrap().clone()
    }

    /// Waits until a summary was requested.
    pub(super) async fn summary_requested(&self) {
        loop {
            let message = self.shared.message.notified();
            if !self.shared.summary_requests.lock().unwrap().is_empty() {
                return;
            }
            message.await;
        }
    }

    /// Lets a script that waits at [`Script::hold`] go on.
    pub(super) fn release(&self) {
        self.shared.released.notify_one();
    }

    /// The bodies of requests so far, without those for titles and summaries.
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
        if line.starts_with("GET ") {
            send(&mut writer, status(404), &shared.released).await;
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
    let is_summary = body["messages"][0]["content"] == crate::prompt::SUMMARY;
    let script = if is_summary {
        shared.summary_requests.lock().unwrap().push(body);
        shared.message.notify_waiters();
        let answer = shared.summary.lock().unwrap().clone();
        answer.unwrap_or_else(|| text(&["A summary."]).finish("stop").done())
    } else if body.get("tools").is_none() {
        text(&["A fine title"]).finish("stop").done()
    } else {
        shared.requests.lock().unwrap().push(body);
        let next = shared.scripts.lock().unwrap().pop_front();
        next.unwrap_or_else(|| text(&["All ", "done."]).finish("stop").done())
    };
    let hangs = matches!(script.steps.last(), Some(ScriptStep::Hang));
    if send(&mut writer, script, &shared.released).await && hangs {
        let _ = reader.read(&mut [0]).await;
        *shared.hung_up.lock().unwrap() += 1;
        shared.message.notify_waiters();
    }
}

/// Sends a script; false when the connection is to break.
async fn send(writer: &mut OwnedWriteHalf, script: Script, released: &Notify) -> bool {
    let kind = if script.status == 200 { "text/event-stream" } else { "application/json" };
    let head = format!(
        "HTTP/1.1 {} X\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n{}Connection: close\r\n\r\n",
        script.status, script.headers
    );
    if writer.write_all(head.as_bytes()).await.is_err() {
        return false;
    }
    for step in script.steps {
        match step {
            ScriptStep::Send(text) => {
                if writer.write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes()).await.is_err() {
                    return false;
                }
            }
            ScriptStep::Hold => released.notified().await,
            ScriptStep::Hang => return true,
            ScriptStep::Cut => return false,
        }
    }
    writer.write_all(b"0\r\n\r\n").await.is_ok()
}
