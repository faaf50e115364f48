//! Owns the model and does what it asks for. Everything that happens goes through here, on one thread, in order.

mod actions;
mod connection;
mod loading;

use super::{
    backoff::Backoff,
    persistence::LocalPersistence,
    published::{ConnectionView, Patch, PostedNotice, Published},
    socket::Socket,
};
use crate::{
    api::Client,
    platform::{clock, device, random, version, window},
    state::{
        drafts::Drafts,
        model::{Dirty, Effect, Model},
        notice::{Notice, NoticeKind},
        ptr_eq::PtrEq,
    },
};
use connection::ConnectionControl;
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
pub(crate) struct Engine {
    inner: Rc<Inner>,
}

impl PartialEq for Engine {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.inner, &other.inner)
    }
}

struct Inner {
    api: Client,
    model: RefCell<Model>,
    drafts: RefCell<Drafts>,
    persistence: LocalPersistence,
    socket: RefCell<Option<Socket>>,
    backoff: RefCell<Backoff>,
    connection: ConnectionControl,
    /// The session is over; nothing is tried until someone signs in again.
    ended: Callback<()>,
    /// The account is gone.
    gone: Callback<()>,
    publisher: RefCell<Option<UseReducerDispatcher<Published>>>,
    /// The next frame in which changes are shown.
    frame: RefCell<Option<AnimationFrame>>,
    /// Wakes when something changes because time passes.
    wake: RefCell<Option<Timeout>>,
    notices: RefCell<Vec<PostedNotice>>,
    notice_count: Cell<u32>,
    sessions_version: Cell<u32>,
    outdated: Cell<bool>,
}

impl Engine {
    /// The engine of someone who has just signed in. It does nothing before [`Engine::start`].
    pub(crate) fn new(api: Client, user: User, ended: Callback<()>, gone: Callback<()>) -> Self {
        let persistence = LocalPersistence::of(&user.id);
        let mut model = Model::new(user, device::id(), device::name(), clock::now());
        let kept = persistence.commands();
        model.restore_outbox(kept.iter().map(String::as_str));
        let inner = Inner {
            api,
            model: RefCell::new(model),
            drafts: RefCell::new(persistence.drafts()),
            persistence,
            socket: RefCell::default(),
            backoff: RefCell::default(),
            connection: ConnectionControl::default(),
            ended,
            gone,
            publisher: RefCell::default(),
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
    pub(crate) fn start(&self, publisher: UseReducerDispatcher<Published>) {
        *self.inner.publisher.borrow_mut() = Some(publisher);
        self.start_connection();
        self.flush();
    }

    /// Ends: keeps what is unkept, closes the socket, stops every timer.
    pub(crate) fn stop(&self) {
        self.persist_drafts(true);
        self.stop_connection();
        *self.inner.publisher.borrow_mut() = None;
        *self.inner.frame.borrow_mut() = None;
        *self.inner.wake.borrow_mut() = None;
    }

    /// Speaks REST for what is not the engine's business.
    pub(crate) fn api(&self) -> &Client {
        &self.inner.api
    }

    /// What components get before anything has changed.
    pub(crate) fn initial(&self) -> Published {
        let model = self.inner.model.borrow();
        Published {
            user: model.replica().user().cloned().unwrap_or_else(|| Arc::new(unknown_user())),
            connection: Rc::new(self.connection_view(&model)),
            threads: PtrEq::new(model.thread_list_view()),
            thread: PtrEq::new(model.thread_view()),
            stream: PtrEq::new(model.stream_view()),
            tasks: PtrEq::new(model.task_view()),
            notices: PtrEq::default(),
        }
    }

    /// Does something: it shows in this frame, and goes out as soon as there is a connection.
    pub(crate) fn submit(&self, command: Command) {
        let effects = self.inner.model.borrow_mut().submit(random::command_id(), command, clock::now());
        self.run(effects);
        self.flush();
    }

    /// Carries out what the model asks for.
    fn run(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(frame) => self.send(&frame),
                Effect::Persist(id, text) => self.inner.persistence.store_command(id, &text),
                Effect::Forget(id) => self.inner.persistence.remove_command(id),
                Effect::Resync => self.resync(),
                Effect::Reconnect => self.reconnect_later(),
                Effect::RenewToken => self.renew_token(),
                Effect::Notify(notice) => self.notify(notice),
            }
        }
    }

    fn send(&self, frame: &ClientFrame) {
        if let Some(socket) = &*self.inner.socket.borrow()
            && let Ok(text) = serde_json::to_string(frame)
        {
            socket.send(&text);
        }
    }

    /// Shows changes in the next frame; many changes before it are one. A hidden page has no frames: its changes wait
    /// until it is looked at, its timers do not.
    fn schedule(&self) {
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

    fn flush(&self) {
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
            threads: dirty.threads.then(|| PtrEq::new(model.thread_list_view())),
            thread: (dirty.thread || dirty.threads).then(|| PtrEq::new(model.thread_view())),
            stream: dirty.stream.then(|| PtrEq::new(model.stream_view())),
            tasks: dirty.tasks.then(|| PtrEq::new(model.task_view())),
            notices: None,
        }
    }

    fn publish(&self, patch: Patch) {
        if let Some(publisher) = &*self.inner.publisher.borrow() {
            publisher.dispatch(patch);
        }
    }

    fn connection_view(&self, model: &Model) -> ConnectionView {
        ConnectionView {
            status: model.connection().status(clock::now()),
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
        let command = self.inner.model.borrow_mut().take_read_report();
        if let Some(command) = command {
            let effects = self.inner.model.borrow_mut().submit(random::command_id(), command, clock::now());
            self.run(effects);
        }
    }

    /// Looks whether the server, which may be another one since the last connection, hands out a newer client.
    fn check_for_update(&self) {
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
    pub(crate) fn notify(&self, notice: Notice) {
        let id = self.inner.notice_count.get() + 1;
        self.inner.notice_count.set(id);
        let stays = if notice.kind == NoticeKind::Failed { FAILURE_MS } else { NOTICE_MS };
        let is_kept = notice.is_kept();
        self.inner.notices.borrow_mut().push(PostedNotice { id, notice });
        self.publish_notices();
        if is_kept {
            return;
        }
        let engine = self.clone();
        Timeout::new(stays, move || engine.dismiss(id)).forget();
    }

    /// Takes a notice off the page.
    pub(crate) fn dismiss(&self, id: u32) {
        self.inner.notices.borrow_mut().retain(|posted| posted.id != id);
        self.publish_notices();
    }

    fn publish_notices(&self) {
        let notices = self.inner.notices.borrow().clone();
        self.publish(Patch { notices: Some(PtrEq::new(notices)), ..Patch::default() });
    }

    /// Sets the timer for the next thing that changes because time passes.
    fn set_wake(&self) {
        let now = clock::now();
        let model = self.inner.model.borrow();
        let retry = if model.connection().is_live() { model.outbox().next_try() } else { None };
        let times = [model.connection().next_change(now), retry, self.inner.drafts.borrow().next_due()];
        let next = times.into_iter().flatten().min();
        let timer = next.map(|at| {
            let engine = self.clone();
            Timeout::new(millis_until(at, now), move || engine.on_wake())
        });
        *self.inner.wake.borrow_mut() = timer;
    }

    fn on_wake(&self) {
        self.persist_drafts(false);
        let effects = {
            let mut model = self.inner.model.borrow_mut();
            model.time_passed();
            model.send_due(clock::now())
        };
        self.run(effects);
        self.flush();
    }

    /// Keeps the drafts that are due, or all of them.
    fn persist_drafts(&self, all: bool) {
        let mut drafts = self.inner.drafts.borrow_mut();
        let due = if all { drafts.take_all() } else { drafts.take_due(clock::now()) };
        for keep in &due {
            self.inner.persistence.write_draft(keep);
        }
    }
}

/// Milliseconds to wait, one more than needed: timers may be early by a fraction.
fn millis_until(at: Timestamp, now: Timestamp) -> u32 {
    u32::try_from(at.millis_since(now).max(0)).unwrap_or(u32::MAX / 2) + 1
}

/// Stands in for a user whom a replica has not been told yet: the engine is always given one.
fn unknown_user() -> User {
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
