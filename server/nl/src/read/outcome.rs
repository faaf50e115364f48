//! The meaning of a clause, and of a message, before it leaves the crate.

use crate::describe::{describe_due, describe_rule};
use crate::mood::Mood;
use crate::understood::{Actions, Understood};
use crate::{Action, Context, Reading, Response};
use jiff::civil::Date;
use tandem_protocol::TaskId;
use tandem_protocol::rest::{DueInput, NewTask};
use tandem_protocol::settings::DateStyle;

use super::either::Either;
use super::everything::MOST_LISTED;
use super::times;

/// The meaning of one clause, before its mood is considered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Act(Understood<Vec<Action>>),
    /// Actions that the mood permits.
    Permitted(Actions),
    Ask {
        question: String,
        choices: Vec<TaskId>,
    },
    /// Tasks of which one repeats: one occurrence or all?
    AskExtent {
        question: String,
        ids: Vec<TaskId>,
    },
    /// The title of the task is missing: the user is asked for it, and the task waits.
    AskTitle(Box<NewTask>),
    /// There is no such task that its reminder could count from: the user is asked when it is, and the task waits.
    AskDue(Box<NewTask>),
    /// Tasks were to be moved, and no date was said.
    AskWhen(Vec<TaskId>),
    /// The reminder of a task was to ring earlier or later, as the word says, and not by how much.
    AskBy(TaskId, &'static str),
    /// A task was to have a reminder, and not when.
    AskRemind(TaskId),
    /// A task was to repeat at several times of a day: one task for each, or one without a time.
    AskTime(Vec<NewTask>),
    /// New tasks that can be read in more than one way.
    AskEither(Either),
    /// The user is asked whether the task may repeat without the exception of a single date.
    AskWithout(Box<NewTask>),
    /// The user is asked whether the task may be added without these words, how often it was to repeat.
    AskUncounted(Box<NewTask>, String),
    /// A date in figures is another one with the day first: its readings with the month first and with the day first.
    AskOrder(Date, Date),
    /// A weekday and a date contradict each other: the day of that name beside the date, and the date.
    AskDay(Date, Date),
    /// Several tasks were said to be done: the user is asked whether all of them are.
    AskAll(Vec<TaskId>),
    /// The user is asked whether these are to be tasks. At least one.
    Propose(Vec<NewTask>),
    Respond(Response),
    Missing(String),
}

impl Outcome {
    /// An action that changes nothing.
    pub(super) fn look(action: Action) -> Option<Self> {
        Understood::look(action).map(Self::Act)
    }
}

pub(super) fn look_only(action: Action) -> Option<Actions> {
    Actions::permitted(Mood::Command, false, Understood::look(action)?).ok()
}

pub(super) fn one_look(action: Action) -> Option<Outcome> {
    look_only(action).map(Outcome::Permitted)
}

/// What opens a question that is asked again, because the answer to it was not understood.
pub const ASKED_AGAIN: &str = "That does not say which. ";
pub(super) const TOO_LONG: &str =
    "That is more than I can read at once. Send it in shorter messages, or as a list with one task on each line.";
pub(super) const HINT: &str = "Try “add buy milk tomorrow at 5pm”, “show my tasks” or “mark task 3 as done”.";

pub(super) fn finish(outcome: Outcome, context: &Context<'_>) -> Reading {
    let (now, style) = (context.now, context.style);
    let ask = |question: String| Reading::Ask { question, choices: Vec::new() };
    match outcome {
        Outcome::Permitted(actions) => Reading::Act(actions),
        // Only actions that a mood has permitted leave the crate.
        Outcome::Act(_) => Reading::Unknown { hint: HINT.to_owned() },
        Outcome::Ask { question, choices } => Reading::Ask { question, choices },
        Outcome::AskExtent { question, ids } => Reading::Ask { question, choices: ids },
        Outcome::AskTitle(_) => ask("What should the task be called?".to_owned()),
        Outcome::AskDue(task) => ask(format!(
            "I found no task about “{}”. When is it? With its date I add it, and the reminder.",
            task.title
        )),
        Outcome::AskWhen(ids) => {
            let which = if ids.len() == 1 { "this one" } else { "these" };
            Reading::Ask { question: format!("To when shall I move {which}?"), choices: ids }
        }
        Outcome::AskBy(id, word) => {
            let question = format!("How much {word} shall I remind you: an hour, a day?");
            Reading::Ask { question, choices: vec![id] }
        }
        Outcome::AskRemind(id) => {
            let question = "When shall I remind you of it: an hour before, tomorrow at nine?".to_owned();
            Reading::Ask { question, choices: vec![id] }
        }
        Outcome::AskTime(tasks) => ask(times::question(&tasks, style)),
        Outcome::AskEither(either) => ask(either.question),
        Outcome::AskWithout(task) => ask(format!(
            "I can leave out days of the week from a daily task, but no single date and no day of another rule. Shall I add “{}” \
             without that exception?",
            task.title
        )),
        Outcome::AskUncounted(task, words) => ask(format!(
            "I can repeat a task on certain days, such as “every Monday and Thursday”, but not “{words}”. Shall I add “{}” \
             once?",
            task.title
        )),
        Outcome::AskOrder(american, european) => {
            ask(format!("Which day do you mean: {} or {}?", day_of(american, style), day_of(european, style)))
        }
        Outcome::AskDay(named, date) => ask(format!(
            "{} is a {}. Which day do you mean: {} or {}?",
            day_of(date, style),
            crate::describe::weekday_name(date.weekday()),
            describe_due(named, None, now, style),
            describe_due(date, None, now, style)
        )),
        Outcome::AskAll(ids) => {
            let question = format!("Shall I mark all {} as done?", ids.len());
            Reading::Ask { question, choices: if ids.len() > MOST_LISTED { Vec::new() } else { ids } }
        }
        Outcome::Propose(tasks) => ask(proposal(&tasks, context)),
        Outcome::Respond(talk) => Reading::Respond(talk),
        Outcome::Missing(what) => Reading::Respond(Response::NoSuchTask { what }),
    }
}

fn day_of(date: Date, style: DateStyle) -> String {
    date.strftime(if style.month_first { "%B %-d, %Y" } else { "%-d %B %Y" }).to_string()
}

/// "Shall I add “dentist”, due Tue 1 Dec, 15:00, as a task?"
fn proposal(tasks: &[NewTask], context: &Context<'_>) -> String {
    let named = |task: &NewTask| {
        let due = |due: &DueInput| format!(", due {}", describe_due(due.date, due.time, context.now, context.style));
        let due = task.due.as_ref().map(due);
        let rule = task.recurrence.as_ref().map(|rule| describe_rule(&rule.rule, rule.anchor));
        let rule = rule.map(|rule| format!(", {}{}", rule[..1].to_lowercase(), &rule[1..]));
        format!("“{}”{}{}", task.title, due.unwrap_or_default(), rule.unwrap_or_default())
    };
    match tasks {
        [task] if task.due.is_none() => format!("Shall I add {} as a task?", named(task)),
        [task] => format!("Shall I add {}?", named(task)),
        tasks => {
            let named: Vec<String> = tasks.iter().map(named).collect();
            let between = if named.iter().any(|name| name.contains(',')) { "; " } else { ", " };
            format!("Shall I add these {} tasks: {}?", tasks.len(), named.join(between))
        }
    }
}
