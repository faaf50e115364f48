//! Draws the syntax tree.
//!
//! **Invariant:** a delta renders the components of the open block only. Blocks and chunks are compared by allocation,
//! which [`Document`] keeps for everything that did not change.

use super::links::{anchor, linkified};
use crate::text::chat as text;
use crate::{
    components::{
        button::{TextButton, truth},
        callbacks::{press, toggle},
        icon::Icon,
        shared::Shared,
    },
    state::ptr_eq::PtrEq,
};
use std::rc::Rc;
use tandem_markdown::{AlertKind, Align, Block, Document, Inline, ListItem, Token, highlight};
use tandem_protocol::model::{Message, Part};
use yew::prelude::*;

/// The bytes of a line of code from which it may be wider than the column.
const WIDE: usize = 72;

/// Equal if the text part and the callback are, whatever else of the message changed.
#[derive(Clone, Properties)]
pub(crate) struct ProseProps {
    pub message: Shared<Message>,
    /// The index of a part of text or reasoning.
    pub part: usize,
    /// Whether the text is still streamed; a cursor is shown at its end.
    pub open: bool,
    pub on_copy: Callback<String>,
}

impl ProseProps {
    fn text(&self) -> &str {
        self.message.parts.get(self.part).and_then(Part::as_streamed).map_or("", |(_, text)| text)
    }
}

impl PartialEq for ProseProps {
    fn eq(&self, other: &Self) -> bool {
        self.open == other.open && self.text() == other.text() && self.on_copy == other.on_copy
    }
}

/// One part of text or reasoning of a reply.
#[component]
pub(crate) fn Prose(props: &ProseProps) -> Html {
    let document = use_mut_ref(Document::default);
    let mut document = document.borrow_mut();
    update(&mut document, props.text(), props.open);
    let chunks = document.chunks();
    if chunks.is_empty() {
        return Html::default();
    }
    let last = chunks.len() - 1;
    html! {
        <div class="prose">
            { for chunks.iter().enumerate().map(|(index, chunk)| html! {
                <ChunkView key={index} chunk={PtrEq::from(Rc::clone(chunk))} open={props.open && index == last}
                    on_copy={props.on_copy.clone()} />
            }) }
        </div>
    }
}

/// A text that somebody has written, such as the notes of a task.
pub(crate) fn notes(text: &str, on_copy: &Callback<String>) -> Html {
    html! { <div class="prose">{ all_of(&Document::from(text), on_copy) }</div> }
}

fn all_of(document: &Document, on_copy: &Callback<String>) -> Html {
    document.blocks().iter().map(|one| block(one, false, Some("auto"), on_copy)).collect()
}

/// Brings a document to the current text. It grows, unless another attempt starts over.
fn update(document: &mut Document, text: &str, open: bool) {
    if !open {
        return document.set_text(text);
    }
    if !text.starts_with(document.text()) {
        *document = Document::default();
    }
    document.append(&text[document.text().len()..]);
}

#[derive(Clone, PartialEq, Properties)]
struct ChunkViewProps {
    chunk: PtrEq<[Rc<Block>]>,
    open: bool,
    on_copy: Callback<String>,
}

/// A chunk of blocks, so that a delta does not visit all blocks of a long reply.
#[component]
fn ChunkView(props: &ChunkViewProps) -> Html {
    let blocks = &props.chunk;
    // A chunk is never empty.
    let last = blocks.len() - 1;
    blocks
        .iter()
        .enumerate()
        .map(|(index, block)| {
            html! {
                <BlockView key={index} block={PtrEq::from(Rc::clone(block))} open={props.open && index == last}
                    on_copy={props.on_copy.clone()} />
            }
        })
        .collect()
}

#[derive(Clone, PartialEq, Properties)]
struct BlockViewProps {
    block: PtrEq<Block>,
    open: bool,
    on_copy: Callback<String>,
}

#[component]
fn BlockView(props: &BlockViewProps) -> Html {
    block(&props.block, props.open, Some("auto"), &props.on_copy)
}

/// Draws a block. The open one has the cursor at its end.
///
/// Blocks at the top have their own direction (`dir`), which decides the side of bullets, quotes and columns. What is
/// inside of them has no attribute: a browser ignores elements that have one when it looks for the direction of the
/// block. The style sheet lays out each paragraph in there by its own text.
fn block(block: &Block, open: bool, dir: Option<&'static str>, on_copy: &Callback<String>) -> Html {
    match block {
        Block::Paragraph(words) => html! { <p {dir}>{ inlines(words) }{ cursor(open) }</p> },
        Block::Line(words) => html! { <>{ inlines(words) }{ cursor(open) }</> },
        Block::Heading(level, words) => {
            let words = html! { <>{ inlines(words) }{ cursor(open) }</> };
            // The page uses level 1 for its title and level 2 for its sections.
            match level {
                1 | 2 => html! { <h3 {dir}>{ words }</h3> },
                3 => html! { <h4 {dir}>{ words }</h4> },
                4 => html! { <h5 {dir}>{ words }</h5> },
                _ => html! { <h6 {dir}>{ words }</h6> },
            }
        }
        Block::Code { language, text } => html! {
            <CodeBlock language={language.clone()} text={text.clone()} {open} on_copy={on_copy.clone()} />
        },
        Block::Quote(blocks) => html! { <blockquote {dir}>{ all(blocks, open, on_copy) }</blockquote> },
        Block::Alert(kind, blocks) => {
            let (class, name) = alert(*kind);
            html! { <blockquote {dir} {class}><b>{ name }</b>{ all(blocks, open, on_copy) }</blockquote> }
        }
        Block::Footnote(name, words) => html! {
            <p {dir} class="foot"><sup>{ name.clone() }</sup>{ " " }{ inlines(words) }{ cursor(open) }</p>
        },
        Block::List { start: None, items } => html! { <ul {dir}>{ list(items, open, on_copy) }</ul> },
        Block::List { start: Some(start), items } => {
            // 1 is the default.
            let start = (*start != 1).then(|| start.to_string());
            html! { <ol {dir} {start}>{ list(items, open, on_copy) }</ol> }
        }
        Block::Table { columns, head, rows } => table(columns, head, rows, open, dir),
        Block::Rule => html! { <hr /> },
    }
}

fn alert(kind: AlertKind) -> (&'static str, &'static str) {
    match kind {
        AlertKind::Note => ("alert", text::NOTE),
        AlertKind::Tip => ("alert alert-ok", text::TIP),
        AlertKind::Important => ("alert", text::IMPORTANT),
        AlertKind::Warning => ("alert alert-warn", text::WARNING),
        AlertKind::Caution => ("alert alert-bad", text::CAUTION),
    }
}

fn cursor(open: bool) -> Html {
    if open {
        html! { <span class="cursor" /> }
    } else {
        Html::default()
    }
}

fn all(blocks: &[Block], open: bool, on_copy: &Callback<String>) -> Html {
    if blocks.is_empty() {
        return cursor(open);
    }
    let last = blocks.len() - 1;
    blocks.iter().enumerate().map(|(index, inner)| block(inner, open && index == last, None, on_copy)).collect()
}

fn list(items: &[ListItem], open: bool, on_copy: &Callback<String>) -> Html {
    let last = items.len().saturating_sub(1);
    items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let tick = item.ticked.map(|ticked| {
                let words = if ticked { text::DONE_BEFORE } else { text::TO_DO_BEFORE };
                // The square of the stop icon serves as an empty box.
                let icon = if ticked { Icon::Check } else { Icon::Stop };
                html! { <><span class="sr">{ words }</span>{ icon.small() }</> }
            });
            html! {
                <li class={item.ticked.map(|_| "ticked")}>
                    { tick.unwrap_or_default() }{ all(&item.blocks, open && index == last, on_copy) }
                </li>
            }
        })
        .collect()
}

fn table(
    columns: &[Align],
    head: &[Vec<Inline>],
    rows: &[Vec<Vec<Inline>>],
    open: bool,
    dir: Option<&'static str>,
) -> Html {
    let class = |column: usize| match columns.get(column) {
        Some(Align::End) => Some("num"),
        Some(Align::Center) => Some("center"),
        _ => None,
    };
    // Wide tables and long lines of code can have the focus, so that they scroll with the keyboard.
    let last = (rows.len().saturating_sub(1), columns.len().saturating_sub(1));
    html! {
        <div class="table-wrap" tabindex="0" role="group" aria-label={text::TABLE}><table {dir}>
            <thead><tr>
                { for head.iter().enumerate().map(|(column, words)| html! {
                    <th scope="col" class={class(column)}>{ inlines(words) }</th>
                }) }
            </tr></thead>
            <tbody>
                { for rows.iter().enumerate().map(|(row, cells)| html! {
                    <tr>
                        { for cells.iter().enumerate().map(|(column, words)| html! {
                            <td class={class(column)}>{ inlines(words) }{ cursor(open && (row, column) == last) }</td>
                        }) }
                        if cells.len() < columns.len() {
                            <td colspan={(columns.len() - cells.len()).to_string()}>{ cursor(open && row == last.0) }</td>
                        }
                    </tr>
                }) }
            </tbody>
        </table></div>
    }
}

fn inlines(pieces: &[Inline]) -> Html {
    drawn(pieces, linkified)
}

/// Draws inlines, with their text as a function draws it.
fn drawn(pieces: &[Inline], plain: fn(&str) -> Html) -> Html {
    pieces
        .iter()
        .map(|piece| match piece {
            Inline::Text(text) => plain(text),
            Inline::Code(code) => html! { <code>{ code.clone() }</code> },
            Inline::Strong(inner) => html! { <strong>{ drawn(inner, plain) }</strong> },
            Inline::Emphasis(inner) => html! { <em>{ drawn(inner, plain) }</em> },
            Inline::Strike(inner) => html! { <del>{ drawn(inner, plain) }</del> },
            // URLs in the text of a link must not become links inside of it.
            Inline::Link { to, text } => anchor(to, drawn(text, |text| Html::from(text.to_owned()))),
            Inline::Math(tex) => super::math::view(tex),
            Inline::FootnoteMark(name) => html! { <sup>{ name.clone() }</sup> },
            Inline::Break => html! { <br /> },
        })
        .collect()
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct CodeBlockProps {
    /// The language of the info string, which selects the highlighting.
    pub language: AttrValue,
    /// Shown instead of the language.
    #[prop_or_default]
    pub title: Option<AttrValue>,
    pub text: AttrValue,
    /// Whether the code is still streamed: not highlighted, with the cursor at its end.
    #[prop_or_default]
    pub open: bool,
    pub on_copy: Callback<String>,
}

/// A code block with its language and the button `Copy code`. It is highlighted once, when it is complete.
#[component]
pub(crate) fn CodeBlock(props: &CodeBlockProps) -> Html {
    let title = props.title.clone().unwrap_or_else(|| match props.language.as_str() {
        "" => "text".into(),
        _ => props.language.clone(),
    });
    let text = props.text.clone();
    // A command that is pasted with its line end runs before somebody has read it.
    let onclick = props.on_copy.reform(move |()| text.trim_end_matches('\n').to_owned());
    let wrapped = use_state_eq(|| false);
    // The cheapest estimate that is right for code: it is about the width of the column.
    let is_wide = !props.open && props.text.split('\n').any(|line| line.len() > WIDE);
    let on_wrap = toggle(&wrapped);
    let code = if props.open {
        html! { <>{ props.text.clone() }{ cursor(true) }</> }
    } else {
        highlight(&props.language, &props.text)
            .into_iter()
            .map(|(token, stretch)| match class(token) {
                Some(class) => html! { <span {class}>{ stretch.to_owned() }</span> },
                None => Html::from(stretch.to_owned()),
            })
            .collect()
    };
    html! {
        <div class={classes!("code", wrapped.then_some("code-wrap"))}>
            <div class="code-h">
                <span>{ title.clone() }</span>
                if is_wide {
                    <button type="button" class="text-btn" aria-pressed={truth(*wrapped)} onclick={press(&on_wrap)}>
                        { text::WRAP }
                    </button>
                }
                { TextButton::new(text::COPY, onclick).icon(Icon::Copy).label(text::COPY_CODE).html() }
            </div>
            <pre tabindex="0" role="group" aria-label={text::code_in(&title)}><code>{ code }</code></pre>
        </div>
    }
}

/// The CSS class of a colour.
fn class(token: Token) -> Option<&'static str> {
    match token {
        Token::Plain => None,
        Token::Keyword => Some("k"),
        Token::String => Some("s"),
        Token::Number => Some("n"),
        Token::Comment => Some("c"),
        Token::Added => Some("s add"),
        Token::Removed => Some("k del"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{components::tests, testing::reply};
    use std::sync::Arc;

    fn shown(text: &str, open: bool) -> String {
        let message = Shared(Arc::new(reply(text)));
        tests::drawn::<Prose>(ProseProps { message, part: 0, open, on_copy: Callback::noop() })
    }

    #[test]
    fn a_reply_that_starts_over_is_read_from_the_beginning() {
        let mut document = Document::default();
        update(&mut document, "One.\n\nTwo.\n\nThree.\n", true);
        update(&mut document, "Another.\n", true);
        assert_eq!(document.blocks(), Document::from("Another.\n").blocks());
        update(&mut document, "Another *one*.\n", false);
        assert_eq!(document.blocks(), Document::from("Another *one*.\n").blocks());
    }

    #[test]
    fn a_link_contains_no_link() {
        let html = shown("[**https://a.b** ![c](https://d.e) <https://f.g>](https://h.i)", false);
        assert_eq!(html.matches("<a ").count(), 1, "{html}");
        assert!(html.contains("<strong>https://a.b</strong> c https://f.g</a>"), "{html}");
    }

    #[test]
    fn a_row_that_is_too_short_is_filled_by_one_cell() {
        let html = shown("|a|b|c|\n|-|-|-|\n|1|\n|1|2|3|", false);
        assert!(html.contains(r#"<tr><td>1</td><td colspan="2"></td></tr>"#), "{html}");
        assert!(html.contains("<tr><td>1</td><td>2</td><td>3</td></tr>"), "{html}");
    }

    #[test]
    fn a_reply_of_many_blocks_is_drawn_whole_and_with_one_cursor() {
        let text: Vec<_> = (0..200).map(|number| format!("Paragraph {number}.")).collect();
        let html = shown(&text.join("\n\n"), true);
        assert_eq!(html.matches(r#"<p dir="auto">"#).count(), 200);
        assert_eq!(html.matches(r#"class="cursor""#).count(), 1);
        assert!(html.starts_with(r#"<div class="prose"><p dir="auto">Paragraph 0.</p><p "#), "{}", &html[..80]);
    }

    #[test]
    fn each_block_at_the_top_has_its_own_direction_and_what_is_in_it_follows() {
        let text = "# a\n\nb\n\n- c\n\n  d\n\n> e\n\n| f |\n|---|\n| g<br>h |\n";
        let html = shown(text, false);
        assert_eq!(html.matches("dir=").count(), 5, "{html}");
        assert!(html.contains("<td>g<br>h</td>"), "{html}");
    }

    #[test]
    fn a_formula_shows_its_source_untouched() {
        let html = shown(r"So \(\unknown\,b\) and $x_1*y_1$.", false);
        assert!(html.contains(r"\(\unknown\,b\)"), "{html}");
        assert!(html.contains("<msub><mi>x</mi><mn>1</mn></msub>"), "{html}");
    }
}
