//! The answers of the built-in assistant to messages that are not about tasks.

use super::{context, markdown};
use crate::provider::LocalContext;
use jiff::civil::Date;
use tandem_nl::{Field, Refusal, Response, Unreal};
use tandem_protocol::{calendar, enums::Role, model::Message};

/// Ends what precedes an answer that another provider should have given.
pub(super) const INSTEAD: &str = "The built-in assistant answers instead.*\n\n";

/// What precedes such an answer: why the provider did not give it.
pub(super) fn instead_of(why: &str) -> String {
    format!("*{why} {INSTEAD}")
}

/// How the first answer to a message begins that was not understood.
const NOT_UNDERSTOOD: &str = "I did not understand that";

const EXAMPLES: &str = "\
- *Remind me to call Ann tomorrow at five*
- *Add milk, eggs and bread*
- *Water the plants every other Tuesday*
- *What's due this week*
- *Mark task 3 as complete*
- *Move the report to Friday*
- *Undo*";

/// The answer to a greeting, thanks and the like. One that would repeat the answer before it says what helps instead.
pub(super) fn respond(response: &Response, local: &LocalContext<'_>) -> String {
    let text = first_time(response, local);
    let misses = matches!(
        response,
        Response::NoSuchTask { .. }
            | Response::NotUnderstood { .. }
            | Response::NotAsked(_)
            | Response::NothingToConfirm
    );
    let before = local.history.iter().rev().find(|message| message.role == Role::Assistant).map(Message::text);
    match response {
        _ if !misses || before.as_deref() != Some(text.as_str()) => text,
        Response::NoSuchTask { what } => format!(
            "Still no task about {}. Say “show my tasks”, then name one by its place: “the second”.",
            markdown::quoted(what.trim())
        ),
        _ => format!("Nothing was changed this time either. These are sentences that I know:\n\n{EXAMPLES}"),
    }
}

fn first_time(response: &Response, local: &LocalContext<'_>) -> String {
    match response {
        Response::Greeting => format!(
            "Hello! I am Tandem's built-in assistant: no AI model, but quick with tasks. You have {}. \
             Say “help” to see what I can do.",
            markdown::count(open(local), "open task")
        ),
        Response::Goodbye => "Goodbye! Your tasks are safe here.".to_owned(),
        Response::Thanks => "You're welcome.".to_owned(),
        Response::Help => format!(
            "I am Tandem's built-in assistant. I keep your task list: add, show, change, move, complete and delete \
             tasks, one or several at a time. Try, for example:\n\n{EXAMPLES}"
        ),
        Response::HowLists => {
            "A list is there as soon as a task is on it. Say, for example, “add tent to my camping list”.".to_owned()
        }
        Response::Now => {
            let day = if local.style.month_first { "%A, %B %-d, %Y" } else { "%A, %-d %B %Y" };
            format!("It is {}, {}.", local.now.strftime(day), local.style.time(local.now.time()))
        }
        Response::WhoAmI => {
            "I am Tandem's built-in assistant: a program that understands sentences about tasks. I am no AI \
                         model and no person. With a key for OpenAI or Gemini in the settings of the server, a model \
                         answers instead."
                .to_owned()
        }
        Response::NothingToConfirm => {
            "I haven't asked you anything. Tell me what to do, such as “show my tasks”.".to_owned()
        }
        Response::Dropped if context::has_just_written(local.history) => {
            "I asked nothing, and what I did last stays. Say “undo” to take it back.".to_owned()
        }
        Response::Dropped if !context::has_asked(local.history) => {
            "All right. I asked nothing, and nothing was changed.".to_owned()
        }
        Response::Dropped => "All right, I'll leave it.".to_owned(),
        Response::StaysOpen { title } => format!("All right, {} stays open.", markdown::quoted(title)),
        Response::Incomplete { example } => {
            format!("Say which task you mean, and the rest with it: “{example}”. Nothing was changed.")
        }
        Response::DaysUntil(date) => days_until(*date, local),
        Response::NotAsked(why) => not_asked(*why).to_owned(),
        Response::NotUnderstood { words } => {
            format!(
                "I did not understand {}, so nothing was changed. Say that part in other words.",
                markdown::quoted(words)
            )
        }
        Response::Refused(why) => refused(why, local),
        Response::NoSuchTask { what } => match what.trim() {
            "" => "There is no such task.".to_owned(),
            what => match none_of(what) {
                Some(set) => format!("You have no {}.", markdown::literal(&set)),
                None => format!("I found no task about {}.", markdown::quoted(what)),
            },
        },
    }
}

/// "25 days from today: Fri 25 Dec."
fn days_until(date: Date, local: &LocalContext<'_>) -> String {
    let named = tandem_nl::describe_due(date, None, local.now, local.style);
    match calendar::days_between(local.now.date(), date) {
        0 => format!("That is today, {named}."),
        1 => format!("One day: {named}."),
        days @ 2.. => format!("{days} days: {named}."),
        _ => format!("{named} is over."),
    }
}

/// The set that a phrase for several tasks names, when there are none: "reminders for today" of "all of today's reminders".
fn none_of(what: &str) -> Option<String> {
    const SETS: &[&str] =
        &["reminders", "tasks", "todos", "items", "alarms", "chores", "errands", "events", "meetings"];
    const LEADS: &[&str] = &["all", "of", "my", "our", "the", "any", "every", "these"];
    let lower = what.to_lowercase();
    let words: Vec<&str> = what.split(' ').collect();
    let led = lower.split(' ').take_while(|word| LEADS.contains(word)).count();
    let (leads, rest) = words.split_at(led);
    let of_day = rest.first().and_then(|day| day.strip_suffix("'s")).filter(|_| rest.len() == 2);
    match (lower.split(' ').skip(led).any(|word| SETS.contains(&word)), of_day) {
        (true, Some(day)) => Some(format!("{} for {day}", rest[1])),
        (true, None) => Some(rest.join(" ")),
        // "all completed things".
        _ if leads.first() == Some(&"all") && what.ends_with('s') => Some(rest.join(" ")),
        _ => None,
    }
}

/// The answer to a sentence about tasks by which nothing is to be changed.
fn not_asked(why: Unreal) -> &'static str {
    match why {
        Unreal::Question => "I can't answer that, and nothing was changed. I can show you your tasks: “show my tasks”.",
        Unreal::Unsure => "I wasn't sure you meant it, so nothing was changed. Say it again without the question mark.",
        Unreal::Negated => "All right, nothing was changed.",
        Unreal::Intended => {
            "Nothing was changed yet. Tell me when it's done, as in “I called Ann”, or say “remind me to call Ann”."
        }
        Unreal::Conditional => {
            "I can't wait for something to happen, so nothing was changed. I can remind you at a time: “remind me at six”."
        }
        Unreal::Stated => "Nothing was changed. Tell me what to do, such as “mark task 3 as done”.",
    }
}

/// Why a request that was understood changes nothing, and what to say instead.
fn refused(why: &Refusal, local: &LocalContext<'_>) -> String {
    match why {
        Refusal::NotSet(field) => format!("There is no {} to take away, so nothing was changed.", name_of(*field)),
        Refusal::NoReminder { title } => {
            format!("{} has no reminder, so nothing was changed.", markdown::bold(title))
        }
        Refusal::NothingToSnooze { what } => {
            let what = markdown::literal(what);
            format!(
                "No reminder rings, so there is nothing to snooze. To move the task, say “move {what} to tomorrow”."
            )
        }
        Refusal::NotRinging => {
            "No reminder rings now, so nothing was changed. To take a reminder away, name its task: “remove the reminder from \
             the report”."
                .to_owned()
        }
        Refusal::WhichLabel => {
            "There are several labels, so nothing was changed. Say which one, as in “remove the label home from task 3”."
                .to_owned()
        }
        Refusal::DeleteList(list) => format!(
            "A list is there as long as tasks are on it, so I can't delete it alone, and nothing was changed. Say “delete \
             all tasks on the {list} list” if they are to go too."
        ),
        Refusal::OnlyNext(date) => format!(
            "Of a task that repeats I can only skip the next time, on {}, so nothing was changed.",
            tandem_nl::describe_due(*date, None, local.now, local.style)
        ),
        Refusal::WhichField(words) => format!(
            "I can't tell what “{words}” is, so nothing was changed. A new time is “at 6pm”; a new title goes in quotes."
        ),
        Refusal::NoEnd => {
            "A task has one due date and no end, so nothing was changed. Say when it begins, as in “move it to Friday at 3pm”."
                .to_owned()
        }
        Refusal::NothingToCountFrom => {
            "It has no time that I could count from, so nothing was changed. Say when it is, as in “move it to Friday at 3pm”."
                .to_owned()
        }
        Refusal::WholeSeries => {
            "That belongs to the whole series and can't differ for one time, so nothing was changed.".to_owned()
        }
    }
}

fn name_of(field: Field) -> &'static str {
    match field {
        Field::Reminders => "reminder",
        Field::Date => "date",
        Field::Time => "time of day",
        Field::Priority => "priority",
        Field::Repetition => "repetition",
        Field::Label | Field::Labels => "label",
        Field::List => "list",
        Field::Notes => "note",
    }
}

/// The answer to a message that the grammar does not know.
pub(super) fn unknown(hint: &str, local: &LocalContext<'_>) -> String {
    let before = local.history.iter().rev().find(|message| message.role == Role::Assistant).map(Message::text);
    // Two misunderstandings in a row do not sound alike: the second one shows more of what is understood.
    if before.is_some_and(|text| text.starts_with(NOT_UNDERSTOOD)) {
        return format!(
            "That is still beyond me, sorry; nothing was changed. These are sentences that I know:\n\n{EXAMPLES}"
        );
    }
    let hint = if hint.is_empty() { "Say “help” to see what I can do." } else { hint };
    format!("{NOT_UNDERSTOOD}, so nothing was changed. I am the built-in assistant and only know about tasks. {hint}")
}

fn open(local: &LocalContext<'_>) -> usize {
    usize::try_from(local.counts.open).unwrap_or_default()
}
