//! What must hold of any message: it is read without a panic, a title of it fits, and a mood before it that asks for nothing stops
//! every change.

use jiff::Zoned;
use tandem_nl::{Action, Context, Reading, parse_due, parse_recurrence, quick_add, read};
use tandem_protocol::model::Task;
use tandem_protocol::{TaskId, Timestamp};
use uuid::Uuid;

const TITLES: [&str; 4] = ["Oat milk", "Write the annual report", "Call the plumber", "Pay rent"];
/// Openings after which nothing may change, whatever follows.
const MOODS: [&str; 3] = ["I didn't", "did Bob", "Bob said that he will"];
/// Most characters of a title.
const MAX_TITLE: usize = 500;

/// A message, against a few tasks of which the second was named last.
///
/// # Panics
/// When a property does not hold.
pub fn message(text: &str) {
    let now: Zoned = "2026-11-23T10:00:00+01:00[+01:00]".parse().expect("a moment");
    let tasks: Vec<Task> = TITLES.iter().zip(1..).map(|(title, number)| task(number, title)).collect();
    let tasks: Vec<&Task> = tasks.iter().collect();
    let touched = [tasks[1].id];
    let context = Context { last_touched: &touched, ..Context::new(&now, &tasks) };
    if let Reading::Act(actions) = read(text, &context) {
        assert!(!actions.is_empty(), "an action is missing");
        for action in actions.iter() {
            if let Action::Add(task) = action {
                let length = task.title.chars().count();
                assert!((1..=MAX_TITLE).contains(&length), "a title has {length} characters");
            }
        }
    }
    // A mark that ends a sentence would begin another one, with a mood of its own.
    if !text.contains(['.', '!', '?', ';', ',', '\n', ':']) && !text.split_whitespace().any(joins) {
        for mood in MOODS {
            let said = format!("{mood} {text}");
            if let Reading::Act(actions) = read(&said, &context) {
                assert!(!actions.iter().any(Action::changes), "{said:?} changes something: {actions:?}");
            }
        }
    }
    let _ = (quick_add(text, &now), parse_due(text, &now), parse_recurrence(text, &now));
}

/// Words after which a request may follow a statement: "I didn't sleep, so remind me to rest".
fn joins(word: &str) -> bool {
    let word = word.to_lowercase();
    ["and", "then", "but", "so", "remind", "reminder", "reminded", "add", "put", "forget", "you"]
        .contains(&word.as_str())
}

fn task(number: i64, title: &str) -> Task {
    let id = TaskId(Uuid::from_u128(number.unsigned_abs().into()));
    Task { number, title: title.to_owned(), ..Task::empty(id, Timestamp::from_millis(0)) }
}
