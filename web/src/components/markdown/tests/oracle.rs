//! Parses the same tree with pulldown-cmark, to compare our parser with.

use crate::components::markdown::{
    ast::{Align, Block, Inline, ListItem},
    links::safe_url,
    references::Definitions,
};
use pulldown_cmark::{Alignment, BrokenLink, CodeBlockKind, CowStr, Event, OffsetIter, Options, Parser, Tag, TagEnd};
use std::ops::Range;

pub(in crate::components::markdown) fn parse(text: &str, definitions: &Definitions) -> Vec<Block> {
    let mut resolve = |link: BrokenLink<'_>| resolve(definitions, &link);
    let events = Parser::new_with_broken_link_callback(text, options(), Some(&mut resolve)).into_offset_iter();
    Reader { events, ticked: None }.blocks()
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS
}

fn resolve<'a>(definitions: &Definitions, link: &BrokenLink<'_>) -> Option<(CowStr<'a>, CowStr<'a>)> {
    let url = definitions.get(&link.reference.to_lowercase())?;
    Some((url.clone().into(), "".into()))
}

/// Reads events into blocks, by descent.
struct Reader<'a, F: pulldown_cmark::BrokenLinkCallback<'a>> {
    events: OffsetIter<'a, F>,
    /// The box of the item that is being read.
    ticked: Option<bool>,
}

impl<'a, F: pulldown_cmark::BrokenLinkCallback<'a>> Reader<'a, F> {
    fn next(&mut self) -> Option<Event<'a>> {
        self.events.next().map(|(event, _): (Event<'a>, Range<usize>)| event)
    }

    /// Blocks up to the end of the enclosing one.
    fn blocks(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        // In a tight list the words of an item stand in it without a paragraph around them.
        let mut line = Vec::new();
        while let Some(event) = self.next() {
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
        while let Some(Event::Start(Tag::Item)) = self.next() {
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
        while let Some(Event::Start(row)) = self.next() {
            let mut cells = Vec::new();
            while let Some(Event::Start(Tag::TableCell)) = self.next() {
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
        while let Some(event) = self.next() {
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
                let text = self.inlines();
                link(&dest_url, text, into);
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                let mut text = self.inlines();
                if text.is_empty() {
                    text.push(Inline::Text(dest_url.to_string()));
                }
                link(&dest_url, text, into);
            }
            Event::Start(_) => into.extend(self.inlines()),
            _ => {}
        }
    }

    fn raw_text(&mut self) -> String {
        let mut text = String::new();
        loop {
            match self.next() {
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

fn link(to: &str, text: Vec<Inline>, into: &mut Vec<Inline>) {
    match safe_url(to) {
        Some(to) => into.push(Inline::Link { to: to.to_owned(), text }),
        None => text.into_iter().for_each(|piece| match piece {
            Inline::Text(text) => push_text(into, &text),
            other => into.push(other),
        }),
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
