//! Opens the socket, notices when it is gone, and opens it again.

use super::Engine;
use crate::live::socket::{Socket, SocketEvent};
use crate::{
    api::ApiError,
    platform::{clock, random, window},
};
use gloo_events::EventListener;
use gloo_timers::callback::{Interval, Timeout};
use std::cell::{Cell, RefCell};
use tandem_protocol::{
    Timestamp, limits,
    live::{ClientFrame, CloseCode, ServerFrame, close::is_retryable},
};
use wasm_bindgen_futures::spawn_local;

/// How often silence is looked for.
const WATCH_MS: u32 = 5_000;

/// What is known of the present try to be connected.
#[derive(Default)]
pub(super) struct ConnectionControl {
    /// Raised with every try and every end, so that what belongs to an older one does nothing.
    generation: Cell<u32>,
    /// Whether the server took the handshake of this try.
    opened: Cell<bool>,
    /// The last try was refused before it was open: maybe for its token, and script cannot tell.
    token_suspect: Cell<bool>,
    last_received_at: Cell<Option<Timestamp>>,
    /// There has been a connection before: a server that comes back may be a newer one.
    was_live: Cell<bool>,
    /// The session is over: nothing is tried.
    paused: Cell<bool>,
    retry: RefCell<Option<Timeout>>,
    watch: RefCell<Option<Interval>>,
    listeners: RefCell<Vec<EventListener>>,
}

impl ConnectionControl {
    fn next_generation(&self) -> u32 {
        self.generation.set(self.generation.get() + 1);
        self.generation.get()
    }
}

impl Engine {
    pub(super) fn start_connection(&self) {
        let link = &self.inner.connection;
        let engine = self.clone();
        *link.watch.borrow_mut() = Some(Interval::new(WATCH_MS, move || engine.check_silence()));
        let (online, shown, leaving) = (self.clone(), self.clone(), self.clone());
        let page = window::window();
        *link.listeners.borrow_mut() = vec![
            EventListener::new(&page, "online", move |_| online.retry_if_closed()),
            EventListener::new(&window::document(), "visibilitychange", move |_| shown.visibility_changed()),
            EventListener::new(&page, "pagehide", move |_| leaving.persist_drafts(true)),
        ];
        self.connect();
    }

    pub(super) fn stop_connection(&self) {
        let link = &self.inner.connection;
        link.next_generation();
        link.retry.borrow_mut().take();
        link.watch.borrow_mut().take();
        link.listeners.borrow_mut().clear();
        self.inner.socket.borrow_mut().take();
    }

    /// Tries at once instead of when the pause is over, and gives up a try that hangs; the button `Retry now`.
    pub(crate) fn retry_now(&self) {
        let live = self.inner.model.borrow().connection().is_live();
        if !live && !self.inner.connection.paused.get() {
            self.connect();
        }
    }

    /// Something suggests that a try would work now: a pause is cut short, an open socket stays.
    fn retry_if_closed(&self) {
        if self.inner.socket.borrow().is_none() {
            self.retry_now();
        }
    }

    /// Someone signed in again.
    pub(crate) fn resume(&self) {
        self.inner.connection.paused.set(false);
        self.connect();
    }

    /// Begins a new try; whatever an older one still does is void.
    fn connect(&self) {
        let generation = self.inner.connection.next_generation();
        self.inner.connection.retry.borrow_mut().take();
        self.inner.socket.borrow_mut().take();
        self.inner.connection.opened.set(false);
        let engine = self.clone();
        spawn_local(async move {
            let ready = engine.prepare().await;
            if generation != engine.inner.connection.generation.get() {
                return;
            }
            match ready {
                Ok(token) => engine.open_socket(&token, generation),
                Err(ApiError::SessionEnded) => engine.on_session_ended(),
                Err(_) => engine.try_later(None),
            }
        });
    }

    /// What a socket needs first: a token, and a key to go on from.
    async fn prepare(&self) -> Result<std::rc::Rc<str>, ApiError> {
        if self.inner.connection.token_suspect.replace(false) {
            // Any request will do: its refusal, unlike the socket's, can be read.
            self.inner.api.me().await?;
        }
        let has_resume_point = self.inner.model.borrow().replica().resume_point().is_some();
        if !has_resume_point {
            self.load_snapshot().await?;
        }
        self.inner.api.token().await
    }

    fn open_socket(&self, token: &str, generation: u32) {
        let engine = self.clone();
        let on_event = move |event| {
            if generation == engine.inner.connection.generation.get() {
                engine.socket_event(event);
            }
        };
        match Socket::open(token, on_event) {
            Ok(socket) => {
                self.inner.connection.last_received_at.set(Some(clock::now()));
                *self.inner.socket.borrow_mut() = Some(socket);
            }
            Err(_) => self.try_later(None),
        }
    }

    fn socket_event(&self, event: SocketEvent) {
        match event {
            SocketEvent::Open => {
                self.inner.connection.opened.set(true);
                self.inner.connection.last_received_at.set(Some(clock::now()));
                self.send_hello();
            }
            SocketEvent::Text(text) => {
                self.inner.connection.last_received_at.set(Some(clock::now()));
                self.on_text(&text);
                self.schedule();
            }
            SocketEvent::Closed(code) => {
                // The listeners hold this very callback: the socket goes once it has returned.
                let engine = self.clone();
                let generation = self.inner.connection.generation.get();
                spawn_local(async move {
                    if generation == engine.inner.connection.generation.get() {
                        engine.closed(code);
                    }
                });
            }
        }
    }

    fn on_text(&self, text: &str) {
        // A frame that cannot be read is a server of another version: what it said is in the log, and a gap shows it.
        let Ok(frames) = ServerFrame::parse(text) else { return };
        for frame in &frames {
            if matches!(frame, ServerFrame::Live(_)) {
                self.inner.backoff.borrow_mut().succeeded();
                if self.inner.connection.was_live.replace(true) {
                    self.check_for_update();
                }
            }
            let effects = self.inner.model.borrow_mut().frame(frame, clock::now());
            self.run(effects);
        }
    }

    pub(super) fn send_hello(&self) {
        let hello = self.inner.model.borrow().hello();
        self.send(&hello);
    }

    fn closed(&self, code: u16) {
        self.inner.socket.borrow_mut().take();
        let pause = self.inner.model.borrow_mut().connection_lost(clock::now());
        self.inner.connection.token_suspect.set(!self.inner.connection.opened.get());
        match CloseCode::from_code(code) {
            Some(CloseCode::TokenExpired | CloseCode::SessionRevoked | CloseCode::BadToken) => self.with_new_token(),
            Some(CloseCode::AccountDeleted) => {
                self.inner.connection.next_generation();
                self.inner.gone.emit(());
            }
            Some(CloseCode::VersionUnsupported) => self.check_for_update(),
            // A refused frame would be refused again: wait for the person, or for a network that comes back.
            _ if !is_retryable(code) => {}
            _ => self.try_later(pause),
        }
        self.flush();
    }

    /// The token was not taken: another one, or the session is over.
    fn with_new_token(&self) {
        let engine = self.clone();
        let generation = self.inner.connection.next_generation();
        spawn_local(async move {
            let renewed = engine.inner.api.refresh().await;
            if generation != engine.inner.connection.generation.get() {
                return;
            }
            match renewed {
                Ok(_) => engine.connect(),
                Err(ApiError::SessionEnded) => engine.on_session_ended(),
                Err(_) => engine.try_later(None),
            }
        });
    }

    /// Renews the token of the open socket.
    pub(super) fn renew_token(&self) {
        let engine = self.clone();
        spawn_local(async move {
            match engine.inner.api.refresh().await {
                Ok(_) => {
                    if let Ok(token) = engine.inner.api.token().await {
                        engine.send(&ClientFrame::Auth { token: token.to_string() });
                    }
                }
                Err(ApiError::SessionEnded) => engine.on_session_ended(),
                // The socket is closed with 4401 when the token ends, and the way back from there is tried again.
                Err(_) => {}
            }
        });
    }

    /// Nothing is tried until someone signs in again.
    pub(crate) fn on_session_ended(&self) {
        if self.inner.connection.paused.replace(true) {
            return;
        }
        self.inner.connection.next_generation();
        self.inner.connection.retry.borrow_mut().take();
        self.inner.socket.borrow_mut().take();
        self.inner.model.borrow_mut().connection_lost(clock::now());
        self.inner.ended.emit(());
        self.flush();
    }

    fn try_later(&self, server_pause_ms: Option<u64>) {
        let pause = self.inner.backoff.borrow_mut().next_pause(random::unit());
        let jittered = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        // The server says when at the earliest; jitter comes on top, because it says the same to everyone.
        let millis = server_pause_ms.map_or(jittered, |asked| asked.saturating_add(jittered));
        let engine = self.clone();
        let timer = Timeout::new(u32::try_from(millis).unwrap_or(60_000), move || engine.connect());
        *self.inner.connection.retry.borrow_mut() = Some(timer);
    }

    /// Gives the connection up and comes back with a pause: what is wrong with it may be wrong with the next one, too.
    pub(super) fn reconnect_later(&self) {
        self.inner.connection.next_generation();
        self.inner.model.borrow_mut().connection_lost(clock::now());
        let engine = self.clone();
        // Not from inside of the socket's own callback.
        Timeout::new(0, move || {
            engine.inner.socket.borrow_mut().take();
        })
        .forget();
        self.try_later(None);
    }

    fn reconnect_now(&self) {
        self.inner.model.borrow_mut().connection_lost(clock::now());
        let engine = self.clone();
        // Not from inside of the socket's own callback.
        Timeout::new(0, move || engine.connect()).forget();
    }

    /// A connection that the network has forgotten stays open for ever; silence longer than a ping and its grace ends it.
    fn check_silence(&self) {
        let Some(last_received_at) = self.inner.connection.last_received_at.get() else { return };
        let limit = limits::PING_INTERVAL + limits::PONG_TIMEOUT;
        let open = self.inner.socket.borrow().is_some();
        if open
            && u128::try_from(clock::now().millis_since(last_received_at))
                .is_ok_and(|silent| silent > limit.as_millis())
        {
            self.reconnect_now();
            self.schedule();
        }
    }

    fn visibility_changed(&self) {
        if window::is_hidden() {
            self.persist_drafts(true);
        } else {
            self.retry_if_closed();
            self.schedule();
        }
    }
}
