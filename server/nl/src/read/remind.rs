//! More reminders of tasks that exist: "remind me an hour before the dentist", "remind me at noon about the report".
//!
//! **Invariant:** "an hour before the dentist" is never a new task. Without such a task, or when it has no date, the answer
//! says so.

use crate::action::Refusal;
use crate::grammar::{Clause, patterns};
use crate::reference::{MAX_CHOICES, Pointer, ReadContext, Risk, Scope, Target, date_anywhere, pointer, resolve};
use crate::reminder::{ReminderWords, day_and_time};
use crate::text::Text;
use crate::understood::Understood;
use crate::{Action, Response};
use tandem_protocol::TaskId;
use tandem_protocol::duration::IsoDuration;
use tandem_protocol::model::Task;
use tandem_protocol::reminder::ReminderInput;
use tandem_protocol::rest::{NewTask, TaskPatch};

use super::{Outcome, without_noun};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// How long, then the task that it is before.
    Before,
    /// A task, then when.
    Task,
    /// When, then a task.
    When,
    /// When, before the task that was spoken of.
    It,
}

patterns! {
    TABLE: Form {
        Before: "remind me|us [again|also|too|once_more] * before *",
        Before: "remind me|us [again|also|too|once_more] * prior|ahead to|of *",
        Before: "set|add|create [me] [a|an|another|the] reminder|alarm [for|at] * before *",
        Task: "remind me|us [again|also|too] about|of|for *",
        Task: "set|add|create|make [me] [a|an|another|the] reminder|alarm for|about|of|to|on *",
        When: "remind me|us [again|also|too] * about|of *",
        When: "set|add|create|make [me] a|an|another|the reminder|alarm [for|at] * about|of *",
        It: "remind me|us [again|also|too] * before|beforehand|ahead|earlier|in_advance [too|also|as_well|again]",
        It: "remind me|us [again|also|too] * before it|that|then|it's_due|it_is_due|this|the_time [too|also|as_well|again]",
        It: "remind me|us [again|once_more] [about_it|about_that|of_it] *",
        It: "remind me|us about|of it|that|this *",
        It: "remind me|us * [again|once_more] about|of it|that|this",
        It: "set|add|create [me] [a|an|another] reminder|alarm [for|at] * before|beforehand",
    }
}

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let (form, captured) = TABLE.best(clause.tokens())?;
    let first = captured.part(clause, 0)?;
    match form {
        // "set a reminder for the report an hour before".
        Form::It if clause.word(0) != "remind" => {
            let words = clause.part(clause.tokens().len() - 1 - first.tokens().len(), clause.tokens().len());
            let task = usize::from(matches!(words.word(0), "for" | "about" | "of" | "to" | "on"));
            of_it(clause, &first, cx).or_else(|| divided(&words.part(task, words.tokens().len()), cx))
        }
        Form::It => of_it(clause, &first, cx).or_else(|| divided(&clause.part(3, clause.tokens().len()), cx)),
        Form::Before => {
            let object = without_beginning(without_more(captured.part(clause, 1)?));
            // "… before the party to buy wine" is a new task.
            if object.has(&["to"]) {
                return None;
            }
            if pointer(&object).is_some_and(|found| matches!(found, Pointer::It)) {
                return of_it(clause, &first, cx);
            }
            before(&first, &object, cx)
        }
        Form::Task => divided(&first, cx).or_else(|| at_what_time(clause, &first, cx)),
        Form::When => {
            // "remind me earlier about the report" does not say when.
            if let (1, Some(direction)) = (first.tokens().len(), direction(first.word(0))) {
                return by_how_much(&captured.part(clause, 1)?, direction, cx);
            }
            let when = Understood::reminder(&first, cx)?;
            of_named(&captured.part(clause, 1)?, &when, cx)
        }
    }
}

fn direction(word: &str) -> Option<&'static str> {
    match word {
        "earlier" | "sooner" => Some("earlier"),
        "later" => Some("later"),
        _ => None,
    }
}

/// "remind me earlier about the report": by how much, if it is one task that is known.
fn by_how_much(object: &Clause<'_>, direction: &'static str, cx: &ReadContext<'_>) -> Option<Outcome> {
    match resolved(object, cx) {
        Target::Tasks(ids) => match ids.get()[..] {
            [id] => Some(Outcome::AskBy(id, direction)),
            _ => None,
        },
        unclear => Some(super::on_target(unclear, "change", |_| Vec::new())),
    }
}

/// "add a reminder to the report": a task that there is, and not when.
fn at_what_time(clause: &Clause<'_>, object: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let dated = !date_anywhere(&cx.dates_in(object)).is_empty();
    if clause.word(0) == "remind" || !matches!(object.word(0), "the" | "my" | "our") || dated || cx.chosen.is_some() {
        return None;
    }
    let Target::Tasks(ids) = resolve(&without_noun(object), cx, Scope::Open, Risk::Destructive) else { return None };
    match ids.get()[..] {
        [id] => Some(Outcome::AskRemind(id)),
        _ => None,
    }
}

/// "the dentist an hour before": a task, then when.
fn divided(words: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    (1..words.tokens().len()).find_map(|at| {
        let when = Understood::reminder(&words.part(at, words.tokens().len()), cx)?;
        of_named(&words.part(0, at), &when, cx)
    })
}

/// "remind me an hour before the dentist", "… the day before the dentist at 6pm".
fn before(first: &Clause<'_>, object: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let n = object.tokens().len();
    let text = |tail: &str| Text::new(&format!("{} before {tail}", first.source()));
    let all = text("");
    let when = Understood::reminder(&Clause::new(&all, 0, all.len()), cx)?;
    if let Some(found) = of_one(resolved(object, cx), &when, cx) {
        return Some(found);
    }
    let with_time = (1..n).find_map(|at| {
        let all = text(object.part(at, n).source());
        let when = Understood::reminder(&Clause::new(&all, 0, all.len()), cx)?;
        of_one(resolved(&object.part(0, at), cx), &when, cx)
    });
    // What has a date of its own may be a new task with this reminder.
    let dated = !crate::dates::find_all(&cx.dates_in(object)).is_empty();
    with_time.or_else(|| match resolved(object, cx) {
        _ if dated => None,
        Target::OneOf(choices) => {
            Some(Outcome::Ask { question: "Before which one shall I remind you?".to_owned(), choices })
        }
        Target::Doubtful(choices, words) => {
            let question = format!("I did not understand “{words}”. Shall I set a reminder for this one?");
            Some(Outcome::Ask { question, choices })
        }
        Target::Missing(what) => Some(match when.get().lead() {
            Some(lead) if pointer(object).is_none() => {
                let article = usize::from(matches!(object.word(0), "the" | "my" | "our" | "a" | "an"));
                let title = object.part(article.min(n - 1), n).source().to_owned();
                let reminders = Some(vec![ReminderInput::before(lead)]);
                Outcome::AskDue(Box::new(NewTask { title, reminders, ..NewTask::default() }))
            }
            _ => Outcome::Missing(what),
        }),
        Target::Tasks(_) => None,
    })
}

/// "the passport is due", "the match starts": the task alone.
fn without_beginning(object: Clause<'_>) -> Clause<'_> {
    const ENDS: [&str; 12] = [
        "is due",
        "are due",
        "'s due",
        "expires",
        "starts",
        "begins",
        "takes place",
        "ends",
        "runs out",
        "happens",
        "is on",
        "is",
    ];
    let n = object.tokens().len();
    let ends = |phrase: &&str| {
        let count = phrase.split(' ').count();
        n > count && object.part(n - count, n).longest_start(phrase) == Some(count)
    };
    ENDS.iter().find(|phrase| ends(phrase)).map_or(object, |phrase| object.part(0, n - phrase.split(' ').count()))
}

/// Without "too" at the end.
fn without_more(object: Clause<'_>) -> Clause<'_> {
    let n = object.tokens().len();
    match (object.word(n.saturating_sub(2)), object.word(n.saturating_sub(1))) {
        ("as", "well") if n > 2 => object.part(0, n - 2),
        (_, "too" | "also" | "again") if n > 1 => object.part(0, n - 1),
        _ => object,
    }
}

/// One more reminder of the task that was spoken of.
pub(super) fn of_it(clause: &Clause<'_>, words: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let ahead = clause.has(&["before", "beforehand", "ahead", "earlier", "advance"]);
    let text = Text::new(&if ahead { format!("{} before", words.source()) } else { words.source().to_owned() });
    let when = Understood::reminder(&Clause::new(&text, 0, text.len()), cx)?;
    let touched = if cx.named.is_empty() { cx.context.last_touched } else { cx.named };
    match (cx.chosen.unwrap_or(touched), ahead) {
        ([id], _) => of_one(Target::selected(vec![*id], &when), &when, cx),
        // "remind me again in an hour" of nothing that was spoken of.
        (_, false) => None,
        (_, true) => {
            let dated = cx.context.tasks.iter().filter(|task| task.due.is_some() && Scope::Open.holds(task));
            let choices: Vec<TaskId> = dated.map(|task| task.id).take(MAX_CHOICES).collect();
            if choices.is_empty() {
                return Some(Outcome::Respond(Response::Refused(Refusal::NothingToCountFrom)));
            }
            Some(Outcome::Ask { question: "Before which one shall I remind you?".to_owned(), choices })
        }
    }
}

/// A reminder of a task that is named as one that is known: "the report", "task 3".
fn of_named(object: &Clause<'_>, when: &Understood<ReminderWords>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let known = when.get().needs_due()
        || matches!(object.word(0), "the" | "my" | "our" | "that" | "this")
        || pointer(object).is_some()
        || cx.chosen.is_some();
    if !known {
        return None;
    }
    let risk = if when.get().needs_due() { Risk::Reversible } else { Risk::Destructive };
    of_one(resolve(&without_noun(object), cx, Scope::Open, risk), when, cx)
}

fn resolved(object: &Clause<'_>, cx: &ReadContext<'_>) -> Target {
    resolve(&without_noun(object), cx, Scope::Open, Risk::Reversible)
}

/// One more reminder of the one task that is meant; refused when the reminder counts from a date that it has not.
fn of_one(target: Target, when: &Understood<ReminderWords>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let Target::Tasks(ids) = target else { return None };
    let [id] = ids.get()[..] else { return None };
    if rule(cx.task(id)?, when.get(), cx).is_none() {
        return Some(Outcome::Respond(Response::Refused(Refusal::NothingToCountFrom)));
    }
    Some(Outcome::Act(ids.change(when, cx, |ids, when, cx| {
        let action = |id: TaskId| Some(Action::Remind { id, reminder: rule(cx.task(id)?, when, cx)? });
        ids.into_iter().filter_map(action).collect()
    })))
}

/// The reminder of a task that words mean.
pub(super) fn rule(task: &Task, when: &ReminderWords, cx: &ReadContext<'_>) -> Option<ReminderInput> {
    let due = task.due.as_ref().map(|due| (due.date, due.time));
    when.reminder(due, task.recurrence.is_some(), cx.context.all_day, cx.context.now.datetime())
}

/// A task that was asked for as a reminder has one, whatever the settings say. Without a date it rings at the user's time of
/// day, which is not known here: a reminder without a rule stands for it.
pub(super) fn with_reminder(mut task: NewTask) -> NewTask {
    if task.reminders.is_none() {
        let rule = task.due.as_ref().map(day_and_time).map(|_| ReminderInput::before(IsoDuration::zero()));
        task.reminders = Some(vec![rule.unwrap_or_default()]);
    }
    task
}

/// The change that leaves a task the reminder at its due date alone.
pub(super) fn only_when_due(id: TaskId) -> Action {
    let reminders = Some(vec![ReminderInput::before(IsoDuration::zero())]);
    let patch = TaskPatch { reminders, ..TaskPatch::default() };
    Action::Update { id, patch, add_labels: Vec::new(), remove_labels: Vec::new() }
}
