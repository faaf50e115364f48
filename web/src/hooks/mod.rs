//! How components get at the state: one hook per concern, so that each is drawn again for its own reasons only.

mod clock;
mod layout;
mod reply_provider;
mod route;
pub(crate) mod session;

pub(crate) use clock::{ClockProvider, use_clock};
pub(crate) use layout::{use_layout, use_touch};
pub(crate) use reply_provider::use_reply_provider;
pub(crate) use route::{go, replace, use_route, use_title};
pub(crate) use session::{SessionHandle, SessionProvider, use_session};

use crate::{
    components::shared::TaskIndex,
    live::{
        Engine,
        provider::CurrentUser,
        published::{ConnectionView, PostedNotice},
    },
    state::{
        model::{StreamView, TaskView, ThreadListView, ThreadView},
        ptr_eq::PtrEq,
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
pub(crate) fn use_engine() -> Engine {
    provided(use_context())
}

/// Who is signed in.
#[hook]
pub(crate) fn use_user() -> Arc<User> {
    provided(use_context::<CurrentUser>()).0
}

/// How the connection stands.
#[hook]
pub(crate) fn use_connection() -> Rc<ConnectionView> {
    provided(use_context())
}

/// The list of conversations.
#[hook]
pub(crate) fn use_threads() -> PtrEq<ThreadListView> {
    provided(use_context())
}

#[hook]
pub(crate) fn use_thread() -> PtrEq<ThreadView> {
    provided(use_context())
}

/// The running reply of the open conversation. Changes with every delta: for the one component that shows it.
#[hook]
pub(crate) fn use_stream() -> PtrEq<StreamView> {
    provided(use_context())
}

#[hook]
pub(crate) fn use_tasks() -> PtrEq<TaskView> {
    provided(use_context())
}

/// The tasks by id: the same index until a task changes.
#[hook]
pub(crate) fn use_task_index() -> TaskIndex {
    let tasks = use_tasks();
    (*use_memo(tasks, |tasks| tasks.tasks.iter().cloned().collect::<TaskIndex>())).clone()
}

/// What is told in passing.
#[hook]
pub(crate) fn use_notices() -> PtrEq<Vec<PostedNotice>> {
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
