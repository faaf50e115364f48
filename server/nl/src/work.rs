//! The work that one text may cost.
//!
//! Rules are tried at each place of a text, and some of them look at each pair of places. People write sentences for which
//! that is nothing; a text can be made for which it is seconds, and a thread cannot be stopped from outside. So the rules
//! that are tried most often count what they do, for all of a text together. When the limit is reached they match nothing
//! any more, and what has been understood by then is dropped: half of a text is not acted on.
//!
//! A rule may put a sentence into other words and have it read again. A thread whose stack is full ends the whole process,
//! so these readings are counted, too: each of them goes through [`deeper`], and too many within each other are as much as
//! too many steps.
//!
//! **Invariant:** every entry point of the crate that tries rules does so inside of [`within`]; every reader that leads
//! back to itself does so through [`deeper`].

use std::cell::Cell;

/// Steps that one text may cost. A step is a comparison of a few words, some tens of nanoseconds; sentences of people take
/// some thousands.
pub(crate) const LIMIT: u32 = 40_000;
/// Readings within each other. A correction of an answer reads the question and the request before it, each perhaps cut in two.
pub(crate) const DEEPEST: u8 = 8;

thread_local! {
    /// Steps that are left, while a text is read.
    static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
    /// Readings that have begun and not ended.
    static DEPTH: Cell<u8> = const { Cell::new(0) };
}

/// Ends the reading of a text, also after a panic: the next text of this thread has its own limit.
struct Ends;

impl Drop for Ends {
    fn drop(&mut self) {
        LEFT.set(None);
        DEPTH.set(0);
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

/// Reads a sentence within the reading of another one; `None` when there are too many of them, which ends the work on the text.
pub(crate) fn deeper<T>(read: impl FnOnce() -> Option<T>) -> Option<T> {
    let depth = DEPTH.get();
    if depth == DEEPEST {
        LEFT.set(Some(0));
        return None;
    }
    DEPTH.set(depth + 1);
    let found = read();
    DEPTH.set(depth);
    found
}

/// The steps that reading a text takes, up to the limit.
#[cfg(test)]
pub(crate) fn steps_of<T>(read: impl FnOnce() -> T) -> u32 {
    LEFT.set(Some(LIMIT));
    let _ = read();
    DEPTH.set(0);
    LIMIT - LEFT.replace(None).unwrap_or(0)
}
