//! Markdown of replies, drawn as Yew nodes.
//!
//! A model writes this text, and may be made to write anything. So the crate `tandem_markdown` reads it into a tree without
//! raw HTML, and nothing is ever inserted as HTML. [`view`] draws the tree, with [`links`] for URLs and [`math`] for formulas.

mod links;
mod math;
mod view;

pub(crate) use links::linkified;
pub(crate) use view::{CodeBlock, Prose, notes};
