//! The state that components receive: one snapshot per concern. A snapshot is replaced only if it changed.

use crate::state::{
    connection::ConnectionStatus,
    model::{StreamView, TaskView, ThreadListView, ThreadView},
    notice::PostedNotice,
    ptr_eq::PtrEq,
};
use std::{rc::Rc, sync::Arc};
use tandem_protocol::{live::server::PresentDevice, model::User, rest::ProviderInfo};
use yew::Reducible;

/// The connection as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ConnectionView {
    pub status: ConnectionStatus,
    /// The connected devices of the account, this one included.
    pub devices: Arc<[PresentDevice]>,
    /// Incremented at each sign-in and sign-out of the account, so that the list of devices knows when to load again.
    pub sessions_version: u32,
    /// Incremented when another tab has changed a draft.
    pub drafts_version: u32,
    /// Whether the server serves a newer client.
    pub outdated: bool,
    /// The providers of the server, in the order in which they are tried; empty when not known.
    pub providers: Rc<[ProviderInfo]>,
    /// The provider that was chosen for the next new conversation.
    pub next_provider: Option<String>,
}

/// The complete published state.
#[derive(Clone, PartialEq)]
pub(crate) struct Published {
    pub user: Arc<User>,
    pub connection: Rc<ConnectionView>,
    pub threads: PtrEq<ThreadListView>,
    pub thread: PtrEq<ThreadView>,
    pub stream: PtrEq<StreamView>,
    pub tasks: PtrEq<TaskView>,
    pub notices: PtrEq<Vec<PostedNotice>>,
}

/// The snapshots that have changed since the last frame.
#[derive(Clone, Default)]
pub(crate) struct Patch {
    pub user: Option<Arc<User>>,
    pub connection: Option<Rc<ConnectionView>>,
    pub threads: Option<PtrEq<ThreadListView>>,
    pub thread: Option<PtrEq<ThreadView>>,
    pub stream: Option<PtrEq<StreamView>>,
    pub tasks: Option<PtrEq<TaskView>>,
    pub notices: Option<PtrEq<Vec<PostedNotice>>>,
}

impl Reducible for Published {
    type Action = Patch;

    fn reduce(self: Rc<Self>, patch: Patch) -> Rc<Self> {
        let next = Self {
            user: patch.user.unwrap_or_else(|| Arc::clone(&self.user)),
            // Compared by value: this part is rebuilt whenever time passes, and is usually equal.
            connection: patch
                .connection
                .filter(|connection| *connection != self.connection)
                .unwrap_or_else(|| Rc::clone(&self.connection)),
            threads: patch.threads.unwrap_or_else(|| self.threads.clone()),
            thread: patch.thread.unwrap_or_else(|| self.thread.clone()),
            stream: patch.stream.unwrap_or_else(|| self.stream.clone()),
            tasks: patch.tasks.unwrap_or_else(|| self.tasks.clone()),
            notices: patch.notices.unwrap_or_else(|| self.notices.clone()),
        };
        // Returning the same allocation makes Yew skip the render.
        if next == *self { self } else { Rc::new(next) }
    }
}
