//! Owns the model and does what it asks for. Everything that happens goes through here, on one thread, in order.

use super::{
    backoff::Backoff,
    keeping::LocalPersistence,
    link::Link,
    published::{ConnectionView, Patch, Posted, Published},
    socket::Socket,
};
use crate::{
    api::Client,
    platform::{clock, device, random, version, window},
    state::{
        drafts::Drafts,
        model::{Dirty, Effect, Model},
        notice::{Notice, NoticeKind},
        snapshot::Snapshot,
    },
};
use gloo_render::{AnimationFrame, request_animation_frame};
use gloo_timers::callback::Timeout;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};
use tandem_protocol::{
    Timestamp,
    live::{ClientFrame, Command},
    model::User,
};
use wasm_bindgen_futures::spawn_local;
use yew::{Callback, UseReducerDispatcher};

/// How long a notice stays: long enough to reach `Undo`.
const NOTICE_MS: u32 = 8_000;
/// Failures stay longer, they are read rather than acted on.
const FAILURE_MS: u32 = 15_000;

/// A handle of the page's one engine.
#[derive(Clone)]
pub struct Engine {
    pub(super) inner: Rc<Inner>,
}

impl PartialEq for Engine {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.inner, &other.inner)
    }
}

pub(super) struct Inner {
    pub(super) api: Client,
    pub(super) model: RefCell<Model>,
    pub(super) drafts: RefCell<Drafts>,
    pub(super) keeper: LocalPersistence,
    pub(super) socket: RefCell<Option<Socket>>,
    pub(super) backoff: RefCell<Backoff>,
    pub(super) link: Link,
    /// The session is over; nothing is tried until someone signs in again.
    pub(super) ended: Callback<()>,
    /// The account is gone.
    pub(super) gone: Callback<()>,
    outlet: RefCell<Option<UseReducerDispatcher<Published>>>,
    /// The next frame in which changes are shown.
    frame: RefCell<Option<AnimationFrame>>,
    /// Wakes when something changes because time passes.
    wake: RefCell<Option<Timeout>>,
    notices: RefCell<Vec<Posted>>,
    notice_count: Cell<u32>,
    sessions_version: Cell<u32>,
    outdated: Cell<bool>,
}

impl Engine {
    /// The engine of someone who has just signed in. It does nothing before [`Engine::start`].
    #[must_use]
    pub fn new(api: Client, user: User, ended: Callback<()>, gone: Callback<()>) -> Self {
        let keeper = LocalPersistence::of(&user.id);
        let mut model = Model::new(user, device::id(), device::name(), clock::now());
        let kept = keeper.commands();
        model.restore_outbox(kept.iter().map(String::as_str));
        let inner = Inner {
            api,
            model: RefCell::new(model),
            drafts: RefCell::new(keeper.drafts()),
            keeper,
            socket: RefCell::default(),
            backoff: RefCell::default(),
            link: Link::default(),
            ended,
            gone,
            outlet: RefCell::default(),
            frame: RefCell::default(),
            wake: RefCell::default(),
            notices: RefCell::default(),
            notice_count: Cell::new(0),
            sessions_version: Cell::new(0),
            outdated: Cell::new(false),
        };
        Self { inner: Rc::new(inner) }
    }

    /// Begins to show and to connect.
    pub fn start(&self, outlet: UseReducerDispatcher<Published>) {
        *self.inner.outlet.borrow_mut() = Some(outlet);
        self.start_link();
        self.flush();
    }

    /// Ends: keeps what is unkept, closes the socket, stops every timer.
    pub fn stop(&self) {
        self.keep_drafts(true);
        self.stop_link();
        *self.inner.outlet.borrow_mut() = None;
        *self.inner.frame.borrow_mut() = None;
        *self.inner.wake.borrow_mut() = None;
    }

    /// Speaks REST for what is not the engine's business.
    #[must_use]
    pub fn api(&self) -> &Client {
        &self.inner.api
    }

    /// What components get before anything has changed.
    #[must_use]
    pub fn initial(&self) -> Published {
        let model = self.inner.model.borrow();
        Published {
            user: model.replica().user().cloned().unwrap_or_else(|| Arc::new(nobody())),
            connection: Rc::new(self.connection_view(&model)),
            threads: Snapshot::new(model.thread_list_view()),
            thread: Snapshot::new(model.thread_view()),
            stream: Snapshot::new(model.stream_view()),
            tasks: Snapshot::new(model.task_view()),
            notices: Snapshot::default(),
        }
    }

    /// Does something: it shows in this frame, and goes out as soon as there is a connection.
    pub fn submit(&self, command: Command) {
        let effects = self.inner.model.borrow_mut().submit(random::command_id(), command, clock::now());
        self.run(effects);
        self.flush();
    }

    /// Carries out what the model asks for.
    pub(super) fn run(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(frame) => self.send(&frame),
                Effect::Keep(id, text) => self.inner.keeper.keep(id, &text),
                Effect::Forget(id) => self.inner.keeper.forget(id),
                Effect::Resync => self.resync(),
                Effect::Reconnect => self.reconnect_later(),
                Effect::RenewToken => self.renew_token(),
                Effect::Notify(notice) => self.notify(notice),
            }
        }
    }

    pub(super) fn send(&self, frame: &ClientFrame) {
        if let Some(socket) = &*self.inner.socket.borrow()
            && let Ok(text) = serde_json::to_string(frame)
        {
            socket.send(&text);
        }
    }

    /// Shows changes in the next frame; many changes before it are one. A hidden page has no frames: its changes wait
    /// until it is looked at, its timers do not.
    pub(super) fn schedule(&self) {
        if window::is_hidden() {
            self.set_wake();
        }
        let mut frame = self.inner.frame.borrow_mut();
        if frame.is_none() {
            let engine = self.clone();
            *frame = Some(request_animation_frame(move |_| {
                // Taken out first: the handle cancels its frame when it is dropped, and this one is over.
                let _done = engine.inner.frame.borrow_mut().take();
                engine.flush();
            }));
        }
    }

    pub(super) fn flush(&self) {
        self.report_read();
        let dirty = self.inner.model.borrow_mut().take_dirty();
        if dirty != Dirty::default() {
            self.publish(self.patch(dirty));
        }
        self.set_wake();
    }

    fn patch(&self, dirty: Dirty) -> Patch {
        if dirty.sessions {
            self.inner.sessions_version.set(self.inner.sessions_version.get() + 1);
        }
        let model = self.inner.model.borrow();
        Patch {
            user: if dirty.user { model.replica().user().cloned() } else { None },
            connection: (dirty.connection || dirty.sessions).then(|| Rc::new(self.connection_view(&model))),
            threads: dirty.threads.then(|| Snapshot::new(model.thread_list_view())),
            thread: (dirty.thread || dirty.threads).then(|| Snapshot::new(model.thread_view())),
            stream: dirty.stream.then(|| Snapshot::new(model.stream_view())),
            tasks: dirty.tasks.then(|| Snapshot::new(model.task_view())),
            notices: None,
        }
    }

    fn publish(&self, patch: Patch) {
        if let Some(outlet) = &*self.inner.outlet.borrow() {
            outlet.dispatch(patch);
        }
    }

    fn connection_view(&self, model: &Model) -> ConnectionView {
        ConnectionView {
            shown: model.connection().shown(clock::now()),
            devices: Arc::clone(model.replica().presence()),
            sessions_version: self.inner.sessions_version.get(),
            outdated: self.inner.outdated.get(),
        }
    }

    /// Reports the open conversation as read while somebody looks at it.
    fn report_read(&self) {
        if window::is_hidden() {
            return;
        }
        let command = self.inner.model.borrow_mut().read_now();
        if let Some(command) = command {
            let effects = self.inner.model.borrow_mut().submit(random::command_id(), command, clock::now());
            self.run(effects);
        }
    }

    /// Looks whether the server, which may be another one since the last connection, hands out a newer client.
    pub(super) fn look_for_update(&self) {
        let engine = self.clone();
        spawn_local(async move {
            if version::is_outdated().await {
                engine.inner.outdated.set(true);
                engine.inner.model.borrow_mut().time_passed();
                engine.schedule();
            }
        });
    }

    /// Tells the person something in passing.
    pub fn notify(&self, notice: Notice) {
        let id = self.inner.notice_count.get() + 1;
        self.inner.notice_count.set(id);
        let stays = if notice.kind == NoticeKind::Failed { FAILURE_MS } else { NOTICE_MS };
        let is_kept = notice.is_kept();
        self.inner.notices.borrow_mut().push(Posted { id, notice });
        self.publish_notices();
        if is_kept {
            return;
        }
        let engine = self.clone();
        Timeout::new(stays, move || engine.dismiss(id)).forget();
    }

    /// Takes a notice off the page.
    pub fn dismiss(&self, id: u32) {
        self.inner.notices.borrow_mut().retain(|posted| posted.id != id);
        self.publish_notices();
    }

    fn publish_notices(&self) {
        let notices = self.inner.notices.borrow().clone();
        self.publish(Patch { notices: Some(Snapshot::new(notices)), ..Patch::default() });
    }

    /// Sets the timer for the next thing that changes because time passes.
    pub(super) fn set_wake(&self) {
        let now = clock::now();
        let model = self.inner.model.borrow();
        let retry = if model.connection().is_live() { model.outbox().next_try() } else { None };
        let times = [model.connection().next_change(now), retry, self.inner.drafts.borrow().next_due()];
        let next = times.into_iter().flatten().min();
        let timer = next.map(|at| {
            let engine = self.clone();
            Timeout::new(millis_until(at, now), move || engine.woken())
        });
        *self.inner.wake.borrow_mut() = timer;
    }

    fn woken(&self) {
        self.keep_drafts(false);
        let effects = {
            let mut model = self.inner.model.borrow_mut();
            model.time_passed();
            model.send_due(clock::now())
        };
        self.run(effects);
        self.flush();
    }

    /// Keeps the drafts that are due, or all of them.
    pub(super) fn keep_drafts(&self, all: bool) {
        let mut drafts = self.inner.drafts.borrow_mut();
        let due = if all { drafts.take_all() } else { drafts.take_due(clock::now()) };
        for keep in &due {
            self.inner.keeper.keep_draft(keep);
        }
    }
}

/// Milliseconds to wait, one more than needed: timers may be early by a fraction.
fn millis_until(at: Timestamp, now: Timestamp) -> u32 {
    u32::try_from(at.millis_since(now).max(0)).unwrap_or(u32::MAX / 2) + 1
}

/// Stands in for a user whom a replica has not been told yet: the engine is always given one.
fn nobody() -> User {
    User {
        id: "".into(),
        email: String::new(),
        name: String::new(),
        email_verified: false,
        image: None,
        time_zone: "UTC".to_owned(),
        created_at: Timestamp::from_millis(0),
    }
}
