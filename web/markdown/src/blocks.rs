//! Parses the block structure of Markdown. Raw HTML becomes text, links that may not be followed become their text,
//! images become links.
//!
//! A reference may precede its definition, so the blocks are read twice: first for the definitions, then for the tree.
//!
//! **Invariant:** the time is linear in the length of the text, for any text. Nesting ends at [`MAX_DEPTH`], and a line
//! is read once for each container that it is in.

use crate::{
    entities::unescaped,
    lines::{self, Marker, Paragraph},
    references::{Definitions, References, definition},
    spans, table,
    tree::{Block, Inline, ListItem, MAX_DEPTH},
};
use std::{borrow::Cow, cell::RefCell};

/// Parses a text. `earlier` are the link references of the text before it, which take precedence.
pub(crate) fn parse(text: &str, earlier: &Definitions) -> Vec<Block> {
    let raw = lines::split(text);
    let lines: Vec<_> = raw.iter().map(|line| lines::untabbed(line)).collect();
    let (_, own) = collect(&lines);
    let names = References::new([earlier, &own], text);
    shown(Blocks { pass: Pass::Parse(&names), raw: &raw, depth: 0 }.read(&lines))
}

/// The byte offset at which the last top-level block of a text starts, if it has any, and the link references.
pub(crate) fn outline(text: &str) -> (Option<usize>, Definitions) {
    let raw = lines::split(text);
    let lines: Vec<_> = raw.iter().map(|line| lines::untabbed(line)).collect();
    let (blocks, definitions) = collect(&lines);
    // The lines are slices of the text.
    let offset = |(line, _): &BlockAt| raw[*line].as_ptr().addr() - text.as_ptr().addr();
    (blocks.last().map(offset), definitions)
}

/// The blocks without what is in their lines, and the link references.
fn collect(lines: &[Cow<'_, str>]) -> (Vec<BlockAt>, Definitions) {
    let definitions = RefCell::default();
    let blocks = Blocks { pass: Pass::Collect(&definitions), raw: &[], depth: 0 }.read(lines);
    (blocks, definitions.into_inner())
}

#[derive(Clone, Copy)]
enum Pass<'a> {
    Collect(&'a RefCell<Definitions>),
    Parse(&'a References<'a>),
}

/// Parses lines into blocks. The content of a quote or item is parsed by another instance, without its markers.
struct Blocks<'a> {
    pass: Pass<'a>,
    /// The lines with their tabs, for code. Empty inside of quotes and items.
    raw: &'a [&'a str],
    depth: usize,
}

/// A block and the index of its first line.
type BlockAt = (usize, Block);

impl Blocks<'_> {
    fn read(&self, lines: &[Cow<'_, str>]) -> Vec<BlockAt> {
        let mut blocks = Vec::new();
        let mut at = 0;
        while at < lines.len() {
            at = self.one(lines, at, &mut blocks);
        }
        blocks
    }

    /// Parses the block that starts at a line. Returns the index of the line after it.
    fn one(&self, lines: &[Cow<'_, str>], at: usize, into: &mut Vec<BlockAt>) -> usize {
        let line = &*lines[at];
        if lines::is_blank(line) {
            return at + 1;
        }
        // The order matters: a rule such as `* * *` would also be a list, and a table starts like a paragraph.
        let (block, next) = if lines::indent(line) >= 4 {
            indented(lines, at)
        } else if let Some(fence) = lines::fence(line) {
            self.fenced(lines, at, &fence)
        } else if let Some(end) = lines::formula_end(line) {
            self.formula(lines, at, end)
        } else if let Some((name, _)) = lines::footnote(line) {
            self.footnote(lines, at, name)
        } else if let Some((level, words)) = lines::heading(line) {
            (Block::Heading(level, self.spans(words)), at + 1)
        } else if lines::is_rule(line) {
            (Block::Rule, at + 1)
        } else if self.depth < MAX_DEPTH && lines::quoted(line).is_some() {
            self.quote(lines, at)
        } else if let Some(marker) = lines::marker(line).filter(|_| self.depth < MAX_DEPTH) {
            self.list(lines, at, marker)
        } else if let Some((block, next)) = table::table(lines, at, &|text| self.spans(text)) {
            (block, next)
        } else {
            return self.paragraph(lines, at, into);
        };
        into.push((at, block));
        next
    }

    fn spans(&self, text: &str) -> Vec<Inline> {
        match self.pass {
            Pass::Collect(_) => Vec::new(),
            Pass::Parse(names) => spans::parse(text, names),
        }
    }

    fn deeper(&self) -> Self {
        Self { pass: self.pass, raw: &[], depth: self.depth + 1 }
    }

    fn paragraph(&self, lines: &[Cow<'_, str>], at: usize, into: &mut Vec<BlockAt>) -> usize {
        // The line breaks stay in the text, because inline markup may span lines.
        let mut words = lines[at].trim().to_owned();
        let mut next = at + 1;
        let mut heading = None;
        while let Some(line) = lines.get(next) {
            if let Some(level) = lines::underline(line) {
                self.define(&mut words);
                // Under definitions alone there is nothing to underline.
                if !words.is_empty() {
                    heading = Some(level);
                    next += 1;
                    break;
                }
            }
            if lines::interrupts(line) || table::begins(lines, next) {
                break;
            }
            // Two spaces before a line end are a hard break, so they are kept; spaces at the start of a line are not.
            let before = lines[next - 1].trim_start();
            words.push_str(&before[before.trim_end().len()..]);
            // The definition of the term above, as other dialects write it: a line of its own, set in a little.
            if let Some(definition) = line.trim().strip_prefix(": ") {
                words.push_str("  \n\u{2003}");
                words.push_str(definition.trim_start());
            } else {
                words.push('\n');
                words.push_str(line.trim());
            }
            next += 1;
        }
        self.define(&mut words);
        let spans = self.spans(words.trim_start());
        into.push((at, if let Some(level) = heading { Block::Heading(level, spans) } else { Block::Paragraph(spans) }));
        next
    }

    /// Removes the link reference definitions at the start of a paragraph.
    fn define(&self, words: &mut String) {
        let mut end = 0;
        while let Some((name, address, length)) = definition(&words[end..]) {
            if let Pass::Collect(definitions) = self.pass {
                // The first definition of a name takes precedence.
                definitions.borrow_mut().entry(name).or_insert(address);
            }
            end += length;
        }
        words.drain(..end);
    }

    /// A formula in lines of its own. Without its end it is a paragraph up to the next blank line: then the block is as
    /// long while the text grows as it is at the end.
    fn formula(&self, lines: &[Cow<'_, str>], at: usize, end: &str) -> (Block, usize) {
        let mut words = lines[at].trim().to_owned();
        let mut closed = words.len() > 2 && words.ends_with(end);
        let mut next = at + 1;
        while !closed && let Some(line) = lines.get(next).filter(|line| !lines::is_blank(line)) {
            words.push('\n');
            words.push_str(line.trim());
            closed = words.ends_with(end);
            next += 1;
        }
        (Block::Paragraph(if closed { vec![Inline::Math(words)] } else { self.spans(&words) }), next)
    }

    fn footnote(&self, lines: &[Cow<'_, str>], at: usize, name: &str) -> (Block, usize) {
        let mut words = lines::footnote(&lines[at]).map_or("", |(_, words)| words).to_owned();
        let mut next = at + 1;
        while let Some(line) = lines.get(next).filter(|line| !lines::interrupts(line)) {
            words.push('\n');
            words.push_str(line.trim());
            next += 1;
        }
        (Block::Footnote(name.to_owned(), self.spans(words.trim_start())), next)
    }

    fn fenced(&self, lines: &[Cow<'_, str>], at: usize, fence: &lines::Fence<'_>) -> (Block, usize) {
        let mut text = String::new();
        let mut next = at + 1;
        while let Some(line) = lines.get(next) {
            next += 1;
            if fence.is_closed_by(line) {
                break;
            }
            let raw = self.raw.get(next - 1).copied().unwrap_or(line);
            // Code loses as much indentation as its fence has.
            text.push_str(lines::outdented(raw, lines::indent(&lines[at])));
            text.push('\n');
        }
        let language = unescaped(fence.info.split([' ', ',', '{']).next().unwrap_or(""));
        (Block::Code { language, text }, next)
    }

    fn quote(&self, lines: &[Cow<'_, str>], at: usize) -> (Block, usize) {
        let mut inside: Vec<Cow<'_, str>> = Vec::new();
        let mut paragraph = Paragraph::default();
        let mut next = at;
        while let Some(line) = lines.get(next) {
            match lines::quoted(line) {
                Some(inner) => inside.push(Cow::Borrowed(inner)),
                // Lazy continuation: a paragraph continues without the `>`.
                None if paragraph.continues(line, &inside) => inside.push(lines::lazy(line)),
                None => break,
            }
            next += 1;
        }
        let alert = inside.first().and_then(|line| lines::alert(line));
        let blocks = shown(self.deeper().read(&inside[usize::from(alert.is_some())..]));
        (if let Some(kind) = alert { Block::Alert(kind, blocks) } else { Block::Quote(blocks) }, next)
    }

    fn list(&self, lines: &[Cow<'_, str>], at: usize, first: Marker) -> (Block, usize) {
        let mut items = Vec::new();
        let mut loose = false;
        let (mut next, mut marker) = (at, first);
        loop {
            let (inside, end) = item_lines(lines, next, marker);
            let (item, spread) = self.item(&inside);
            items.push(item);
            loose |= spread;
            // A rule such as `---` also looks like a marker; it ends the list.
            let follows = lines.get(end).filter(|line| lines::indent(line) < 4 && !lines::is_rule(line));
            let Some(other) = follows.and_then(|line| lines::marker(line)).filter(|other| other.same_list(&first))
            else {
                // Whether the list is loose is known only after its last item.
                if !loose {
                    items.iter_mut().for_each(tighten);
                }
                // Blank lines after the last item do not belong to the list.
                let blank = lines[..end].iter().rev().take_while(|line| lines::is_blank(line)).count();
                return (Block::List { start: first.number, items }, end - blank);
            };
            // Blank lines between two items make the list loose.
            loose |= lines::is_blank(&lines[end - 1]);
            (next, marker) = (end, other);
        }
    }

    /// Parses an item. Returns whether blank lines separate its blocks, which makes the list loose.
    fn item(&self, inside: &[Cow<'_, str>]) -> (ListItem, bool) {
        let mut ticked = None;
        let mut inside = Cow::Borrowed(inside);
        if let Some((tick, rest)) = inside.first().and_then(|line| lines::tick(line)) {
            // The box is removed from the first line before its content is parsed.
            ticked = Some(tick);
            let rest = rest.to_owned();
            inside.to_mut()[0] = Cow::Owned(rest);
        }
        let blocks = self.deeper().read(&inside);
        let spread = blocks.iter().skip(1).any(|(line, _)| lines::is_blank(&inside[line - 1]));
        (ListItem { ticked, blocks: shown(blocks) }, spread)
    }
}

/// The blocks without paragraphs that consist of definitions.
fn shown(blocks: Vec<BlockAt>) -> Vec<Block> {
    let blocks = blocks.into_iter().map(|(_, block)| block);
    blocks.filter(|block| !matches!(block, Block::Paragraph(words) if words.is_empty())).collect()
}

/// Makes the items of a tight list lines instead of paragraphs.
fn tighten(item: &mut ListItem) {
    for block in &mut item.blocks {
        if let Block::Paragraph(words) = block {
            *block = Block::Line(std::mem::take(words));
        }
    }
}

/// The content lines of an item, and the index of the line after it.
fn item_lines<'a>(lines: &'a [Cow<'_, str>], at: usize, marker: Marker) -> (Vec<Cow<'a, str>>, usize) {
    let mut inside = vec![Cow::Borrowed(marker.inside(&lines[at]))];
    let mut paragraph = Paragraph::default();
    let mut next = at + 1;
    while let Some(line) = lines.get(next) {
        if lines::is_blank(line) {
            // An item may start with at most one blank line.
            if next == at + 1 && lines::is_blank(&inside[0]) {
                let blank = lines[next..].iter().take_while(|line| lines::is_blank(line)).count();
                return (inside, next + blank);
            }
            inside.push(Cow::Borrowed(lines::outdented(line, marker.content)));
        } else if lines::indent(line) >= marker.content {
            inside.push(Cow::Borrowed(lines::outdented(line, marker.content)));
        } else if paragraph.continues(line, &inside) {
            inside.push(lines::lazy(line));
        } else {
            break;
        }
        next += 1;
    }
    (inside, next)
}

fn indented(lines: &[Cow<'_, str>], at: usize) -> (Block, usize) {
    let code = |line: &Cow<'_, str>| lines::indent(line) >= 4 || lines::is_blank(line);
    let mut end = at + lines[at..].iter().take_while(|line| code(line)).count();
    while lines::is_blank(&lines[end - 1]) {
        end -= 1;
    }
    let mut text = String::new();
    for line in &lines[at..end] {
        text.push_str(lines::outdented(line, 4));
        text.push('\n');
    }
    (Block::Code { language: String::new(), text }, end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Align;
    use proptest::prelude::*;

    fn text(text: &str) -> Inline {
        Inline::Text(text.to_owned())
    }

    fn read(text: &str) -> Vec<Block> {
        parse(text, &Definitions::new())
    }

    #[test]
    fn raw_html_is_text() {
        assert_eq!(read("<b onclick=x>hi</b>"), [Block::Paragraph(vec![text("<b onclick=x>hi</b>")])]);
        assert_eq!(
            read("<script>\nalert(1)\n</script>"),
            [Block::Paragraph(vec![text("<script>\nalert(1)\n</script>")])]
        );
    }

    #[test]
    fn a_link_that_may_not_be_followed_is_its_words() {
        assert_eq!(read("[go](javascript:x) on"), [Block::Paragraph(vec![text("go on")])]);
        assert_eq!(read("[](javascript:x)"), []);
    }

    #[test]
    fn an_image_is_a_link_to_it() {
        let link = Inline::Link { to: "https://a.b/c.png".into(), text: vec![text("a cat")] };
        assert_eq!(read("![a cat](https://a.b/c.png)"), [Block::Paragraph(vec![link])]);
        assert_eq!(read("![x](data:image/svg+xml,y)"), [Block::Paragraph(vec![text("x")])]);
    }

    #[test]
    fn boxes_belong_to_their_own_items() {
        let [Block::List { items, .. }] = &read("- [x] a\n  - [ ] b\n- c")[..] else { panic!("one list") };
        assert_eq!(items.iter().map(|item| item.ticked).collect::<Vec<_>>(), [Some(true), None]);
        let Block::List { items: inner, .. } = &items[0].blocks[1] else { panic!("a list inside") };
        assert_eq!(inner[0].ticked, Some(false));
        assert_eq!(inner[0].blocks, [Block::Line(vec![text("b")])]);
    }

    #[test]
    fn a_table_has_its_columns_heading_and_rows() {
        let [Block::Table { columns, head, rows }] = &read("| a | b |\n|---|--:|\n| 1 | 2 |\n")[..] else {
            panic!("one table")
        };
        assert_eq!(columns, &[Align::Start, Align::End]);
        assert_eq!(head, &[vec![text("a")], vec![text("b")]]);
        assert_eq!(rows, &[vec![vec![text("1")], vec![text("2")]]]);
    }

    #[test]
    fn code_keeps_its_language_and_its_line_ends() {
        let code = Block::Code { language: "rust".into(), text: "let a;\n\n".into() };
        assert_eq!(read("```rust,ignore\nlet a;\n\n```"), [code]);
    }

    #[test]
    fn code_in_a_fence_keeps_its_tabs() {
        let code = Block::Code { language: "make".into(), text: "all:\n\tcargo build\n1\t2\n".into() };
        assert_eq!(read("```make\nall:\n\tcargo build\n1\t2\n```"), [code]);
    }

    #[test]
    fn the_outline_knows_where_the_last_block_begins() {
        let (last, definitions) = outline("a\n\n- b\n\n[c]: https://d.e\n\n---\n");
        assert_eq!(last, Some(26));
        assert_eq!(definitions.get("c").map(String::as_str), Some("https://d.e"));
    }

    fn formula(text: &str) -> Block {
        Block::Paragraph(vec![Inline::Math(text.to_owned())])
    }

    #[test]
    fn a_formula_keeps_every_character() {
        assert_eq!(read("$$\na_1 * b_2 \\\\\n- c \\, d\n$$"), [formula("$$\na_1 * b_2 \\\\\n- c \\, d\n$$")]);
        assert_eq!(
            read("So:\n\\[ x^2 \\]\nEnd."),
            [Block::Paragraph(vec![text("So:")]), formula("\\[ x^2 \\]"), Block::Paragraph(vec![text("End.")]),]
        );
    }

    #[test]
    fn a_formula_without_its_end_ends_at_a_blank_line() {
        assert_eq!(read("$$\n- a\n\nb"), [Block::Paragraph(vec![text("$$\n- a")]), Block::Paragraph(vec![text("b")])]);
    }

    #[test]
    fn a_footnote_has_its_name_and_words() {
        let note = Block::Footnote("1".into(), vec![text("See\nthere.")]);
        assert_eq!(read("[^1]: See\nthere."), [note]);
        assert_eq!(read("[^a-z]: x y"), [Block::Paragraph(vec![text("[^a-z]: x y")])]);
    }

    #[test]
    fn a_definition_has_a_line_of_its_own() {
        let line = |words: &str| text(&format!("\u{2003}{words}"));
        let lists = [
            ("Term\n: what it means", vec![text("Term"), Inline::Break, line("what it means")]),
            (
                "Term\n:   one\n: two\nmore",
                vec![text("Term"), Inline::Break, line("one"), Inline::Break, line("two\nmore")],
            ),
        ];
        for (list, words) in lists {
            assert_eq!(read(list), [Block::Paragraph(words)], "{list}");
        }
        // No term, and no space.
        assert_eq!(read(": a"), [Block::Paragraph(vec![text(": a")])]);
        assert_eq!(read("a\n:) b"), [Block::Paragraph(vec![text("a\n:) b")])]);
    }

    #[test]
    fn an_alert_is_a_quote_of_its_kind() {
        let words = vec![Block::Paragraph(vec![text("Save first.")])];
        assert_eq!(read("> [!WARNING]\n> Save first."), [Block::Alert(crate::tree::AlertKind::Warning, words)]);
        assert!(matches!(&read("> [!OTHER]\n> a")[..], [Block::Quote(_)]));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_stumble(text in "[-+*_~`#>|:<&;!$^\\[\\]()\\\\a1. \n\té]{0,80}") {
            let _ = (read(&text), outline(&text));
        }
    }

    #[test]
    fn a_mail_address_in_angle_brackets_is_a_link() {
        let link = Inline::Link { to: "mailto:ann@example.org".into(), text: vec![text("ann@example.org")] };
        assert_eq!(read("<ann@example.org>"), [Block::Paragraph(vec![link])]);
    }

    #[test]
    fn what_is_nested_without_end_is_cut_off() {
        for mark in ["> ", "- ", "*a ", "[", "**", "![", "_"] {
            let _ = read(&mark.repeat(20_000));
        }
        let _ = read(&format!("{}a{}", "*".repeat(5_000), "*".repeat(5_000)));
        let _ = read(&format!("{}a{}", "![".repeat(2_000), "](https://a.b)".repeat(2_000)));
    }
}
