//! The engine of a signed-in person: owns the model, and carries out its effects.
//!
//! The model is pure, the engine is everything around it: sockets, requests, timers, storage. Every event goes through
//! the engine, on one thread and in order, so the model needs no locks.
//!
//! **Invariant:** no `borrow_mut` of the model is held over a call to [`Engine::run`], a dispatch or an await, since
//! each of them may borrow the model again.

mod actions;
mod connection;
mod loading;
mod offline;
mod pushes;
mod task_actions;

use super::{
    backoff::Backoff,
    persistence::LocalPersistence,
    published::{ConnectionView, Patch, Published},
    socket::Socket,
};
use crate::platform::events::after;
use crate::{
    api::Client,
    platform::{clock, device, random, version, window},
    state::{
        drafts::Drafts,
        model::{Dirty, Effect, Model},
        notice::{Notice, NoticeKind, PostedNotice},
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
    CommandId, Timestamp,
    enums::UserRole,
    live::{ClientFrame, Command},
    model::User,
    rest::ProviderInfo,
    settings::UserSettings,
};
use wasm_bindgen_futures::spawn_local;
use yew::{Callback, UseReducerDispatcher};

/// How long a notice stays: long enough to press `Undo`.
const NOTICE_MS: u32 = 8_000;
/// Failures stay longer, because they have to be read.
const FAILURE_MS: u32 = 15_000;
/// What needs to be seen only.
const COPIED_MS: u32 = 2_000;
/// How often a hidden page is redrawn, in milliseconds: nobody sees more than its title.
const HIDDEN_FLUSH_MS: u32 = 1_000;
/// The pause before a notice that is being read may disappear.
const HELD_MS: u32 = 2_000;

/// A handle of the engine. Two are equal if they belong to the same engine.
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
    /// The frames that were kept since the page was opened, or since the last snapshot after too many of them.
    kept_events: Cell<usize>,
    /// Whether the done subtasks of open tasks were loaded after the snapshot.
    has_parts: Cell<bool>,
    /// Called when the session has ended.
    ended: Callback<()>,
    /// Called when the account was deleted.
    gone: Callback<()>,
    publisher: RefCell<Option<UseReducerDispatcher<Published>>>,
    /// The scheduled animation frame in which changes are published.
    frame: RefCell<Option<AnimationFrame>>,
    /// The timer that publishes the changes of a hidden page.
    hidden_flush: RefCell<Option<Timeout>>,
    /// The timer for the next change that time alone causes.
    wake: RefCell<Option<Timeout>>,
    notices: RefCell<Vec<PostedNotice>>,
    notice_count: Cell<u32>,
    /// Whether the person reads the notices, so that none disappears.
    notices_held: Cell<bool>,
    sessions_version: Cell<u32>,
    drafts_version: Cell<u32>,
    outdated: Cell<bool>,
    /// The providers of the server, as far as known.
    providers: RefCell<Rc<[ProviderInfo]>>,
    /// The provider that was chosen for the next new conversation.
    next_provider: RefCell<Option<String>>,
}

impl Engine {
    /// Creates the engine. It is idle until [`Engine::start`].
    pub(crate) fn new(api: Client, user: User, ended: Callback<()>, gone: Callback<()>) -> Self {
        let persistence = LocalPersistence::of(&user.id);
        let mut model = Model::new(user, device::id(), device::name(), clock::now());
        // Commands of the last page load, and of tabs that were closed before they could send them.
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
            kept_events: Cell::new(0),
            has_parts: Cell::new(false),
            ended,
            gone,
            publisher: RefCell::default(),
            frame: RefCell::default(),
            hidden_flush: RefCell::default(),
            wake: RefCell::default(),
            notices: RefCell::default(),
            notice_count: Cell::new(0),
            notices_held: Cell::new(false),
            sessions_version: Cell::new(0),
            drafts_version: Cell::new(0),
            outdated: Cell::new(false),
            providers: RefCell::new(Rc::from(Vec::new())),
            next_provider: RefCell::default(),
        };
        Self { inner: Rc::new(inner) }
    }

    /// Starts to publish and to connect.
    pub(crate) fn start(&self, publisher: UseReducerDispatcher<Published>) {
        *self.inner.publisher.borrow_mut() = Some(publisher);
        self.start_connection();
        self.flush();
    }

    /// Stores unsaved drafts, closes the socket and stops all timers.
    pub(crate) fn stop(&self) {
        self.persist_drafts(true);
        self.stop_connection();
        // Dropping the handles cancels the frame and the timer.
        *self.inner.publisher.borrow_mut() = None;
        *self.inner.frame.borrow_mut() = None;
        *self.inner.wake.borrow_mut() = None;
        *self.inner.hidden_flush.borrow_mut() = None;
    }

    /// The REST client, for requests that do not change the model.
    pub(crate) fn api(&self) -> &Client {
        &self.inner.api
    }

    /// The published state before the first change.
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

    /// Submits a command. Its effect is visible at once, and it is sent as soon as there is a connection.
    /// Returns its id.
    pub(crate) fn submit(&self, command: Command) -> CommandId {
        let id = random::command_id();
        let effects = self.inner.model.borrow_mut().submit(id, command, clock::now());
        self.run(effects);
        self.flush();
        id
    }

    /// Carries out the effects of the model.
    fn run(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(frame) => {
                    if matches!(frame, ClientFrame::Command { .. }) {
                        self.expect_answer();
                    }
                    self.send(&frame);
                }
                Effect::Persist(id, text) => self.inner.persistence.store_command(id, &text),
                Effect::Forget(id) => self.inner.persistence.remove_command(id),
                Effect::Resync => self.resync(),
                Effect::Reconnect => self.reconnect_later(),
                Effect::RenewToken => self.renew_token(),
                Effect::Notify(notice) => self.notify(notice),
                Effect::Again { id, next } => self.amend_notice(id, &next),
                Effect::Dropped(id) => self.drop_notice(&[id]),
                Effect::Submit(command) => {
                    self.submit(command);
                }
                Effect::Abandon(conversation) => {
                    self.inner.persistence.forget_page(conversation);
                    self.abandon_drafts(conversation);
                }
                Effect::KeepText(text) => self.keep_text(&text),
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

    /// Publishes the changes in the next animation frame, so that several changes cause one render. Hidden pages get no
    /// frames: their changes are published once a second, and their timers must be set now.
    fn schedule(&self) {
        if window::is_hidden() {
            self.set_wake();
            // For the title of the tab, which shows what waits.
            let mut hidden = self.inner.hidden_flush.borrow_mut();
            if hidden.is_none() {
                let engine = self.clone();
                *hidden = Some(after(HIDDEN_FLUSH_MS, move || {
                    // Taken before the flush: it may schedule the next one.
                    let _done = engine.inner.hidden_flush.borrow_mut().take();
                    engine.flush();
                }));
            }
        }
        let mut frame = self.inner.frame.borrow_mut();
        if frame.is_none() {
            let engine = self.clone();
            *frame = Some(request_animation_frame(move |_| {
                // Removed before it is dropped: dropping the handle cancels its frame, which has already run.
                let _done = engine.inner.frame.borrow_mut().take();
                engine.flush();
            }));
        }
    }

    fn flush(&self) {
        self.report_read();
        let dirty = self.inner.model.borrow_mut().take_dirty();
        // A dispatch without a change would still run the reducer.
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
            // The view of the open conversation contains its entry in the list.
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
            drafts_version: self.inner.drafts_version.get(),
            providers: Rc::clone(&self.inner.providers.borrow()),
            next_provider: self.inner.next_provider.borrow().clone(),
        }
    }

    /// Marks the open conversation as read while the page is visible.
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

    /// Checks whether the server, which may have been updated since the last connection, serves a newer client.
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

    /// Shows a notice, which disappears after some time unless it contains the only copy of a text.
    pub(crate) fn notify(&self, notice: Notice) {
        // Several parts of a page fail together, for one reason.
        if notice.kind == NoticeKind::Failed && self.inner.notices.borrow().iter().any(|posted| posted.notice == notice)
        {
            return;
        }
        let id = self.inner.notice_count.get() + 1;
        self.inner.notice_count.set(id);
        let stays = match notice.kind {
            NoticeKind::Failed => FAILURE_MS,
            NoticeKind::Copied => COPIED_MS,
            NoticeKind::Done | NoticeKind::Deleted => NOTICE_MS,
        };
        // Read before the notice is moved into the list.
        let is_kept = notice.is_kept();
        self.inner.notices.borrow_mut().push(PostedNotice { id, notice });
        self.publish_notices();
        if is_kept {
            return;
        }
        self.expire_after(stays, id);
    }

    /// Removes a notice after this many milliseconds, unless the person reads it then.
    fn expire_after(&self, millis: u32, id: u32) {
        let engine = self.clone();
        let expire = move || {
            if engine.inner.notices_held.get() {
                engine.expire_after(HELD_MS, id);
            } else {
                engine.dismiss(id);
            }
        };
        after(millis, expire).forget();
    }

    /// Keeps all notices while the pointer or the focus is on them.
    pub(crate) fn hold_notices(&self, held: bool) {
        self.inner.notices_held.set(held);
    }

    /// Removes a notice from the page.
    pub(crate) fn dismiss(&self, id: u32) {
        self.inner.notices.borrow_mut().retain(|posted| posted.id != id);
        // An element that is removed under the pointer sends no event.
        if self.inner.notices.borrow().is_empty() {
            self.inner.notices_held.set(false);
        }
        self.publish_notices();
    }

    fn publish_notices(&self) {
        let notices = self.inner.notices.borrow().clone();
        self.publish(Patch { notices: Some(PtrEq::new(notices)), ..Patch::default() });
    }

    /// Sets the one timer to the next change that time alone causes.
    fn set_wake(&self) {
        let now = clock::now();
        let model = self.inner.model.borrow();
        // Without a connection nothing is sent, so a timer for the next try would fire in vain.
        let retry = if model.connection().is_live() { model.outbox().next_try() } else { None };
        let times = [model.connection().next_change(now), retry, self.inner.drafts.borrow().next_due()];
        let next = times.into_iter().flatten().min();
        let timer = next.map(|at| {
            let engine = self.clone();
            after(millis_until(at, now), move || engine.on_wake())
        });
        *self.inner.wake.borrow_mut() = timer;
    }

    fn on_wake(&self) {
        self.persist_drafts(false);
        // The block ends the borrow, because running the effects borrows the model again.
        let effects = {
            let mut model = self.inner.model.borrow_mut();
            model.time_passed();
            model.send_due(clock::now())
        };
        self.run(effects);
        self.flush();
    }

    /// Stores the drafts that are due, or all of them.
    fn persist_drafts(&self, all: bool) {
        let mut drafts = self.inner.drafts.borrow_mut();
        let due = if all { drafts.take_all() } else { drafts.take_due(clock::now()) };
        for keep in &due {
            self.inner.persistence.write_draft(keep);
        }
    }
}

/// Milliseconds until a point in time, plus one because timers may fire slightly early.
fn millis_until(at: Timestamp, now: Timestamp) -> u32 {
    u32::try_from(at.millis_since(now).max(0)).unwrap_or(u32::MAX / 2) + 1
}

/// A placeholder that is never shown: the replica has a user from the start.
fn unknown_user() -> User {
    User {
        id: "".into(),
        email: String::new(),
        name: String::new(),
        email_verified: false,
        image: None,
        time_zone: "UTC".to_owned(),
        created_at: Timestamp::from_millis(0),
        role: UserRole::default(),
        settings: UserSettings::default(),
    }
}
