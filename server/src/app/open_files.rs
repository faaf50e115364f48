//! The limit of open files of the process. Each connection is one.
//!
//! Many systems start a process with a limit of 1,024, for old programs that use `select`. One address may open as many
//! connections. The hard limit is far higher, and a process may raise its own limit up to it.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit as far as the system allows, and logs a warning if it is less than `connections`.
pub(super) fn allow(connections: usize) {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let allowed = if raised.is_ok() { maximum } else { current };
    let needed = u64::try_from(connections).unwrap_or(u64::MAX);
    if let Some(allowed) = allowed.filter(|allowed| *allowed < needed) {
        tracing::warn!(
            allowed,
            connections,
            "the limit of open files is less than TANDEM_CONNECTIONS: raise it (ulimit -n)"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_allowed_as_the_system_lets_us() {
        allow(1);
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }
}
