//! Threads for work that keeps a core busy for longer than an async worker may be.
//!
//! Each piece of work has a thread of its own, of a lower priority than all others: on a machine with few cores, the
//! async workers do not wait for it. A pool would keep its threads, and on Linux a thread without privileges cannot
//! raise its priority again.
//!
//! **Invariant:** of each kind of work no more threads run than its [`Threads`] allow, also when callers give up.

use std::{io, sync::Arc, thread};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, oneshot};
use tracing::Span;

/// How low the priority of a thread is: the "nice" value of Unix. On other systems all threads are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nice(u8);

impl Nice {
    /// For short work whose result is awaited: about a tenth of the share of others on a busy core.
    pub const SOON: Self = Self(10);
    /// For work that may use every core, but only while nothing else needs it.
    pub const LAST: Self = Self(19);
}

/// The threads of one kind of work, with their limit.
#[derive(Clone, Debug)]
pub struct Threads {
    name: &'static str,
    nice: Nice,
    permits: Arc<Semaphore>,
}

/// The right to use one thread.
#[derive(Debug)]
pub struct ThreadPermit {
    name: &'static str,
    nice: Nice,
    permit: OwnedSemaphorePermit,
}

impl Threads {
    /// Creates no thread yet: each piece of work gets one of this name, `count` of them at a time.
    pub fn new(name: &'static str, nice: Nice, count: usize) -> Self {
        Self { name, nice, permits: Arc::new(Semaphore::new(count.clamp(1, Semaphore::MAX_PERMITS))) }
    }

    /// Waits until a thread may be used. Served in the order of arrival.
    ///
    /// # Errors
    /// Never: the semaphore is not closed.
    pub async fn acquire(&self) -> Result<ThreadPermit, AcquireError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await?;
        Ok(ThreadPermit { name: self.name, nice: self.nice, permit })
    }

    /// How many threads may be used at once.
    pub fn free(&self) -> usize {
        self.permits.available_permits()
    }
}

impl ThreadPermit {
    /// Runs something on a thread. `held`, such as a permit of the user, is dropped when the work has ended and not
    /// before: a thread cannot be stopped, so a caller that gives up still keeps it busy.
    ///
    /// # Errors
    /// When no thread can be started, or the work panics.
    pub async fn run<T: Send + 'static>(
        self,
        held: impl Send + 'static,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<T> {
        let (result, done) = oneshot::channel();
        let (nice, permit, span) = (self.nice, self.permit, Span::current());
        thread::Builder::new().name(self.name.to_owned()).spawn(move || {
            give_way(nice);
            let worked = span.in_scope(work);
            drop((held, permit));
            // The caller may have given up.
            let _ = result.send(worked);
        })?;
        done.await.map_err(io::Error::other)
    }
}

/// On Linux a priority belongs to a thread, elsewhere to the process.
#[cfg(target_os = "linux")]
fn give_way(Nice(nice): Nice) {
    // A failure is ignored: the work would only disturb others a little more.
    let _ = rustix::process::setpriority_process(None, nice.into());
}

#[cfg(not(target_os = "linux"))]
fn give_way(_: Nice) {}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run<T: Send + 'static>(nice: Nice, work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
        Threads::new("reading", nice, 1).acquire().await.unwrap().run((), work).await
    }

    #[tokio::test]
    async fn work_runs_on_a_thread_of_its_name_and_gives_its_result() {
        let name = run(Nice::SOON, || thread::current().name().map(str::to_owned)).await.unwrap();
        assert_eq!(name.as_deref(), Some("reading"));
    }

    #[tokio::test]
    async fn a_panic_is_an_error() {
        assert!(run(Nice::LAST, || -> i32 { panic!("on purpose") }).await.is_err());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_the_thread_gives_way() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let before = nice();
        assert_eq!(run(Nice::LAST, nice).await.unwrap(), 19);
        assert_eq!(nice(), before);
    }
}
