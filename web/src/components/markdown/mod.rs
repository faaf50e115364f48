//! Markdown of replies: read into blocks, which become Yew nodes, never HTML text.
//!
//! [`ast`] is what is shown, [`parse`] reads it (`lines` and `table` what blocks are, `spans` and `emphasis` what is in a
//! line), [`mend`] closes what is still half open, [`document`] keeps finished
//! blocks and parses only the open tail, [`highlight`] colours code, [`links`] says what may be a link, [`view`] draws.

mod ast;
mod document;
#[cfg(test)]
mod effort;
mod emphasis;
mod entities;
mod highlight;
mod inline;
mod lines;
mod links;
mod mend;
#[cfg(test)]
mod oracle;
mod parse;
mod spans;
mod table;
mod view;

pub use links::linkified;
pub use view::{CodeBlock, CodeBlockProps, Prose, ProseProps};
