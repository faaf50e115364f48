//! `cargo xtask test`: everything that must hold before a change goes in, in the order of what fails soonest.

mod contract;
mod report;
mod steps;
mod suites;
mod tools;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::bail;

use crate::check::report::{Line, Outcome};
use crate::check::steps::{STEPS, Step};
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Do only this step; may be given more than once
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// List the steps and do nothing
    #[arg(long)]
    list: bool,
}

/// Performs the steps one after the other, and stops at the first that fails.
pub(crate) fn test(workspace: &Workspace, options: &Options) -> anyhow::Result<ExitCode> {
    if options.list {
        print!("{}", report::listing(&STEPS));
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = Vec::new();
    let mut failure = None;
    for step in chosen(&options.only)? {
        if failure.is_some() {
            lines.push(Line { step: step.name, outcome: Outcome::NotRun });
            continue;
        }
        println!("\n=== {}: {}", step.name, step.about);
        let start = Instant::now();
        let outcome = match (step.perform)(workspace) {
            Ok(note) => Outcome::Passed { time: start.elapsed(), note },
            Err(error) => {
                failure = Some((step.name, error));
                Outcome::Failed { time: start.elapsed() }
            }
        };
        lines.push(Line { step: step.name, outcome });
    }
    print!("\n{}", report::table(&lines));
    match failure {
        None => Ok(ExitCode::SUCCESS),
        Some((name, error)) => Err(error.context(format!("step `{name}` failed"))),
    }
}

/// The steps that were asked for, in their own order; all when none was.
fn chosen(only: &[String]) -> anyhow::Result<Vec<&'static Step>> {
    if let Some(unknown) = only.iter().find(|name| !STEPS.iter().any(|step| step.name == name.as_str())) {
        bail!("there is no step `{unknown}`; `cargo xtask test --list` shows them");
    }
    Ok(STEPS.iter().filter(|step| only.is_empty() || only.iter().any(|name| name == step.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str]) -> Vec<&'static str> {
        let only: Vec<_> = only.iter().map(|&name| name.to_owned()).collect();
        chosen(&only).unwrap().iter().map(|step| step.name).collect()
    }

    #[test]
    fn all_steps_are_done_unless_some_are_named() {
        assert_eq!(names(&[]).len(), STEPS.len());
        assert_eq!(names(&["suites", "format"]), ["format", "suites"]);
    }

    #[test]
    fn an_unknown_step_is_named() {
        let error = chosen(&["nothing".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("`nothing`"), "{error}");
    }
}
