//! Sentences that correct themselves: "dentist tomorrow, no wait, Friday", "call Bob at 5, make that 6", "delete the milk, I
//! mean the rent".
//!
//! What was said first is taken out of the text, and what is right put in its place, before any rule reads the sentence: to a
//! rule the wrong date is a date, and "no wait" a title. The right words have to be of the kind of the wrong ones. Where it is
//! not certain what they replace, the sentence is not understood.

use crate::dates::{DateInput, Draft, find_all, lexicon, whole};
use crate::grammar::{Clause, is_command};
use crate::reference::ReadContext;
use crate::text::{Kind, Text, Token, listed};

/// Words that say that the ones before were wrong, whatever follows.
const CERTAIN: &str = "no wait|wait no|no , wait|wait , no|no , no|no no|no sorry|sorry no|no , sorry|sorry , no|i mean|no i mean|no , i mean|sorry i mean|\
    sorry , i mean|i meant|no i meant|no , i meant|sorry i meant|scratch that|no scratch that|no , scratch that|no make that|no , make that|no make it|\
    no , make it|actually no|actually , no|actually make that|actually make it|oops no|oops , no|or rather|or better|correction|wait , make that|\
    wait make that|wait , make it|wait make it|oops i mean|oops , i mean";
/// Words that may say so before a date.
const BEFORE_A_DATE: &str =
    "no|sorry|actually|rather|wait|oops|make that|make it|better|nope|or no|hmm|hmm no|um|um no|uh|uh no";
/// Words that say nothing that could be corrected.
const NOTHING: &str =
    "no nope sorry oops whoops wait actually hmm hm oh ah um uh well yes ok okay so right i mean meant";
/// Corrections in one sentence.
const MOST: usize = 3;
/// Most words of what is right.
const LONGEST: usize = 6;

/// What is made of a sentence that corrects itself.
pub(super) enum Repaired {
    Text(Text),
    /// It is not clear what these words replace.
    Unclear(String),
}

/// The sentence as it was meant; `None` when it corrects nothing.
pub(super) fn read(text: &Text, cx: &ReadContext<'_>) -> Option<Repaired> {
    let mut repaired: Option<Text> = None;
    for _ in 0..MOST {
        match once(repaired.as_ref().unwrap_or(text), cx) {
            Some(Repaired::Text(better)) => repaired = Some(better),
            Some(unclear) => return Some(unclear),
            None => break,
        }
    }
    repaired.map(Repaired::Text)
}

fn once(text: &Text, cx: &ReadContext<'_>) -> Option<Repaired> {
    let all = part(text, 0, text.len());
    (2..text.len()).find_map(|at| {
        let rest = all.part(at, text.len());
        let certain = rest.longest_start(CERTAIN);
        let marker = certain.max(rest.longest_start(BEFORE_A_DATE))?;
        let comma = text.tokens[at - 1].is_any(&[",", "-", ".", ";"]);
        // "call mum, no, dad".
        let certain = certain.or_else(|| (comma && all.word(at) == "no" && all.word(at + 1) == ",").then_some(marker));
        let left = all.part(0, if comma { at - 1 } else { at });
        let after = at + marker;
        let right = all.part(if all.word(after) == "," { after + 1 } else { after }, text.len());
        // "no, I meant the milk" corrects the message before, and not itself.
        if left.tokens().iter().all(|token| token.is_mark() || listed(NOTHING, &token.word)) {
            return None;
        }
        // "Friday, I meant" corrects the message before.
        if right.is_empty() && all.word(at) == "i" {
            return None;
        }
        if right.is_empty() {
            let taken_back = comma && certain == Some(marker) && marker > 1;
            return taken_back.then(|| Repaired::Unclear(all.part(at, text.len()).source().to_owned()));
        }
        let dated = || {
            let end = left.tokens().len();
            may_end_a_date(left.tokens().last())
                && find_all(&cx.dates_in(&left)).last().is_some_and(|date| date.end == end)
        };
        if !comma && !dated() {
            return None;
        }
        date(&left, &right, cx).or_else(|| if certain == Some(marker) { words(&left, &right) } else { None })
    })
}

/// Whether a date may end with a word. For most words no rule has to be read.
fn may_end_a_date(last: Option<&Token>) -> bool {
    const WORDS: &str =
        "am pm today tomorrow tonight morning afternoon evening noon midnight week month year weekend day days o'clock";
    last.is_some_and(|token| {
        token.kind == Kind::Number
            || listed(WORDS, &token.word)
            || lexicon::weekday(&token.word).is_some()
            || lexicon::month(&token.word).is_some()
    })
}

fn part(text: &Text, from: usize, to: usize) -> Clause<'_> {
    let whole = Clause::new(text, 0, text.len());
    Clause { from, to, start: from, ..whole }
}

/// Another date in the place of the last one, or of the half of it that was wrong.
fn date(left: &Clause<'_>, right: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Repaired> {
    let n = right.tokens().len();
    let (end, right_date, words) = (1..=n).rev().find_map(|end| {
        let words = right.part(0, end);
        let said = whole(&cx.dates_in(&words)).map(|draft| (draft, words.source().to_owned()));
        let (draft, words) = said.or_else(|| bare_time(&words, cx))?;
        Some((end, draft, words))
    })?;
    let mentions = find_all(&cx.dates_in(left));
    let wrong = mentions.last();
    // A bare number is a time only where another one was said.
    if words.starts_with("at ") && right.word(0) != "at" && !wrong.is_some_and(|wrong| wrong.draft.names_time()) {
        return None;
    }
    let (from, to) = wrong.map_or((left.tokens().len(), left.tokens().len()), |wrong| {
        replaced(left, (wrong.start, wrong.end), &wrong.draft, &right_date, cx)
    });
    let tokens = left.tokens();
    // A preposition that was said with the right date takes the place of the one before.
    let led = from < to && tokens[from].is_any(&["on", "at", "by", "for", "in", "until", "from"]);
    let keeps = led
        && !right.tokens()[0].is_any(&["on", "at", "by", "for", "in", "until", "from"])
        && !words.starts_with("at ");
    let head = left.part(0, if keeps { from + 1 } else { from }).source();
    let tail = left.part(to, tokens.len()).source();
    let rest = right.part(end, n).source();
    let sentence =
        [head, &words, tail, rest].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
    Some(Repaired::Text(Text::new(&sentence)))
}

/// "6" after "at 5".
fn bare_time(words: &Clause<'_>, cx: &ReadContext<'_>) -> Option<(Draft, String)> {
    if words.tokens().first()?.kind != Kind::Number {
        return None;
    }
    let sentence = format!("at {}", words.source());
    let text = Text::new(&sentence);
    let draft = whole(&DateInput::new(&text.tokens, cx.context.now.datetime()))?;
    (draft.names_time() && !draft.names_day() && !draft.repeats()).then_some((draft, sentence))
}

/// The place of a wrong date that a right one replaces: its day, its time, or all of it.
fn replaced(
    left: &Clause<'_>,
    (start, end): (usize, usize),
    wrong: &Draft,
    right: &Draft,
    cx: &ReadContext<'_>,
) -> (usize, usize) {
    let both = (start, end);
    if wrong.repeats() || right.repeats() || (right.names_day() && right.names_time()) {
        return both;
    }
    let halves = |draft: &Draft| (draft.names_day(), draft.names_time());
    match (halves(wrong), halves(right)) {
        // The other half was said: it is added.
        ((true, false), (false, true)) | ((false, true), (true, false)) => (end, end),
        ((true, true), want) => {
            let read = |from: usize, to: usize| whole(&cx.dates_in(&left.part(from, to))).map(|draft| halves(&draft));
            (start + 1..end)
                .find_map(|at| match (read(start, at)?, read(at, end)?) {
                    (first, second) if first == want && second != want => Some((start, at)),
                    (first, second) if second == want && first != want => Some((at, end)),
                    _ => None,
                })
                .unwrap_or(both)
        }
        _ => both,
    }
}

/// Other words in the place of those that they resemble, or of all that the verb is about.
fn words(left: &Clause<'_>, right: &Clause<'_>) -> Option<Repaired> {
    let (n, m) = (left.tokens().len(), right.tokens().len());
    let unclear = || Some(Repaired::Unclear(right.source().to_owned()));
    // "delete the milk, no wait, mark it done": only the second request counts, when it names its task.
    if is_command(right.word(0)) {
        let points = right.has(&["it", "that", "this", "them"]);
        return if points { unclear() } else { Some(Repaired::Text(Text::new(right.source()))) };
    }
    if m > LONGEST {
        return unclear();
    }
    let sentence = |from: usize, to: usize| {
        let text = format!("{} {} {}", left.part(0, from).source(), right.source(), left.part(to, n).source());
        Some(Repaired::Text(Text::new(&text)))
    };
    // "milk, no wait, oat milk" and "call Bob, I mean Bill".
    let last = right.word(m - 1);
    if m > 1
        && let Some(at) = (1..n).rev().find(|&at| left.word(at) == last)
    {
        return sentence(at, at + 1);
    }
    let name = |clause: &Clause<'_>, at: usize| clause.tokens()[at].capital && clause.tokens()[at].kind == Kind::Word;
    if m == 1
        && name(right, 0)
        && let Some(at) = (1..n).rev().find(|&at| name(left, at))
    {
        return sentence(at, at + 1);
    }
    let object = if matches!(left.word(1), "me" | "off" | "out") { 2 } else { 1 };
    let short = is_command(left.word(0))
        && n - object <= 3
        && listed("add delete remove complete finish cancel reopen", left.word(0));
    if short { sentence(object, n) } else { unclear() }
}
