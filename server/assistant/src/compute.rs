//! Runs work that keeps a processor busy, such as parsing a message, on threads beside those that serve requests.
//!
//! Such work on an async worker would delay everything else on it. At most as many jobs run at a time as there are
//! cores; the queue is bounded, and each job has a time limit from its request on.
//!
//! **Invariant:** a job holds its thread until it ends. A thread cannot be stopped from outside, so jobs must be
//! bounded themselves (see the limits of `tandem_nl`); the time limit only ends the wait.

use std::{
    num::NonZero,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tandem_runtime::{
    permits::Waiters,
    threads::{Nice, Threads},
};
use tokio::time::timeout;

const TIMEOUT: Duration = Duration::from_secs(2);
/// Requests that may wait for a thread.
const MAX_QUEUED: usize = 256;

/// There was no thread or no result in time, or the job panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no processor time")]
pub(super) struct Busy;

#[derive(Clone, Debug)]
pub(super) struct Compute {
    threads: Threads,
    waiters: Arc<Waiters>,
}

impl Default for Compute {
    fn default() -> Self {
        Self::new(thread::available_parallelism().map_or(1, NonZero::get))
    }
}

impl Compute {
    fn new(threads: usize) -> Self {
        Self { threads: Threads::new("compute", Nice::SOON, threads), waiters: Arc::default() }
    }

    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let begun = Instant::now();
        let done = timeout(TIMEOUT, self.run_queued(work)).await.unwrap_or(Err(Busy));
        metrics::histogram!("tandem_compute_seconds").record(begun.elapsed().as_secs_f64());
        if done.is_err() {
            metrics::counter!("tandem_compute_refused_total").increment(1);
        }
        done
    }

    async fn run_queued<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let queued = self.waiters.enter(MAX_QUEUED).ok_or(Busy)?;
        let thread = self.threads.acquire().await.map_err(|_| Busy)?;
        drop(queued);
        // The permit moves into the job: the thread is busy until the job ends, even if the caller has stopped waiting.
        thread.run((), work).await.map_err(|_| Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn work_is_done_on_another_thread() {
        let here = thread::current().id();
        assert_ne!(Compute::new(1).run(move || thread::current().id()).await, Ok(here));
    }

    #[tokio::test]
    async fn what_cannot_begin_in_time_is_refused_and_others_go_on() {
        let compute = Compute::new(1);
        let (go, wait) = mpsc::channel::<()>();
        let held = tokio::spawn({
            let compute = compute.clone();
            async move { compute.run(move || wait.recv().is_ok()).await }
        });
        while compute.threads.free() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(compute.run(|| 1).await, Err(Busy));
        go.send(()).unwrap();
        let _ = held.await.unwrap();
        assert_eq!(compute.run(|| 1).await, Ok(1));
    }

    #[tokio::test]
    async fn a_panic_is_not_passed_on() {
        assert_eq!(Compute::new(1).run(|| -> i32 { panic!("on purpose") }).await, Err(Busy));
    }
}
