//! The session of the page: finds it at the start, provides it as a context, and owns the engine of the signed-in
//! person.

use super::replace;
use crate::text::account;
use crate::{
    api::{ApiError, Client},
    components::{
        callbacks::set_to,
        dialog::{Question, confirm},
    },
    live::{Engine, backoff::Backoff, persistence},
    platform::{kept, push, random, storage},
    state::{
        route::Route,
        session::{SessionChange, SessionState},
    },
};
use gloo_timers::future::TimeoutFuture;
use std::rc::Rc;
use tandem_protocol::{ErrorCode, rest::Register};
use wasm_bindgen_futures::spawn_local;
use yew::{prelude::*, provide};

/// The storage key through which a tab notifies the others of a sign-out.
const SIGNED_OUT_KEY: &str = "tandem.signed-out";

/// The session, and what changes it.
#[derive(Clone, PartialEq)]
pub(crate) struct SessionHandle {
    pub session: SessionState,
    /// The engine of the signed-in person.
    pub engine: Option<Engine>,
    client: Client,
    dispatch: UseReducerDispatcher<SessionState>,
    /// How many changes a sign-out would lose, about which the person is asked; 0 while nobody is asked.
    unsent: UseStateHandle<usize>,
    /// Whether the person has just deleted the account, which the log-in page then confirms.
    pub deleted: UseStateHandle<bool>,
}

impl SessionHandle {
    /// Logs in. For the person whose session has expired, the engine continues.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Result<(), ApiError> {
        let signed_in = self.client.log_in(email, password).await?;
        self.deleted.set(false);
        // The engine of the same user continues with its outbox; another user gets a new engine.
        let same = matches!(&self.session, SessionState::SignedIn { user, .. } if user.id == signed_in.user.id);
        self.dispatch.dispatch(SessionChange::SignedIn(signed_in.user.into()));
        if let Some(engine) = self.engine.as_ref().filter(|_| same) {
            engine.resume();
        }
        Ok(())
    }

    pub(crate) async fn register(&self, registration: &Register) -> Result<(), ApiError> {
        self.client.register(registration).await?;
        self.sign_in(&registration.email, &registration.password).await
    }

    /// Requests that need no session.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Signs out on this device. Asks first when that would lose changes that the server does not have.
    pub(crate) fn sign_out(&self) {
        match self.engine.as_ref().map_or(0, Engine::unsent) {
            0 => self.sign_out_now(),
            unsent => self.unsent.set(unsent),
        }
    }

    /// Signs out, whatever is lost with it. Nothing of the person stays readable here, also without a network; the server ends
    /// the session as soon as it can be reached, because only it can delete the cookie.
    fn sign_out_now(&self) {
        self.client.leave();
        self.leave();
        spawn_local(end_left_session(true));
    }

    pub(crate) async fn delete_account(&self, password: &str) -> Result<(), ApiError> {
        self.client.delete_me(password).await?;
        self.leave();
        self.deleted.set(true);
        Ok(())
    }

    /// Retries [`check_session`] when the server could not be reached.
    pub(crate) fn check_again(&self) {
        self.dispatch.dispatch(SessionChange::Checking);
        spawn_local(check_session(self.client.clone(), self.dispatch.clone()));
    }

    /// Clears the local data and shows the log-in page, in every tab of this browser.
    fn leave(&self) {
        self.leave_here();
        if let SessionState::SignedIn { user, .. } = &self.session {
            // Other tabs are notified of the change; what is stored does not matter.
            storage::set(SIGNED_OUT_KEY, &user.id.to_string());
            storage::remove(SIGNED_OUT_KEY);
        }
    }

    fn leave_here(&self) {
        if let Some(engine) = &self.engine {
            engine.clear_local_data();
        }
        self.client.forget();
        replace(Route::SignIn);
        self.dispatch.dispatch(SessionChange::SignedOut);
    }

    /// Follows a sign-out in another tab. Unlike a session that has expired, nothing of the person may stay on the page.
    fn signed_out_elsewhere(&self, user_id: &str) {
        if let SessionState::SignedIn { user, .. } = &self.session
            && user.id.to_string() == user_id
        {
            self.leave_here();
        }
    }
}

#[hook]
pub(crate) fn use_session() -> SessionHandle {
    use_provided()
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SessionProviderProps {
    pub children: Html,
}

/// Provides a [`SessionHandle`] to the page.
#[component]
pub(crate) fn SessionProvider(props: &SessionProviderProps) -> Html {
    let client = use_memo((), |()| Client::default());
    let session = use_reducer_eq(SessionState::default);
    let dispatch = session.dispatcher();
    {
        let (client, dispatch) = ((*client).clone(), dispatch.clone());
        use_effect_with((), move |()| spawn_local(check_session(client, dispatch)));
    }
    let user = match &*session {
        SessionState::SignedIn { user, .. } => Some(Rc::new(tandem_protocol::model::User::clone(user))),
        _ => None,
    };
    let id = user.as_ref().map(|user| user.id.clone());
    // One engine per user: signing in again after the session expired keeps it, with its outbox.
    let engine = use_memo(id, |_| user.map(|user| begin(&client, (*user).clone(), &dispatch)));
    let (unsent, deleted) = (use_state_eq(|| 0), use_state_eq(|| false));
    let handle = SessionHandle {
        session: (*session).clone(),
        engine: (*engine).clone(),
        client: (*client).clone(),
        dispatch,
        unsent: unsent.clone(),
        deleted,
    };
    // The listener is registered once; it reads the current session here.
    let newest = use_mut_ref(|| handle.clone());
    *newest.borrow_mut() = handle.clone();
    use_effect_with((), move |()| {
        let listener = storage::on_change(SIGNED_OUT_KEY, move |user| {
            let handle = newest.borrow().clone();
            handle.signed_out_elsewhere(&user);
        });
        move || drop(listener)
    });
    let question = (*unsent > 0).then(|| {
        let on_confirm = {
            let handle = handle.clone();
            Callback::from(move |()| handle.sign_out_now())
        };
        confirm(Question {
            label: account::changes_not_sent(*unsent).into(),
            text: account::ONLY_ON_THIS_DEVICE,
            stay: account::STAY,
            go_on: account::SIGN_OUT_ANYWAY,
            on_confirm,
            on_close: set_to(&unsent, 0),
        })
    });
    provide(handle, html! { <>{ props.children.clone() }{ question }</> })
}

fn begin(client: &Client, user: tandem_protocol::model::User, dispatch: &UseReducerDispatcher<SessionState>) -> Engine {
    let emit = |change: SessionChange| {
        let dispatch = dispatch.clone();
        Callback::from(move |()| dispatch.dispatch(change.clone()))
    };
    client.belongs_to(&user.id);
    let engine = Engine::new(client.clone(), user, emit(SessionChange::Expired), emit(SessionChange::SignedOut));
    let ending = engine.clone();
    client.on_ended(Callback::from(move |()| ending.on_session_ended()));
    engine
}

/// Ends the session that the person has left, when the server answers. This page may be closed until then: the next start goes
/// on, before anything else.
async fn end_left_session(mut at_once: bool) {
    let mut backoff = Backoff::default();
    while Client::end_left_session(at_once).await.is_err() {
        if at_once {
            // Otherwise what is pushed until then would be shown.
            push::end();
        }
        at_once = false;
        pause(&mut backoff).await;
    }
}

async fn pause(backoff: &mut Backoff) {
    // Full jitter may return zero; without a minimum a page would retry in a tight loop.
    let pause = backoff.next_pause(random::share()).as_millis();
    TimeoutFuture::new(u32::try_from(pause).unwrap_or(20_000).max(500)).await;
}

/// Refreshes the session that the browser may have, until the server answers.
async fn check_session(client: Client, dispatch: UseReducerDispatcher<SessionState>) {
    if Client::has_left() {
        // A page that was closed at once may have left something.
        kept::clear();
        dispatch.dispatch(SessionChange::SignedOut);
        return end_left_session(false).await;
    }
    if !Client::may_hold_session() {
        return dispatch.dispatch(SessionChange::SignedOut);
    }
    let mut backoff = Backoff::default();
    loop {
        let is_over = match client.refresh().await {
            Ok(Some(signed_in)) => return dispatch.dispatch(SessionChange::SignedIn(signed_in.user.into())),
            Ok(None) | Err(ApiError::SessionEnded) => true,
            Err(error) => error.code().is_some_and(is_final),
        };
        if is_over {
            kept::clear();
            return dispatch.dispatch(SessionChange::SignedOut);
        }
        // The engine goes on trying, and notices when the session has ended.
        if let Some(user) = persistence::kept_user().await {
            return dispatch.dispatch(SessionChange::SignedIn(user.into()));
        }
        dispatch.dispatch(SessionChange::Unreachable);
        pause(&mut backoff).await;
    }
}

/// Whether retrying would return the same error.
fn is_final(code: ErrorCode) -> bool {
    code.status() < 500 && code != ErrorCode::RateLimited
}
