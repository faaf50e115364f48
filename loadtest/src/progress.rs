//! How the run goes: one line that is rewritten on a terminal, a line every ten seconds elsewhere.

use crate::measure::Meter;
use std::{
    io::{IsTerminal, Write, stderr},
    sync::Arc,
    time::Duration,
};
use tokio::{task::JoinHandle, time::interval};

/// Between two lines where there is no terminal.
const PLAIN: Duration = Duration::from_secs(10);
/// Between two states of the line on a terminal.
const REWRITTEN: Duration = Duration::from_millis(500);

/// Shows the progress until it is dropped.
#[derive(Debug)]
pub struct Progress {
    task: JoinHandle<()>,
    terminal: bool,
}

impl Progress {
    #[must_use]
    pub fn show(meter: Arc<Meter>) -> Self {
        let terminal = stderr().is_terminal();
        let task = tokio::spawn(async move {
            let mut ticks = interval(if terminal { REWRITTEN } else { PLAIN });
            ticks.tick().await;
            loop {
                ticks.tick().await;
                let line = line(&meter);
                // Progress that cannot be shown is no reason to end the run.
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
            // As above.
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
    fn the_line_tells_what_has_happened_so_far() {
        let meter = Meter::new(Clock::start());
        meter.sockets.add(100);
        meter.error("socket", "cut");
        assert_eq!(line(&meter), "00:00  100 sockets  0 replies  0 tokens  0 task changes  1 errors");
        meter.token.record(1, 2_000_000);
        assert!(line(&meter).contains("(added 2.0 ms, p99 2.0 ms)"));
    }
}
