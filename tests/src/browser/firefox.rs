//! Firefox, driven by WebDriver `BiDi` over a socket of its own, so that it needs no driver.
//!
//! For the main path alone: what one browser can do and another cannot is found there, everything else with Chromium.

use super::Named;
use crate::{
    eventually::eventually,
    process_guard::GuardedProcess,
    server::{TestServer, free_address},
};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::{
    fmt::Display,
    process::{Command, Stdio},
};
use tempfile::TempDir;
use tokio::{net::TcpStream, sync::Mutex};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

const MISSING: &str = "the main path is tested in Firefox, too: install it (Debian: `apt-get install firefox-esr`)";

/// Finds elements by role and name; see the file.
const FIND: &str = include_str!("find.js");

/// A headless Firefox with a profile of its own. It ends with the value.
#[derive(Debug)]
pub struct Firefox {
    session: Mutex<Session>,
    context: String,
    origin: String,
    _process: GuardedProcess,
}

#[derive(Debug)]
struct Session {
    socket: WebSocketStream<TcpStream>,
    /// The number of the last command.
    last: u64,
}

impl Firefox {
    /// A browser that has never been anywhere.
    pub async fn new(server: &TestServer) -> Self {
        let program = ["firefox-esr", "firefox"].into_iter().find(|name| starts(name)).expect(MISSING);
        let folder = TempDir::with_prefix("tandem-firefox-").expect("there is room for a profile").keep();
        let port = free_address().port();
        let mut command = Command::new(program);
        command.args(["--headless", "--no-remote", "--remote-debugging-port", &port.to_string()]);
        command.arg("--profile").arg(&folder).arg("about:blank").env("HOME", &folder);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let process = GuardedProcess::start(&mut command, &folder).expect(MISSING);
        let socket = eventually("Firefox to listen", async || {
            let stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
            client_async(format!("ws://127.0.0.1:{port}/session"), stream).await.ok()
        });
        let mut session = Session { socket: socket.await.0, last: 0 };
        session.send("session.new", json!({ "capabilities": {} })).await;
        let tree = session.send("browsingContext.getTree", json!({})).await;
        let context = tree["contexts"][0]["context"].as_str().expect("a browser has a page").to_owned();
        Self { session: Mutex::new(session), context, origin: server.url(""), _process: process }
    }

    async fn send(&self, method: &str, mut parameters: Value) -> Value {
        parameters["context"] = json!(self.context);
        self.session.lock().await.send(method, parameters).await
    }

    /// Goes to a page of the server.
    pub async fn go(&self, path: &str) {
        let url = format!("{}{path}", self.origin);
        self.send("browsingContext.navigate", json!({ "url": url, "wait": "complete" })).await;
    }

    /// Loads the page anew.
    pub async fn reload(&self) {
        self.send("browsingContext.reload", json!({ "wait": "complete" })).await;
    }

    /// The value of an expression.
    pub async fn value(&self, expression: &str) -> Value {
        let expression = format!("JSON.stringify({expression}) ?? 'null'");
        let parameters =
            json!({ "expression": expression, "awaitPromise": true, "target": { "context": self.context } });
        let answer = self.session.lock().await.send("script.evaluate", parameters).await;
        let text = answer["result"]["value"].as_str().unwrap_or_else(|| panic!("{expression}: {answer}"));
        serde_json::from_str(text).expect("JSON")
    }

    /// Does something with the elements of this name, and returns what comes of it.
    async fn with(&self, what: &Named, then: &str) -> Value {
        let path = Value::Array(what.path());
        self.value(&format!(
            "(function () {{ const found = (function () {{ {FIND} }})(arguments[0]); return {then}; }})({path})"
        ))
        .await
    }

    /// Waits until an element with this name has this text.
    pub async fn reads(&self, what: &Named, text: &str) {
        self.until(format_args!("{what} to say {text:?}"), what, "found.map((it) => it.innerText).join()", |said| {
            said.as_str().is_some_and(|said| said.contains(text))
        })
        .await;
    }

    /// Waits until nothing has this name.
    pub async fn gone(&self, what: &Named) {
        self.until(format_args!("{what} to go"), what, "found.length", |count| *count == 0).await;
    }

    /// Waits until this is there, and presses it.
    pub async fn click(&self, what: &Named) {
        self.until(format_args!("{what} to be pressed"), what, "found.length && (found[0].click(), 1)", |done| {
            *done == 1
        })
        .await;
    }

    /// Waits for the field and types into it, key by key.
    pub async fn write(&self, what: &Named, text: &str) {
        let focus = "found.length && (found[0].focus(), document.activeElement === found[0])";
        self.until(format_args!("the focus on {what}"), what, focus, |done| *done == true).await;
        let keys = text.chars().flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key })));
        let actions = json!([{ "type": "key", "id": "keys", "actions": keys.collect::<Vec<_>>() }]);
        self.send("input.performActions", json!({ "actions": actions })).await;
    }

    async fn until(&self, wanted: impl Display, what: &Named, then: &str, is_done: impl Fn(&Value) -> bool) {
        eventually(wanted, async || is_done(&self.with(what, then).await).then_some(())).await;
    }
}

fn starts(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

impl Session {
    async fn send(&mut self, method: &str, parameters: Value) -> Value {
        self.last += 1;
        let command = json!({ "id": self.last, "method": method, "params": parameters });
        self.socket.send(Message::text(command.to_string())).await.expect("Firefox takes commands");
        while let Some(Ok(message)) = self.socket.next().await {
            let answer: Value = serde_json::from_str(message.to_text().unwrap_or_default()).unwrap_or_default();
            if answer["id"] == self.last {
                assert_eq!(answer["type"], "success", "{method}: {answer}");
                return answer["result"].clone();
            }
        }
        panic!("Firefox ended during {method}");
    }
}
