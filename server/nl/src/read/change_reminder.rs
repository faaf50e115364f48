//! Reminders at another time: "move the reminder for the report to noon", "change the dentist reminder to an hour before",
//! "remind me an hour earlier about the report".
//!
//! What was said of a reminder changes no due date. The words for a new task ("the reminder to call Ann") name the task itself,
//! and are read elsewhere.
//!
//! **Invariant:** of a task with several reminders none is replaced before the user has agreed.

use crate::action::Refusal;
use crate::dates::whole;
use crate::grammar::{Clause, patterns};
use crate::reference::{ReadContext, Risk, Scope, Target, resolve};
use crate::reminder::{ReminderWords, amount_of};
use crate::text::{Kind, Text, listed};
use crate::understood::Understood;
use crate::{Action, Response};
use jiff::ToSpan as _;
use tandem_protocol::TaskId;
use tandem_protocol::duration::IsoDuration;
use tandem_protocol::enums::ReminderState;
use tandem_protocol::model::Task;
use tandem_protocol::reminder::{Reminder, ReminderInput, ReminderTimeInput};
use tandem_protocol::rest::TaskPatch;
use tandem_protocol::time::ClockTime;

use super::remind::{of_it, rule};
use super::{Outcome, on_target, without_noun};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A task, then when.
    To,
    /// A task, then by how much, with the direction at the end.
    By,
    /// By how much, with the direction after it, then a task.
    Amount,
    /// A task, then when, instead of before.
    Instead,
    /// When, besides before, for what was spoken of.
    More,
}

patterns! {
    TABLE: Form {
        To: "move|change|shift|push|reschedule|update|switch [the|my] reminder|alarm for|of|about|on * to|for|at *",
        To: "set|put [the|my] reminder|alarm for|of|about|on * to *",
        To: "move|change|shift|push|reschedule|update|switch [the|my] * reminder|alarm to|for|at *",
        By: "move|make|set|shift|push|put|bring [the|my] reminder|alarm for|of|about|on * earlier|later|sooner",
        By: "move|make|set|shift|push|put|bring [the|my] * reminder|alarm * earlier|later|sooner",
        Amount: "remind me|us * earlier|later|sooner about|of|for *",
        Instead: "remind me|us about|of|for * instead",
        More: "[and|also] [also] * before|beforehand [too|also|as_well]",
    }
}

/// What becomes of the reminders.
#[derive(Debug, Clone)]
enum Change {
    To(Vec<ReminderWords>),
    /// Minutes by which they ring earlier.
    Earlier(i64),
}

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let (form, captured) = TABLE.best(clause.tokens())?;
    let part = |at: usize| captured.part(clause, at);
    match form {
        Form::To => {
            let (object, words) = (part(0)?, part(1)?);
            // "my 8am reminder" is the task that is due then.
            if whole(&cx.dates_in(&object)).is_some() || object.tokens().iter().all(|token| token.kind == Kind::Number)
            {
                return None;
            }
            // "set a reminder for the shop at five to six" is a new one.
            let sets = listed("set put", clause.word(0));
            match to(&words, cx) {
                Some(change) => changed(&object, &change, cx).filter(|found| !sets || matches!(found, Outcome::Act(_))),
                None if sets => None,
                None => Some(Outcome::Respond(Response::NotUnderstood { words: words.source().to_owned() })),
            }
        }
        Form::By => {
            let all = clause.part(1, clause.tokens().len());
            divided(&all, by, cx)
        }
        Form::Amount => {
            let end = part(0)?.to - clause.from;
            changed(&part(1)?, &by(&clause.part(2, end + 1), cx)?, cx)
        }
        Form::Instead => divided(&part(0)?, to, cx),
        Form::More => {
            let spoken = cx.request.is_some_and(|request| request.to_lowercase().contains("remind"));
            if spoken { of_it(clause, &part(0)?, cx) } else { None }
        }
    }
}

/// A task, then what becomes of its reminders.
fn divided(
    words: &Clause<'_>,
    change: fn(&Clause<'_>, &ReadContext<'_>) -> Option<Understood<Change>>,
    cx: &ReadContext<'_>,
) -> Option<Outcome> {
    let n = words.tokens().len();
    (1..n).find_map(|at| {
        let change = change(&words.part(at, n), cx)?;
        changed(&task_of(&words.part(0, at)), &change, cx)
    })
}

/// "the reminder for the report", "the report reminder": the report.
fn task_of<'a>(object: &Clause<'a>) -> Clause<'a> {
    let n = object.tokens().len();
    let article = usize::from(listed("the my", object.word(0)));
    if listed("reminder alarm", object.word(article)) && listed("for of about on", object.word(article + 1)) {
        return object.part(article + 2, n);
    }
    if n > 1 && listed("reminder alarm", object.word(n - 1)) { object.part(0, n - 1) } else { *object }
}

/// "noon", "an hour before", "9".
fn to(words: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Understood<Change>> {
    Understood::read(words, cx, |words, cx| {
        let said = ReminderWords::read_all(&cx.dates_in(words));
        said.or_else(|| ReminderWords::read_all(&cx.dates_in(&at_hour(words).clause()))).map(Change::To)
    })
}

/// A bare hour as the time that it is after "to".
struct AtHour(Text);

impl AtHour {
    fn clause(&self) -> Clause<'_> {
        Clause::new(&self.0, 0, self.0.len())
    }
}

fn at_hour(words: &Clause<'_>) -> AtHour {
    AtHour(Text::new(&format!("at {}", words.source())))
}

/// "an hour earlier", "10 minutes later".
fn by(words: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Understood<Change>> {
    Understood::read(words, cx, |words, cx| {
        let n = words.tokens().len();
        let (minutes, end) = amount_of(&cx.dates_in(words), 0)?;
        let earlier = listed("earlier sooner", words.word(n - 1));
        (end + 1 == n).then_some(Change::Earlier(if earlier { minutes } else { -minutes }))
    })
}

fn changed(object: &Clause<'_>, change: &Understood<Change>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let ids = match resolve(&without_noun(object), cx, Scope::Open, Risk::Reversible) {
        Target::Tasks(ids) => ids,
        unclear => return Some(on_target(unclear, "change", |_| Vec::new())),
    };
    let [id] = ids.get()[..] else { return None };
    let task = cx.task(id)?;
    if new_rules(task, change.get(), cx).is_none() {
        return Some(Outcome::Respond(Response::Refused(Refusal::NothingToCountFrom)));
    }
    if open(task).count() > 1 && cx.chosen.is_none() && matches!(change.get(), Change::To(_)) {
        let question = "It has several reminders. Shall I set this one in their place?".to_owned();
        return Some(Outcome::Ask { question, choices: vec![id] });
    }
    Some(Outcome::Act(ids.change(change, cx, |ids, change, cx| {
        let update = |id: TaskId| {
            let reminders = Some(new_rules(cx.task(id)?, change, cx)?);
            let patch = TaskPatch { reminders, ..TaskPatch::default() };
            Some(Action::Update { id, patch, add_labels: Vec::new(), remove_labels: Vec::new() })
        };
        ids.into_iter().filter_map(update).collect()
    })))
}

/// The reminders of a task that can still ring.
fn open(task: &Task) -> impl Iterator<Item = &Reminder> {
    task.reminders.iter().filter(|reminder| reminder.state != ReminderState::Done)
}

/// The reminders after the change; `None` when they count from a date or a reminder that is not there.
fn new_rules(task: &Task, change: &Change, cx: &ReadContext<'_>) -> Option<Vec<ReminderInput>> {
    match change {
        Change::To(words) => words.iter().map(|words| rule(task, words, cx)).collect(),
        Change::Earlier(minutes) => {
            if open(task).next().is_none() {
                // Earlier than the due date, when it has none yet.
                return rule(task, &ReminderWords::before(*minutes), cx)
                    .filter(|_| *minutes > 0)
                    .map(|rule| vec![rule]);
            }
            open(task).map(|reminder| earlier(reminder, *minutes)).collect()
        }
    }
}

/// The same reminder so many minutes earlier; none after the due date.
fn earlier(reminder: &Reminder, minutes: i64) -> Option<ReminderInput> {
    if let Some(before) = &reminder.before {
        let lead = before.seconds() / 60 + minutes;
        return (lead >= 0).then(|| ReminderInput::before(IsoDuration::minutes(lead)));
    }
    let at = reminder.at.as_ref()?;
    let ClockTime(time) = at.time;
    let moment = at.date.to_datetime(time).checked_sub(minutes.minutes()).ok()?;
    let (date, time) = (moment.date(), ClockTime(moment.time()));
    Some(ReminderInput::at(ReminderTimeInput { date, time, time_zone: Some(at.time_zone.clone()) }))
}
