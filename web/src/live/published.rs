//! What components get: one snapshot per concern, each replaced only when it changed.

use crate::state::{
    connection::ConnectionStatus,
    model::{StreamView, TaskView, ThreadListView, ThreadView},
    notice::Notice,
    ptr_eq::PtrEq,
};
use std::{rc::Rc, sync::Arc};
use tandem_protocol::{live::server::PresentDevice, model::User};
use yew::Reducible;

/// What is said about the connection.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ConnectionView {
    /// How well it stands.
    pub status: ConnectionStatus,
    /// The connected devices of this account.
    pub devices: Arc<[PresentDevice]>,
    /// Counts sign-ins and sign-outs anywhere, so that a list of devices knows when it is old.
    pub sessions_version: u32,
    /// The server hands out a newer client than this one.
    pub outdated: bool,
}

/// A notice on the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PostedNotice {
    pub id: u32,
    pub notice: Notice,
}

/// Everything that components get.
#[derive(Clone, PartialEq)]
pub(crate) struct Published {
    /// Who is signed in.
    pub user: Arc<User>,
    /// How the connection stands.
    pub connection: Rc<ConnectionView>,
    /// The list of conversations.
    pub threads: PtrEq<ThreadListView>,
    pub thread: PtrEq<ThreadView>,
    pub stream: PtrEq<StreamView>,
    pub tasks: PtrEq<TaskView>,
    /// What is told in passing.
    pub notices: PtrEq<Vec<PostedNotice>>,
}

/// The snapshots that changed in one frame.
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
            // Compared by value: time passes more often than the words about it change.
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
        if next == *self { self } else { Rc::new(next) }
    }
}
