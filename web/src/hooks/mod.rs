//! Hooks that give components access to the state. Each concern has its own context, so that a change renders only the
//! components that use it.

mod clock;
mod layout;
mod providers;
mod route;
mod server;
pub(crate) mod session;

pub(crate) use clock::{ClockProvider, use_clock};
pub(crate) use layout::{use_hidden, use_layout, use_touch};
pub(crate) use providers::{Providers, use_providers};
pub(crate) use route::{go, go_or_return, replace, use_route, use_secret, use_threads_shown, use_title};
pub(crate) use server::{Entry, use_entry};
pub(crate) use session::{SessionHandle, SessionProvider, use_session};

use crate::{
    components::shared::TaskIndex,
    live::{Engine, provider::CurrentUser, published::ConnectionView},
    state::{
        model::{StreamView, TaskView, ThreadListView, ThreadView},
        notice::PostedNotice,
        ptr_eq::PtrEq,
    },
};
use std::{rc::Rc, sync::Arc};
use tandem_protocol::model::User;
use yew::prelude::*;

/// The engine. It never changes, so this causes no renders.
///
/// # Panics
///
/// Outside of a [`LiveProvider`](crate::live::LiveProvider), like all hooks of this module.
#[hook]
pub(crate) fn use_engine() -> Engine {
    use_provided()
}

#[hook]
pub(crate) fn use_user() -> Arc<User> {
    use_provided::<CurrentUser>().0
}

#[hook]
pub(crate) fn use_connection() -> Rc<ConnectionView> {
    use_provided()
}

#[hook]
pub(crate) fn use_threads() -> PtrEq<ThreadListView> {
    use_provided()
}

#[hook]
pub(crate) fn use_thread() -> PtrEq<ThreadView> {
    use_provided()
}

/// The text of the running reply. It changes with every delta, so only the component that shows it should use this.
#[hook]
pub(crate) fn use_stream() -> PtrEq<StreamView> {
    use_provided()
}

#[hook]
pub(crate) fn use_tasks() -> PtrEq<TaskView> {
    use_provided()
}

/// The tasks by id. The same index until a task changes.
#[hook]
pub(crate) fn use_task_index() -> TaskIndex {
    let tasks = use_tasks();
    (*use_memo(tasks, |tasks| tasks.tasks.iter().cloned().collect::<TaskIndex>())).clone()
}

#[hook]
pub(crate) fn use_notices() -> PtrEq<Vec<PostedNotice>> {
    use_provided()
}
