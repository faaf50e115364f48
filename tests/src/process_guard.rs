//! No orphans: a process that a test started ends with the test, however the test ends.
//!
//! A shell holds the other end of a pipe that this process keeps open. When the pipe ends (a panic, a kill and Ctrl-C
//! included) the shell kills the process group and removes its folder.

use std::{
    io,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

/// Waits for the end of its input; then the group `$1` is killed and the folder `$2` removed.
const HOLD: &str = r#"read -r _; kill -9 "-$1" 2>/dev/null; rm -rf "$2""#;

/// Holds a process group. Dropped, it lets go without doing anything.
#[derive(Debug)]
pub(crate) struct ProcessGuard(Child);

impl ProcessGuard {
    /// Holds the group that `leader` leads (see [`lead_a_group`]) and the folder that it works in.
    pub(crate) fn hold(leader: &Child, folder: &Path) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", HOLD, "process_guard", &leader.id().to_string()]).arg(folder);
        // A group of its own, so that Ctrl-C in a terminal reaches the test and not the guard.
        shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(shell.spawn().expect("the tests need a POSIX shell"))
    }
}

impl Drop for ProcessGuard {
    fn drop(&mut self) {
        // Killed before its input ends, so that it does not act. One that has ended by itself is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process that a test started, with its guard.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) child: Child,
    _guard: ProcessGuard,
}

impl Held {
    /// Starts a command that works in `folder`.
    pub(crate) fn start(command: &mut Command, folder: &Path) -> io::Result<Self> {
        let child = lead_a_group(command).spawn()?;
        let process_guard = ProcessGuard::hold(&child, folder);
        Ok(Self { child, _guard: process_guard })
    }

    /// Cuts it off in the middle of whatever it does.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("a process of one's own can be killed");
        self.child.wait().expect("a killed process ends");
    }
}

/// Makes a command start as the leader of a process group of its own.
pub(crate) fn lead_a_group(command: &mut Command) -> &mut Command {
    command.process_group(0).stdin(Stdio::null())
}
