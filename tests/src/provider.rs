//! A language model with scripted replies: an OpenAI-compatible server over real HTTP.
//!
//! It is the only fake of the tests, because the model is the only component outside of this repository. A test sets the
//! replies to messages that contain a word of its own ([`ScriptedProvider::answer`]), so that many tests share one provider.

mod reply;
mod wire;

pub use reply::{Reply, words};

use crate::eventually::eventually;
use serde_json::Value;
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};
use tokio::{net::TcpListener, sync::Notify, sync::oneshot};

/// A scripted provider. It has a thread of its own, so that tests with different runtimes can share it.
#[derive(Debug)]
pub struct ScriptedProvider {
    address: SocketAddr,
    shared: Arc<SharedScripts>,
    _running: oneshot::Sender<()>,
}

/// The scripts, shared by tests and requests.
#[derive(Debug, Default)]
struct SharedScripts {
    scripts: Mutex<HashMap<String, Script>>,
}

#[derive(Debug, Default)]
struct Script {
    replies: Vec<Reply>,
    /// Whether the content of a request selects the reply, and not the number of earlier requests.
    by_progress: bool,
    requests: Vec<Request>,
    gate: Arc<Notify>,
}

/// A request that the provider received.
#[derive(Clone, Debug)]
pub struct Request {
    pub body: Value,
    /// Whether the server closed the connection before the end of the answer.
    pub hung_up: bool,
    /// Whether the whole answer was sent.
    pub finished: bool,
}

impl ScriptedProvider {
    /// Starts a provider, which ends with the value.
    pub async fn start() -> Self {
        let shared = Arc::new(SharedScripts::default());
        let (running, stop) = oneshot::channel::<()>();
        let (bound, address) = oneshot::channel();
        let app = wire::app(Arc::clone(&shared));
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("there are free ports");
                let _ = bound.send(listener.local_addr().expect("a listener knows where it is"));
                tokio::select! {
                    served = axum::serve(listener, app) => served.expect("the provider serves"),
                    _ = stop => {}
                }
            });
        });
        Self { address: address.await.expect("the provider listens"), shared, _running: running }
    }

    /// The value of `OPENAI_BASE_URL` for a server.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Sets the replies to messages that contain `word`: the first request gets the first reply, and so on; the last one is
    /// repeated.
    pub fn answer(&self, word: &str, replies: impl IntoIterator<Item = Reply>) {
        let replies: Vec<Reply> = replies.into_iter().collect();
        assert!(!replies.is_empty(), "a script has at least one reply");
        self.shared.scripts().entry(word.to_owned()).or_default().replies = replies;
    }

    /// The same without memory: a request gets the first reply when it contains no answer of the model after the last message of
    /// the user, the second when it contains one, and so on.
    pub fn answer_by_progress(&self, word: &str, replies: impl IntoIterator<Item = Reply>) {
        self.answer(word, replies);
        self.shared.scripts().entry(word.to_owned()).or_default().by_progress = true;
    }

    /// The requests for a word so far, without those for titles.
    #[must_use]
    pub fn requests(&self, word: &str) -> Vec<Request> {
        self.shared.scripts().get(word).map(|script| script.requests.clone()).unwrap_or_default()
    }

    /// Continues a reply that waits at [`Reply::hold`].
    pub fn release(&self, word: &str) {
        self.shared.scripts().get(word).expect("a script of this word").gate.notify_one();
    }

    /// Waits until the server has closed a request for this word.
    pub async fn wait_for_hang_up(&self, word: &str) {
        let what = format!("the server to hang up on {word}");
        eventually(what, async || self.requests(word).iter().any(|request| request.hung_up).then_some(())).await;
    }
}

impl SharedScripts {
    fn scripts(&self) -> MutexGuard<'_, HashMap<String, Script>> {
        self.scripts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The script for a request: its word, the number of the request, the reply, and the gate at which it waits.
    fn take(&self, body: Value, text: &str) -> Option<(String, usize, Reply, Arc<Notify>)> {
        let mut scripts = self.scripts();
        let (word, script) = scripts.iter_mut().find(|(word, _)| text.contains(word.as_str()))?;
        let number = script.requests.len();
        let index = if script.by_progress { wire::answers_since_user_message(&body) } else { number };
        let reply = script.replies.get(index).or(script.replies.last())?.clone();
        script.requests.push(Request { body, hung_up: false, finished: false });
        Some((word.clone(), number, reply, Arc::clone(&script.gate)))
    }

    fn note(&self, word: &str, number: usize, note: impl FnOnce(&mut Request)) {
        if let Some(request) = self.scripts().get_mut(word).and_then(|script| script.requests.get_mut(number)) {
            note(request);
        }
    }
}
