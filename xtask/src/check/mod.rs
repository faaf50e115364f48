//! `cargo xtask test`: every check that a change has to pass.
//!
//! Continuous integration runs the same command, so that a change which passes here passes there. The steps are in the
//! order of their duration, as far as they do not need each other's results.
//!
//! The first failing step is the last one that runs.

mod axe;
mod contract;
mod mcp;
mod model;
mod python;
mod report;
mod steps;
mod suites;
mod tools;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::bail;

use crate::check::report::{Outcome, Row};
use crate::check::steps::{STEPS, Step};
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Run only these steps; some run only when they are named
    #[arg(value_name = "STEP")]
    steps: Vec<String>,
    /// The same, one at a time
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// List the steps and run none
    #[arg(long)]
    list: bool,
}

/// Runs the steps one after the other up to the first failure, then prints a table of all.
///
/// # Errors
/// When a step fails, or `--only` has an unknown name.
pub(crate) fn test(workspace: &Workspace, options: &Options) -> anyhow::Result<ExitCode> {
    if options.list {
        print!("{}", report::listing(&STEPS));
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = Vec::new();
    let mut failure = None;
    for step in chosen(&[&options.steps[..], &options.only].concat())? {
        if failure.is_some() {
            rows.push(Row { step: step.name, outcome: Outcome::NotRun });
            continue;
        }
        println!("\n=== {}: {}", step.name, step.about);
        let start = Instant::now();
        let outcome = match (step.run)(workspace) {
            Ok(note) => Outcome::Passed { time: start.elapsed(), note },
            Err(error) => {
                failure = Some((step.name, error));
                Outcome::Failed { time: start.elapsed() }
            }
        };
        rows.push(Row { step: step.name, outcome });
    }
    print!("\n{}", report::table(&rows));
    match failure {
        None => Ok(ExitCode::SUCCESS),
        Some((name, error)) => Err(error.context(format!("step `{name}` failed"))),
    }
}

/// The named steps in the order of [`STEPS`]; when none is named, all but those on request.
fn chosen(only: &[String]) -> anyhow::Result<Vec<&'static Step>> {
    if let Some(unknown) = only.iter().find(|name| !STEPS.iter().any(|step| step.name == name.as_str())) {
        bail!("there is no step `{unknown}`; `cargo xtask test --list` shows them");
    }
    Ok(STEPS
        .iter()
        .filter(|step| if only.is_empty() { !step.on_request } else { only.iter().any(|name| name == step.name) })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str]) -> Vec<&'static str> {
        let only: Vec<_> = only.iter().map(|&name| name.to_owned()).collect();
        chosen(&only).unwrap().iter().map(|step| step.name).collect()
    }

    #[test]
    fn all_steps_run_unless_some_are_named() {
        assert_eq!(names(&[]).len(), STEPS.len() - 1);
        assert!(!names(&[]).contains(&"real-model"), "it downloads a model");
        assert_eq!(names(&["real-model"]), ["real-model"]);
        assert_eq!(names(&["suites", "format"]), ["format", "suites"]);
    }

    #[test]
    fn an_unknown_step_is_named() {
        let error = chosen(&["nothing".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("`nothing`"), "{error}");
    }
}
