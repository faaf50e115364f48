//! The limits of a run: how often, how long, and how much.

use std::time::Duration;

/// Answers of providers in a run.
pub(super) const MAX_STEPS: usize = 10;
/// Tool calls of an answer.
pub(super) const MAX_CALLS: usize = 16;
/// Work of a run, without waits for the user.
pub(super) const MAX_WORK: Duration = Duration::from_mins(10);
pub(super) const MAX_ANSWER: Duration = Duration::from_mins(2);
/// From the request to the first token.
pub(super) const FIRST_TOKEN_TIMEOUT: Duration = Duration::from_secs(20);
/// From one token to the next.
pub(super) const NEXT_TOKEN_TIMEOUT: Duration = Duration::from_secs(30);
/// A reply of which so many characters were shown does not start over.
pub(super) const RESTART_CHARS: usize = 400;
/// Times that a provider is asked again before its first token.
pub(super) const MAX_RETRIES: u32 = 2;
