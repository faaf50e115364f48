//! The limit of open files, for this process and the server.
//!
//! Each socket is an open file, and systems start programs with a limit of about a thousand. A run that reached the limit
//! would report failed connections as errors of the server, so it is checked before the run.

use crate::measure::process::Process;

/// Files other than sockets: connections of the fake provider, HTTP, the database.
const OTHER_FILES: u64 = 300;

/// A process may not open enough files.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{program} may open {allowed} files and needs {needed}: start it from a shell after `ulimit -n {needed}`")]
pub struct TooFewFiles {
    program: &'static str,
    allowed: u64,
    needed: u64,
}

/// Raises the limit of this process for so many sockets, and checks the limit of the server.
///
/// # Errors
/// When the limit of either process is too low.
pub fn ensure_file_limit(sockets: usize, server: Option<Process>) -> Result<(), TooFewFiles> {
    let needed = u64::try_from(sockets).unwrap_or(u64::MAX).saturating_add(OTHER_FILES);
    enough("the load tester", raise(), needed)?;
    enough("the server", server.and_then(Process::file_limit), needed)
}

fn enough(program: &'static str, allowed: Option<u64>, needed: u64) -> Result<(), TooFewFiles> {
    match allowed {
        Some(allowed) if allowed < needed => Err(TooFewFiles { program, allowed, needed }),
        _ => Ok(()),
    }
}

/// Raises the limit of this process as far as the system allows; returns `None` when there is no limit.
#[cfg(unix)]
fn raise() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // On an error the limit stays as it was; the caller checks whether that is enough.
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    if raised.is_ok() { maximum } else { current }
}

#[cfg(not(unix))]
fn raise() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_sockets_fit_and_more_than_the_system_allows_do_not() {
        assert_eq!(ensure_file_limit(10, None), Ok(()));
        let refused = enough("the server", Some(1024), 10_300).unwrap_err();
        assert!(refused.to_string().ends_with("`ulimit -n 10300`"), "{refused}");
        assert_eq!(enough("the server", None, u64::MAX), Ok(()));
    }
}
