//! The question at which of several times of a day a task repeats, and its answer.

use crate::dates::{find_all, words_outside};
use crate::grammar::Clause;
use crate::recurrence::Repeat;
use crate::reference::{Pointer, ReadContext, pointer};
use crate::text::listed;
use crate::understood::{Actions, Understood};
use crate::{Reading, Response};
use jiff::civil::{DateTime, Time};
use tandem_protocol::calendar as steps;
use tandem_protocol::recurrence::{Frequency, Rule};
use tandem_protocol::rest::{DueInput, NewTask};
use tandem_protocol::settings::DateStyle;

use super::talk;

/// What is asked. It ends as a question, so that the next message is read as its answer.
pub(super) fn question(tasks: &[NewTask], style: DateStyle) -> String {
    let times: Vec<String> =
        tasks.iter().filter_map(|task| task.due.as_ref()?.time).map(|time| style.time(time)).collect();
    match times.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            format!(
                "A task repeats at one time of day. Shall I take {} or {last}, or “all” as one task each?",
                rest.join(", ")
            )
        }
        _ => "A task repeats at one time of day; several times make a task each. At which times?".to_owned(),
    }
}

/// The answer: "8am", "the first", "both", "8am and 8pm".
pub(super) fn answer(clause: &Clause<'_>, tasks: &[NewTask], cx: &ReadContext<'_>) -> Option<Reading> {
    let add = |tasks: Vec<NewTask>| Some(Reading::Act(Actions::agreed(Understood::additions(tasks))));
    let named = tasks.len() > 1;
    if named && listed("all both each every", clause.word(0)) && clause.tokens().len() <= 3 {
        return add(tasks.to_vec());
    }
    if let Some(Pointer::Shown(place)) = pointer(clause)
        && named
    {
        let at = if place < 0 { tasks.len().checked_sub(1)? } else { usize::try_from(place).ok()? };
        return add(vec![tasks.get(at)?.clone()]);
    }
    let input = cx.dates_in(clause);
    let mentions = find_all(&input);
    let small = words_outside(&input, &mentions).all(|(_, word)| listed("and , at the please yes . ! & take in", word));
    let now = cx.context.now.datetime();
    if small
        && !mentions.is_empty()
        && mentions.iter().all(|mention| mention.draft.names_time() && !mention.draft.names_day())
    {
        let times = mentions.iter().map(|mention| mention.draft.resolve(now)?.due?.time);
        return add(times.map(|time| at_time(tasks.first()?, time?, now)).collect::<Option<_>>()?);
    }
    Some(if talk::answer(clause)? {
        Reading::Ask { question: question(tasks, cx.context.style), choices: Vec::new() }
    } else {
        Reading::Respond(Response::Dropped)
    })
}

/// The task at another time of day; daily when it had no rule.
fn at_time(task: &NewTask, time: Time, now: DateTime) -> Option<NewTask> {
    let daily = || Repeat::from(Rule::every(1, Frequency::Daily));
    let repeat = task.recurrence.clone().unwrap_or_else(|| (&daily()).into());
    let rule = Rule::parse(&repeat.rule).ok()?;
    let first = rule.first_start(now.date())?;
    let first = if first.to_datetime(time) <= now { rule.first_start(steps::days(first, 1)?)? } else { first };
    Some(NewTask { due: Some(DueInput::at(first, time)), recurrence: Some(repeat), ..task.clone() })
}
