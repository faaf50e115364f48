//! The language model, played from a script: an OpenAI-compatible server over real HTTP.
//!
//! It is the only thing that tests fake, because it is the only thing outside of the building. A test says what is
//! answered to messages that contain a word of its own ([`FakeProvider::answer`]), so that many tests share one.

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

/// A scripted provider. It runs on a thread of its own, so that tests with runtimes of their own can share it.
#[derive(Debug)]
pub struct FakeProvider {
    address: SocketAddr,
    desk: Arc<Desk>,
    _running: oneshot::Sender<()>,
}

/// What the tests and the server's requests meet at.
#[derive(Debug, Default)]
struct Desk {
    scripts: Mutex<HashMap<String, Script>>,
}

#[derive(Debug, Default)]
struct Script {
    replies: Vec<Reply>,
    /// Whether the reply is chosen by what the request holds, and not by how many came before.
    by_progress: bool,
    requests: Vec<Request>,
    gate: Arc<Notify>,
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Request {
    pub body: Value,
    /// Whether the server hung up before it had the whole answer.
    pub hung_up: bool,
    /// Whether the whole answer was sent.
    pub finished: bool,
}

impl FakeProvider {
    /// Starts one. It ends with the value.
    pub async fn start() -> Self {
        let desk = Arc::new(Desk::default());
        let (running, stop) = oneshot::channel::<()>();
        let (told, address) = oneshot::channel();
        let app = wire::app(Arc::clone(&desk));
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("there are free ports");
                let _ = told.send(listener.local_addr().expect("a listener knows where it is"));
                tokio::select! {
                    served = axum::serve(listener, app) => served.expect("the provider serves"),
                    _ = stop => {}
                }
            });
        });
        Self { address: address.await.expect("the provider listens"), desk, _running: running }
    }

    /// The value of `OPENAI_BASE_URL` for a server.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Says what is answered when the last message of the person contains `word`: the first request gets the first
    /// reply, and so on; the last one is repeated.
    pub fn answer(&self, word: &str, replies: impl IntoIterator<Item = Reply>) {
        let replies: Vec<Reply> = replies.into_iter().collect();
        assert!(!replies.is_empty(), "a script has at least one reply");
        self.desk.scripts().entry(word.to_owned()).or_default().replies = replies;
    }

    /// The same, as a model does it that remembers nothing: a request gets the first reply while it shows no answers of
    /// the model to what the person said last, the second when it shows one, and so on.
    pub fn answer_by_progress(&self, word: &str, replies: impl IntoIterator<Item = Reply>) {
        self.answer(word, replies);
        self.desk.scripts().entry(word.to_owned()).or_default().by_progress = true;
    }

    /// The requests that a word got so far, without those for titles.
    #[must_use]
    pub fn requests(&self, word: &str) -> Vec<Request> {
        self.desk.scripts().get(word).map(|script| script.requests.clone()).unwrap_or_default()
    }

    /// Lets a reply that waits at [`Reply::hold`] go on.
    pub fn release(&self, word: &str) {
        self.desk.scripts().get(word).expect("a script of this word").gate.notify_one();
    }

    /// Waits until the server has hung up on a request of this word.
    pub async fn hung_up_on(&self, word: &str) {
        let what = format!("the server to hang up on {word}");
        eventually(what, async || self.requests(word).iter().any(|request| request.hung_up).then_some(())).await;
    }
}

impl Desk {
    fn scripts(&self) -> MutexGuard<'_, HashMap<String, Script>> {
        self.scripts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The word whose script this request gets, the reply, and where it waits.
    fn take(&self, body: Value, said: &str) -> Option<(String, usize, Reply, Arc<Notify>)> {
        let mut scripts = self.scripts();
        let (word, script) = scripts.iter_mut().find(|(word, _)| said.contains(word.as_str()))?;
        let turn = script.requests.len();
        let place = if script.by_progress { wire::answers_since_person(&body) } else { turn };
        let reply = script.replies.get(place).or(script.replies.last())?.clone();
        script.requests.push(Request { body, hung_up: false, finished: false });
        Some((word.clone(), turn, reply, Arc::clone(&script.gate)))
    }

    fn note(&self, word: &str, turn: usize, note: impl FnOnce(&mut Request)) {
        if let Some(request) = self.scripts().get_mut(word).and_then(|script| script.requests.get_mut(turn)) {
            note(request);
        }
    }
}
