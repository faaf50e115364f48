//! The lifecycle of the socket: opens it, notices when it is gone, opens it again.
//!
//! An attempt is asynchronous (snapshot, token, handshake), and may be overtaken: the person presses `Retry now`, the
//! network returns, the session ends. So every attempt has a generation, and whatever belongs to an older generation
//! has no effect.
//!
//! **Invariant:** at most one socket and one retry timer exist, and none while the session is over.

use super::Engine;
use crate::live::socket::{Socket, SocketEvent};
use crate::platform::events::{after, every, later, on};
use crate::{
    api::ApiError,
    platform::{clock, push::PushStep, random, window},
};
use gloo_events::EventListener;
use gloo_timers::callback::{Interval, Timeout};
use std::cell::{Cell, RefCell};
use tandem_protocol::{
    Timestamp, limits,
    live::{ClientFrame, CloseCode, ServerFrame, close::is_retryable},
};
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

/// The interval of [`Engine::check_silence`].
const WATCH_MS: u32 = 1_000;
/// After this silence a command is suspected to be lost, in milliseconds. The server answers far sooner when it can.
const SUSPECT_AFTER_MS: i64 = 2_000;
/// How long the server may take to answer the probe of a suspect connection, in milliseconds.
const PROBE_MS: u32 = 2_000;
/// A handshake that takes longer is given up, in milliseconds. Through a network that drops packets it would hang for
/// minutes, and would not notice that the network is back.
const HANDSHAKE_MS: u32 = 5_000;

/// The state of the current attempt.
#[derive(Default)]
pub(super) struct ConnectionControl {
    /// Incremented at the start and the end of each attempt.
    pub(super) generation: Cell<u32>,
    /// Whether the handshake of this attempt succeeded.
    opened: Cell<bool>,
    /// Whether the last handshake failed. Scripts cannot read the status of a refused handshake, so the token may be
    /// the reason.
    token_suspect: Cell<bool>,
    last_received_at: Cell<Option<Timestamp>>,
    /// When the first command was sent since anything was received.
    unanswered_since: Cell<Option<Timestamp>>,
    /// Ends the handshake of the current attempt when it takes too long.
    handshake: RefCell<Option<Timeout>>,
    /// Whether there was a connection before. A server that returns may serve a newer client.
    was_live: Cell<bool>,
    /// Whether the session is over: no attempts until the person has signed in again.
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
        *link.watch.borrow_mut() = Some(every(WATCH_MS, move || engine.check_silence()));
        let (online, offline, shown, leaving) = (self.clone(), self.clone(), self.clone(), self.clone());
        let other_tab = self.clone();
        let page = window::window();
        *link.listeners.borrow_mut() = vec![
            on(&page, "online", move |_| online.retry_if_closed()),
            on(&page, "offline", move |_| offline.network_lost()),
            on(&window::document(), "visibilitychange", move |_| shown.visibility_changed()),
            // Mobile browsers may discard a page without `beforeunload`.
            on(&page, "pagehide", move |_| leaving.page_left()),
            self.inner.persistence.on_draft(move |key, text| other_tab.draft_of_other_tab(key, text)),
        ];
        let (engine, generation) = (self.clone(), link.next_generation());
        spawn_local(async move {
            engine.restore(generation).await;
            if generation == engine.inner.connection.generation.get() {
                engine.connect();
            }
        });
    }

    pub(super) fn stop_connection(&self) {
        let link = &self.inner.connection;
        link.next_generation();
        link.retry.borrow_mut().take();
        link.handshake.borrow_mut().take();
        link.watch.borrow_mut().take();
        link.listeners.borrow_mut().clear();
        self.inner.socket.borrow_mut().take();
    }

    /// Connects without waiting for the pause, and replaces an attempt that hangs. The button `Retry now`.
    pub(crate) fn retry_now(&self) {
        let live = self.inner.model.borrow().connection().is_live();
        if !live && !self.inner.connection.paused.get() {
            self.connect();
        }
    }

    /// Connects if there is no socket, when something suggests that this may work now.
    fn retry_if_closed(&self) {
        if self.inner.socket.borrow().is_none() {
            self.retry_now();
        }
    }

    /// The browser has no network any more. A server on the same machine may still be reached, so attempts go on.
    fn network_lost(&self) {
        if self.inner.socket.borrow().is_some() {
            self.reconnect_later();
            self.flush();
        }
    }

    /// Continues after the person has signed in again.
    pub(crate) fn resume(&self) {
        self.inner.connection.paused.set(false);
        self.connect();
    }

    /// Starts an attempt; an older one has no effect from here on.
    fn connect(&self) {
        let generation = self.inner.connection.next_generation();
        self.inner.connection.retry.borrow_mut().take();
        self.inner.socket.borrow_mut().take();
        self.inner.connection.opened.set(false);
        let engine = self.clone();
        spawn_local(async move {
            // Preparing takes several requests; a newer attempt may have started meanwhile.
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

    /// Prepares a connection: a token, and a point in the event log to resume from.
    async fn prepare(&self) -> Result<std::rc::Rc<str>, ApiError> {
        if self.inner.connection.token_suspect.replace(false) {
            // Any request will do, because its status can be read, unlike that of the handshake. It also renews the
            // token.
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
                self.received();
                *self.inner.socket.borrow_mut() = Some(socket);
                let engine = self.clone();
                let limit = after(HANDSHAKE_MS, move || engine.handshake_hangs(generation));
                *self.inner.connection.handshake.borrow_mut() = Some(limit);
            }
            Err(_) => self.try_later(None),
        }
    }

    /// Tries again at once: the server has not seen this attempt, so there is no reason to spare it.
    fn handshake_hangs(&self, generation: u32) {
        let link = &self.inner.connection;
        if generation == link.generation.get() && !link.opened.get() {
            self.connect();
        }
    }

    /// Notes that the connection works.
    fn received(&self) {
        self.inner.connection.last_received_at.set(Some(clock::now()));
        self.inner.connection.unanswered_since.set(None);
    }

    /// Notes that a command was sent, to which the server must answer.
    pub(super) fn expect_answer(&self) {
        let since = &self.inner.connection.unanswered_since;
        since.set(since.get().or(Some(clock::now())));
    }

    fn socket_event(&self, event: SocketEvent) {
        match event {
            SocketEvent::Open => {
                self.inner.connection.opened.set(true);
                self.inner.connection.handshake.borrow_mut().take();
                self.received();
                self.send_hello();
            }
            SocketEvent::Text(text) => {
                self.received();
                self.on_text(&text);
                self.schedule();
            }
            SocketEvent::Closed(code) => {
                // This callback is owned by the listeners of the socket. Dropping the socket here would drop the
                // closure that is running.
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
        // An unreadable frame comes from a server of another version. Its event is in the log, so the next event
        // reveals a gap.
        let Ok(frames) = ServerFrame::parse(text) else { return };
        let before = self.inner.model.borrow().replica().seq();
        for frame in &frames {
            if matches!(frame, ServerFrame::Live(_)) {
                self.inner.backoff.borrow_mut().succeeded();
                self.load_providers();
                self.load_parts();
                self.keep_pages();
                if self.inner.connection.was_live.replace(true) {
                    self.check_for_update();
                } else {
                    self.push(PushStep::Renew, Callback::noop());
                }
            }
            let effects = self.inner.model.borrow_mut().frame(frame, clock::now());
            self.run(effects);
        }
        let after = self.inner.model.borrow().replica().seq();
        if after > before {
            self.keep_event(after, text);
        }
    }

    pub(super) fn send_hello(&self) {
        let hello = self.inner.model.borrow().hello();
        self.send(&hello);
    }

    fn closed(&self, code: u16) {
        self.inner.socket.borrow_mut().take();
        let pause = self.inner.model.borrow_mut().connection_lost(clock::now());
        // A socket that never opened was refused, possibly for its token.
        self.inner.connection.token_suspect.set(!self.inner.connection.opened.get());
        // The code decides what can help: a new token, another page, or time.
        match CloseCode::from_code(code) {
            Some(CloseCode::TokenExpired | CloseCode::SessionRevoked | CloseCode::BadToken) => self.with_new_token(),
            Some(CloseCode::AccountDeleted) => {
                self.inner.connection.next_generation();
                self.inner.persistence.clear();
                self.inner.gone.emit(());
            }
            // A page of the new version must be loaded; retrying with this one is useless.
            Some(CloseCode::VersionUnsupported) => self.check_for_update(),
            // The server would refuse the same frame again. Wait for the person, or for a change of the network.
            _ if !is_retryable(code) => {}
            _ => self.try_later(pause),
        }
        self.flush();
    }

    /// Reconnects with a new token after the server has refused the current one.
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

    /// Renews the token of the open socket, in time before it ends.
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
                // When the token ends, the server closes the socket with 4401, and `closed` tries again.
                Err(_) => {}
            }
        });
    }

    /// Stops all attempts until the person has signed in again.
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
        let pause = self.inner.backoff.borrow_mut().next_pause(random::share());
        // With a server that refuses every handshake, the pauses still grow: only a `live` frame resets them.
        let jittered = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        // The pause of the server is a minimum and the same for all devices, so the jitter is added to it.
        let millis = server_pause_ms.map_or(jittered, |minimum| minimum.saturating_add(jittered));
        let engine = self.clone();
        let timer = after(u32::try_from(millis).unwrap_or(60_000), move || engine.connect());
        *self.inner.connection.retry.borrow_mut() = Some(timer);
    }

    /// Closes the connection, and reconnects after a pause, because the next connection may have the same problem.
    pub(super) fn reconnect_later(&self) {
        self.inner.connection.next_generation();
        self.inner.model.borrow_mut().connection_lost(clock::now());
        let engine = self.clone();
        // Not now: this may run inside of a callback of the socket.
        later(move || drop(engine.inner.socket.borrow_mut().take()));
        self.try_later(None);
    }

    fn reconnect_now(&self) {
        self.inner.model.borrow_mut().connection_lost(clock::now());
        let engine = self.clone();
        // Not now: this may run inside of a callback of the socket.
        later(move || engine.connect());
    }

    /// Reconnects when nothing was received for longer than a ping interval and its timeout. A connection that was lost
    /// without a close, as after a change of the network, would otherwise stay open.
    fn check_silence(&self) {
        self.probe_if_suspect();
        let Some(last_received_at) = self.inner.connection.last_received_at.get() else { return };
        // The server pings an idle connection, so a longer silence means that it is lost.
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

    /// Reconnects when a command has no answer and the server cannot be reached. A server that is only slow is left alone:
    /// if all devices reconnected then, it would be slower still.
    fn probe_if_suspect(&self) {
        let link = &self.inner.connection;
        let Some(since) = link.unanswered_since.get() else { return };
        if self.inner.socket.borrow().is_none() || clock::now().millis_since(since) < SUSPECT_AFTER_MS {
            return;
        }
        // One probe per silence: the next command without an answer causes the next one.
        link.unanswered_since.set(None);
        let (engine, generation) = (self.clone(), link.generation.get());
        spawn_local(async move {
            let reachable = engine.inner.api.is_reachable(PROBE_MS).await;
            let received = engine.inner.connection.last_received_at.get();
            let is_silent = received.is_none_or(|received| received <= since);
            if !reachable && is_silent && generation == engine.inner.connection.generation.get() {
                engine.reconnect_now();
                engine.schedule();
            }
        });
    }

    /// Ends the connection. A browser may keep the page for the way back, and the socket open: the server would take the
    /// device for one that shows its reminders. A page that comes back is shown, and connects then.
    fn page_left(&self) {
        self.persist_drafts(true);
        let link = &self.inner.connection;
        link.next_generation();
        link.retry.borrow_mut().take();
        if self.inner.socket.borrow_mut().take().is_some() {
            self.inner.model.borrow_mut().connection_lost(clock::now());
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
