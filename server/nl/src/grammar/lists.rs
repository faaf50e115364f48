//! Phrases for a list: "my shopping list", "the list", "my list of things to do", "the calendar".

use std::sync::LazyLock;

use crate::text::{Kind, Token, WordSet, listed, words};

/// The list that a phrase names; `None` inside for the list of all tasks ("my to-do list").
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListName(pub(crate) Option<String>);

/// Words between the article and "list" that are not a name, since every list is one of tasks.
static GENERAL: LazyLock<WordSet> = LazyLock::new(|| {
    words(
        "to do - todo todos task tasks reminder reminders chore chores agenda errand errands running whole entire \
         current full complete things main own daily dos priority",
    )
});
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
    // "what's on today's list": the possessive belongs to the word before the phrase.
    while word(start) == "'s" {
        start += 1;
    }
    // Without an article a calendar is a noun like any other: "buy a wall calendar".
    if CALENDARS.contains(&word(start)) && word(start + 1) != "list" {
        return determined.then_some((ListName(None), start + 1));
    }
    // "my tasks" is the list of all tasks.
    if determined && matches!(word(start), "tasks" | "reminders" | "todos" | "chores") {
        return Some((ListName(None), start + 1));
    }
    // "my to-dos", "my to dos".
    let dash = if word(start + 1) == "-" { start + 2 } else { start + 1 };
    if determined && word(start) == "to" && word(dash) == "dos" {
        return Some((ListName(None), dash + 1));
    }
    // A name has a few words at most: "list" further on belongs to another phrase.
    let end = (start..=start + 4).find(|&i| matches!(word(i), "list" | "lists"))?;
    let between = &tokens[start..end];
    if !determined && between.is_empty() {
        return None;
    }
    let general = between.iter().all(|token| token.is_in(&GENERAL));
    if general {
        let (name, next) = after_list(tokens, end + 1).unwrap_or((None, end + 1));
        return Some((ListName(name), next));
    }
    // "the milk on my list" is a task and a list, not a list called "milk on my".
    if between.len() > 3
        || between.iter().any(|token| token.is_in(&NOT_IN_A_NAME) || token.kind == Kind::Mark && !token.is("-"))
    {
        return None;
    }
    let words = between.iter().map(|token| token.word.as_str());
    let words: Vec<&str> =
        words.filter(|word| !listed("- 's current whole entire running big long short huge little", word)).collect();
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
