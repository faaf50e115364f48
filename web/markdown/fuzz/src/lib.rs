//! What must hold of any text at all: nothing panics, the tree does not depend on the pieces in which the text arrives,
//! everything in it is safe to draw, and the time is linear.

use std::{fs, hint::black_box, mem, rc::Rc, thread, time::Instant};
use tandem_markdown::{Block, Document, Inline, TextPiece, highlight, split_urls};

/// The largest ratio of the times of a text and of one of half its length. What is quadratic has a ratio of four.
const RATIO: f64 = 2.6;
/// Measurements that are disturbed are repeated.
const TRIES: usize = 8;
/// The length in bytes to which a text is repeated, at which quadratic parts dominate.
const LONG: usize = 16 * 1024;

/// A text that arrives in pieces.
///
/// # Panics
/// When a property does not hold.
pub fn pieces(text: &str) {
    let whole = Document::from(text);
    whole.blocks().iter().for_each(|block| check(block));
    let urls: String =
        split_urls(text).into_iter().map(|(TextPiece::Text(piece) | TextPiece::Url(piece))| piece).collect();
    assert_eq!(urls, text, "plain text is in its pieces");
    // The pieces are chosen by the text, so that an input always does the same.
    let mut seed = text.bytes().fold(7_u32, |seed, byte| seed.wrapping_mul(31).wrapping_add(u32::from(byte)));
    for longest in [1, 4, 32] {
        let mut document = Document::default();
        let mut finished = Vec::new();
        for piece in cut(text, longest, &mut seed) {
            document.append(piece);
            assert!(document.finished().starts_with(&finished), "what is finished does not change");
            document.blocks()[finished.len()..].iter().for_each(|block| check(block));
            finished = document.finished().to_vec();
        }
        assert_eq!(document.text(), text);
        document.finish();
        assert_eq!(document.blocks(), whole.blocks());
        assert!(document.chunks().iter().flat_map(|chunk| chunk.iter()).eq(whole.blocks()));
        // A reference may precede its definition, so a finished block may get a link: but it stays a block of its kind.
        let defines = text.contains("]:");
        assert!(finished.len() <= whole.blocks().len(), "finished blocks remain");
        for (before, after) in finished.iter().zip(document.blocks()) {
            let is_same =
                Rc::ptr_eq(before, after) || (defines && mem::discriminant(&**before) == mem::discriminant(after));
            assert!(is_same, "{before:?} was finished, and is {after:?}");
        }
    }
}

/// Splits a text into pieces of at most some characters.
fn cut<'a>(text: &'a str, longest: u32, seed: &mut u32) -> Vec<&'a str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let length = ((*seed >> 16) % longest + 1) as usize;
        let end = rest.char_indices().nth(length).map_or(rest.len(), |(at, _)| at);
        let (piece, others) = rest.split_at(end);
        pieces.push(piece);
        rest = others;
    }
    pieces
}

/// Everything in a block is safe to draw, and nothing in it is empty without a reason.
fn check(block: &Block) {
    match block {
        Block::Paragraph(words) | Block::Line(words) | Block::Heading(_, words) | Block::Footnote(_, words) => {
            check_inlines(words, false);
        }
        Block::Code { language, text } => {
            let pieces = highlight(language, text);
            assert_eq!(pieces.iter().map(|(_, piece)| *piece).collect::<String>(), *text, "code is in its pieces");
        }
        Block::Quote(blocks) | Block::Alert(_, blocks) => blocks.iter().for_each(check),
        Block::List { items, .. } => {
            assert!(!items.is_empty(), "a list has items");
            items.iter().flat_map(|item| &item.blocks).for_each(check);
        }
        Block::Table { columns, head, rows } => {
            assert_eq!(columns.len(), head.len(), "a table has as many columns as its heading");
            assert!(rows.iter().all(|row| row.len() <= columns.len()), "a row has no more cells than columns");
            head.iter().chain(rows.iter().flatten()).for_each(|cell| check_inlines(cell, false));
        }
        Block::Rule => {}
    }
}

fn check_inlines(inlines: &[Inline], linked: bool) {
    for inline in inlines {
        match inline {
            Inline::Text(text) => assert!(!text.is_empty(), "text is not empty"),
            Inline::Math(text) | Inline::FootnoteMark(text) => assert!(!text.is_empty(), "a formula has its signs"),
            Inline::Code(_) | Inline::Break => {}
            Inline::Strong(words) | Inline::Emphasis(words) | Inline::Strike(words) => check_inlines(words, linked),
            Inline::Link { to, text } => {
                let scheme = to.split(':').next().unwrap_or_default().to_ascii_lowercase();
                assert!(["http", "https", "mailto"].contains(&&*scheme), "{to} may be followed");
                assert!(!to.contains(|c: char| c.is_control() || c.is_whitespace()), "{to} is one word");
                assert!(!linked, "a link contains no link to {to}");
                check_inlines(text, true);
            }
        }
    }
}

/// A text that is repeated up to some length.
///
/// # Panics
/// When twice the length takes far more than twice the time.
pub fn linear(text: &str) {
    if text.is_empty() {
        return;
    }
    // Of a text with an odd number of fences the end is code, which is read in less time.
    let count = (LONG / 2).div_ceil(text.len()).next_multiple_of(16);
    takes_linear_time(&text.repeat(count), &text.repeat(2 * count), &|text| {
        let mut document = Document::default();
        document.append(text);
        document.finish();
        black_box(document.chunks().len());
    });
}

/// Compares the times for a text and for one of twice its length.
///
/// The measure is the processor time of the thread, which other work on the machine hardly changes.
///
/// # Panics
/// When the longer one takes far more than twice the time.
#[track_caller]
pub fn takes_linear_time(short: &str, long: &str, work: &dyn Fn(&str)) {
    let mut seen = Vec::new();
    for _ in 0..TRIES {
        let ratio = cost(&|| work(long)) / cost(&|| work(short));
        if ratio <= RATIO {
            return;
        }
        seen.push(ratio);
    }
    panic!("twice the length took {seen:.1?} times as long");
}

/// The time of some work in microseconds, of which less than a hundred cannot be measured.
fn cost(work: &dyn Fn()) -> f64 {
    let start = Instant::now();
    let before = now(start);
    work();
    let spent = now(start) - before;
    f64::from(u32::try_from(spent / 1_000).unwrap_or(u32::MAX)).max(100.0)
}

/// Processor time of this thread in nanoseconds; elapsed time where the system does not provide it.
fn now(start: Instant) -> u128 {
    // The kernel updates the counter when the thread yields.
    thread::yield_now();
    let counted = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let counted = counted.and_then(|text| text.split_whitespace().next()?.parse().ok());
    counted.unwrap_or_else(|| start.elapsed().as_nanos())
}
