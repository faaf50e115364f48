//! The limits of a run in number and time. Sizes in bytes are in `sizes`, the limits of what calls may change in
//! `call_budget`.

use std::time::Duration;

/// Answers of providers in a run that request tools.
pub(super) const MAX_STEPS: usize = 10;
/// Time that a run works, without its waits for the user.
pub(super) const MAX_WORK: Duration = Duration::from_mins(10);
/// Time from the request to the first token, be it of text, of a call or of thoughts.
pub(super) const FIRST_TOKEN_TIMEOUT: Duration = Duration::from_secs(20);
/// Time from one token to the next.
pub(super) const NEXT_TOKEN_TIMEOUT: Duration = Duration::from_secs(30);
/// Time from one token to the next while the model thinks.
pub(super) const NEXT_THOUGHT_TIMEOUT: Duration = Duration::from_mins(1);
/// A reply that has shown this many characters does not start over: the user has read them.
pub(super) const RESTART_CHARS: usize = 400;
/// Retries with the same provider before its first token.
pub(super) const MAX_RETRIES: u32 = 2;
