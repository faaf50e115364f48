//! A Markdown reader for text that is still being written, such as the reply of a language model.
//!
//! A [`Document`] takes text in pieces of any size, and has the tree of [`Block`]s and [`Inline`]s to draw after each of
//! them. [`highlight()`] splits the code of a block into coloured pieces, [`split_urls`] finds the URLs in plain text, and
//! [`plain_text`] leaves the words alone.
//!
//! ```
//! use tandem_markdown::{Block, Document, Inline};
//!
//! let mut document = Document::default();
//! document.append("Some **bo");
//! // Markup at the end is completed, so that it does not flicker.
//! let bold = |words: &str| Inline::Strong(vec![Inline::Text(words.into())]);
//! assert_eq!(*document.blocks()[0], Block::Paragraph(vec![Inline::Text("Some ".into()), bold("bo")]));
//!
//! document.append("ld** words");
//! document.finish();
//! let words = Inline::Text(" words".into());
//! assert_eq!(*document.blocks()[0], Block::Paragraph(vec![Inline::Text("Some ".into()), bold("bold"), words]));
//! ```
//!
//! It reads the blocks and inlines of `CommonMark`, and tables, task lists and strikethrough as GitHub does. Why not a
//! parser that exists: one that is complete weighs a tenth of the web client, most of it tables of entities and letter
//! cases, and would read the whole text again for each piece. Of the 652 examples of the specification 564 are read as it
//! says, once relative URLs, which are never linked, have a host; `tests/suite/commonmark.rs` lists the others with the
//! reasons.
//!
//! What always holds, for any text (`fuzz/` and `tests/suite` look for one that breaks it):
//!
//! - **Everything in the tree is safe to draw.** Raw HTML is text, and the URL of a link begins with `http:`, `https:` or
//!   `mailto:`. A model may be made to write anything.
//! - **The time is linear in the length of the text**, and so is the size of the tree.
//! - **The tree does not depend on the pieces.** A finished document equals the one whose text came at once.
//!
//! Reading order: [`tree`] is the result. [`blocks`] reads blocks, with [`lines`], [`table`] and [`references`];
//! [`spans`] reads what is inside a line, with [`emphasis`], [`entities`] and [`urls`]. [`document`] parses
//! incrementally, and [`preview`] with [`open_spans`] completes the markup at the end.

mod blocks;
mod document;
mod emphasis;
mod entities;
mod highlight;
mod lines;
mod math;
mod open_spans;
mod plain;
mod preview;
mod references;
mod spans;
mod table;
mod tree;
mod urls;

pub use document::{Chunk, Document};
pub use highlight::{Token, highlight};
pub use math::{Formula, formula};
pub use plain::plain_text;
pub use tree::{AlertKind, Align, Block, Inline, ListItem};
pub use urls::{TextPiece, split_urls};
