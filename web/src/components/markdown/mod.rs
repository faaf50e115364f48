//! Markdown of replies: pulldown-cmark's events become Yew nodes, never HTML text.
//!
//! [`ast`] is what is shown, [`parse`] reads it, [`mend`] closes what is still half open, [`document`] keeps finished
//! blocks and parses only the open tail, [`highlight`] colours code, [`links`] says what may be a link, [`view`] draws.

mod ast;
mod document;
mod highlight;
mod inline;
mod links;
mod mend;
mod parse;
mod view;

pub use links::linkified;
pub use view::{CodeBlock, CodeBlockProps, Prose, ProseProps};
