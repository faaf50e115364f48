//! Tasks without a command: "buy bread and butter", "I need to pay bills".

use std::sync::LazyLock;

use crate::grammar::{Clause, is_task_verb, patterns};
use crate::reference::ReadContext;
use crate::spoken;
use crate::text::{WordSet, listed, words};
use crate::understood::Understood;

use super::Outcome;
use super::days::{self, Days};
use super::new_task::on_days;
use super::several::divide;
use super::shared::several;

/// Verbs that are far more often a command to some program than the beginning of a task.
static FOR_THE_MACHINE: LazyLock<WordSet> = LazyLock::new(|| {
    words(
        "tell find look read open play get give see check ask put start stop turn set create make delete help test \
     try change cancel do need go add take move download install translate record measure insert complete clear \
     drop answer back",
    )
});
/// Verbs of errands, plain enough to be a task by themselves.
const ERRANDS: &[&str] = &["buy", "pay", "call", "email", "phone", "mow", "vacuum"];

/// Those of them that may begin a task all the same when a date follows: "take out the bins on Tuesday".
const CHORES: &str = "take check try do go get give look install record measure need";

/// Limit of the words of a sentence that is read as a task.
const MAX_WORDS: usize = 12;

/// Reads a bare task. Without a date, and for anything but an errand, it is proposed and not added.
pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    if let Some(event) = event(clause, cx) {
        return Some(event);
    }
    if let Some(appointment) = appointment(clause, cx) {
        return Some(appointment);
    }
    // "high priority: call mum on Friday".
    let opening = spoken::opening(clause);
    let (whole, clause) = (clause, &clause.part(opening, clause.tokens().len()));
    let verb = clause.word(0);
    let words = clause.tokens().len();
    let begins = is_task_verb(verb) || (verb == "pick" && clause.word(1) == "up");
    // "buy milk? maybe later" is a thought.
    // "rent is due on the 3rd" states something.
    if matches!(clause.word(1), "is" | "are" | "was" | "were") {
        return None;
    }
    // "make it #work" is about what was spoken of.
    if matches!(verb, "make" | "set") && matches!(clause.word(1), "it" | "that" | "this" | "them") {
        return None;
    }
    if clause.has(&["?"]) || clause.request || !begins || clause.word(1) == "me" || !(2..=MAX_WORDS).contains(&words) {
        return None;
    }
    let task = cx.new_task(whole);
    // A field in words is no sign of a task: "create a contact labeled mom".
    let marked = opening > 0 || ((task.labels.is_some() || task.list.is_some()) && clause.has(&["#", "+"]));
    if task.title.is_empty() {
        return None;
    }
    let dated = task.due.is_some() || task.recurrence.is_some();
    // "water the roses every other day except Sunday" is more than a task can hold.
    if dated && let Some(found @ (Days::Except(_) | Days::Times(_) | Days::Counted(..))) = days::read(whole, cx) {
        return Some(on_days(found, false, None));
    }
    // A sentence that was not addressed to the assistant is added only when a date, label or plain errand shows that it is
    // a task; otherwise it is proposed.
    let for_machine = FOR_THE_MACHINE.contains(verb);
    let errand = !clause.duty && ERRANDS.contains(&verb) && words <= 5;
    if marked || (dated && (clause.duty || !for_machine)) || errand {
        let tasks = several(&divide(*whole, false, false, cx), None, cx);
        return Some(Outcome::Act(Understood::additions(tasks)));
    }
    let chore = dated && listed(CHORES, verb);
    (clause.duty || chore || !for_machine || (verb == "read" && words <= 6))
        .then(|| Outcome::Propose(several(&divide(*whole, false, false, cx), None, cx)))
}

/// "I have a meeting with Ann on Tuesday at ten": worth a task, but none was requested.
fn event(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let start = match (clause.word(0), clause.word(1)) {
        ("i" | "we", "have") | ("i've" | "we've", "got") | ("there", "is") => 2,
        ("there's", _) => 1,
        _ => return None,
    };
    // One more word is a remark ("I have fun"), and an event has a name and a date.
    if clause.tokens().len() <= start + 1 {
        return None;
    }
    let body = clause.part(start, clause.tokens().len());
    let body = if matches!(body.word(0), "a" | "an") { body.part(1, body.tokens().len()) } else { body };
    let task = cx.new_task(&body);
    (task.due.is_some() && !task.title.is_empty()).then(|| Outcome::Propose(vec![task]))
}

patterns! {
    APPOINTMENTS: Arranged {
        Event: "schedule|arrange|set_up|organize|organise|plan|pencil_in|put_down|make|create [me|us|for_me] [a|an|another|my|the|our] *",
        Booking: "book|reserve|hold|get|hook_me_up_with|find [me|us] [a|an|another|my|the|our] *",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arranged {
    /// The event is the task: "meeting with Ann".
    Event,
    /// The booking is the task: "book a meeting room".
    Booking,
}

/// What is arranged with others.
const EVENTS: &str = "meeting meetings appointment call lunch dinner breakfast brunch coffee interview session conference event party date \
     visit catch-up room table checkup haircut review";
/// Places at the beginning of a phrase where its noun is looked for.
const NOUN_WITHIN: usize = 4;

/// "can you schedule a meeting with Ann on Friday": a task for the day, or a question without one.
fn appointment(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let (arranged, captured) = APPOINTMENTS.best(clause.tokens())?;
    let body = captured.part(clause, 0)?;
    let event = (0..NOUN_WITHIN).any(|at| listed(EVENTS, body.word(at)));
    if !event
        || !(clause.request || arranged == Arranged::Booking)
        || clause.word(0) == "get" && !clause.has(&["me", "us"])
    {
        return None;
    }
    let task = cx.new_task(if arranged == Arranged::Booking { clause } else { &body });
    if task.title.is_empty() {
        return None;
    }
    let dated = task.due.is_some() || task.recurrence.is_some();
    Some(if dated { Outcome::Act(Understood::additions(vec![task])) } else { Outcome::Propose(vec![task]) })
}
