//! Answers to a reminder that rings: "dismiss it", "got it", "snooze", "snooze that for an hour".
//!
//! "It" is the task whose reminder has fired last, because that is what the user sees at that moment; where several ring and
//! nothing says which, the user chooses. The task itself stays as it is: to dismiss its reminder does not complete it.
//!
//! **Invariant:** nothing here deletes or moves a task. While nothing rings, a sentence that can only be about a reminder
//! that does is answered so, and others are left to the readers after this one.

use crate::action::Refusal;
use crate::grammar::{Clause, patterns};
use crate::phrase::{parse_due, parse_duration};
use crate::reference::{MAX_CHOICES, ReadContext, Risk, Scope, Target, resolve};
use crate::understood::Understood;
use crate::{Action, Response};
use std::cmp::Reverse;
use tandem_protocol::TaskId;
use tandem_protocol::duration::IsoDuration;
use tandem_protocol::model::Task;

use super::{Outcome, without_noun};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// For the usual time.
    Snooze,
    SnoozeAll,
    /// How long or until when, or a task.
    SnoozeFor,
    SnoozeAllFor,
    /// The task, then how long or until when.
    SnoozeTaskFor,
    Dismiss,
    DismissAll,
    DismissTask,
    /// Words that are about a reminder only while one rings.
    Answer,
    AnswerAll,
}

patterns! {
    TABLE: Form {
        Snooze: "snooze [it|that|this]",
        Snooze: "snooze [the|that|this|my] reminder|alarm|alert|notification|task",
        Snooze: "remind me|us [about|of] [it|that|this] again|later",
        SnoozeAll: "snooze all|everything|both|them|these|those [of] [the|my|them|these|those] [all|both|reminders|alarms|alerts|notifications]",
        SnoozeFor: "snooze [it|that|this] [for|until|till|by] *",
        SnoozeFor: "snooze the|that|this|my reminder|alarm|alert|notification [for|until|till|by] *",
        SnoozeFor: "remind me|us [about|of] [it|that|this] again|once_more [about_it|about_that] [in|at|on] *",
        SnoozeFor: "remind me|us [about|of] it|that|this [again|once_more] *",
        SnoozeAllFor: "snooze all|everything|both|them|these|those [of] [the|my|them|these|those] [all|both|reminders|alarms|alerts|notifications] for|until|till|by *",
        SnoozeTaskFor: "snooze * for|until|till|by *",
        Dismiss: "dismiss|silence|mute|acknowledge|ack|hush [it|that|this|now]",
        Dismiss: "dismiss|silence|mute|acknowledge|ack|hush [the|that|this|my] reminder|alarm|alert|notification|beeping|ringing|noise",
        DismissAll: "dismiss|silence|mute|acknowledge|ack|hush all|everything|both|them|these|those [of] [the|my|them|these|those] [all|both|reminders|alarms|alerts|notifications]",
        DismissAll: "dismiss|silence|mute|acknowledge|ack|hush the|my reminders|alarms|alerts|notifications",
        DismissTask: "dismiss|silence|mute|acknowledge|ack [the|that|this|my] [reminder|alarm|alert|notification] [for|of|about|to|from] *",
        Answer: "[thanks|thank_you|great|cool] [,] got_it|noted|understood|i_know|i_heard|i_heard_you|i_see|i_got_it|roger [,] [thanks|thank_you]",
        Answer: "done|finished|i'm_done|i_am_done|all_done|that's_done|it's_done",
        Answer: "stop|enough|quiet|silence|shut_up|hush|off",
        Answer: "stop|quit|end|kill|shut_up it|that|this|ringing|beeping|the_noise|the_ringing|the_beeping|the_alarm|the_reminder|that_reminder|this_reminder|that_alarm|this_alarm",
        Answer: "turn|switch|shut it|that|this|the_alarm|that_alarm|this_alarm|the_reminder|that_reminder|this_reminder off",
        Answer: "turn|switch|shut off it|that|this|the_alarm|that_alarm|this_alarm|the_reminder|that_reminder|this_reminder",
        Answer: "stop|quit reminding|bugging|nagging me|us [now|about_it|about_that|about_this]",
        AnswerAll: "turn|switch|shut them|both|these|those off",
        AnswerAll: "stop|quit them|both|these|those|all_of_them",
    }
}

/// How long a reminder is snoozed when nobody says how long.
const USUAL: i64 = 10;

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let (form, captured) = TABLE.best(clause.tokens())?;
    let ringing = ringing(cx);
    if ringing.is_empty() {
        let only =
            matches!(form, Form::Dismiss | Form::DismissAll) || (form == Form::Snooze && clause.word(1).is_empty());
        return only.then_some(Outcome::Respond(Response::Refused(Refusal::NotRinging)));
    }
    let usual = Understood::read(clause, cx, |_, _| Some(IsoDuration::minutes(USUAL).to_string()))?;
    let all = || Understood::selected(ringing.clone(), &usual);
    // "snooze" and "got it" mean the one that rings; "snooze it" the last of several.
    let points = clause.has(&["it", "that", "this"]) && !clause.has(&["got", "done"]);
    let which = if points { Which::Last } else { Which::Only };
    Some(match form {
        Form::Snooze => one(&ringing, which, cx, "snooze", &usual, snooze),
        Form::SnoozeFor => {
            let words = captured.part(clause, 0)?;
            match until(&words, cx) {
                Some(until) => one(&ringing, Which::Last, cx, "snooze", &until, snooze),
                // "snooze the dentist".
                None => Outcome::Act(named(&words, cx)?.change(&usual, cx, snooze)),
            }
        }
        Form::SnoozeAll => Outcome::Act(all().change(&usual, cx, snooze)),
        Form::SnoozeAllFor => Outcome::Act(all().change(&until(&captured.part(clause, 0)?, cx)?, cx, snooze)),
        Form::SnoozeTaskFor => {
            let ids = named(&captured.part(clause, 0)?, cx)?;
            Outcome::Act(ids.change(&until(&captured.part(clause, 1)?, cx)?, cx, snooze))
        }
        Form::Dismiss | Form::Answer => one(&ringing, which, cx, "dismiss", &usual, dismiss),
        Form::DismissAll | Form::AnswerAll => Outcome::Act(all().change(&usual, cx, dismiss)),
        Form::DismissTask => Outcome::Act(named(&captured.part(clause, 0)?, cx)?.change(&usual, cx, dismiss)),
    })
}

/// Which of several that ring is meant by words that name none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// The one whose reminder has fired last.
    Last,
    /// The only one; of several the user chooses.
    Only,
}

/// The tasks whose reminders have fired and wait for an answer, the last one first.
fn ringing(cx: &ReadContext<'_>) -> Vec<TaskId> {
    let last = |task: &&Task| task.ringing().map(|reminder| reminder.fires_at).max();
    let mut tasks: Vec<&Task> = cx.context.tasks.iter().copied().filter(|task| last(task).is_some()).collect();
    tasks.sort_by_key(|task| Reverse(last(task)));
    tasks.into_iter().map(|task| task.id).collect()
}

/// A change of the reminder that rings.
fn one(
    ringing: &[TaskId],
    which: Which,
    cx: &ReadContext<'_>,
    verb: &str,
    until: &Understood<String>,
    change: fn(Vec<TaskId>, &String, &ReadContext<'_>) -> Vec<Action>,
) -> Outcome {
    let ids = match (cx.chosen, which, ringing) {
        (Some(chosen), ..) => chosen.to_vec(),
        (None, Which::Only, [_, _, ..]) => {
            let choices = ringing.iter().copied().take(MAX_CHOICES).collect();
            return Outcome::Ask { question: format!("Several reminders ring. Which one shall I {verb}?"), choices };
        }
        _ => ringing.first().copied().into_iter().collect(),
    };
    Outcome::Act(Understood::selected(ids, until).change(until, cx, change))
}

/// The one task with a reminder that rings, by its words.
fn named(object: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Understood<Vec<TaskId>>> {
    let Target::Tasks(ids) = resolve(&without_noun(object), cx, Scope::Open, Risk::Reversible) else { return None };
    let [id] = ids.get()[..] else { return None };
    cx.task(id).is_some_and(|task| task.ringing().next().is_some()).then_some(ids)
}

#[expect(clippy::ptr_arg, reason = "the form of a change to a value that was read")]
fn snooze(ids: Vec<TaskId>, until: &String, _: &ReadContext<'_>) -> Vec<Action> {
    ids.into_iter().map(|id| Action::Snooze { id, until: until.clone() }).collect()
}

fn dismiss(ids: Vec<TaskId>, _: &String, _: &ReadContext<'_>) -> Vec<Action> {
    ids.into_iter().map(|id| Action::Dismiss { id }).collect()
}

/// How long, or until when, in ISO 8601.
fn until(words: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Understood<String>> {
    Understood::read(words, cx, |words, cx| {
        let text = words.source();
        let length = || parse_duration(text).map(|minutes| IsoDuration::minutes(minutes).to_string());
        let seconds = || super::seconds::amount(words).map(|seconds| format!("PT{seconds}S"));
        length().or_else(seconds).or_else(|| parse_due(text, cx.context.now).map(|due| due.to_iso()))
    })
}
