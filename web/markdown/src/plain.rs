//! Text without its markup, for places that draw none, such as a notification of the system.

use crate::{Block, Document, Inline, ListItem};
use std::fmt::Write as _;

/// The words of a text in one line. Items of lists keep their numbers or get a bullet, links are their texts, and code and
/// formulas are as they were written, without what encloses them.
///
/// ```
/// let text = "## Done\n\nI **moved** [two tasks](https://example.org):\n- Milk\n- `cargo test`";
/// assert_eq!(tandem_markdown::plain_text(text), "Done I moved two tasks: • Milk • cargo test");
/// ```
pub fn plain_text(markdown: &str) -> String {
    let mut document = Document::default();
    document.append(markdown);
    document.finish();
    let mut out = String::new();
    for block in document.blocks() {
        write_block(block, &mut out);
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn write_blocks(blocks: &[Block], out: &mut String) {
    for block in blocks {
        write_block(block, out);
    }
}

fn write_block(block: &Block, out: &mut String) {
    match block {
        Block::Paragraph(inlines) | Block::Line(inlines) | Block::Heading(_, inlines) | Block::Footnote(_, inlines) => {
            write_inlines(inlines, out);
        }
        Block::Code { text, .. } => out.push_str(text),
        Block::Quote(blocks) | Block::Alert(_, blocks) => write_blocks(blocks, out),
        Block::List { start, items } => write_list(*start, items, out),
        Block::Table { head, rows, .. } => {
            for row in std::iter::once(head).chain(rows) {
                for (at, cell) in row.iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    write_inlines(cell, out);
                }
                out.push_str("; ");
            }
        }
        Block::Rule => {}
    }
    out.push('\n');
}

fn write_list(start: Option<u64>, items: &[ListItem], out: &mut String) {
    for (number, item) in (start.unwrap_or_default()..).zip(items) {
        match (item.ticked, start) {
            (Some(true), _) => out.push_str("☑ "),
            (Some(false), _) => out.push_str("☐ "),
            (None, Some(_)) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "{number}. ");
            }
            (None, None) => out.push_str("• "),
        }
        write_blocks(&item.blocks, out);
    }
}

fn write_inlines(inlines: &[Inline], out: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(text),
            Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Strike(inner) => write_inlines(inner, out),
            Inline::Link { text, .. } => write_inlines(text, out),
            Inline::Math(source) => out.push_str(without_delimiters(source)),
            Inline::FootnoteMark(_) => {}
            Inline::Break => out.push('\n'),
        }
    }
}

fn without_delimiters(formula: &str) -> &str {
    let pairs = [("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")];
    pairs.iter().find_map(|(open, close)| formula.strip_prefix(open)?.strip_suffix(close)).unwrap_or(formula)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_markup_is_left() {
        for (markdown, plain) in [
            ("**Bold**, *slanted*, ~~gone~~ and ***both***", "Bold, slanted, gone and both"),
            ("# Heading\n\nText under it", "Heading Text under it"),
            ("Heading\n===\ntext", "Heading text"),
            (
                "See [the page](https://example.org/a?b=c) and ![a picture](https://example.org/p.png)",
                "See the page and a picture",
            ),
            ("<https://example.org>", "https://example.org"),
            ("```rust\nfn main() {}\n```\nafter", "fn main() {} after"),
            ("    indented code", "indented code"),
            ("```\nnot closed", "not closed"),
            ("1. One\n2. Two\n\n- [x] Done\n- [ ] Open", "1. One 2. Two ☑ Done ☐ Open"),
            ("> A quote\n> of two lines\n\n---\n\nand more", "A quote of two lines and more"),
            ("> [!NOTE]\n> Mind this", "Mind this"),
            ("| a | b |\n|---|---|\n| 1 | 2 |", "a, b; 1, 2;"),
            ("So $x^2$ and \\(y\\)", "So x^2 and y"),
            ("2 * 3 * 4 is 24, snake_case and \\*stars\\*", "2 * 3 * 4 is 24, snake_case and *stars*"),
            ("&amp; &lt;b&gt;", "& <b>"),
            ("", ""),
        ] {
            assert_eq!(plain_text(markdown), plain, "{markdown}");
        }
    }
}
