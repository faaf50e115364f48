//! What a caller of this crate may rely on, tested through its public items: that texts mean what `CommonMark` and
//! pulldown-cmark read in them, that the tree does not depend on the pieces, and that the time is linear.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its fixtures has failed")]

mod commonmark;
mod html;
mod linear_time;
mod mutations;
mod oracle;
