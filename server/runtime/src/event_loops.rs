//! Threads with an event loop each, for tasks that mostly wait for sockets and do little in between.
//!
//! The workers of the main runtime pass tasks on to each other, so that none waits behind a long one. For a task that works some
//! microseconds on each piece that it receives, to wake another worker costs more than the work. A task that is started
//! here stays on its thread, and so do the tasks that it starts: reading its socket, the work and sending need no wake but
//! that of the event loop, which is one for all that is ready.
//!
//! **Invariant:** a task never leaves its thread. It must not keep the thread busy for long: the other tasks wait.

use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

/// Some event loops. They end when this is dropped, with the tasks that they have.
#[derive(Debug)]
pub struct EventLoops {
    loops: Vec<EventLoop>,
    next: AtomicUsize,
}

#[derive(Debug)]
struct EventLoop {
    handle: Handle,
    /// The thread ends when this is dropped.
    _running: oneshot::Sender<()>,
}

impl EventLoops {
    /// Starts `count` threads of this name, at least one.
    ///
    /// # Errors
    /// When the system refuses a thread or an event loop.
    pub fn start(name: &'static str, count: usize) -> io::Result<Self> {
        let loops = (0..count.max(1)).map(|_| EventLoop::start(name)).collect::<io::Result<_>>()?;
        Ok(Self { loops, next: AtomicUsize::new(0) })
    }

    /// The event loop for the next task. They take turns.
    pub fn next(&self) -> &Handle {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        &self.loops[turn % self.loops.len()].handle
    }
}

impl EventLoop {
    fn start(name: &str) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (handle, (running, ended)) = (runtime.handle().clone(), oneshot::channel::<()>());
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            // Nothing is ever sent: it ends with an error.
            let _ = runtime.block_on(ended);
        })?;
        Ok(Self { handle, _running: running })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread_name() -> Option<String> {
        thread::current().name().map(str::to_owned)
    }

    #[tokio::test]
    async fn a_task_and_those_that_it_starts_stay_on_its_thread() {
        let loops = EventLoops::start("replies", 2).unwrap();
        let id = || thread::current().id();
        let task = || {
            loops.next().spawn(async move { (thread_name(), id(), tokio::spawn(async move { id() }).await.unwrap()) })
        };
        let ((name, first, inner), (_, second, _), (_, third, _)) =
            (task().await.unwrap(), task().await.unwrap(), task().await.unwrap());
        assert_eq!((name.as_deref(), inner), (Some("replies"), first));
        assert_eq!(third, first, "they take turns");
        assert_ne!(second, first);
    }

    #[tokio::test]
    async fn tasks_end_with_their_event_loops() {
        let loops = EventLoops::start("replies", 0).unwrap();
        let task = loops.next().spawn(std::future::pending::<()>());
        drop(loops);
        assert!(task.await.unwrap_err().is_cancelled());
    }
}
