//! What a sentence says of the reminders of the task that it adds or moves: "…, remind me an hour before", "… with a
//! reminder at noon", "… without a reminder", "… and again at 18:00".
//!
//! These words are taken out, the rest of the sentence is read by itself, and the reminders join what it does. A task
//! without a date that is to be reminded of at a time is due at that time, as "remind me at five to call Ann" is.
//!
//! **Invariant:** the words are reminders as a whole, or they are left where they stand; what they belong to is understood,
//! or nothing happens.

use crate::action::Refusal;
use crate::grammar::Clause;
use crate::reference::ReadContext;
use crate::reminder::{ReminderWords, day_and_time};
use crate::text::Text;
use crate::understood::Understood;
use crate::{Action, Response};
use tandem_protocol::rest::NewTask;

use super::{Outcome, in_clauses, seconds};

/// Words for a reminder.
const REMINDER: &[&str] =
    &["reminder", "reminders", "alarm", "alarms", "notification", "notifications", "alert", "alerts"];
/// Most tokens of the words for the times of reminders.
const LONGEST: usize = 24;

/// A sentence in two parts.
struct Said {
    /// The sentence without its words about reminders.
    rest: String,
    /// The words, for a question about them.
    words: String,
    reminders: Understood<Vec<ReminderWords>>,
    /// Whether they join the reminder that the rest asks for.
    more: bool,
}

pub(super) fn read(text: &Text, cx: &ReadContext<'_>) -> Option<Outcome> {
    let all = Clause::new(text, 0, text.len());
    if !all.tokens().iter().any(|token| token.is_any(REMINDER) || token.is_any(&["remind", "again", "alarm"])) {
        return None;
    }
    let said = at_the_end(&all, cx).or_else(|| again(&all, cx)).or_else(|| in_seconds(&all, cx))?;
    let rest = Text::new(&said.rest);
    match in_clauses(&rest, cx)? {
        // "show the tasks with reminders".
        Outcome::Permitted(actions) if !actions.iter().any(Action::changes) => None,
        found => Some(joined(found, said, cx)),
    }
}

/// The reminders join what the rest of the sentence does.
fn joined(found: Outcome, said: Said, cx: &ReadContext<'_>) -> Outcome {
    match found {
        Outcome::Permitted(actions) => match actions.reminding(&said.reminders, said.more, cx) {
            Some(actions) => Outcome::Permitted(actions),
            None => Outcome::Respond(Response::Refused(Refusal::NothingToCountFrom)),
        },
        Outcome::Propose(tasks) => {
            let tasks: Option<Vec<NewTask>> =
                tasks.into_iter().map(|task| reminded(task, said.reminders.get(), said.more, cx)).collect();
            tasks.map_or(Outcome::Respond(Response::Refused(Refusal::NothingToCountFrom)), Outcome::Propose)
        }
        // The answer to these is read without the reminders.
        Outcome::AskTitle(_)
        | Outcome::AskTime(_)
        | Outcome::AskWhen(_)
        | Outcome::AskDue(_)
        | Outcome::AskEither(_)
        | Outcome::AskWithout(_)
        | Outcome::AskUncounted(..) => Outcome::Respond(Response::NotUnderstood { words: said.words }),
        other => other,
    }
}

/// A new task with these reminders; `None` when they count from a date that it has not.
fn reminded(mut task: NewTask, words: &[ReminderWords], more: bool, cx: &ReadContext<'_>) -> Option<NewTask> {
    let now = cx.context.now.datetime();
    if words.iter().any(ReminderWords::needs_due) && task.due.is_none() {
        return None;
    }
    let before = task.reminders.take().filter(|_| more).unwrap_or_default();
    match words {
        [first, others @ ..] if task.due.is_none() => {
            task.due = first.as_due(now);
            let all: Vec<_> = std::iter::once(ReminderWords::before(0)).chain(others.iter().cloned()).collect();
            ReminderWords::set(&all, &mut task, cx.context.all_day, now);
        }
        all => ReminderWords::set(all, &mut task, cx.context.all_day, now),
    }
    let new = task.reminders.take().unwrap_or_default();
    task.reminders = Some(before.into_iter().chain(new).collect());
    Some(task)
}

/// "…, remind me an hour before", "… with a reminder at noon", "… without a reminder".
fn at_the_end(all: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Said> {
    let n = all.tokens().len();
    (1..n).find_map(|at| {
        let Some((start, kind)) = opening(all, at) else { return ahead(all, at, cx) };
        let said = all.part(at, n);
        let reminders = match kind {
            Kind::None if start == n => Understood::read(&said, cx, |_, _| Some(Vec::new()))?,
            Kind::Some if start == n => Understood::read(&said, cx, |_, _| Some(vec![ReminderWords::before(0)]))?,
            Kind::Some | Kind::Times if start < n && n - start <= LONGEST => {
                Understood::reminders(&all.part(start, n), cx)?
            }
            _ => return None,
        };
        let rest = all.text.slice(all.start, all.from + at);
        Some(Said { rest: rest.to_owned(), words: said.source().to_owned(), reminders, more: false })
    })
}

/// "remind me to call Ann tomorrow at 5, half an hour before".
fn ahead(all: &Clause<'_>, at: usize, cx: &ReadContext<'_>) -> Option<Said> {
    let n = all.tokens().len();
    if all.word(at) != "," || !all.has(&["remind", "reminder"]) || n - at > LONGEST {
        return None;
    }
    let said = all.part(at + 1, n);
    let reminders = Understood::reminders(&said, cx)?;
    reminders.get().iter().all(ReminderWords::needs_due).then(|| Said {
        rest: all.text.slice(all.start, all.from + at).to_owned(),
        words: said.source().to_owned(),
        reminders,
        more: false,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// No reminder at all.
    None,
    /// A reminder, at a time or by itself.
    Some,
    /// Times have to follow.
    Times,
}

/// Words that open what is said of reminders, and the place after them.
fn opening(all: &Clause<'_>, at: usize) -> Option<(usize, Kind)> {
    let skip =
        |at: usize, words: &[&str]| at + usize::from(all.tokens().get(at).is_some_and(|token| token.is_any(words)));
    let is = |at: usize, words: &[&str]| all.tokens().get(at).is_some_and(|token| token.is_any(words));
    let joint = skip(skip(skip(at, &[",", ";", "."]), &["and", "but", "then", "with"]), &["please", "also"]);
    let noun = |at: usize| {
        let at = skip(skip(at, &["a", "an", "any", "the", "one", "two", "some"]), &["more"]);
        is(at, REMINDER).then_some(at + 1)
    };
    if is(joint, &["without", "no"]) {
        return noun(joint + 1).map(|end| (end, Kind::None));
    }
    if is(joint, &["don't"]) && is(joint + 1, &["remind"]) && is(joint + 2, &["me", "us"]) && joint > at {
        return Some((skip(joint + 3, &["of", "about"]) + usize::from(is(joint + 4, &["it", "that"])), Kind::None));
    }
    // "my reminders and alarms" are things of a list.
    let led = joint > at && (is(joint - 1, &["with"]) || (!is(joint - 1, &[","]) && is(joint, &["a", "an"])));
    if let Some(end) = noun(joint).filter(|_| led) {
        return Some((skip(skip(end, &["set"]), &["for"]), Kind::Some));
    }
    if is(joint, &["remind"]) && is(joint + 1, &["me", "us"]) {
        let next = skip(joint + 2, &["also", "again", "too"]);
        let about = is(next, &["of", "about"]) && is(next + 1, &["it", "that", "this"]);
        return Some((if about { next + 2 } else { next }, Kind::Times));
    }
    None
}

/// "remind me at 17:30 and again at 18:00 to call Ann": the second time, wherever it stands.
fn again(all: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Said> {
    let n = all.tokens().len();
    let at = (1..n).find(|&at| all.word(at) == "again" && matches!(all.word(at - 1), "and" | "then" | ","))?;
    let from = (0..at).rev().take_while(|&before| matches!(all.word(before), "and" | "then" | ",")).last()?;
    let (end, reminders) = (at + 2..=n.min(at + LONGEST)).rev().find_map(|end| {
        let words = Understood::reminders(&all.part(at + 1, end), cx)?;
        Some((end, words))
    })?;
    let rest = format!("{} {}", all.text.slice(all.start, all.from + from), all.part(end, n).source());
    Some(Said { rest, words: all.part(from, end).source().to_owned(), reminders, more: true })
}

/// "remind me in 90 seconds to call Ann": the task is due at the next minute.
fn in_seconds(all: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Said> {
    let (from, end, seconds) = seconds::from_now(all)?;
    let words = all.part(from, end);
    let reminders = Understood::read(&words, cx, |words, cx| {
        let (.., seconds) = seconds::from_now(words)?;
        Some(vec![ReminderWords::in_seconds(seconds, cx.context.now.datetime())?])
    })?;
    let minutes = seconds.div_euclid(60) + i64::from(seconds % 60 > 0);
    let (before, after) = (all.text.slice(all.start, all.from + from), all.part(end, all.tokens().len()).source());
    let rest = format!("{before} in {minutes} minutes {after}");
    Some(Said { rest, words: words.source().to_owned(), reminders, more: false })
}

/// The actions with reminders of what they add or move.
pub(crate) fn reminding(
    actions: Vec<Action>,
    words: &[ReminderWords],
    more: bool,
    cx: &ReadContext<'_>,
) -> Option<Vec<Action>> {
    let (now, needs_due) = (cx.context.now.datetime(), words.iter().any(ReminderWords::needs_due));
    let (mut done, mut met) = (Vec::new(), false);
    for action in actions {
        match action {
            // Of several tasks those with a date have the reminder that counts from it.
            Action::Add(task) if needs_due && task.due.is_none() => done.push(Action::Add(task)),
            Action::Add(task) => {
                done.push(Action::Add(reminded(task, words, more, cx)?));
                met = true;
            }
            Action::Reschedule { id, ref patch, .. } => {
                let new = patch.due.as_ref().map(|due| due.as_ref().map(day_and_time));
                let task = cx.task(id)?;
                let due = new.unwrap_or_else(|| task.due.as_ref().map(|due| (due.date, due.time)));
                let repeats = task.recurrence.is_some() || patch.recurrence.as_ref().is_some_and(Option::is_some);
                let rules: Option<Vec<_>> =
                    words.iter().map(|word| word.reminder(due, repeats, cx.context.all_day, now)).collect();
                done.push(action);
                done.extend(rules?.into_iter().map(|reminder| Action::Remind { id, reminder }));
                met = true;
            }
            other => done.push(other),
        }
    }
    met.then_some(done)
}
