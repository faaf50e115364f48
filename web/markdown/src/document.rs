//! Incremental parsing of a text that arrives in pieces.
//!
//! Parsing the whole text for each piece would take quadratic time. A block is finished when the first line of the next
//! block is complete, because no later line can join the two. Finished blocks are kept, and only the open tail is
//! parsed again. The one exception is a link reference whose definition comes later; the parse of the complete text
//! resolves it, and keeps every block that is equal.
//!
//! **Invariant:** an update parses at most [`PER_UPDATE`] bytes and [`PER_BYTE`] bytes for each new one, on average,
//! however long the text is. A tail that is longer than that (a file of code, a long list) is parsed again when enough
//! updates have saved for it: with 256 KiB of code at each sixty-fourth update, or sooner when they bring much text.

use crate::{
    blocks::{outline, parse},
    preview::preview,
    references::Definitions,
    tree::Block,
};
use std::rc::Rc;

/// Bytes of the open tail that each update may parse.
const PER_UPDATE: usize = 4 * 1024;
/// Bytes that an update may parse for each byte that it adds.
const PER_BYTE: usize = 4;
/// Blocks of a chunk.
const CHUNK: usize = 64;

/// Link references that are kept while the text grows. Further ones are resolved when it is complete.
const MAX_NAMES: usize = 1_000;

/// Consecutive blocks; every chunk of a document but the last has 64 of them, and none is empty.
pub type Chunk = Rc<[Rc<Block>]>;

/// A text that arrives in pieces, and its tree.
///
/// Blocks that did not change keep their allocation: whoever draws them compares pointers.
#[derive(Clone, Debug, Default)]
pub struct Document {
    text: String,
    blocks: Vec<Rc<Block>>,
    /// The same blocks in chunks.
    chunks: Vec<Chunk>,
    /// The bytes that may be parsed, saved up by the updates since the last parse.
    saved: usize,
    /// The number of finished blocks, at the start of `blocks`.
    finished: usize,
    /// The length of their text.
    finished_bytes: usize,
    /// The link references of the finished text.
    definitions: Definitions,
    /// Whether the complete text was parsed at once.
    complete: bool,
    /// Bytes that were parsed so far. Tests compare it with the length of the text.
    #[cfg(test)]
    parsed: usize,
}

impl Document {
    /// Adds a piece of the text, which may still grow: incomplete markup at its end is completed. The blocks show a long
    /// open block with a delay, so that the time stays linear.
    ///
    /// A document that was finished is opened again.
    pub fn append(&mut self, piece: &str) {
        let mut added = piece.len();
        if self.complete {
            added += self.text.len();
            *self = Self { text: std::mem::take(&mut self.text), ..Self::default() };
        }
        self.text.push_str(piece);
        // Amortisation: parsing the tail costs its length, so it waits until that much was saved.
        self.saved += PER_UPDATE + PER_BYTE * added;
        if self.saved >= self.text.len() - self.finished_bytes {
            self.saved = 0;
            self.advance();
        }
    }

    /// Declares the text complete, and parses all of it.
    pub fn finish(&mut self) {
        if !self.complete {
            let text = std::mem::take(&mut self.text);
            self.set_text(&text);
        }
    }

    /// Replaces the text by a complete one, and parses it. Blocks that are equal keep their allocation.
    pub fn set_text(&mut self, text: &str) {
        if self.complete && self.text == text {
            return;
        }
        self.count(text.len());
        let mut before = std::mem::take(&mut self.blocks).into_iter();
        self.blocks = parse(text, &Definitions::new())
            .into_iter()
            // Comparing by value once at the end avoids drawing the whole text again.
            .map(|block| before.next().filter(|kept| **kept == block).unwrap_or_else(|| Rc::new(block)))
            .collect();
        self.finished = self.blocks.len();
        self.finished_bytes = text.len();
        text.clone_into(&mut self.text);
        self.complete = true;
        self.cut_into_chunks(0);
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn blocks(&self) -> &[Rc<Block>] {
        &self.blocks
    }

    /// The blocks in groups. With thousands of blocks, whoever draws them compares only those of the groups that changed.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// The blocks that text to come does not change, all but the last ones. The exception is a link whose definition
    /// comes after it: it becomes a link when the text is finished.
    pub fn finished(&self) -> &[Rc<Block>] {
        &self.blocks[..self.finished]
    }

    /// Parses the tail of the text.
    fn advance(&mut self) {
        let finished = self.finished;
        let text = std::mem::take(&mut self.text);
        self.settle(&text[self.finished_bytes..]);
        let tail = preview(&text[self.finished_bytes..]);
        self.count(tail.len());
        self.blocks.truncate(self.finished);
        self.blocks.extend(parse(&tail, &self.definitions).into_iter().map(Rc::new));
        self.cut_into_chunks(finished);
        drop(tail);
        self.text = text;
    }

    /// Finds the blocks of the tail that are finished now.
    fn settle(&mut self, tail: &str) {
        let lines = &tail[..tail.rfind('\n').map_or(0, |end| end + 1)];
        self.count(lines.len());
        let (last, definitions) = outline(lines);
        // The last block may continue, so everything before it is finished.
        let Some(cut) = last.filter(|cut| *cut > 0) else { return };
        self.count(cut);
        self.blocks.truncate(self.finished);
        if self.definitions.len() < MAX_NAMES {
            for (name, address) in definitions {
                self.definitions.entry(name).or_insert(address);
            }
        }
        self.blocks.extend(parse(&lines[..cut], &self.definitions).into_iter().map(Rc::new));
        self.finished = self.blocks.len();
        self.finished_bytes += cut;
    }

    /// Rebuilds the chunks of the blocks that may have changed, those from `from` on.
    fn cut_into_chunks(&mut self, from: usize) {
        let same = |(chunk, blocks): (&Chunk, &[Rc<Block>])| {
            chunk.len() == blocks.len() && chunk.iter().zip(blocks).all(|(one, other)| Rc::ptr_eq(one, other))
        };
        let whole = from / CHUNK;
        let blocks = &self.blocks[whole * CHUNK..];
        // Chunks keep their allocation if their blocks are the same allocations: nothing is compared by value.
        let kept = self.chunks[whole..].iter().zip(blocks.chunks(CHUNK)).take_while(|pair| same(*pair)).count();
        self.chunks.truncate(whole + kept);
        self.chunks.extend(blocks.chunks(CHUNK).skip(kept).map(Rc::from));
    }

    #[cfg(test)]
    fn count(&mut self, bytes: usize) {
        self.parsed += bytes;
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "counts in tests only")]
    fn count(&mut self, _bytes: usize) {}
}

/// A complete text, parsed at once.
impl From<&str> for Document {
    fn from(text: &str) -> Self {
        let mut document = Self::default();
        document.set_text(text);
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Pieces whose joins are where Markdown is decided.
    fn pieces() -> impl Strategy<Value = Vec<&'static str>> {
        let piece = prop::sample::select(vec![
            "\n",
            "\n\n",
            "- ",
            "* ",
            "1. ",
            "2. ",
            "2",
            "> ",
            "# ",
            "## ",
            "```",
            "```rust\n",
            "`",
            "~~~\n",
            "    ",
            "  ",
            "**",
            "*",
            "_",
            "~~",
            "[",
            "](https://a.b)",
            "| a | b |\n",
            "|---|---|\n",
            "| c ",
            "---",
            "===",
            "word ",
            "two words",
            "<b>",
            "</div>",
            "\\",
            "&amp;",
            "![x](y)",
            "[ ] ",
            "[x] ",
            "é",
            "\r\n",
            "\t",
            ":",
            "1) ",
            "+ ",
            "$",
            "$$",
            "$$\n",
            "\\[",
            "\\]\n",
            "[^1]",
            "[^1]: ",
            "> [!TIP]\n",
            "<br>",
        ]);
        prop::collection::vec(piece, 0..40)
    }

    proptest! {
        #[test]
        fn however_a_text_arrives_it_ends_as_if_parsed_at_once(pieces in pieces(), twice in any::<bool>()) {
            let mut document = Document::default();
            for piece in &pieces {
                document.append(piece);
            }
            let finished = document.finished().to_vec();
            document.finish();
            if twice {
                document.finish();
            }
            let whole = Document::from(&*pieces.concat());
            prop_assert_eq!(document.blocks(), whole.blocks());
            // No name is given to an address in these texts, so nothing that was finished may have changed.
            for (kept, now) in finished.iter().zip(document.blocks()) {
                prop_assert!(Rc::ptr_eq(kept, now), "a finished block was touched again: {kept:?} is {now:?}");
            }
        }

        #[test]
        fn any_text_at_all_can_arrive_character_by_character(text in "\\PC{0,80}") {
            let mut document = Document::default();
            for c in text.chars() {
                document.append(c.encode_utf8(&mut [0; 4]));
            }
            document.finish();
            let whole = Document::from(&*text);
            prop_assert_eq!(document.blocks(), whole.blocks());
        }
    }

    fn long_reply() -> String {
        let paragraph = |n| format!("Paragraph {n} with **bold** words, `code` and a [link](https://example.org/{n}).");
        (0..400).map(paragraph).collect::<Vec<_>>().join("\n\n")
    }

    #[test]
    fn a_long_reply_is_not_parsed_again_for_every_word() {
        let text = long_reply();
        let mut document = Document::default();
        let mut frames = 0;
        for piece in text.as_bytes().chunks(24) {
            document.append(std::str::from_utf8(piece).unwrap_or_default());
            frames += 1;
        }
        let per_frame = document.parsed / frames;
        assert!(per_frame < 500, "{per_frame} bytes parsed a frame, of {} in all", text.len());
    }

    #[test]
    fn an_open_block_is_not_parsed_again_for_every_delta() {
        let code = format!("```rust\n{}", "let a = 1;\n".repeat(2_000));
        let list = "- item\n".repeat(3_000);
        let names: Vec<_> = (0..1_200).map(|number| format!("[{number}]: https://a.b")).collect();
        for text in [code, list, names.join("\n")] {
            let mut document = Document::default();
            let (mut updates, mut parsed) = (0, 0);
            for piece in text.as_bytes().chunks(48) {
                document.append(std::str::from_utf8(piece).unwrap_or_default());
                updates += 1;
                parsed = document.parsed;
            }
            // Each time the tail is read it is read twice: for where its blocks begin, and for what is shown.
            assert!(parsed / updates <= 2 * (PER_UPDATE + 48 * PER_BYTE), "{} bytes an update", parsed / updates);
            document.finish();
            assert_eq!(document.blocks(), Document::from(&*text).blocks());
        }
    }

    #[test]
    fn what_is_shown_of_a_long_open_block_is_never_far_behind() {
        let text = format!("```\n{}", "let a = 1;\n".repeat(8_000));
        let mut document = Document::default();
        for piece in text.as_bytes().chunks(512) {
            document.append(std::str::from_utf8(piece).unwrap_or_default());
            let end = document.text().len();
            let Block::Code { text: shown, .. } = &*document.blocks()[0] else { panic!("code") };
            assert!(end - shown.len() < 17 * 512, "{end}: {} shown", shown.len());
        }
    }

    #[test]
    fn a_chunk_of_finished_blocks_is_the_same_chunk_until_the_end() {
        let text = long_reply();
        let mut document = Document::default();
        let (half, rest) = text.split_at(text.len() / 2);
        document.append(half);
        let first = Rc::clone(&document.chunks()[0]);
        document.append(rest);
        document.finish();
        assert!(Rc::ptr_eq(&first, &document.chunks()[0]));
        let chunked: Vec<_> = document.chunks().iter().flat_map(|chunk| chunk.iter().cloned()).collect();
        assert_eq!(chunked, document.blocks());
        assert!(document.chunks().iter().all(|chunk| chunk.len() <= CHUNK));
    }

    #[test]
    fn a_finished_block_is_the_same_block_until_the_end() {
        let text = long_reply();
        let mut document = Document::default();
        let (start, rest) = text.split_at(500);
        document.append(start);
        let first = Rc::clone(&document.blocks()[0]);
        document.append(rest);
        document.finish();
        assert!(Rc::ptr_eq(&first, &document.blocks()[0]));
    }

    #[test]
    fn a_finished_document_can_be_opened_again_and_replaced() {
        let mut document = Document::from("One.\n\nTw");
        document.append("o *th");
        document.append("ree*");
        assert_eq!(document.blocks(), Document::from("One.\n\nTwo *three*").blocks());
        let first = Rc::clone(&document.blocks()[0]);
        document.set_text("One.\n\nAnother.");
        assert_eq!(document.blocks(), Document::from("One.\n\nAnother.").blocks());
        assert!(Rc::ptr_eq(&first, &document.blocks()[0]));
    }

    #[test]
    fn the_first_definition_of_a_name_holds_also_while_the_text_grows() {
        let text = "[a]: https://b.c\n\nOne.\n\n> [a]: https://d.e\n\nSee [a].\n\nEnd.\n";
        let mut document = Document::default();
        for c in text.chars() {
            document.append(c.encode_utf8(&mut [0; 4]));
        }
        assert_eq!(document.blocks(), Document::from(text).blocks());
    }

    #[test]
    fn a_name_given_to_an_address_holds_for_what_follows() {
        let text = "[a]: https://example.org\n\nFirst.\n\nSee [a].";
        let mut document = Document::default();
        for c in text.chars() {
            document.append(c.encode_utf8(&mut [0; 4]));
        }
        document.append("\n");
        assert_eq!(document.blocks().last(), Document::from(text).blocks().last());
    }
}
