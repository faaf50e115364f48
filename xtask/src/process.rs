//! Runs other programs.
//!
//! Every command line is printed before it starts, so that a failing step can be repeated by hand.
//!
//! An error always contains the command line of the program that failed.

use std::ffi::OsStr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};

/// The interval at which a running program is polled.
pub(crate) const POLL: Duration = Duration::from_millis(50);

/// Prints the command line and runs it with the input and output of this process.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    println!("$ {}", shown(command));
    let status = command.status().with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed: {status}", shown(command));
    }
    Ok(())
}

/// Runs a command without printing it and returns its standard output; its error output goes to the terminal.
///
/// # Errors
/// When the program cannot be started, does not succeed, or prints text that is not UTF-8.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !output.status.success() {
        bail!("`{}` failed: {}", shown(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed text that is not UTF-8", shown(command)))
}

/// Sends SIGTERM to a program, which may have ended already.
pub(crate) fn terminate(child: &Child) -> anyhow::Result<()> {
    // The kill that is built into the shell: not every system has one as a program.
    output(Command::new("sh").args(["-c", "kill -TERM \"$0\" 2>/dev/null || true", &child.id().to_string()])).map(drop)
}

/// Starts a program in a process group of its own: Ctrl-C in the terminal then reaches this process only, which stops the
/// program in its own order.
pub(crate) fn in_own_group(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
}

/// The command as typed in a shell, with quotes around arguments that need them.
pub(crate) fn shown(command: &Command) -> String {
    // Without its folder: cargo's own path is long and differs between machines.
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program).chain(command.get_args()).map(quoted).collect::<Vec<_>>().join(" ")
}

fn quoted(argument: &OsStr) -> String {
    let argument = argument.to_string_lossy();
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./:=,@%+".contains(letter);
    if !argument.is_empty() && argument.chars().all(is_plain) { argument.into_owned() } else { format!("'{argument}'") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["build", "two words", "a[0]", ""]);
        assert_eq!(shown(&command), "cargo build 'two words' 'a[0]' ''");
    }

    #[test]
    fn a_failing_program_is_an_error_that_names_it() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert!(error.to_string().contains("sh -c 'exit 3'"), "{error}");
    }
}
