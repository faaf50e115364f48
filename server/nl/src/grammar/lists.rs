//! Phrases for a list: "my shopping list", "the list", "my list of things to do", "the calendar".

use std::sync::LazyLock;

use crate::text::{Kind, Token, WordSet, words};

/// The list that a phrase names; `None` inside for the list of all tasks ("my to-do list").
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListName(pub(crate) Option<String>);

/// Words between the article and "list" that are not a name, since every list is one of tasks.
const GENERAL: &[&str] = &[
    "to",
    "do",
    "-",
    "todo",
    "todos",
    "task",
    "tasks",
    "reminder",
    "reminders",
    "chore",
    "chores",
    "agenda",
    "errand",
    "errands",
    "running",
    "whole",
    "entire",
    "current",
    "full",
    "complete",
    "things",
    "main",
    "own",
    "daily",
    "dos",
    "priority",
];
static NOT_IN_A_NAME: LazyLock<WordSet> = LazyLock::new(|| {
    words(
        "to on of from for in off is are and or the a an with at by add put me i this that what list lists my our \
     your his her have has had do does did read go over show see tell give check whole what's into onto about if \
     was were can you remove delete take ,",
    )
});
const CALENDARS: &[&str] = &["calendar", "agenda", "schedule", "planner", "diary", "calender"];

/// A list's phrase at a place, with the place after it.
pub(crate) fn list_phrase(tokens: &[Token], at: usize) -> Option<(ListName, usize)> {
    let word = |i: usize| tokens.get(i).map_or("", |token| token.word.as_str());
    let determined = matches!(word(at), "my" | "the" | "our" | "this" | "that" | "your");
    let mut start = if determined { at + 1 } else { at };
    if word(start) == "list" && (word(start + 1) == "of" || word(start + 1) == "for") {
        return after_list(tokens, start + 1).map(|(name, next)| (ListName(name), next));
    }
    while word(start) == "'s" {
        start += 1;
    }
    if CALENDARS.contains(&word(start)) && word(start + 1) != "list" {
        return determined.then_some((ListName(None), start + 1));
    }
    // "my tasks" is the list of all tasks.
    if determined && matches!(word(start), "tasks" | "reminders" | "todos") {
        return Some((ListName(None), start + 1));
    }
    // A name has a few words at most: "list" further on belongs to another phrase.
    let end = (start..=start + 4).find(|&i| matches!(word(i), "list" | "lists"))?;
    let between = &tokens[start..end];
    if !determined && between.is_empty() {
        return None;
    }
    let general = between.iter().all(|token| token.is_any(GENERAL));
    if general {
        let next = after_list(tokens, end + 1).map_or(end + 1, |(_, next)| next);
        return Some((ListName(named_after(tokens, end + 1)), next));
    }
    // "the milk on my list" is a task and a list, not a list called "milk on my".
    if between.len() > 3
        || between.iter().any(|token| token.is_in(&NOT_IN_A_NAME) || token.kind == Kind::Mark && !token.is("-"))
    {
        return None;
    }
    let words: Vec<&str> =
        between.iter().filter(|t| !t.is("-") && !t.is("'s")).map(|token| token.word.as_str()).collect();
    let words: Vec<&str> =
        words.into_iter().filter(|word| !matches!(*word, "current" | "whole" | "entire" | "running")).collect();
    Some((ListName(Some(words.join(" "))), end + 1))
}

/// "of things to do", "for shopping", "of reminders": the place after it and a name, when it is one.
fn after_list(tokens: &[Token], at: usize) -> Option<(Option<String>, usize)> {
    let word = |i: usize| tokens.get(i).map_or("", |token| token.word.as_str());
    if !matches!(word(at), "of" | "for") {
        return None;
    }
    let start = if matches!(word(at + 1), "my" | "the") { at + 2 } else { at + 1 };
    if word(start + 1) == "to" && word(start + 2) == "do" {
        return Some((None, start + 3));
    }
    match word(start) {
        "reminders" | "reminder" | "tasks" | "todos" | "chores" | "errands" => Some((None, start + 1)),
        name @ ("shopping" | "groceries" | "grocery") => Some((Some(name.to_owned()), start + 1)),
        _ => None,
    }
}

fn named_after(tokens: &[Token], at: usize) -> Option<String> {
    after_list(tokens, at).and_then(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::{ListName, list_phrase};
    use crate::text::Text;

    fn read(text: &str) -> Option<(Option<String>, usize)> {
        list_phrase(&Text::new(text).tokens, 0).map(|(ListName(name), next)| (name, next))
    }

    #[test]
    fn a_name_stands_before_the_word_list() {
        assert_eq!(read("my shopping list"), Some((Some("shopping".into()), 3)));
        assert_eq!(read("the christmas gift list"), Some((Some("christmas gift".into()), 4)));
    }

    #[test]
    fn lists_of_all_tasks_have_no_name() {
        for text in ["my to-do list", "my list of things to do", "the list", "my calendar", "my reminder list"] {
            assert_eq!(read(text).map(|(name, _)| name), Some(None), "{text}");
        }
    }

    #[test]
    fn a_list_of_something_else_is_none_of_ours() {
        assert_eq!(read("list of airlines"), None);
        assert_eq!(read("a list of airlines"), None);
    }
}
