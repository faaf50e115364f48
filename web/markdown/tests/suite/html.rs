//! Writes a tree as HTML, in the form of the examples of the specification.

use std::{fmt::Write as _, rc::Rc};
use tandem_markdown::{Block, Inline, ListItem};

pub(crate) fn html(blocks: &[Rc<Block>]) -> String {
    let mut html = Html::default();
    for block in blocks {
        html.block(block);
    }
    html.0
}

#[derive(Default)]
struct Html(String);

impl Html {
    /// Starts a line, unless one has just begun.
    fn line(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with('\n') {
            self.0.push('\n');
        }
    }

    /// A block whose tags are on its own line.
    fn element(&mut self, name: &str, words: &[Inline]) {
        self.line();
        self.span(name, words);
        self.line();
    }

    /// A block whose tags are on lines of their own.
    fn container(&mut self, open: &str, close: &str, content: impl FnOnce(&mut Self)) {
        self.line();
        self.0.push_str(open);
        self.line();
        content(self);
        self.line();
        self.0.push_str(close);
        self.line();
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(words) => self.element("p", words),
            Block::Line(words) | Block::Footnote(_, words) => self.inlines(words),
            Block::Heading(level, words) => self.element(&format!("h{level}"), words),
            Block::Code { language, text } => {
                let class = if language.is_empty() { String::new() } else { format!(" class=\"language-{language}\"") };
                self.line();
                let _ = writeln!(self.0, "<pre><code{class}>{}</code></pre>", escaped(text));
            }
            Block::Quote(blocks) => self.container("<blockquote>", "</blockquote>", |html| {
                html.blocks(blocks);
            }),
            // The specification has none of these.
            Block::Alert(_, blocks) => self.blocks(blocks),
            Block::List { start: None, items } => self.container("<ul>", "</ul>", |html| html.items(items)),
            Block::List { start: Some(1), items } => self.container("<ol>", "</ol>", |html| html.items(items)),
            Block::List { start: Some(start), items } => {
                self.container(&format!("<ol start=\"{start}\">"), "</ol>", |html| html.items(items));
            }
            Block::Table { .. } => self.0.push_str("<table>"),
            Block::Rule => {
                self.line();
                self.0.push_str("<hr />\n");
            }
        }
    }

    fn items(&mut self, items: &[ListItem]) {
        for item in items {
            self.0.push_str("<li>");
            self.blocks(&item.blocks);
            self.0.push_str("</li>\n");
        }
    }

    fn span(&mut self, name: &str, words: &[Inline]) {
        let _ = write!(self.0, "<{name}>");
        self.inlines(words);
        let _ = write!(self.0, "</{}>", name.split(' ').next().unwrap_or_default());
    }

    fn inlines(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            match inline {
                Inline::Text(text) | Inline::Math(text) | Inline::FootnoteMark(text) => self.0.push_str(&escaped(text)),
                Inline::Code(code) => {
                    let _ = write!(self.0, "<code>{}</code>", escaped(code));
                }
                Inline::Strong(words) => self.span("strong", words),
                Inline::Emphasis(words) => self.span("em", words),
                Inline::Strike(words) => self.span("del", words),
                Inline::Link { to, text } => self.span(&format!("a href=\"{}\"", escaped(&encoded(to))), text),
                Inline::Break => self.0.push_str("<br />\n"),
            }
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A URL with what it may not contain as percent signs and numbers.
fn encoded(url: &str) -> String {
    let mut out = String::new();
    for byte in url.bytes() {
        if byte.is_ascii_alphanumeric() || b";/?:@&=+$,-_.!~*'()#%".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
