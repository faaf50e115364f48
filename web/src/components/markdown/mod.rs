//! Markdown of replies, drawn as Yew nodes.
//!
//! A model writes this text, and may be made to write anything. So it is parsed into a tree without raw HTML, and never
//! inserted as HTML.
//!
//! Reading order: [`ast`] is the tree. [`parse`] reads blocks, with [`lines`], [`table`] and [`references`]; [`spans`]
//! reads what is inside a line, with [`emphasis`] and [`entities`]. [`document`] parses a streamed reply incrementally,
//! and [`preview`] with [`open_spans`] completes the markup at its end. [`view`] draws the tree, with [`highlight`] for
//! code and [`links`] for URLs.

mod ast;
mod document;
mod emphasis;
mod entities;
mod highlight;
mod lines;
mod links;
mod open_spans;
mod parse;
mod preview;
mod references;
mod spans;
mod table;
#[cfg(test)]
mod tests;
mod view;

pub(crate) use links::linkified;
pub(crate) use view::{CodeBlock, Prose};
