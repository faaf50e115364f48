//! A pasted list: a line that says what to do with it, then one task on each line.
//!
//! Lines are lost when a text becomes tokens, so this stage comes first and cuts the message into lines. Each line is read
//! as the line of a new task, with its own date; what the first line names applies to all of them.
//!
//! **Invariant:** the first line has words of a closed list only, besides a date and the name of a list.

use crate::Response;
use crate::dates::{find_all, words_outside};
use crate::grammar::{Clause, ListName, is_task_verb, list_phrase};
use crate::mood::{Mood, Unreal};
use crate::reference::ReadContext;
use crate::text::{Text, listed};
use crate::understood::{Actions, Understood};
use tandem_protocol::rest::NewTask;

use super::Outcome;

/// Most lines of a list that are read.
const MOST_LINES: usize = 100;
/// Words that the first line may have.
const HEAD: &str = "add put create make new set enter insert include note remind me us of to about these those this the following \
     follows below as my a some list lists task tasks todo todos to-do do dos item items reminder reminders groceries things on onto in \
     for please pls can could you would i need want have here is are and also all them buy get shopping grocery - : , ;";

/// The tasks of a pasted list.
pub(super) fn read(message: &str, cx: &ReadContext<'_>) -> Option<Outcome> {
    let mut lines = message.lines().map(str::trim).filter(|line| !line.is_empty()).take(MOST_LINES + 1).peekable();
    let first = *lines.peek()?;
    let head = if item(first).is_some() || is_ticked(first) { "" } else { lines.next()? };
    // What is ticked off is done already.
    let (ticked, lines): (Vec<&str>, Vec<&str>) = lines.partition(|line| is_ticked(line));
    if lines.is_empty() && !ticked.is_empty() && common(head, cx).is_some() {
        return Some(Outcome::Respond(Response::NotAsked(Unreal::Stated)));
    }
    let marked: Vec<&str> = lines.iter().filter_map(|line| item(line)).collect();
    // Lines without marks are a list only after a colon: two sentences are none.
    let items = match (marked.len() == lines.len(), head.ends_with(':')) {
        (true, _) => marked,
        (false, true) if marked.is_empty() => lines,
        _ => return None,
    };
    let enough = if head.is_empty() { 2 } else { 1 };
    if items.len() < enough {
        return None;
    }
    let common = common(head, cx)?;
    let tasks: Vec<NewTask> =
        items.iter().map(|item| task(item, &common, cx)).filter(|task| !task.title.is_empty()).collect();
    if tasks.is_empty() {
        return None;
    }
    Actions::permitted(common.mood, false, Understood::additions(tasks)).ok().map(Outcome::Permitted)
}

/// Whether a line is one of a list and its check box is ticked: `- [x] milk`.
fn is_ticked(line: &str) -> bool {
    let text = item(line).unwrap_or(line);
    ["[x]", "[X]", "\u{2611}", "\u{2713}", "\u{2714}"].iter().any(|mark| text.starts_with(mark))
}

/// The text of a line after "-", "*", "•", "1." or "2)", and after a check box that is not ticked.
fn item(line: &str) -> Option<&str> {
    if let Some(text) = line.strip_prefix("[ ]").or_else(|| line.strip_prefix('\u{2610}')) {
        return Some(text.trim()).filter(|text| !text.is_empty());
    }
    let figures = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = if figures.len() < line.len() && line.len() - figures.len() <= 3 {
        figures.strip_prefix(['.', ')'])?
    } else {
        line.strip_prefix(['-', '*', '\u{2022}', '\u{2013}', '\u{2014}', '\u{b7}', '\u{25e6}', '+'])?
    };
    // "-5 degrees" and "3.5 litres" are no items.
    let text = rest.strip_prefix(char::is_whitespace)?.trim();
    let text = text.strip_prefix("[ ]").map_or(text, str::trim);
    (!text.is_empty()).then_some(text)
}

/// What the first line says about all tasks.
struct Common {
    mood: Mood,
    fields: NewTask,
    /// What begins each title: "buy" when the first line is "buy:".
    verb: Option<String>,
}

fn common(head: &str, cx: &ReadContext<'_>) -> Option<Common> {
    let text = Text::new(head.trim_end_matches([':', ' ']));
    if text.is_endless() {
        return None;
    }
    let clause = Clause::new(&text, 0, text.len());
    let tokens = clause.tokens();
    let list = (0..tokens.len()).find_map(|at| list_phrase(tokens, at));
    let input = cx.dates_in(&clause);
    let known = words_outside(&input, &find_all(&input)).all(|(_, word)| {
        let name = list.as_ref().and_then(|(ListName(name), _)| name.as_deref());
        let known = tokens.last().is_some_and(|last| last.is(word)) && cx.known_list(word).is_some();
        listed(HEAD, word)
            || known
            || name.is_some_and(|name| listed(name, word))
            || (tokens.len() <= 2 && is_task_verb(word))
    });
    if !known {
        return None;
    }
    let fields = cx.new_task(&clause);
    let name = list.and_then(|(ListName(name), _)| name).or_else(|| {
        // "add to groceries:".
        let last = tokens.len().checked_sub(1)?;
        let led = last > 0 && tokens[last - 1].is_any(&["to", "on", "onto", "in"]);
        let usual = listed("groceries shopping", clause.word(last)) || cx.known_list(clause.word(last)).is_some();
        (led && usual).then(|| clause.word(last).to_owned())
    });
    let list = name.map(|name| cx.known_list(&name).cloned().unwrap_or(name));
    let verb = (tokens.len() == 1 && is_task_verb(clause.word(0)) && !listed(NO_VERBS, clause.word(0)))
        .then(|| clause.source().to_owned());
    Some(Common { mood: clause.mood, fields: NewTask { list, ..fields }, verb })
}

/// Verbs of the first line that are commands and no part of the titles.
const NO_VERBS: &str = "add create set put make get do insert include need";

fn task(line: &str, common: &Common, cx: &ReadContext<'_>) -> NewTask {
    let text = Text::new(line);
    let found = if text.is_endless() {
        NewTask { title: crate::title::finish(line), ..NewTask::default() }
    } else {
        cx.new_task(&Clause::new(&text, 0, text.len()))
    };
    let title = match &common.verb {
        Some(verb) => format!("{} {}", verb.to_lowercase(), found.title),
        None => found.title.clone(),
    };
    let fields = &common.fields;
    NewTask {
        title,
        due: found.due.clone().or_else(|| fields.due.clone()),
        recurrence: found.recurrence.clone().or_else(|| fields.recurrence.clone()),
        priority: found.priority.or(fields.priority),
        list: found.list.clone().or_else(|| fields.list.clone()),
        ..found
    }
}
