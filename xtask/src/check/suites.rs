//! Compiles, runs and counts the tests.
//!
//! They are counted because a filter that matches no test, or a suite that is no longer part of the workspace, would
//! otherwise pass.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::process;
use crate::workspace::Workspace;

/// Builds the tests and the binaries that the black-box tests start.
pub(crate) fn build(workspace: &Workspace) -> anyhow::Result<String> {
    // In one call: cargo then chooses the same features for both and compiles each dependency once.
    let arguments = ["build", "--workspace", "--lib", "--bins", "--tests", "--examples", "--locked"];
    process::run(workspace.cargo().args(arguments))?;
    Ok(String::new())
}

/// Runs all tests, also after a failure, and returns their number.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<String> {
    count(workspace, &["--workspace", "--no-fail-fast"])
}

/// Runs the tests that replace locks and threads by those of a scheduler, which chooses the interleavings.
pub(crate) fn interleavings(workspace: &Workspace) -> anyhow::Result<String> {
    count(workspace, &["--package", "tandem-realtime", "--features", "shuttle", "--lib", "interleavings"])
}

/// Runs the tests of a suite that are ignored unless they get what they need in these variables.
pub(crate) fn run_ignored(
    workspace: &Workspace,
    suite: &str,
    filter: &str,
    variables: &[(&str, &OsStr)],
) -> anyhow::Result<String> {
    let mut cargo = workspace.cargo();
    // Of the whole workspace, as it was built: for one package cargo might choose other features, and compile all again.
    cargo.args(["test", "--locked", "--workspace", "--test", suite, filter]);
    cargo.args(["--", "--ignored", "--nocapture"]).envs(variables.iter().copied());
    counted(cargo)
}

/// Runs tests, passes their output on, and counts them.
fn count(workspace: &Workspace, arguments: &[&str]) -> anyhow::Result<String> {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--locked"]).args(arguments);
    counted(cargo)
}

fn counted(mut cargo: Command) -> anyhow::Result<String> {
    cargo.stdout(Stdio::piped());
    println!("$ {}", process::shown(&cargo));
    let mut child = cargo.spawn().context("cannot start cargo")?;
    let mut count = Count::default();
    if let Some(output) = child.stdout.take() {
        // As bytes, because a test may print text that is not UTF-8.
        for line in BufReader::new(output).split(b'\n') {
            let line = line.context("cannot read what the tests print")?;
            count.add(&String::from_utf8_lossy(&line));
            let mut terminal = std::io::stdout().lock();
            terminal
                .write_all(&line)
                .and_then(|()| terminal.write_all(b"\n"))
                .context("cannot print the output of the tests")?;
        }
    }
    let status = child.wait().context("cannot wait for cargo")?;
    if !status.success() {
        bail!("cargo test failed ({status}): {}", count.summary());
    }
    if count.passed == 0 {
        bail!("no test was run");
    }
    Ok(count.summary())
}

/// Sums of the last lines of all test binaries.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    passed: usize,
    failed: usize,
    ignored: usize,
}

impl Count {
    /// Adds a line such as `test result: ok. 12 passed; 0 failed; 1 ignored; …`; other lines add nothing.
    fn add(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
            return;
        };
        for part in counts.split("; ") {
            let Some((number, name)) = part.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<usize>() else { continue };
            match name {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }

    fn summary(&self) -> String {
        format!("{} tests passed, {} failed, {} ignored", self.passed, self.failed, self.ignored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_are_summed_and_other_lines_are_ignored() {
        let mut count = Count::default();
        for line in [
            "running 3 tests",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.02s",
            "test auth::the_result_is_shown ... ok",
            "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s",
        ] {
            count.add(line);
        }
        assert_eq!(count, Count { passed: 16, failed: 2, ignored: 1 });
    }
}
