//! Corrections of what the last request made: "no, Thursday", "make that 6pm", "not tomorrow, Monday", "I meant Bill".
//!
//! A correction names only what changes, so it is read against the tasks that the last reply changed, and keeps the rest of
//! them (this module, and `title` for words of a title), or the words take the place of others in the request (`request`).
//! When it names another task, the last request was about the wrong
//! one: it is taken back and done to the other (`other`).
//!
//! **Invariant:** without an opening that says so nothing is a correction. A bare date after a change is asked about.

mod amount;
mod other;
mod request;
mod title;

use crate::grammar::Clause;
use crate::mood::Mood;
use crate::reference::ReadContext;
use crate::text::{Text, listed};
use crate::understood::{Actions, Understood};
use crate::{Action, Response};
use tandem_protocol::TaskId;
use tandem_protocol::enums::TaskStatus;
use tandem_protocol::model::Task;
use tandem_protocol::rest::TaskPatch;

use super::new_due::{self, Half};
use super::priority::priority_in;
use super::{Outcome, outcome, remind};

/// Most tasks that a correction changes.
const MOST_TASKS: usize = 10;
/// Most words of a correction, without its openings.
const LONGEST: usize = 8;
/// Openings of a correction; several may follow each other.
const OPENINGS: &str = "no|nope|sorry|oops|whoops|wait|actually|hmm|hm|ah|oh|oh no|uh|i mean|i meant|i meant to say|i said|make that|make it|make those|\
    make them|change that to|change it to|rather|better|correction :|correction|that should be|it should be|should be|that was meant to be|\
    it was meant to be|set it to|set that to|move that to|wrong day|wrong time|wrong date|wrong one|wrong task|wrong name|that's wrong|my mistake|my bad";
/// Openings of a correction that says what was wrong, too: "it's Bill, not Bob".
const STATEMENTS: &str = "it's|its|it is|that's|that is|the name is|it was";
/// Most openings in a row.
const MOST_OPENINGS: usize = 5;

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let ids = match cx.chosen {
        Some(chosen) => chosen,
        None if cx.again && cx.context.last_touched.is_empty() => cx.context.shown,
        None => cx.context.last_touched,
    };
    let tasks: Vec<&Task> = ids.iter().filter_map(|id| cx.task(*id)).collect();
    if (tasks.is_empty() && cx.request.is_none()) || tasks.len() > MOST_TASKS {
        return None;
    }
    let whole_clause = Clause { from: clause.start, ..*clause };
    let Said { value, opened, states, made } = said(&whole_clause)?;
    if let Some(named) = title::named(&value, &tasks, cx) {
        return Some(named);
    }
    if value.is_empty() || value.tokens().len() > LONGEST {
        return None;
    }
    if let Some(found) = other::only(&value, &tasks, cx) {
        return Some(found);
    }
    let (wrong, value) = contrast(&value);
    if !opened && wrong.is_none() {
        return bare_date(&value, &tasks, cx);
    }
    if states && wrong.is_none() {
        return None;
    }
    if let Some(found) = not_done(wrong.as_ref().unwrap_or(&value), wrong.is_some(), &tasks) {
        return Some(found);
    }
    if value.is_empty() {
        return wrong.and_then(|wrong| other::without(&wrong, &tasks, cx));
    }
    // "make it urgent" is a command by itself.
    if let Some(found) = by_priority(&value, &tasks, cx) {
        return if made { None } else { Some(found) };
    }
    by_date(&value, &tasks, cx)
        .or_else(|| amount::read(&value, &tasks, cx))
        .or_else(|| later(&value, &tasks, cx))
        .or_else(|| title::read(wrong.as_ref(), &value, &tasks, made, cx))
        .or_else(|| request::read(wrong.as_ref()?, &value, &tasks, cx))
        .or_else(|| other::read(&value, &tasks, cx))
        // What it counts from is not known any more.
        .or_else(|| new_due::is_amount(&cx.dates_in(&value), cx.context.now.datetime()).then(|| not_understood(&value)))
}

/// What a correction says.
struct Said<'a> {
    /// What stands after the openings, without "instead" at the end.
    value: Clause<'a>,
    /// Whether something says that it is a correction.
    opened: bool,
    /// Whether that is no more than a statement: "it's …".
    states: bool,
    /// Whether the words ask to make it so: "make it …", which is about a field more often than about the title.
    made: bool,
}

fn said<'a>(clause: &Clause<'a>) -> Option<Said<'a>> {
    let n = clause.tokens().len();
    let (mut from, mut made) = (0, false);
    // "and make it 11".
    let joint = clause.longest_start("and|and also|also|and then|then").unwrap_or(0);
    if joint > 0
        && clause
            .part(joint, n)
            .longest_start("make it|make that|change it to|change that to|move it to|set it to")
            .is_some()
    {
        from = joint;
    }
    for _ in 0..MOST_OPENINGS {
        let rest = clause.part(from, n);
        let Some(words) = rest.longest_start(OPENINGS) else { break };
        made |= listed("make change set move", clause.word(from));
        from += words;
        while matches!(clause.word(from), "," | "!" | ".") {
            from += 1;
        }
    }
    let states = clause.part(from, n).longest_start(STATEMENTS);
    let start = from + states.unwrap_or(0);
    // "10 pm I mean", "Friday instead".
    let closing = match clause.tokens().get(n.saturating_sub(2)..).unwrap_or_default() {
        [.., last] if last.is_any(&["instead", "rather"]) => 1,
        [i, mean] if i.is("i") && mean.is_any(&["mean", "meant"]) => 2,
        _ => 0,
    };
    let instead = closing > 0 && n > closing;
    let end = if instead { n - closing } else { n };
    let end = if instead && end > start && clause.word(end - 1) == "," { end - 1 } else { end };
    let led = |at: usize| clause.word(at) == "on" || clause.word(at) == "at";
    let start = if from > 0 && led(start) && start + 1 < end { start + 1 } else { start };
    (start < end).then(|| Said {
        value: Clause::new(clause.text, clause.from + start, clause.from + end),
        opened: from > 0 || instead || states.is_some(),
        states: states.is_some() && from == 0,
        made,
    })
}

/// "not tomorrow, Monday", "Monday, not tomorrow": what was wrong, and what is right.
fn contrast<'a>(value: &Clause<'a>) -> (Option<Clause<'a>>, Clause<'a>) {
    let tokens = value.tokens();
    let part = |from: usize, to: usize| Clause::new(value.text, value.from + from, value.from + to.max(from));
    let comma = tokens.iter().position(|token| token.is_any(&[",", "but"]));
    match comma {
        Some(at) if value.word(0) == "not" => {
            // "not urgent, just high", "not urgent, but high".
            let softened = |next: &usize| matches!(value.word(*next), "just" | "only" | "rather" | "but" | "it's");
            let right = (at + 1..tokens.len()).find(|next| !softened(next)).unwrap_or(tokens.len());
            (Some(part(1, at)), part(right, tokens.len()))
        }
        Some(at) if value.word(at + 1) == "not" => (Some(part(at + 2, tokens.len())), part(0, at)),
        _ => match tokens.iter().position(|token| token.is("not")) {
            Some(at) => (Some(part(at + 1, tokens.len())), part(0, at)),
            None => (None, *value),
        },
    }
}

/// Another date, or the other half of it.
fn by_date(value: &Clause<'_>, tasks: &[&Task], cx: &ReadContext<'_>) -> Option<Outcome> {
    let date = date_of(value, tasks, cx)?;
    permitted(tasks, &date, cx, |ids, draft, cx| {
        let moved = |id: TaskId| {
            let patch = new_due::patch(draft, cx.task(id), Half { forward: false }, cx.context.now.datetime())?;
            // A series that was just made is what was meant.
            let made = cx.task(id).is_some_and(|task| task.recurrence.is_some()) && title::was_added(cx);
            let series = patch.recurrence.is_some() || made;
            // The reminder of a task without a date was at the usual time, and the right time is this.
            let rings = cx.task(id).filter(|task| task.due.is_none() && !task.reminders.is_empty());
            let reminders = rings.map(|_| remind::only_when_due(id));
            Some(std::iter::once(Action::Reschedule { id, patch, series }).chain(reminders))
        };
        ids.into_iter().filter_map(moved).flatten().collect()
    })
}

/// "no, high priority", "not urgent, just high".
fn by_priority(value: &Clause<'_>, tasks: &[&Task], cx: &ReadContext<'_>) -> Option<Outcome> {
    let priority = Understood::read(value, cx, priority_in).filter(|_| !tasks.is_empty())?;
    permitted(tasks, &priority, cx, |ids, priority, _| {
        let patch = TaskPatch { priority: Some(*priority), ..TaskPatch::default() };
        let update =
            |id| Action::Update { id, patch: patch.clone(), add_labels: Vec::new(), remove_labels: Vec::new() };
        ids.into_iter().map(update).collect()
    })
}

fn date_of(value: &Clause<'_>, tasks: &[&Task], cx: &ReadContext<'_>) -> Option<Understood<crate::dates::Draft>> {
    let now = cx.context.now.datetime();
    let last = value.tokens().last()?;
    let input = cx.dates_in(value);
    // "make it an hour later" and "no, two hours" count from the task's own time, and not from now.
    if last.is_any(LATER) || (new_due::is_amount(&input, now) && !value.has(&["in"])) {
        return None;
    }
    // "am" alone is the other half of the day.
    let half = matches!(value.word(0), "am" | "pm") && value.tokens().len() == 1;
    let hour = || {
        let hour = tasks.first()?.due.as_ref()?.time?;
        let (hour, minute) = ((hour.hour() + 11) % 12 + 1, hour.minute());
        Some(Text::new(&format!("{hour}:{minute:02}{}", value.word(0))))
    };
    let date = if half {
        let text = hour()?;
        Understood::date(&cx.dates_in(&Clause::new(&text, 0, text.len())))
    } else {
        Understood::date(&input).or_else(|| Understood::bare_time(value, cx))
    }?;
    let fits = |task: &&Task| new_due::patch(date.get(), Some(task), Half { forward: false }, now).is_some();
    (!tasks.is_empty() && tasks.iter().all(fits)).then_some(date)
}

/// Last words of an amount that a task is moved by.
const LATER: &[&str] = &["later", "earlier", "sooner", "back", "forward", "ahead"];

/// "an hour later": as "move it an hour later".
fn later(value: &Clause<'_>, tasks: &[&Task], cx: &ReadContext<'_>) -> Option<Outcome> {
    let next = ["the day after", "the next day", "the following day", "a day after", "one day after"];
    let words = match value.source().to_lowercase() {
        words if next.contains(&words.as_str()) => "a day later".to_owned(),
        words if value.tokens().last()?.is_any(LATER) => words,
        _ => return None,
    };
    let ids: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
    let [_] = ids[..] else { return None };
    let moved = outcome(&Text::new(&format!("move it {words}")), &cx.with_named(&ids));
    moved.filter(|found| matches!(found, Outcome::Permitted(_) | Outcome::AskExtent { .. }))
}

/// "tomorrow" after a change: it may be when that is due, and the user is asked.
fn bare_date(value: &Clause<'_>, tasks: &[&Task], cx: &ReadContext<'_>) -> Option<Outcome> {
    let [task] = tasks else { return None };
    if cx.chosen.is_some() {
        return by_date(value, tasks, cx).or_else(|| later(value, tasks, cx));
    }
    // Only right after it, and not when it is done already.
    let right_after = (cx.request.is_some() || cx.again) && task.status == TaskStatus::Open;
    let asked = value.mood == Mood::Command && right_after;
    if !asked || (date_of(value, tasks, cx).is_none() && later(value, tasks, cx).is_none()) {
        return None;
    }
    let question = format!("Is “{}” for this one?", value.source());
    Some(Outcome::Ask { question, choices: vec![task.id] })
}

/// "not done yet", after a task was marked as done.
fn not_done(words: &Clause<'_>, negated: bool, tasks: &[&Task]) -> Option<Outcome> {
    let says =
        words.tokens().iter().all(|token| listed("done finished complete completed yet actually really", &token.word));
    let [task] = tasks else { return None };
    if !negated || !says || words.is_empty() || (task.status == TaskStatus::Open && task.recurrence.is_none()) {
        return None;
    }
    let ids = Understood::selected(vec![task.id], &Understood::of_words(words));
    Actions::permitted(Mood::Command, false, ids.act(|ids| vec![Action::Reopen { ids }])).ok().map(Outcome::Permitted)
}

/// The change of the last tasks. The opening of a correction says that it is to be changed, so it has the mood of a command.
fn permitted<V>(
    tasks: &[&Task],
    value: &Understood<V>,
    cx: &ReadContext<'_>,
    change: fn(Vec<TaskId>, &V, &ReadContext<'_>) -> Vec<Action>,
) -> Option<Outcome> {
    let ids = Understood::selected(tasks.iter().map(|task| task.id).collect(), value);
    let found = ids.change(value, cx, change);
    Actions::permitted(Mood::Command, false, found).ok().map(Outcome::Permitted)
}

/// The part of a correction that was not understood.
fn not_understood(words: &Clause<'_>) -> Outcome {
    Outcome::Respond(Response::NotUnderstood { words: words.source().to_owned() })
}
