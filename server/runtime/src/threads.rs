//! Threads for work that keeps a core busy for longer than an async worker may be.
//!
//! Each piece of work has a thread of its own, of a lower priority than all others: on a machine with few cores, the
//! workers that pass on tokens are not to wait for it. How many there are at a time is limited by whoever starts them.

use std::{io, thread};
use tokio::sync::oneshot;
use tracing::Span;

/// How much such a thread gives way: the "nice" value of Unix. Elsewhere all are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nice(u8);

impl Nice {
    /// Somebody waits for it, and it is short: about a tenth of the share of others on a core that is wanted.
    pub const SOON: Self = Self(10);
    /// It may take every core, but only while nobody else wants it.
    pub const LAST: Self = Self(19);
}

/// Runs something on a thread of this name.
///
/// # Errors
/// When no thread can be started, or the work panics.
pub async fn run<T: Send + 'static>(
    name: &str,
    nice: Nice,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let (result, done) = oneshot::channel();
    let span = Span::current();
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        give_way(nice);
        // The caller may have been dropped meanwhile.
        let _ = result.send(span.in_scope(work));
    })?;
    done.await.map_err(io::Error::other)
}

/// On Linux a priority belongs to a thread.
#[cfg(target_os = "linux")]
fn give_way(Nice(nice): Nice) {
    // Without it the work only disturbs a little more.
    let _ = rustix::process::setpriority_process(None, nice.into());
}

#[cfg(not(target_os = "linux"))]
fn give_way(_: Nice) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_runs_on_a_thread_of_its_name_and_gives_its_result() {
        let name = run("reading", Nice::SOON, || thread::current().name().map(str::to_owned)).await.unwrap();
        assert_eq!(name.as_deref(), Some("reading"));
    }

    #[tokio::test]
    async fn a_panic_is_an_error() {
        assert!(run("broken", Nice::LAST, || -> i32 { panic!("on purpose") }).await.is_err());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_the_thread_gives_way() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let before = nice();
        assert_eq!(run("last", Nice::LAST, nice).await.unwrap(), 19);
        assert_eq!(nice(), before);
    }
}
