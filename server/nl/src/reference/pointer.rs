//! Phrases that point at a task without naming it: "task 3", "the second one", "it", "the last one", "my reminder".

use crate::dates::DateInput;
use crate::dates::lexicon::{number, ordinal};
use crate::grammar::{Clause, is_task_noun};

/// What a phrase points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pointer {
    Numbers(Vec<i64>, Marked),
    /// A place in the list that was shown last, from 0; -1 is the last one.
    Shown(i64),
    /// Several places in the list that was shown last.
    ShownAll(Vec<i64>),
    /// The newest task that was named.
    It,
    /// The newest tasks that were named.
    Them,
    Latest,
    /// "the next one": the first that is due.
    Next,
    /// "the task", without saying which.
    Bare,
}

/// What stands before a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marked {
    Bare,
    /// A word for a task: "task 2".
    Task,
    /// "#2", the number of a task wherever it is printed.
    Hash,
}

/// Reads a pointing phrase; `None` when it names something.
pub(crate) fn pointer(phrase: &Clause<'_>) -> Option<Pointer> {
    let tokens = phrase.tokens();
    // The rules for numbers ignore the current time.
    let input = DateInput::new(tokens, jiff::civil::DateTime::default());
    let mut at = 0;
    while input.any(at, &["the", "my", "our", "a", "number", "no", "nr", "all"]) && at + 1 < tokens.len() {
        at += 1;
    }
    numbers(&input, at)
        .or_else(|| several_places(&input, at))
        .or_else(|| place(&input, at))
        .or_else(|| word(&input, at))
        .or_else(|| just_made(&input, at))
}

/// "what I just added", "the one that I added last".
fn just_made(input: &DateInput<'_>, at: usize) -> Option<Pointer> {
    let start =
        input.skip(input.skip(input.skip(at, &["thing", "task", "one", "reminder"]), &["what", "that"]), &["that"]);
    let start = input.skip(input.eat(start, &["i"]).or_else(|| input.eat(start, &["you"]))?, &["just"]);
    let next = if input.any(start, &["added", "created", "made", "set", "entered"]) { start + 1 } else { return None };
    let end = input.skip(input.skip(next, &["just"]), &["now", "last"]);
    if !input.has(end) {
        return Some(Pointer::Latest);
    }
    // "an hour ago": when a task was made is not looked up, so any may be meant.
    let ago = input.tokens.last().is_some_and(|token| token.is_any(&["ago", "earlier", "yesterday", "today"]));
    (ago && input.tokens.len() - end <= 4).then_some(Pointer::Bare)
}

/// "3", "#3", "task 3", "tasks 1, 2 and 5".
fn numbers(input: &DateInput<'_>, at: usize) -> Option<Pointer> {
    let mut at = at;
    let (mut marked, mut led) = (Marked::Bare, false);
    while input.any(at, &["#", "number", "no", "nr", "."]) || is_task_noun(input.word(at)) {
        led |= !input.any(at, &["."]);
        marked = match input.word(at) {
            "#" => Marked::Hash,
            "." | "number" | "no" | "nr" => marked,
            _ => Marked::Task,
        };
        at += 1;
    }
    let mut found = Vec::new();
    loop {
        let word = input.word(at);
        let digits = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
        let read = if digits { word.parse().ok().map(|n: i64| (n, at + 1)) } else { None };
        // In words a number needs a mark before it: "one thing" is not task 1.
        let read = read
            .or_else(|| number(input, at).filter(|_| led || !found.is_empty()).map(|(n, next)| (i64::from(n), next)));
        let (n, next) = read?;
        found.push(n);
        // "1-3", "tasks 2 to 4".
        let range = input.any(next, &["-", "to", "through", "thru"]).then(|| number(input, next + 1)).flatten();
        let next = match range {
            Some((last, end)) if i64::from(last) > n && i64::from(last) - n < MOST_OF_A_RANGE => {
                found.extend(n + 1..=i64::from(last));
                end
            }
            _ => next,
        };
        let joint = input.skip(input.skip(next, &[","]), &["and", "&", "or"]);
        let joint = if joint > next { input.skip(input.skip(joint, &["task"]), &["#"]) } else { joint };
        if joint == next || !input.has(joint) {
            return (!input.has(next)).then_some(Pointer::Numbers(found, marked));
        }
        at = joint;
    }
}

/// Most tasks of a range of numbers.
const MOST_OF_A_RANGE: i64 = 50;

/// "the first two", "last 3 tasks", "the first and the third".
fn several_places(input: &DateInput<'_>, at: usize) -> Option<Pointer> {
    let noun = |at: usize| if is_task_noun(input.word(at)) || input.any(at, &["ones", "one"]) { at + 1 } else { at };
    let ends = |at: usize| !input.has(input.eat(noun(at), &["on", "the", "list"]).unwrap_or_else(|| noun(at)));
    if input.any(at, &["first", "top", "last"])
        && let Some((n, next)) = number(input, at + 1)
        // "the first one" is a place.
        && (2..MOST_OF_A_RANGE).contains(&i64::from(n))
        && ends(next)
    {
        let n = i64::from(n);
        return Some(Pointer::ShownAll(if input.word(at) == "last" { (-n..0).collect() } else { (0..n).collect() }));
    }
    let mut places = Vec::new();
    let mut at = at;
    loop {
        let (place, next) = match ordinal(input, at) {
            Some((n, next)) => (i64::from(n) - 1, next),
            None if input.word(at) == "last" => (-1, at + 1),
            None => return None,
        };
        places.push(place);
        let joint = input.skip(input.skip(noun(next), &[","]), &["and", "&"]);
        if joint == noun(next) {
            return (places.len() > 1 && ends(next)).then_some(Pointer::ShownAll(places));
        }
        at = input.skip(joint, &["the"]);
    }
}

/// "the second one", "first reminder", "the last", "the last task".
fn place(input: &DateInput<'_>, at: usize) -> Option<Pointer> {
    let ends = |at: usize| {
        let next = if input.word(at) == "one" || is_task_noun(input.word(at)) { at + 1 } else { at };
        let next =
            input.eat(next, &["on", "the", "list"]).or_else(|| input.eat(next, &["of", "the", "list"])).unwrap_or(next);
        !input.has(next)
    };
    if let Some((n, next)) = ordinal(input, at) {
        return ends(next).then_some(Pointer::Shown(i64::from(n) - 1));
    }
    let at = input.skip(at, &["very", "most", "that"]);
    match input.word(at) {
        "last" | "latest" | "newest" | "recent" | "previous" if ends(at + 1) && input.word(at + 1) != "one" => {
            Some(Pointer::Latest)
        }
        "next" | "upcoming" if input.has(at + 1) && ends(at + 1) => Some(Pointer::Next),
        "last" | "bottom" if ends(at + 1) => Some(Pointer::Shown(-1)),
        "top" if ends(at + 1) => Some(Pointer::Shown(0)),
        _ => None,
    }
}

/// "it", "that", "this task", "the task", "them".
fn word(input: &DateInput<'_>, at: usize) -> Option<Pointer> {
    // "all of them", "both of these".
    let of = input.eat(at, &["of"]).or_else(|| input.eat(at, &["both", "of"]));
    let at = of.filter(|next| input.any(*next, &["them", "those", "these"])).unwrap_or(at);
    let several = input.any(at, &["them", "those", "these", "both"]);
    if several || input.any(at, &["it", "that", "this"]) {
        let next = at + 1;
        let next = if several && input.any(next, &["all", "both"]) { next + 1 } else { next };
        let next = if input.word(next) == "one" || is_task_noun(input.word(next)) { next + 1 } else { next };
        return (!input.has(next)).then_some(if several { Pointer::Them } else { Pointer::It });
    }
    let noun = is_task_noun(input.word(at)) || input.word(at) == "one";
    (noun && !input.has(at + 1)).then_some(Pointer::Bare)
}

#[cfg(test)]
mod tests {
    use super::{Marked, Pointer, pointer};
    use crate::grammar::Clause;
    use crate::text::Text;

    fn read(text: &str) -> Option<Pointer> {
        let text = Text::new(text);
        pointer(&Clause::new(&text, 0, text.len()))
    }

    #[test]
    fn numbers_may_be_marked_and_counted_up() {
        assert_eq!(read("task 3"), Some(Pointer::Numbers(vec![3], Marked::Task)));
        assert_eq!(read("#12"), Some(Pointer::Numbers(vec![12], Marked::Hash)));
        assert_eq!(read("tasks 1, 2 and 5"), Some(Pointer::Numbers(vec![1, 2, 5], Marked::Task)));
        assert_eq!(read("3 eggs"), None);
    }

    #[test]
    fn places_and_pronouns_point() {
        assert_eq!(read("the second one"), Some(Pointer::Shown(1)));
        assert_eq!(read("the first one"), Some(Pointer::Shown(0)));
        assert_eq!(read("the last one"), Some(Pointer::Shown(-1)));
        assert_eq!(read("that last reminder"), Some(Pointer::Latest));
        assert_eq!(read("it"), Some(Pointer::It));
        assert_eq!(read("my reminder"), Some(Pointer::Bare));
        assert_eq!(read("the first aid kit"), None);
    }
}
