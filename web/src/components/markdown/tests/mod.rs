//! What the tests of several modules of this folder use, and the tests that concern all of them.

mod linear_time;
pub(super) mod oracle;
