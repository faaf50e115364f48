//! A push service of browsers: what a server sends to it is verified, decrypted and recorded.
//!
//! It holds the keys of the browsers, too, and reads a push as a browser would: by the standards, and with another
//! implementation of the curve than that of the server. What breaks a standard is recorded as a fault.

mod browser;
mod wire;

pub use browser::TestBrowser;
pub use wire::{Answer, ReceivedPush};

use crate::eventually::{eventually, within};
use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};
use tandem_protocol::{ReminderId, push::PushPayload};
use tokio::{net::TcpListener, sync::oneshot};

/// A push service. It has a thread of its own, so that tests with different runtimes can share it.
#[derive(Debug)]
pub struct TestPushService {
    address: SocketAddr,
    shared: Arc<SharedPushes>,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    _stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
}

/// What was received, by the name of the browser.
#[derive(Debug, Default)]
struct SharedPushes {
    address: Mutex<String>,
    browsers: Mutex<HashMap<String, OfBrowser>>,
}

#[derive(Debug)]
struct OfBrowser {
    browser: Arc<TestBrowser>,
    answers: VecDeque<Answer>,
    /// Accepted ones, in the order of their arrival.
    pushes: Vec<ReceivedPush>,
    /// Requests that were answered otherwise, or not at all.
    refused: usize,
    faults: Vec<String>,
}

impl TestPushService {
    /// Starts a push service, which ends with the value.
    pub async fn start() -> Self {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut service = Self { address: anywhere, shared: Arc::default(), running: Mutex::default() };
        service.address = service.listen().await;
        *service.shared.address.lock().unwrap_or_else(PoisonError::into_inner) = format!("http://{}", service.address);
        service
    }

    async fn listen(&self) -> SocketAddr {
        let (stop, stopped) = oneshot::channel::<()>();
        let (bound, address) = oneshot::channel();
        let (app, wanted) = (wire::app(Arc::clone(&self.shared)), self.address);
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
            runtime.block_on(async {
                let listener = TcpListener::bind(wanted).await.expect("the port is free");
                let _ = bound.send(listener.local_addr().expect("a listener knows where it is"));
                tokio::select! {
                    served = axum::serve(listener, app) => served.expect("the push service serves"),
                    _ = stopped => {}
                }
            });
        });
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(Running { _stop: stop, thread });
        address.await.expect("the push service listens")
    }

    /// Ends the service with all of its connections, in the middle of whatever it does.
    pub fn kill(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Running { _stop: stop, thread }) = running {
            drop(stop);
            thread.join().expect("the push service ends");
        }
    }

    /// Starts it again after [`kill`](Self::kill), at the same address.
    pub async fn revive(&self) {
        self.listen().await;
    }

    /// A browser that has subscribed here.
    #[must_use]
    pub fn browser(&self, name: &str) -> Arc<TestBrowser> {
        let browser = Arc::new(TestBrowser::at(name, &format!("http://{}/push/{name}", self.address)));
        let of_browser = OfBrowser {
            browser: Arc::clone(&browser),
            answers: VecDeque::new(),
            pushes: Vec::new(),
            refused: 0,
            faults: Vec::new(),
        };
        assert!(self.shared.browsers().insert(name.to_owned(), of_browser).is_none(), "{name} is taken");
        browser
    }

    /// The next answers to pushes for a browser; afterwards each is accepted.
    pub fn answer(&self, browser: &TestBrowser, answers: impl IntoIterator<Item = Answer>) {
        self.shared.of(browser, |known| known.answers.extend(answers));
    }

    /// What a browser was sent, in order.
    ///
    /// # Panics
    /// When a push broke a standard.
    #[must_use]
    pub fn pushes(&self, browser: &TestBrowser) -> Vec<ReceivedPush> {
        self.shared.of(browser, |known| {
            assert!(known.faults.is_empty(), "{:?}", known.faults);
            known.pushes.clone()
        })
    }

    /// How many requests for a browser were not accepted.
    #[must_use]
    pub fn refused(&self, browser: &TestBrowser) -> usize {
        self.shared.of(browser, |known| known.refused)
    }

    /// Waits until a browser was sent so many pushes, and returns them.
    pub async fn wait(&self, browser: &TestBrowser, count: usize) -> Vec<ReceivedPush> {
        let what = format!("{count} pushes for {}", browser.name);
        eventually(what, async || Some(self.pushes(browser)).filter(|pushes| pushes.len() >= count)).await
    }

    /// The same within a time.
    pub async fn wait_within(&self, time: Duration, browser: &TestBrowser, count: usize) -> Vec<ReceivedPush> {
        let what = format!("{count} pushes for {}", browser.name);
        within(time, what, async || Some(self.pushes(browser)).filter(|pushes| pushes.len() >= count)).await
    }

    /// Waits until requests for a browser were not accepted so often.
    pub async fn wait_refused(&self, browser: &TestBrowser, count: usize) {
        let what = format!("{count} refused pushes for {}", browser.name);
        eventually(what, async || (self.refused(browser) >= count).then_some(())).await;
    }
}

impl Drop for TestPushService {
    fn drop(&mut self) {
        self.kill();
    }
}

impl SharedPushes {
    fn browsers(&self) -> MutexGuard<'_, HashMap<String, OfBrowser>> {
        self.browsers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of<T>(&self, browser: &TestBrowser, look: impl FnOnce(&mut OfBrowser) -> T) -> T {
        look(self.browsers().get_mut(&browser.name).expect("the browser has subscribed here"))
    }

    fn origin(&self) -> String {
        self.address.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The reminders of pushes, in order.
#[must_use]
pub fn reminders(pushes: &[ReceivedPush]) -> Vec<ReminderId> {
    let reminder = |payload: &PushPayload| payload.reminder.as_ref().map(|reminder| reminder.reminder_id);
    pushes.iter().filter_map(|push| reminder(&push.payload)).collect()
}
