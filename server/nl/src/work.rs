//! The work that one text may cost.
//!
//! Rules are tried at each place of a text, and some of them look at each pair of places. People write sentences for which
//! that is nothing; a text can be made for which it is seconds, and a thread cannot be stopped from outside. So the rules
//! that are tried most often count what they do, for all of a text together. When the limit is reached they match nothing
//! any more, and what has been understood by then is dropped: half of a text is not acted on.
//!
//! **Invariant:** every entry point of the crate that tries rules does so inside of [`within`].

use std::cell::Cell;

/// Steps that one text may cost. A step is a comparison of a few words, some tens of nanoseconds; sentences of people take
/// some thousands.
pub(crate) const LIMIT: u32 = 40_000;

thread_local! {
    /// Steps that are left, while a text is read.
    static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Ends the reading of a text, also after a panic: the next text of this thread has its own limit.
struct Ends;

impl Drop for Ends {
    fn drop(&mut self) {
        LEFT.set(None);
    }
}

/// Reads a text with its own limit; `None` when it was reached. A part of a text counts with the whole.
pub(crate) fn within<T>(read: impl FnOnce() -> T) -> Option<T> {
    if LEFT.get().is_some() {
        let found = read();
        return (LEFT.get() != Some(0)).then_some(found);
    }
    LEFT.set(Some(LIMIT));
    let _ends = Ends;
    let found = read();
    (LEFT.get() != Some(0)).then_some(found)
}

/// Takes steps from what is left; `false` when there are not so many.
pub(crate) fn spend(steps: u32) -> bool {
    let Some(left) = LEFT.get() else { return true };
    let left = left.saturating_sub(steps);
    LEFT.set(Some(left));
    left > 0
}

/// The steps that reading a text takes, up to the limit.
#[cfg(test)]
pub(crate) fn steps_of<T>(read: impl FnOnce() -> T) -> u32 {
    LEFT.set(Some(LIMIT));
    let _ = read();
    LIMIT - LEFT.replace(None).unwrap_or(0)
}
