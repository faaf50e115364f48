//! New tasks that are due by something else: "the day before the party", "30 minutes before the train at 18:20".
//!
//! Where that is a task with a date, the new one is counted from it. Where it has a time of its own it is the task, with a
//! reminder before it.

use crate::dates::{DateInput, amount_after, find_all};
use crate::grammar::Clause;
use crate::phrase::parse_duration;
use crate::reference::{ReadContext, Risk, Scope, Target, resolve};
use crate::text::Text;
use tandem_protocol::duration::IsoDuration;
use tandem_protocol::reminder::ReminderInput;
use tandem_protocol::rest::NewTask;

use super::new_due;

/// Most words of an amount.
const LONGEST: usize = 5;

/// The task of a body that is counted from another; `None` for any other body.
pub(super) fn read(body: &Clause<'_>, cx: &ReadContext<'_>) -> Option<NewTask> {
    let n = body.tokens().len();
    let at = (1..n.saturating_sub(1)).find(|&at| matches!(body.word(at), "before" | "after"))?;
    let (from, amount) =
        (at.saturating_sub(LONGEST)..at).find_map(|from| Some((from, amount(&body.part(from, at), cx)?)))?;
    // At the beginning the title follows: "the day before the party to buy wine".
    let end = if from == 0 { (at + 2..n).find(|&end| body.word(end) == "to").unwrap_or(n) } else { n };
    let object = body.part(at + 1, end);
    if let Target::Tasks(ids) = resolve(&object, cx, Scope::Open, Risk::Destructive)
        && let [id] = ids.get()[..]
    {
        let found = cx.new_task_without(body, (from, end));
        let counted = Text::new(&amount);
        let input = DateInput::new(&counted.tokens, cx.context.now.datetime());
        let due = new_due::shifted(&input, cx.task(id)?.due.as_ref()?, body.word(at) == "before")?;
        return (!found.title.is_empty()).then_some(NewTask { due: Some(due), ..found });
    }
    let timed = find_all(&cx.dates_in(&object)).iter().any(|mention| mention.draft.names_time());
    if from != 0 || end != n || !timed || body.word(at) == "after" {
        return None;
    }
    let minutes = parse_duration(&amount)?;
    let article = usize::from(matches!(object.word(0), "the" | "my" | "our" | "a"));
    let found = cx.new_task(&object.part(article, object.tokens().len()));
    let reminders = Some(vec![ReminderInput::before(IsoDuration::minutes(minutes))]);
    let due = found.due.as_ref().is_some_and(|due| due.time.is_some());
    (due && !found.title.is_empty()).then_some(NewTask { reminders, ..found })
}

/// "an hour", "2 days", "the day": as an amount.
fn amount(words: &Clause<'_>, cx: &ReadContext<'_>) -> Option<String> {
    if let ("the", unit @ ("day" | "week" | "night" | "evening")) = (words.word(0), words.word(1)) {
        let unit = if unit == "week" { "week" } else { "day" };
        return (words.tokens().len() == 2).then(|| format!("1 {unit}"));
    }
    amount_after(&cx.dates_in(words), cx.context.now.datetime(), 1).map(|_| words.source().to_owned())
}
