//! The limits of a run in number. Sizes in bytes are in `sizes`, the limits of what calls may change in `call_budget`,
//! and times are settings (`timeouts`).

/// Answers of providers in a run that request tools.
pub(super) const MAX_STEPS: usize = 10;
/// A reply that has shown this many characters does not start over: the user has read them.
pub(super) const RESTART_CHARS: usize = 400;
/// Retries with the same provider before its first token.
pub(super) const MAX_RETRIES: u32 = 2;
