//! The threads of the neighbour, and some that are only busy.
//!
//! In life the neighbour sits at another machine. Here it shares the cores with the people and the server, and would slow them down by
//! its own work: writing long texts, opening thousands of connections. So its threads are the last to be run, and what is
//! measured is what it makes the server do, which the server does at its own priority.

use std::{io, num::NonZero, sync::Arc, thread};
use tokio::runtime::{Builder, Handle, Runtime};

/// Threads that are run when nobody else wants the core.
#[derive(Debug)]
pub(super) struct Apart {
    handle: Handle,
    /// It is taken when this is dropped.
    runtime: Option<Runtime>,
}

impl Apart {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("neighbour")
            .on_thread_start(give_way)
            .enable_all()
            .build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// What they run is spawned here.
    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        // To wait for them is not allowed in a task.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Threads of the ordinary priority, one for each core, that never rest until this is dropped.
#[derive(Debug)]
pub(super) struct BusyCores(Arc<()>);

impl BusyCores {
    pub(super) fn start() -> Self {
        let this = Self(Arc::default());
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            let goes_on = Arc::downgrade(&this.0);
            thread::spawn(move || while goes_on.strong_count() > 0 {});
        }
        this
    }
}

#[cfg(unix)]
fn give_way() {
    // On Linux a priority is of a thread. Where it cannot be lowered the figures are only worse.
    let _ = rustix::process::setpriority_process(None, 19);
}

#[cfg(not(unix))]
fn give_way() {}
