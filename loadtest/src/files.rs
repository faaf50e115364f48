//! Open files: every socket is one, and systems start programs with fewer than thousands of sockets need.

use crate::measure::process::Process;

/// Files beside the sockets: the fake provider's connections, HTTP, the database, the system's own.
const BESIDE: u64 = 300;

/// Too few files may be opened.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{who} may open {allowed} files and needs {needed}: start it from a shell after `ulimit -n {needed}`")]
pub struct TooFew {
    who: &'static str,
    allowed: u64,
    needed: u64,
}

/// Makes room for so many sockets in this process, and looks whether the server has it.
///
/// # Errors
/// When the system allows one of them too few files.
pub fn make_room(sockets: usize, server: Option<Process>) -> Result<(), TooFew> {
    let needed = u64::try_from(sockets).unwrap_or(u64::MAX).saturating_add(BESIDE);
    enough("the load tester", raise(), needed)?;
    enough("the server", server.and_then(Process::file_limit), needed)
}

fn enough(who: &'static str, allowed: Option<u64>, needed: u64) -> Result<(), TooFew> {
    match allowed {
        Some(allowed) if allowed < needed => Err(TooFew { who, allowed, needed }),
        _ => Ok(()),
    }
}

/// Raises the limit of this process as far as the system lets it; `None` when there is none.
#[cfg(unix)]
fn raise() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // What is not allowed leaves the limit as it was, and whether that is enough is looked at next.
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
        assert_eq!(make_room(10, None), Ok(()));
        let refused = enough("the server", Some(1024), 10_300).unwrap_err();
        assert!(refused.to_string().ends_with("`ulimit -n 10300`"), "{refused}");
        assert_eq!(enough("the server", None, u64::MAX), Ok(()));
    }
}
