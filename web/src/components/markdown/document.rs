//! Incremental parsing of a streamed reply.
//!
//! Parsing the whole text for each delta would take quadratic time. A block is finished when the first line of the next
//! block is complete, because no later line can join the two. Finished blocks are kept, and only the open tail is
//! parsed again. The one exception is a link reference whose definition comes later; the parse of the complete text
//! resolves it, and keeps every block that is equal.
//!
//! **Invariant:** an update parses at most [`PER_UPDATE`] bytes and [`PER_BYTE`] bytes for each new one, on average,
//! however long the reply is. A tail that is longer than that (a file of code, a long list) is parsed again when enough
//! updates have saved for it: with 256 KiB of code at each sixty-fourth update, or sooner when they bring much text.

use super::{
    ast::Block,
    parse::{outline, parse},
    preview::preview,
    references::Definitions,
};
use std::rc::Rc;

/// Bytes of the open tail that each update may parse.
const PER_UPDATE: usize = 4 * 1024;
/// Bytes that an update may parse for each byte that it adds.
const PER_BYTE: usize = 4;
/// Blocks per component. With thousands of blocks, an update compares only those of the last chunk.
const CHUNK: usize = 64;

/// Link references that are kept while the reply grows. Further ones are resolved when it is complete.
const MAX_NAMES: usize = 1_000;

/// Consecutive blocks; every chunk but the last has [`CHUNK`] of them.
pub(super) type Chunk = Rc<[Rc<Block>]>;

/// The parsed blocks of one text part.
#[derive(Debug, Default)]
pub(super) struct Document {
    blocks: Vec<Rc<Block>>,
    /// The same blocks in chunks. A chunk whose blocks did not change keeps its allocation, which the components
    /// compare.
    chunks: Vec<Chunk>,
    /// The bytes that may be parsed, saved up by the updates since the last parse.
    saved: usize,
    length: usize,
    /// The number of finished blocks, at the start of `blocks`.
    finished: usize,
    finished_text: String,
    /// The link references of the finished text.
    definitions: Definitions,
    /// Whether the complete text was parsed at once.
    complete: bool,
    /// Bytes that were parsed so far. Tests compare it with the length of the text.
    #[cfg(test)]
    parsed: usize,
}

impl Document {
    #[cfg(test)]
    pub(super) fn of(text: &str) -> Self {
        let mut document = Self::default();
        document.update(text, false);
        document
    }

    pub(super) fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    #[cfg(test)]
    pub(super) fn blocks(&self) -> &[Rc<Block>] {
        &self.blocks
    }

    /// Updates the blocks to the current text. While `open` it may still grow: only what follows the finished blocks is
    /// parsed, and incomplete markup at its end is completed.
    pub(super) fn update(&mut self, text: &str, open: bool) {
        if !open {
            if !self.complete || self.finished_text != text {
                self.finish(text);
                self.cut_into_chunks(0);
            }
            return;
        }
        // The text is not an extension of the last one, for instance because another attempt starts over.
        if self.complete || !text.starts_with(&self.finished_text) {
            *self = Self::default();
        }
        // Amortisation: parsing the tail costs its length, so it waits until that much was saved.
        self.saved += PER_UPDATE + PER_BYTE * text.len().saturating_sub(self.length);
        self.length = text.len();
        if self.saved < text.len() - self.finished_text.len() {
            return;
        }
        self.saved = 0;
        let finished = self.finished;
        self.settle(text);
        let tail = preview(&text[self.finished_text.len()..]);
        self.count(tail.len());
        self.blocks.truncate(self.finished);
        self.blocks.extend(parse(&tail, &self.definitions).into_iter().map(Rc::new));
        self.cut_into_chunks(finished);
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

    /// Finds the blocks of the tail that are finished now.
    fn settle(&mut self, text: &str) {
        let tail = &text[self.finished_text.len()..];
        let lines = &tail[..tail.rfind('\n').map_or(0, |end| end + 1)];
        self.count(lines.len());
        let (starts, definitions) = outline(lines);
        // The last block may continue, so everything before it is finished.
        let Some(&last) = starts.last() else { return };
        let cut = line_start(lines, last);
        if cut == 0 {
            return;
        }
        self.count(cut);
        self.blocks.truncate(self.finished);
        if self.definitions.len() < MAX_NAMES {
            self.definitions.extend(definitions);
        }
        self.blocks.extend(parse(&lines[..cut], &self.definitions).into_iter().map(Rc::new));
        self.finished = self.blocks.len();
        self.finished_text.push_str(&lines[..cut]);
    }

    /// Parses the complete text, and keeps the allocations of equal blocks.
    fn finish(&mut self, text: &str) {
        self.count(text.len());
        let mut before = std::mem::take(&mut self.blocks).into_iter();
        self.blocks = parse(text, &Definitions::new())
            .into_iter()
            // Comparing by value once at the end avoids drawing the whole reply again.
            .map(|block| before.next().filter(|kept| **kept == block).unwrap_or_else(|| Rc::new(block)))
            .collect();
        self.finished = self.blocks.len();
        text.clone_into(&mut self.finished_text);
        self.complete = true;
    }

    #[cfg(test)]
    fn count(&mut self, bytes: usize) {
        self.parsed += bytes;
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "counts in tests only")]
    fn count(&mut self, _bytes: usize) {}
}

/// The start of the line that contains a byte.
fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
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
        ]);
        prop::collection::vec(piece, 0..40)
    }

    proptest! {
        #[test]
        fn however_a_text_arrives_it_ends_as_if_parsed_at_once(pieces in pieces(), open_end in any::<bool>()) {
            let mut document = Document::default();
            let mut text = String::new();
            for piece in &pieces {
                text.push_str(piece);
                document.update(&text, true);
            }
            let finished: Vec<_> = document.blocks[..document.finished].to_vec();
            document.update(&text, false);
            if open_end {
                document.update(&text, false);
            }
            let whole = Document::of(&text);
            prop_assert_eq!(document.blocks(), whole.blocks());
            // No name is given to an address in these texts, so nothing that was finished may have changed.
            for (kept, now) in finished.iter().zip(document.blocks()) {
                prop_assert!(Rc::ptr_eq(kept, now), "a finished block was touched again: {kept:?} is {now:?}");
            }
        }

        #[test]
        fn any_text_at_all_can_arrive_character_by_character(text in "\\PC{0,80}") {
            let mut document = Document::default();
            for (end, _) in text.char_indices() {
                document.update(&text[..end], true);
            }
            document.update(&text, false);
            let whole = Document::of(&text);
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
        for (end, _) in text.char_indices().filter(|(at, _)| at % 24 == 0) {
            document.update(&text[..end], true);
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
            for end in (0..text.len()).step_by(48) {
                document.update(&text[..end], true);
                updates += 1;
                parsed = document.parsed;
            }
            // Each time the tail is read it is read twice: for where its blocks begin, and for what is shown.
            assert!(parsed / updates <= 2 * (PER_UPDATE + 48 * PER_BYTE), "{} bytes an update", parsed / updates);
            document.update(&text, false);
            assert_eq!(document.blocks(), Document::of(&text).blocks());
        }
    }

    #[test]
    fn what_is_shown_of_a_long_open_block_is_never_far_behind() {
        let text = format!("```\n{}", "let a = 1;\n".repeat(8_000));
        let mut document = Document::default();
        for end in (512..text.len()).step_by(512) {
            document.update(&text[..end], true);
            let Block::Code { text: shown, .. } = &*document.blocks()[0] else { panic!("code") };
            assert!(end - shown.len() < 17 * 512, "{end}: {} shown", shown.len());
        }
    }

    #[test]
    fn a_chunk_of_finished_blocks_is_the_same_chunk_until_the_end() {
        let text = long_reply();
        let mut document = Document::default();
        document.update(&text[..text.len() / 2], true);
        let first = Rc::clone(&document.chunks()[0]);
        document.update(&text, true);
        document.update(&text, false);
        assert!(Rc::ptr_eq(&first, &document.chunks()[0]));
        let chunked: Vec<_> = document.chunks().iter().flat_map(|chunk| chunk.iter().cloned()).collect();
        assert_eq!(chunked, document.blocks());
        assert!(document.chunks().iter().all(|chunk| chunk.len() <= CHUNK));
    }

    #[test]
    fn a_finished_block_is_the_same_block_until_the_end() {
        let text = long_reply();
        let mut document = Document::default();
        document.update(&text[..500], true);
        let first = Rc::clone(&document.blocks()[0]);
        document.update(&text, true);
        document.update(&text, false);
        assert!(Rc::ptr_eq(&first, &document.blocks()[0]));
    }

    #[test]
    fn a_reply_that_starts_over_is_read_from_the_beginning() {
        let mut document = Document::default();
        document.update("One.\n\nTwo.\n\nThree.\n", true);
        document.update("Another.\n", true);
        assert_eq!(document.blocks(), Document::of("Another.\n").blocks());
    }

    #[test]
    fn a_name_given_to_an_address_holds_for_what_follows() {
        let text = "[a]: https://example.org\n\nFirst.\n\nSee [a].";
        let mut document = Document::default();
        for (end, _) in text.char_indices() {
            document.update(&text[..end], true);
        }
        document.update(&format!("{text}\n"), true);
        assert_eq!(document.blocks().last(), Document::of(text).blocks().last());
    }
}
