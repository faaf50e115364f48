//! Tasks that a node waits for when it stops.
//!
//! Work that must end although its caller hangs up runs in a task of its own. A log line that it writes belongs to the
//! request, socket or run that started it, so the task goes on in the span that was open there. `clippy.toml` refuses
//! [`TaskTracker::spawn`] elsewhere in the server: it would lose the span without a sign.

use tokio::{runtime::Handle, task::JoinHandle};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

/// Starts a task in the current span; the tracker waits for it.
#[expect(clippy::disallowed_methods, reason = "the span goes with the work here")]
pub fn spawn<T: Send + 'static>(
    tracker: &TaskTracker,
    work: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    tracker.spawn(work.in_current_span())
}

/// The same on another runtime, such as an event loop.
pub fn spawn_on<T: Send + 'static>(
    tracker: &TaskTracker,
    runtime: &Handle,
    work: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    tracker.spawn_on(work.in_current_span(), runtime)
}
