//! What the composer offers after `/` and `@`. Pure.

use crate::{
    components::{icon::Icon, shared::TaskIndex},
    platform::case::lower,
};
use tandem_protocol::{enums::TaskStatus, order::sort_by};
use yew::AttrValue;

/// How many are offered at once.
const MAX_SUGGESTIONS: usize = 6;

/// A command: a sentence that the assistant understands, under a short name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SlashCommand {
    /// What is typed after `/`.
    pub name: &'static str,
    pub text: &'static str,
    pub icon: Icon,
}

/// The commands, in the order in which they are offered.
pub(crate) const COMMANDS: &[SlashCommand] = &[
    SlashCommand { name: "add", text: "Add a task: ", icon: Icon::Plus },
    SlashCommand { name: "today", text: "What is due today?", icon: Icon::Calendar },
    SlashCommand { name: "week", text: "What is due this week?", icon: Icon::Week },
    SlashCommand { name: "plan", text: "Plan my day", icon: Icon::Bolt },
    SlashCommand { name: "undo", text: "Undo", icon: Icon::Undo },
    SlashCommand { name: "help", text: "What can you do?", icon: Icon::Info },
];

/// A word that asks for suggestions, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    mark: char,
    word: String,
    /// Bytes of the text, with the mark.
    start: usize,
    end: usize,
}

/// Something that can be taken over into the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Suggestion {
    pub(super) name: AttrValue,
    pub(super) note: AttrValue,
    pub(super) icon: Icon,
    pub(super) insert: String,
}

impl Query {
    /// The text with the word replaced, and where the caret goes, in UTF-16 units as the browser counts.
    pub(super) fn replace(&self, text: &str, insert: &str) -> (String, u32) {
        let before = format!("{}{insert}", text.get(..self.start).unwrap_or(""));
        let caret = before.encode_utf16().count();
        let after = text.get(self.end..).unwrap_or("");
        (before + after, u32::try_from(caret).unwrap_or(u32::MAX))
    }
}

/// The word before the caret, when it asks for something: `/` at the very start, `@` at the start of a word. `caret`
/// is in UTF-16 units.
pub(super) fn query_at(text: &str, caret: Option<u32>) -> Option<Query> {
    let end = byte_at(text, caret?);
    let before = &text[..end];
    let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    // A space wider than a byte leaves its own tail: the word then begins after it.
    let start = (start..=end).find(|&at| before.is_char_boundary(at))?;
    let word = &before[start..];
    let mark = word.chars().next().filter(|mark| *mark == '@' || (*mark == '/' && start == 0))?;
    Some(Query { mark, word: lower(&word[1..]), start, end })
}

/// What fits the word, best first.
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
            // By number, which names exactly this one, whatever others are called.
            insert: format!("task {} ", task.number),
        })
        .collect()
}

/// How well a task fits a word: its number, the start of its title, the start of a word in it, or anywhere.
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

/// The byte at which so many UTF-16 units have passed.
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
