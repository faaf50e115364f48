//! What a search compares: the terms of a text, and those of a query.
//!
//! Both are made here by one function, so that a text is found by what it says however it was written, and both
//! databases find the same. A term is in compatibility form (NFKC), without case and without the accents and vowel
//! points that people leave out. It is one of:
//!
//! - a word: letters and digits, such as `cafe` of `Café`;
//! - a word with the signs behind it (`c++`, `c#`), beside the word alone;
//! - an address (`a@b.example`), beside its words;
//! - two neighbouring characters of a script that writes no spaces (Chinese, Japanese, Thai and others), so that a word
//!   inside a phrase is found; the last character of such a phrase also stands alone;
//! - a symbol, such as an emoji.
//!
//! A query must begin a term for each of its own ([`query`]).
//!
//! **Invariant:** each term of a query begins a term of every text that contains the query.

#[cfg(test)]
mod tests;

use super::text::is_ignorable;
use std::{
    collections::HashSet,
    ops::{ControlFlow, Range},
};
use unicode_normalization::char::{compose, decompose_compatible, is_combining_mark};

/// Bytes of the longest term. Longer ones are not found; PostgreSQL indexes none of more than 2 KiB.
pub const LONGEST_TERM: usize = 1024;
/// Bytes of one text that are indexed; the rest of a longer one is not found.
const INDEXED_BYTES: usize = 128 * 1024;
/// Bytes of the terms of one document, each with [`TERM_COST`]. A text vector of PostgreSQL holds a mebibyte.
const MAX_TERMS_BYTES: usize = 900_000;
/// Bytes that a text vector takes for a term beside its own.
const TERM_COST: usize = 6;
/// What a query may cost: six words, or as many pairs of characters as eight words.
const MAX_QUERY_COST: usize = 24;
/// Signs behind a word that belong to it.
const MAX_SIGNS: usize = 3;

/// A normalised character and where it stands in the text, in bytes.
#[derive(Clone, Copy, Debug)]
struct Unit {
    c: char,
    start: usize,
    end: usize,
}

/// The terms of a document, each one once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentTerms {
    pub title: Vec<String>,
    /// Those of the body that the title has not.
    pub body: Vec<String>,
}

/// The terms by which a document is found.
pub fn document(title: &str, body: &str) -> DocumentTerms {
    let (mut terms, mut seen, mut bytes) = (DocumentTerms::default(), HashSet::new(), 0);
    for (text, list) in [(title, &mut terms.title), (body, &mut terms.body)] {
        let text = &text[..text.floor_char_boundary(INDEXED_BYTES)];
        let _ = scan(text, Purpose::Index, &mut |term, _| {
            if term.len() > LONGEST_TERM || seen.contains(term) {
                return ControlFlow::Continue(());
            }
            bytes += term.len() + TERM_COST;
            if bytes > MAX_TERMS_BYTES {
                return ControlFlow::Break(());
            }
            seen.insert(term.to_owned());
            list.push(term.to_owned());
            ControlFlow::Continue(())
        });
    }
    terms
}

/// The terms of a query, of which a document must have all, at least their beginnings. A term that begins another one
/// is left out, and so is what exceeds a bound. Empty when nothing can be found.
pub fn query(text: &str) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut endless = false;
    let _ = scan(text, Purpose::Query, &mut |term, _| {
        if term.len() > LONGEST_TERM {
            endless = true;
            return ControlFlow::Break(());
        }
        if kept.iter().any(|longer| longer.starts_with(term)) {
            return ControlFlow::Continue(());
        }
        // A text with the longer term has the shorter one, too.
        kept.retain(|shorter| !term.starts_with(shorter.as_str()));
        if kept.iter().map(|term| cost(term)).sum::<usize>() + cost(term) > MAX_QUERY_COST {
            return ControlFlow::Break(());
        }
        kept.push(term.to_owned());
        ControlFlow::Continue(())
    });
    if endless { Vec::new() } else { kept }
}

/// What a term adds to the cost of a query. A pair of characters excludes more than the beginning of a word.
fn cost(term: &str) -> usize {
    if term.starts_with(is_unspaced) { 3 } else { 4 }
}

/// Calls `found` with the places in a text at which terms of a query begin terms of the text, in bytes, ascending and
/// without overlaps, until it breaks.
pub fn matches(text: &str, terms: &[String], mut found: impl FnMut(Range<usize>) -> ControlFlow<()>) {
    // Pairs of characters overlap, and a word stands before the same word with its signs: they are joined.
    let mut last: Option<Range<usize>> = None;
    let scanned = scan(text, Purpose::Index, &mut |term, units| {
        let begins = terms.iter().filter(|wanted| term.starts_with(wanted.as_str()));
        let Some(wanted) = begins.max_by_key(|wanted| wanted.len()) else { return ControlFlow::Continue(()) };
        let chars = wanted.chars().count().clamp(1, units.len());
        let place = units[0].start..units[chars - 1].end;
        match &mut last {
            Some(last) if place.start < last.end => last.end = last.end.max(place.end),
            _ => {
                if let Some(whole) = last.replace(place) {
                    return found(whole);
                }
            }
        }
        ControlFlow::Continue(())
    });
    if let (ControlFlow::Continue(()), Some(whole)) = (scanned, last) {
        let _ = found(whole);
    }
}

/// Whether a text is split to be found, or to find.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Index,
    /// Only the longest terms: who looks for `c++` does not look for `c`.
    Query,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    /// A character of a script without spaces.
    Unspaced,
    Symbol,
    /// Half of a flag.
    Regional,
    /// Belongs to the word before it.
    Sign,
    Ignored,
    Break,
}

type Emit<'e> = dyn FnMut(&str, &[Unit]) -> ControlFlow<()> + 'e;

/// Calls `emit` with each term and its characters, in the order in which they begin, until it breaks.
fn scan(text: &str, purpose: Purpose, emit: &mut Emit<'_>) -> ControlFlow<()> {
    let mut scanner = Scanner { purpose, class: Class::Break, units: Vec::new(), signs: 0, term: String::new(), emit };
    let mut addresses = addresses(text).into_iter().peekable();
    let mut past = 0;
    for (at, c) in text.char_indices() {
        if at < past {
            continue;
        }
        if let Some(address) = addresses.next_if(|address| address.start <= at) {
            scanner.flush(false)?;
            scanner.address(&text[address.clone()], at)?;
            if purpose == Purpose::Query {
                past = address.end;
                continue;
            }
        }
        let end = at + c.len_utf8();
        normalise(c, |c, class| scanner.push(Unit { c, start: at, end }, class))?;
    }
    scanner.flush(false)
}

/// Collects characters until a term ends.
struct Scanner<'e, 'f> {
    purpose: Purpose,
    /// The class of what is collected; [`Class::Break`] when nothing is.
    class: Class,
    units: Vec<Unit>,
    /// The signs at the end of `units`.
    signs: usize,
    /// The term that is emitted, kept to be used again.
    term: String,
    emit: &'e mut Emit<'f>,
}

impl Scanner<'_, '_> {
    fn push(&mut self, unit: Unit, class: Class) -> ControlFlow<()> {
        match class {
            Class::Ignored => {
                // An accent belongs to its letter.
                if let Some(last) = self.units.last_mut() {
                    last.end = unit.end;
                }
                return ControlFlow::Continue(());
            }
            Class::Break => return self.flush(false),
            Class::Sign => {
                if self.class != Class::Word || self.signs == MAX_SIGNS {
                    return self.flush(false);
                }
                self.signs += 1;
            }
            _ if class != self.class || self.signs > 0 => {
                self.flush(class == Class::Word)?;
                self.class = class;
            }
            // The decomposed forms of Hangul and of Japanese have more than one character.
            _ if !(unit.c.is_ascii() || is_plain(unit.c))
                && let Some(last) = self.units.last_mut()
                && let Some(whole) = compose(last.c, unit.c) =>
            {
                (last.c, last.end) = (whole, unit.end);
                return ControlFlow::Continue(());
            }
            _ => {}
        }
        // A word without an end is not found anyway.
        if self.class == Class::Unspaced || self.units.len() <= LONGEST_TERM + MAX_SIGNS {
            self.units.push(unit);
        }
        match self.class {
            Class::Symbol => self.flush(false),
            Class::Regional if self.units.len() == 2 => self.flush(false),
            _ => ControlFlow::Continue(()),
        }
    }

    /// Emits what was collected. `joined` is whether a word follows immediately.
    fn flush(&mut self, joined: bool) -> ControlFlow<()> {
        let units = std::mem::take(&mut self.units);
        let flow = if units.is_empty() { ControlFlow::Continue(()) } else { self.terms(&units, joined) };
        self.units = units;
        self.units.clear();
        (self.class, self.signs) = (Class::Break, 0);
        flow
    }

    fn terms(&mut self, units: &[Unit], joined: bool) -> ControlFlow<()> {
        let is_query = self.purpose == Purpose::Query;
        if self.class == Class::Unspaced {
            for pair in units.windows(2) {
                self.emit(pair)?;
            }
            // For a query of one character, which begins every pair but the last character.
            return if is_query && units.len() > 1 {
                ControlFlow::Continue(())
            } else {
                self.emit(&units[units.len() - 1..])
            };
        }
        // The signs of `milk+eggs` in a query are no part of what is looked for.
        let with_signs = self.signs > 0 && !(is_query && joined);
        if !(is_query && with_signs) {
            self.emit(&units[..units.len() - self.signs])?;
        }
        if with_signs { self.emit(units) } else { ControlFlow::Continue(()) }
    }

    fn emit(&mut self, units: &[Unit]) -> ControlFlow<()> {
        self.term.clear();
        self.term.extend(units.iter().map(|unit| unit.c));
        (self.emit)(&self.term, units)
    }

    /// Emits an address as one term.
    fn address(&mut self, address: &str, start: usize) -> ControlFlow<()> {
        let mut units = Vec::new();
        for (at, c) in address.char_indices() {
            let (start, end) = (start + at, start + at + c.len_utf8());
            let _ = normalise(c, |c, class| {
                if class == Class::Word || c.is_ascii() {
                    units.push(Unit { c, start, end });
                }
                ControlFlow::Continue(())
            });
        }
        self.emit(&units)
    }
}

/// A text without what a search does not compare: case, accents, width. A text contains another one in this form when a
/// reader would say so, whichever keyboard wrote them.
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        let _ = normalise(c, |c, class| {
            if class != Class::Ignored {
                folded.push(c);
            }
            ControlFlow::Continue(())
        });
    }
    folded
}

/// Calls `push` with the characters that stand for one in terms.
fn normalise(c: char, mut push: impl FnMut(char, Class) -> ControlFlow<()>) -> ControlFlow<()> {
    if c.is_ascii() {
        let c = c.to_ascii_lowercase();
        return push(c, class(c));
    }
    // Looking these up would be most of the cost of a text.
    if is_plain(c) {
        return push(c, class(c));
    }
    let mut flow = ControlFlow::Continue(());
    decompose_compatible(c, |part| {
        // The full case folding of Unicode: `ß` is `ss`, both small sigmas are the same.
        for folded in part.to_uppercase().flat_map(char::to_lowercase) {
            if flow.is_continue() {
                flow = push(folded, class(folded));
            }
        }
    });
    flow
}

/// Han and kana that stand for themselves in terms, and that no character before them is composed with.
fn is_plain(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fe}')
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' | '0'..='9' => Class::Word,
        '\u{4e00}'..='\u{9fff}' => Class::Unspaced,
        '+' | '#' => Class::Sign,
        '\0'..='\u{7f}' => Class::Break,
        '\u{1f1e6}'..='\u{1f1ff}' => Class::Regional,
        // Colours of skin, which few type.
        '\u{1f3fb}'..='\u{1f3ff}' => Class::Ignored,
        // Currencies; arrows, mathematics, technical signs, shapes, dingbats; pictures.
        '©' | '®' | '\u{20a0}'..='\u{20cf}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' => Class::Symbol,
        _ if is_ignorable(c) || is_accent(c) => Class::Ignored,
        _ if is_unspaced(c) => Class::Unspaced,
        _ if c.is_alphanumeric() || is_combining_mark(c) => Class::Word,
        _ => Class::Break,
    }
}

/// The marks that people leave out: accents of Latin, Greek and Cyrillic letters, vowel points of Hebrew and Arabic and
/// the stretching of Arabic. Other marks are vowels or parts of letters.
fn is_accent(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}'
            | '\u{5c4}' | '\u{5c5}' | '\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
            | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}' | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}'
            | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
    )
}

/// Characters of scripts that put no spaces between words, but for their digits.
fn is_unspaced(c: char) -> bool {
    matches!(
        c,
        // Thai, Lao, Burmese, Khmer.
        '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}' | '\u{e81}'..='\u{ecf}' | '\u{1000}'..='\u{103f}'
            | '\u{1050}'..='\u{108f}' | '\u{109a}'..='\u{109d}' | '\u{1780}'..='\u{17d3}'
            // Kana, with the mark of long vowels, and Bopomofo.
            | '\u{3041}'..='\u{309a}' | '\u{309d}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{312f}'
            | '\u{31f0}'..='\u{31ff}' | '\u{1b000}'..='\u{1b16f}'
            // Han; compatibility forms are decomposed before.
            | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}'
    )
}

/// Whether a character is of words only, however it is normalised.
fn is_of_words(c: char) -> bool {
    let of_words = |_, class| match class {
        Class::Word | Class::Ignored => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    };
    normalise(c, of_words).is_continue()
}

/// Whether a word can begin with a character, which is then part of a term.
fn begins_word(c: char) -> bool {
    let mut begins = false;
    let _ = normalise(c, |_, class| {
        begins |= class == Class::Word;
        ControlFlow::Continue(())
    });
    begins
}

/// The places of what looks like an address, in bytes: names with dots before and behind an `@`.
fn addresses(text: &str) -> Vec<Range<usize>> {
    let is_name = |c: char| is_of_words(c) || matches!(c, '.' | '-');
    let is_local = |c: char| is_name(c) || matches!(c, '_' | '+' | '%');
    let around = text.match_indices('@').filter_map(|(at, _)| {
        let before = &text[..at];
        let local = before[before.trim_end_matches(is_local).len()..].trim_start_matches(|c| !begins_word(c));
        let behind = &text[at + 1..];
        let domain = behind[..behind.find(|c| !is_name(c)).unwrap_or(behind.len())].trim_end_matches(['.', '-']);
        (!local.is_empty() && domain.starts_with(begins_word)).then(|| at - local.len()..at + 1 + domain.len())
    });
    let mut found: Vec<Range<usize>> = Vec::new();
    for place in around {
        // Of `a@b@c` the first one counts.
        if found.last().is_none_or(|last| last.end <= place.start) {
            found.push(place);
        }
    }
    found
}
