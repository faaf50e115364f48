//! Progress of a run on standard error.
//!
//! A terminal shows one line that is rewritten twice a second. A log file gets a new line every ten seconds instead, because
//! it would keep every rewritten one.

use crate::measure::Meter;
use std::{
    io::{IsTerminal, Write, stderr},
    sync::Arc,
    time::Duration,
};
use tokio::{task::JoinHandle, time::interval};

/// Interval of new lines without a terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(10);
/// Interval of updates of the line on a terminal.
const UPDATE_INTERVAL: Duration = Duration::from_millis(500);

/// Shows the progress until it is dropped.
#[derive(Debug)]
pub struct Progress {
    task: JoinHandle<()>,
    terminal: bool,
}

impl Progress {
    pub fn show(meter: Arc<Meter>) -> Self {
        let terminal = stderr().is_terminal();
        let task = tokio::spawn(async move {
            let mut ticks = interval(if terminal { UPDATE_INTERVAL } else { LINE_INTERVAL });
            // The first tick is immediate, when there is nothing to show yet.
            ticks.tick().await;
            loop {
                ticks.tick().await;
                let line = line(&meter);
                // A run does not end because its progress cannot be written.
                let _ = if terminal { write!(stderr(), "\r\x1b[2K{line}") } else { writeln!(stderr(), "{line}") };
            }
        });
        Self { task, terminal }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.task.abort();
        if self.terminal {
            // Ignored for the same reason.
            let _ = write!(stderr(), "\r\x1b[2K");
        }
    }
}

fn line(meter: &Meter) -> String {
    let seconds = meter.clock.elapsed().as_secs();
    let latency = match (meter.token.quantile(0.5), meter.token.quantile(0.99)) {
        (Some(half), Some(most)) => format!(" (added {half:.1} ms, p99 {most:.1} ms)"),
        _ => String::new(),
    };
    format!(
        "{:02}:{:02}  {} sockets  {} replies  {} tokens{latency}  {} task changes  {} errors",
        seconds / 60,
        seconds % 60,
        meter.sockets.get(),
        meter.replies.get(),
        meter.tokens.get(),
        meter.changes.get(),
        meter.errors_in_all(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn the_line_shows_the_counts_so_far() {
        let meter = Meter::new(Clock::start());
        meter.sockets.add(100);
        meter.error("socket", "cut");
        assert_eq!(line(&meter), "00:00  100 sockets  0 replies  0 tokens  0 task changes  1 errors");
        meter.token.record(1, 2_000_000);
        assert!(line(&meter).contains("(added 2.0 ms, p99 2.0 ms)"));
    }
}
