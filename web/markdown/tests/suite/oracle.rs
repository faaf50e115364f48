//! Parses the same tree with pulldown-cmark, to compare ours with.

use proptest::prelude::*;
use pulldown_cmark::{Alignment, CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use tandem_markdown::{Align, Block, Document, Inline, ListItem};

/// What models write, block by block.
const SAMPLES: [&str; 40] = [
    "Plain words.\nA second line of them.  \nAnd a third\\\nand a fourth.",
    "# One\n\n## Two ##\nwords\n\n### Three *four*\n\nFive\n====\n\nSix\n---\n",
    "- a\n- b\n- c\n\nwords",
    "- a\n\n- b\n\n  more of b\n- c",
    "1. one\n2. two\n   - inside\n   - again\n3. three",
    "7) seven\n8) eight",
    "- a\n  - b\n    - c\n- d",
    "* **Bold:** words\n* `code` and *emphasis*\n\n1. Then\n\n   A paragraph.\n\n   ```sh\n   ls -l\n   ```\n2. End",
    "- [ ] open\n- [x] done\n- [link](https://a.b)",
    "> quoted\n> twice\nand lazily\n\n> again\n>\n> - a\n> - b",
    "```rust\nfn main() {\n\n    let a = 1;\n}\n```\nwords",
    "~~~\n```\n~~~",
    "```\nnever closed\n\nat all\n",
    "    indented\n\n    code\n\nwords",
    "| a | b |\n|---|:-:|\n| 1 | 2 |\n| `x|y` \\| z | *3* |\n| 4 |\n\nafter",
    "a | b\n--|--:\n1 | 2",
    "Words before\n\n| a |\n|---|\n| 1 |",
    "---\n***\n_ _ _\nwords\n\n- - -",
    "*em* _em_ **strong** __strong__ ***both*** ~~gone~~ a*b*c snake_case_name 2 * 3 * 4",
    "**bold *and em* inside** and *em **strong** inside*",
    "*unclosed and **unclosed too",
    "`code` ``co`de`` ` lone ``` `` ` ``",
    "[a](https://a.b) [b](<https://a.b/c d>) [c](https://a.b \"title\") ![d](https://a.b/e.png) [e][f] [f] [g][]\n\n[f]: https://f.g\n[g]: <https://g.h> 'title'",
    "[![*a* b](https://a.b/c.png)](https://c.d) [**![e](https://e.f/g.png)** <https://h.i>](https://j.k)",
    "> - a\n     - b\n\n> - a\n===\n\n- > a\n      # b",
    "[a]: https://b.c\n[d]: https://e.f\n  'title\n  in lines'\nwords of [a]\n===\n\n- > [a]: https://g.h\n  > [i]\n\n[i]: <https://j.k>",
    "```make\nall:\n\tcargo build\n```\n\n-\tone\n\n\ttwo\n\n>\t\tcode\n\n*\n\n* after",
    "one\n    \ntwo\n\n- ~~~\n    \n  ~~~",
    "[a]: https://b.c (not (a title)\n\n[d][[d]\n\n[d]: https://e.f",
    "[not a link] [nor](this [a [nested](https://a.b) one](https://c.d)",
    "<https://a.b/c?d=e&f> <not a tag 1 < 2 > 3",
    "a <b>tag</b> and an &amp; and a &#65; and &unknown; and a & b",
    "\\*not em\\* \\(not a link \\\\ \\a",
    "**a**b **c** d** *e *f* g*",
    "Sum: **$5**, or **\u{201c}five\u{201d}**.",
    "- a\n\n  b\n\n      code\n\n- c",
    "1. a\n1. b\n\n- c\n+ d",
    "words\n- a list right after\n\nwords\n2. no list\n\nwords\n# heading",
    "-   wide\n\n    still in it\n\n10. ten\n    more",
    "Line one\r\nline two\r\n\r\n- a\r\n- b\r\n",
];

#[test]
fn what_models_write_is_read_as_a_full_parser_reads_it() {
    for sample in SAMPLES {
        assert_eq!(read(sample), expected(sample), "{sample}");
    }
}

/// Marks that both read alike in any order. Not among them: fences in lists without an end, and tabs after markers.
const MARKS: [&str; 23] = [
    "a",
    "b ",
    "\n",
    "\n\n",
    "- ",
    "1. ",
    "> ",
    "  ",
    "    ",
    "# ",
    "[a]",
    "[a]: https://x.y",
    " 'c",
    "'",
    "](https://a.b)",
    "[",
    "![",
    "*",
    "**",
    "_",
    "---",
    "===",
    "<https://a.b>",
];

proptest! {
    #[test]
    fn marks_in_any_order_are_read_as_a_full_parser_reads_them(
        marks in prop::collection::vec(prop::sample::select(MARKS.to_vec()), 1..12)
    ) {
        let text = marks.concat() + "\n";
        prop_assert_eq!(read(&text), expected(&text));
    }

    #[test]
    fn samples_in_any_order_are_read_as_a_full_parser_reads_them(
        chosen in prop::collection::vec(prop::sample::select(SAMPLES.to_vec()), 1..5)
    ) {
        // The last line of a fence that is never closed has an end here and none there.
        prop_assume!(chosen.iter().all(|sample| !sample.contains("never closed")));
        let text = chosen.join("\n\nSome words between.\n\n");
        prop_assert_eq!(read(&text), expected(&text));
    }

    #[test]
    fn marks_of_a_line_are_paired_as_a_full_parser_pairs_them(text in "[ab *_`]{0,14}") {
        let text = format!("x{text}x");
        prop_assert_eq!(read(&text), expected(&text));
    }
}

fn read(text: &str) -> Vec<Block> {
    Document::from(text).blocks().iter().map(|block| Block::clone(block)).collect()
}

fn expected(text: &str) -> Vec<Block> {
    Reader { events: Parser::new_ext(text, options()), ticked: None, linked: false }.blocks()
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS
}

/// Reads events into blocks, by descent.
struct Reader<'a> {
    events: Parser<'a>,
    /// The box of the item that is being read.
    ticked: Option<bool>,
    /// Whether the text of a link is being read.
    linked: bool,
}

impl<'a> Reader<'a> {
    /// Blocks up to the end of the enclosing one.
    fn blocks(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        // In a tight list the words of an item stand in it without a paragraph around them.
        let mut line = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::End(_) => break,
                Event::Start(tag) if is_block(&tag) => {
                    end_line(&mut line, &mut blocks);
                    blocks.extend(self.block(tag));
                }
                Event::Rule => {
                    end_line(&mut line, &mut blocks);
                    blocks.push(Block::Rule);
                }
                event => self.inline(event, &mut line),
            }
        }
        end_line(&mut line, &mut blocks);
        blocks
    }

    fn block(&mut self, tag: Tag<'a>) -> Option<Block> {
        Some(match tag {
            Tag::Heading { level, .. } => Block::Heading(level as u8, self.inlines()),
            Tag::CodeBlock(kind) => Block::Code { language: language(&kind), text: self.raw_text() },
            Tag::HtmlBlock => Block::Paragraph(vec![Inline::Text(self.raw_text())]),
            Tag::List(start) => Block::List { start, items: self.items() },
            Tag::Table(columns) => self.table(&columns),
            Tag::Paragraph => Block::Paragraph(self.inlines()),
            // Quotes; and kinds whose options are off, which never come: should one come, its words are shown.
            _ => Block::Quote(self.blocks()),
        })
        .filter(|block| !matches!(block, Block::Paragraph(words) if words.is_empty()))
    }

    fn items(&mut self) -> Vec<ListItem> {
        let mut items = Vec::new();
        while let Some(Event::Start(Tag::Item)) = self.events.next() {
            items.push(self.item());
        }
        items
    }

    fn item(&mut self) -> ListItem {
        let outer = self.ticked.take();
        let blocks = self.blocks();
        ListItem { ticked: std::mem::replace(&mut self.ticked, outer), blocks }
    }

    fn table(&mut self, columns: &[Alignment]) -> Block {
        let columns = columns
            .iter()
            .map(|alignment| match alignment {
                Alignment::None | Alignment::Left => Align::Start,
                Alignment::Center => Align::Center,
                Alignment::Right => Align::End,
            })
            .collect();
        let (mut head, mut rows) = (Vec::new(), Vec::new());
        while let Some(Event::Start(row)) = self.events.next() {
            let mut cells = Vec::new();
            while let Some(Event::Start(Tag::TableCell)) = self.events.next() {
                cells.push(self.inlines());
            }
            if matches!(row, Tag::TableHead) {
                head = cells;
            } else {
                cells.truncate(cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1));
                rows.push(cells);
            }
        }
        Block::Table { columns, head, rows }
    }

    /// The pieces up to the end of the enclosing block or span.
    fn inlines(&mut self) -> Vec<Inline> {
        let mut pieces = Vec::new();
        while let Some(event) = self.events.next() {
            if matches!(event, Event::End(_)) {
                break;
            }
            self.inline(event, &mut pieces);
        }
        pieces
    }

    fn inline(&mut self, event: Event<'a>, into: &mut Vec<Inline>) {
        match event {
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => push_text(into, &text),
            Event::Code(code) => into.push(Inline::Code(code.into_string())),
            Event::SoftBreak => push_text(into, "\n"),
            Event::HardBreak => into.push(Inline::Break),
            Event::TaskListMarker(ticked) => self.ticked = Some(ticked),
            Event::Start(Tag::Strong) => into.push(Inline::Strong(self.inlines())),
            Event::Start(Tag::Emphasis) => into.push(Inline::Emphasis(self.inlines())),
            Event::Start(Tag::Strikethrough) => into.push(Inline::Strike(self.inlines())),
            Event::Start(Tag::Link { dest_url, .. }) => {
                let outer = self.linked;
                self.linked |= may_be_followed(&dest_url);
                let text = self.inlines();
                self.linked = outer;
                self.link(&dest_url, text, into);
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                let mut text = String::new();
                plain(&self.inlines(), &mut text);
                let text = if text.is_empty() { dest_url.to_string() } else { text };
                self.link(&dest_url, vec![Inline::Text(text)], into);
            }
            Event::Start(_) => into.extend(self.inlines()),
            _ => {}
        }
    }

    /// A link, or its text where it may not be followed or is inside of another one.
    fn link(&self, to: &str, text: Vec<Inline>, into: &mut Vec<Inline>) {
        if may_be_followed(to) && !self.linked {
            return into.push(Inline::Link { to: to.to_owned(), text });
        }
        for piece in text {
            match piece {
                Inline::Text(text) => push_text(into, &text),
                other => into.push(other),
            }
        }
    }

    fn raw_text(&mut self) -> String {
        let mut text = String::new();
        loop {
            match self.events.next() {
                Some(Event::Text(piece) | Event::Html(piece)) => text.push_str(&piece),
                Some(Event::End(TagEnd::CodeBlock | TagEnd::HtmlBlock)) | None => return text,
                Some(_) => {}
            }
        }
    }
}

fn is_block(tag: &Tag<'_>) -> bool {
    !matches!(tag, Tag::Strong | Tag::Emphasis | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. })
}

fn end_line(line: &mut Vec<Inline>, blocks: &mut Vec<Block>) {
    if !line.is_empty() {
        blocks.push(Block::Line(std::mem::take(line)));
    }
}

fn may_be_followed(to: &str) -> bool {
    matches!(to.split_once(':'), Some(("http" | "https" | "mailto", _))) && !to.contains(' ')
}

/// The description of an image has no markup.
fn plain(pieces: &[Inline], into: &mut String) {
    for piece in pieces {
        match piece {
            Inline::Text(text) | Inline::Code(text) | Inline::Math(text) => into.push_str(text),
            Inline::FootnoteMark(_) => {}
            Inline::Strong(words) | Inline::Emphasis(words) | Inline::Strike(words) => plain(words, into),
            Inline::Link { text, .. } => plain(text, into),
            Inline::Break => into.push('\n'),
        }
    }
}

/// Adjacent text is one piece: the parser cuts at every character that might have meant something.
fn push_text(into: &mut Vec<Inline>, text: &str) {
    if let Some(Inline::Text(last)) = into.last_mut() {
        last.push_str(text);
    } else if !text.is_empty() {
        into.push(Inline::Text(text.to_owned()));
    }
}

fn language(kind: &CodeBlockKind<'_>) -> String {
    match kind {
        CodeBlockKind::Fenced(info) => info.split([' ', ',', '{']).next().unwrap_or("").to_owned(),
        CodeBlockKind::Indented => String::new(),
    }
}
