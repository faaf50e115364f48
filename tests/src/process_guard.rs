//! A process that a test starts ends with the test, however the test ends.
//!
//! A shell waits for the end of a pipe that the test keeps open. When the pipe ends, also by a panic, a kill or Ctrl-C, the
//! shell kills the process group and removes its folder.

use std::{
    io,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

/// Waits for the end of its input, then kills the group `$1` and removes the folder `$2`.
const SCRIPT: &str = r#"read -r _; kill -9 "-$1" 2>/dev/null; rm -rf "$2""#;

/// Guards a process group until it is dropped.
#[derive(Debug)]
pub(crate) struct ProcessGuard(Child);

impl ProcessGuard {
    /// Guards the group of `leader` (see [`lead_group`]) and the folder that it works in.
    pub(crate) fn watch(leader: &Child, folder: &Path) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "process_guard", &leader.id().to_string()]).arg(folder);
        // A group of its own, so that Ctrl-C in a terminal reaches the test and not the guard.
        shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(shell.spawn().expect("the tests need a POSIX shell"))
    }
}

impl Drop for ProcessGuard {
    fn drop(&mut self) {
        // Killed before the pipe ends, so that it does not kill the group. An error means that it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process with its guard.
#[derive(Debug)]
pub(crate) struct GuardedProcess {
    pub(crate) child: Child,
    _guard: ProcessGuard,
}

impl GuardedProcess {
    /// Starts a command that works in `folder`.
    pub(crate) fn start(command: &mut Command, folder: &Path) -> io::Result<Self> {
        let child = lead_group(command).spawn()?;
        let process_guard = ProcessGuard::watch(&child, folder);
        Ok(Self { child, _guard: process_guard })
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().expect("a process of one's own can be killed");
        self.child.wait().expect("a killed process ends");
    }
}

/// Makes a command start as the leader of a process group of its own.
pub(crate) fn lead_group(command: &mut Command) -> &mut Command {
    command.process_group(0).stdin(Stdio::null())
}
