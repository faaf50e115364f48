//! Markdown of replies: read into blocks, which become Yew nodes, never HTML text.
//!
//! [`ast`] is what is shown, [`parse`] reads it (`lines` and `table` what blocks are, `spans` and `emphasis` what is in a
//! line), [`preview`] closes what is still half open, [`document`] keeps finished
//! blocks and parses only the open tail, [`highlight`] colours code, [`links`] says what may be a link, [`view`] draws.

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
