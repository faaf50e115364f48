//! Which suggestions the composer shows after `/` and `@`. Pure.

use crate::text::chat as text;
use crate::{
    components::{icon::Icon, shared::TaskIndex},
    platform::case::lower,
};
use tandem_protocol::{enums::TaskStatus, order::sort_by};
use yew::AttrValue;

const MAX_SUGGESTIONS: usize = 6;

/// A short name for a sentence that the assistant understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SlashCommand {
    /// The name, typed after `/`.
    pub name: &'static str,
    pub text: &'static str,
    pub icon: Icon,
}

/// All commands, in the order of the suggestions.
pub(crate) const COMMANDS: &[SlashCommand] = &[
    SlashCommand { name: "add", text: text::ADD_A_TASK_COMMAND, icon: Icon::Plus },
    SlashCommand { name: "today", text: text::WHAT_IS_DUE_TODAY, icon: Icon::Calendar },
    SlashCommand { name: "week", text: text::WHAT_IS_DUE_THIS_WEEK, icon: Icon::Week },
    SlashCommand { name: "plan", text: text::PLAN_MY_DAY, icon: Icon::Bolt },
    SlashCommand { name: "undo", text: text::UNDO, icon: Icon::Undo },
    SlashCommand { name: "help", text: text::WHAT_CAN_YOU_DO, icon: Icon::Info },
];

/// The word at the caret for which suggestions are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    mark: char,
    word: String,
    /// The range of the word in bytes, including the mark.
    start: usize,
    end: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Suggestion {
    pub(super) name: AttrValue,
    pub(super) note: AttrValue,
    pub(super) icon: Icon,
    pub(super) insert: String,
}

impl Query {
    /// Replaces the word. Returns the text, and the position of the caret in UTF-16 units, which the browser uses.
    pub(super) fn replace(&self, text: &str, insert: &str) -> (String, u32) {
        let before = format!("{}{insert}", text.get(..self.start).unwrap_or(""));
        let caret = before.encode_utf16().count();
        let after = text.get(self.end..).unwrap_or("");
        (before + after, u32::try_from(caret).unwrap_or(u32::MAX))
    }
}

/// The word before the caret if it starts with `/` at the start of the text, or with `@`. `caret` is in UTF-16 units.
pub(super) fn query_at(text: &str, caret: Option<u32>) -> Option<Query> {
    let end = byte_at(text, caret?);
    let before = &text[..end];
    let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    // White space may be longer than one byte.
    let start = (start..=end).find(|&at| before.is_char_boundary(at))?;
    let word = &before[start..];
    let mark = word.chars().next().filter(|mark| *mark == '@' || (*mark == '/' && start == 0))?;
    Some(Query { mark, word: lower(&word[1..]), start, end })
}

/// The suggestions for a word, best first.
pub(super) fn suggestions(query: &Query, tasks: &TaskIndex) -> Vec<Suggestion> {
    if query.mark == '/' {
        return COMMANDS
            .iter()
            .filter(|command| command.name.starts_with(&query.word))
            .take(MAX_SUGGESTIONS)
            .map(|command| Suggestion {
                name: format!("/{}", command.name).into(),
                note: command.text.into(),
                icon: command.icon,
                insert: command.text.to_owned(),
            })
            .collect();
    }
    let mut found: Vec<_> = tasks
        .iter()
        .filter(|task| task.status == TaskStatus::Open)
        .filter_map(|task| Some((rank(&task.title, task.number, &query.word)?, task)))
        .collect();
    sort_by(&mut found, |(rank, one), (other_rank, other)| {
        (rank, other.updated_at, one.number).cmp(&(other_rank, one.updated_at, other.number))
    });
    found
        .into_iter()
        .take(MAX_SUGGESTIONS)
        .map(|(_, task)| Suggestion {
            name: task.title.clone().into(),
            note: format!("#{}", task.number).into(),
            icon: Icon::Tasks,
            // By number, because titles may be ambiguous.
            insert: text::task_reference(task.number),
        })
        .collect()
}

/// The quality of a match, 0 is best: the number, the start of the title, the start of a word in it, any other part.
fn rank(title: &str, number: i64, word: &str) -> Option<u8> {
    let title = lower(title);
    if !word.is_empty() && number.to_string() == word {
        return Some(0);
    }
    if title.starts_with(word) {
        return Some(1);
    }
    if title.split_whitespace().any(|part| part.starts_with(word)) {
        return Some(2);
    }
    title.contains(word).then_some(3)
}

/// Converts an offset in UTF-16 units to one in bytes.
fn byte_at(text: &str, units: u32) -> usize {
    let mut left = usize::try_from(units).unwrap_or(usize::MAX);
    for (at, c) in text.char_indices() {
        if left == 0 {
            return at;
        }
        left = left.saturating_sub(c.len_utf16());
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::task;
    use std::sync::Arc;

    fn query(text: &str) -> Option<Query> {
        query_at(text, Some(u32::try_from(text.encode_utf16().count()).expect("short")))
    }

    #[test]
    fn a_slash_asks_at_the_start_only_and_an_at_sign_at_any_word() {
        assert_eq!(query("/pl").map(|query| query.word).as_deref(), Some("pl"));
        assert_eq!(query("and/or"), None);
        assert_eq!(query("see /pl"), None);
        assert_eq!(query("done @mil").map(|query| query.word).as_deref(), Some("mil"));
        assert_eq!(query("ann@example"), None);
        assert_eq!(query(""), None);
    }

    #[test]
    fn a_command_replaces_what_was_typed() {
        let query = query("/pl").expect("a query");
        let found = suggestions(&query, &TaskIndex::default());
        assert_eq!(found.len(), 1);
        assert_eq!(query.replace("/pl", &found[0].insert), ("Plan my day".to_owned(), 11));
    }

    #[test]
    fn tasks_are_found_by_word_or_number_and_inserted_by_number() {
        let tasks: TaskIndex =
            [task(31, "Order boxes"), task(7, "Buy milk"), task(8, "Milk the cow")].into_iter().map(Arc::new).collect();
        let query_milk = query("🙂 finish @milk").expect("a query");
        let names: Vec<_> = suggestions(&query_milk, &tasks).into_iter().map(|found| found.name).collect();
        assert_eq!(names, ["Milk the cow", "Buy milk"]);
        let by_number = query("@31").expect("a query");
        assert_eq!(suggestions(&by_number, &tasks)[0].insert, "task 31 ");
        // The smiling face counts as two units for the browser.
        assert_eq!(query_milk.replace("🙂 finish @milk", "task 7 "), ("🙂 finish task 7 ".to_owned(), 17));
    }
}
