//! How components get at the state: one hook per concern, so that each is drawn again for its own reasons only.

mod answerer;
mod clock;
mod layout;
mod route;
pub mod session;

pub use answerer::use_answerer;
pub use clock::{ClockProvider, use_clock};
pub use layout::{use_layout, use_touch};
pub use route::{go, replace, use_route, use_title};
pub use session::{SessionHandle, SessionProvider, use_session};

use crate::{
    live::{
        Engine,
        provider::CurrentUser,
        published::{ConnectionView, Posted},
    },
    state::{
        model::{StreamView, TaskView, ThreadListView, ThreadView},
        snapshot::Snapshot,
    },
};
use std::{rc::Rc, sync::Arc};
use tandem_protocol::model::User;
use yew::prelude::*;

/// What can be done. Never changes, so asking for it costs no renders.
///
/// # Panics
/// Outside of a [`LiveProvider`](crate::live::LiveProvider), as all hooks here.
#[hook]
pub fn use_engine() -> Engine {
    provided(use_context())
}

/// Who is signed in.
#[hook]
pub fn use_user() -> Arc<User> {
    provided(use_context::<CurrentUser>()).0
}

/// How the connection stands.
#[hook]
pub fn use_connection() -> Rc<ConnectionView> {
    provided(use_context())
}

/// The list of conversations.
#[hook]
pub fn use_threads() -> Snapshot<ThreadListView> {
    provided(use_context())
}

#[hook]
pub fn use_thread() -> Snapshot<ThreadView> {
    provided(use_context())
}

/// The running reply of the open conversation. Changes with every delta: for the one component that shows it.
#[hook]
pub fn use_stream() -> Snapshot<StreamView> {
    provided(use_context())
}

#[hook]
pub fn use_tasks() -> Snapshot<TaskView> {
    provided(use_context())
}

/// What is told in passing.
#[hook]
pub fn use_notices() -> Snapshot<Vec<Posted>> {
    provided(use_context())
}

/// The value of a context that the page is known to provide.
#[expect(
    clippy::expect_used,
    reason = "a component outside of its provider is a mistake in this program, seen at once"
)]
pub(crate) fn provided<T>(context: Option<T>) -> T {
    context.expect("the page provides this context")
}
