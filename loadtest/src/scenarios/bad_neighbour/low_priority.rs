//! Threads with low priority for the neighbour, and busy threads for a baseline.
//!
//! In production the neighbour is another machine. Here it shares the cores with the users and the server, and its own work
//! (long texts, thousands of connections) would slow them down. With low priority, what is measured is the work of the
//! server, which has the ordinary priority.

use std::{io, num::NonZero, sync::Arc, thread};
use tokio::runtime::{Builder, Handle, Runtime};

/// A runtime whose threads run when no other thread needs the core.
#[derive(Debug)]
pub(super) struct LowPriorityRuntime {
    handle: Handle,
    /// `None` only while this is dropped.
    runtime: Option<Runtime>,
}

impl LowPriorityRuntime {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("neighbour")
            .on_thread_start(lower_priority)
            .enable_all()
            .build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for LowPriorityRuntime {
    fn drop(&mut self) {
        // Dropping a runtime waits for its threads, which panics inside a task.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// One busy thread of ordinary priority for each core, until this is dropped.
#[derive(Debug)]
pub(super) struct BusyCores(Arc<()>);

impl BusyCores {
    pub(super) fn start() -> Self {
        let this = Self(Arc::default());
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            let alive = Arc::downgrade(&this.0);
            thread::spawn(move || while alive.strong_count() > 0 {});
        }
        this
    }
}

#[cfg(unix)]
fn lower_priority() {
    // On Linux this changes the priority of the calling thread only. If it fails, the figures are worse.
    let _ = rustix::process::setpriority_process(None, 19);
}

#[cfg(not(unix))]
fn lower_priority() {}
