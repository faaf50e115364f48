//! Sentence patterns, one line each.
//!
//! `add|create [a|an] <task> [called|named] *` reads: one of two words, perhaps an article, a word for a task, perhaps
//! a link, then anything. `get_rid_of` is one alternative of three words; `<list>` is a phrase for a list ("my shopping
//! list"); `*` captures one word or more, and `[*]` passes over anything or nothing.
//!
//! A pattern covers its whole clause. Of several that match, the one with the most words of its own wins, because words
//! that a pattern names are stronger evidence than words that it only captures; the order of the rows breaks ties.

use crate::text::Token;
use crate::work;

use super::clause::Clause;
use super::lists::{ListName, list_phrase};
use super::verbs::class;

/// Limit of the words that a capture in the middle of a pattern takes. It keeps matching linear on very long sentences.
const LONGEST_CAPTURE: usize = 20;

#[derive(Debug, Clone)]
enum Element {
    /// One of several words or word sequences.
    Words(Vec<Vec<&'static str>>),
    Optional(Vec<Vec<&'static str>>),
    Capture,
    /// Words that are passed over, or none.
    Rest,
    List,
}

#[derive(Debug, Clone)]
struct Pattern<T> {
    elements: Vec<Element>,
    /// The words that it can begin with; `None` when it begins with a capture or a list.
    openings: Option<Vec<&'static str>>,
    intent: T,
}

impl<T> Pattern<T> {
    fn new(line: &'static str, intent: T) -> Self {
        let elements = compile(line);
        let openings = openings(&elements);
        Self { elements, openings, intent }
    }

    /// Whether it may match tokens that begin so. Most patterns of a table do not, and need not be tried.
    fn may_begin(&self, tokens: &[Token]) -> bool {
        let Some(first) = tokens.first() else { return true };
        self.openings.as_ref().is_none_or(|words| words.binary_search(&first.word.as_str()).is_ok())
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Captured {
    /// Places in the clause, from and to, in the order of the `*`.
    pub(crate) spans: Vec<(usize, usize)>,
    /// The list that was named, when the pattern has `<list>`.
    pub(crate) list: Option<ListName>,
    score: u32,
}

impl Captured {
    /// What the `*` at a place captured of a clause.
    pub(crate) fn part<'a>(&self, clause: &Clause<'a>, at: usize) -> Option<Clause<'a>> {
        self.spans.get(at).map(|(from, to)| clause.part(*from, *to))
    }

    pub(crate) fn list_name(&self) -> Option<String> {
        self.list.as_ref().and_then(|ListName(name)| name.clone())
    }
}

/// Patterns with what they mean.
#[derive(Debug, Clone)]
pub(crate) struct Table<T> {
    patterns: Vec<Pattern<T>>,
}

impl<T: Copy> Table<T> {
    pub(crate) fn new(rows: &[(&'static str, T)]) -> Self {
        let patterns = rows.iter().map(|(line, intent)| Pattern::new(line, *intent)).collect();
        Self { patterns }
    }

    /// The best pattern for these tokens.
    pub(crate) fn best(&self, tokens: &[Token]) -> Option<(T, Captured)> {
        let mut best: Option<(T, Captured)> = None;
        for pattern in self.patterns.iter().filter(|pattern| pattern.may_begin(tokens)) {
            // Only a higher score replaces the row before, so that of equal rows the first wins.
            if let Some(captured) = run(&pattern.elements, tokens, 0)
                && best.as_ref().is_none_or(|(_, before)| captured.score > before.score)
            {
                best = Some((pattern.intent, captured));
            }
        }
        best
    }
}

/// Declares a static [`Table`], one line for each pattern: `patterns! { TABLE: Intent { Show: "show [me] *", } }`.
macro_rules! patterns {
    ($visible:vis $name:ident: $intent:ident { $($variant:ident: $line:literal,)* }) => {
        $visible static $name: std::sync::LazyLock<crate::grammar::Table<$intent>> =
            std::sync::LazyLock::new(|| crate::grammar::Table::new(&[$(($line, $intent::$variant)),*]));
    };
}
pub(crate) use patterns;

fn compile(line: &'static str) -> Vec<Element> {
    line.split(' ')
        .map(|part| match part {
            "*" => Element::Capture,
            "[*]" => Element::Rest,
            "<list>" => Element::List,
            _ => match part.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
                Some(inner) => Element::Optional(alternatives(inner)),
                None => Element::Words(alternatives(part)),
            },
        })
        .collect()
}

/// The first words of the elements, sorted: of the optional ones and of the first that has to be there.
fn openings(elements: &[Element]) -> Option<Vec<&'static str>> {
    let mut words = Vec::new();
    for element in elements {
        let (Element::Words(all) | Element::Optional(all)) = element else { return None };
        words.extend(all.iter().filter_map(|sequence| sequence.first().copied()));
        if matches!(element, Element::Words(_)) {
            words.sort_unstable();
            return Some(words);
        }
    }
    None
}

fn alternatives(part: &'static str) -> Vec<Vec<&'static str>> {
    let mut all = Vec::new();
    for alternative in part.split('|') {
        match class(alternative) {
            Some(words) => all.extend(words.split_ascii_whitespace().map(|word| word.split('_').collect::<Vec<_>>())),
            None => all.push(alternative.split('_').collect()),
        }
    }
    // The longest first, so that "to do" is not read as "to".
    all.sort_by_key(|words| std::cmp::Reverse(words.len()));
    all
}

fn eat(words: &[&str], tokens: &[Token], at: usize) -> bool {
    words.iter().enumerate().all(|(i, word)| tokens.get(at + i).is_some_and(|token| token.is(word)))
}

/// Matches the elements against the tokens from `at` to their end.
fn run(elements: &[Element], tokens: &[Token], at: usize) -> Option<Captured> {
    if !work::spend(1) {
        return None;
    }
    let Some((first, rest)) = elements.split_first() else {
        return (at == tokens.len()).then(Captured::default);
    };
    match first {
        Element::Words(all) => words(all, rest, tokens, at),
        Element::Optional(all) => words(all, rest, tokens, at).or_else(|| run(rest, tokens, at)),
        Element::Rest if rest.is_empty() => Some(Captured::default()),
        Element::Rest => (at..=tokens.len().min(at + LONGEST_CAPTURE)).find_map(|end| run(rest, tokens, end)),
        Element::List => {
            let (list, next) = list_phrase(tokens, at)?;
            let mut captured = run(rest, tokens, next)?;
            captured.list = Some(list);
            // A phrase for a list counts as the two words that it has at least.
            captured.score += 2;
            Some(captured)
        }
        // Shortest first: the words after a capture separate it from the next one.
        Element::Capture => {
            // At the end of a pattern a capture has no choice: it takes all that is left.
            let longest = if rest.is_empty() { tokens.len() } else { tokens.len().min(at + LONGEST_CAPTURE) };
            let shortest = if rest.is_empty() { tokens.len() } else { at + 1 };
            (shortest.max(at + 1)..=longest).find_map(|end| {
                let mut captured = run(rest, tokens, end)?;
                captured.spans.insert(0, (at, end));
                Some(captured)
            })
        }
    }
}

fn words(all: &[Vec<&'static str>], rest: &[Element], tokens: &[Token], at: usize) -> Option<Captured> {
    all.iter().filter(|words| eat(words, tokens, at)).find_map(|words| {
        let mut captured = run(rest, tokens, at + words.len())?;
        captured.score += u32::try_from(words.len()).unwrap_or(1);
        Some(captured)
    })
}

#[cfg(test)]
mod tests {
    use super::Table;
    use crate::text::Text;

    fn caught(line: &'static str, text: &str) -> Option<Vec<String>> {
        let text = Text::new(text);
        let ((), captured) = Table::new(&[(line, ())]).best(&text.tokens)?;
        Some(captured.spans.iter().map(|(from, to)| text.slice(*from, *to).to_owned()).collect())
    }

    #[test]
    fn captures_are_as_short_as_the_rest_allows() {
        assert_eq!(
            caught("move * to *", "move Milk to the fridge to Monday"),
            Some(vec!["Milk".into(), "the fridge to Monday".into()])
        );
    }

    #[test]
    fn a_pattern_covers_its_clause() {
        assert_eq!(caught("show [me] <task>", "show me tasks"), Some(vec![]));
        assert_eq!(caught("show [me] <task>", "show me tasks of others"), None);
        assert_eq!(caught("show [me] <task> [*]", "show me tasks of others"), Some(vec![]));
        assert_eq!(caught("show [me] <task> [*]", "show me tasks"), Some(vec![]));
    }

    #[test]
    fn sequences_are_one_alternative() {
        assert_eq!(caught("get_rid_of|delete *", "get rid of milk"), Some(vec!["milk".into()]));
    }

    #[test]
    fn more_words_of_its_own_win() {
        let text = Text::new("add a task to sing");
        let table = Table::new(&[("add *", 1), ("add [a] <task> [to] *", 2)]);
        assert_eq!(table.best(&text.tokens).map(|(intent, _)| intent), Some(2));
    }
}
