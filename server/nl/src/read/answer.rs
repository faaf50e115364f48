//! Answers to a question: "yes", "the second one", "all of them", "no, the other one", or the missing title.
//!
//! Nothing is kept between messages: the question is found again by reading the previous message, and the answer is put in
//! its place. A message that is a command of its own is no answer.

use crate::dates::{DayOrder, whole};
use crate::grammar::{Clause, split};
use crate::reference::{Extent, Pointer, ReadContext, pointer};
use crate::text::Text;
use crate::understood::{Actions, Understood};
use crate::{Action, Reading, Response};
use jiff::civil::Date;
use tandem_protocol::TaskId;
use tandem_protocol::rest::NewTask;

use super::{ASKED_AGAIN, Outcome, either, everything, finish, in_lines, outcome, pick, series, spelling, talk, times};

/// Reads a message as an answer, when a question is open.
pub(super) fn read(text: &Text, cx: &ReadContext<'_>) -> Option<Reading> {
    let context = cx.context;
    let clause = Clause::new(text, 0, text.len());
    let Some(previous) = context.previous else { return picked_without_question(&clause, cx) };
    let lines = in_lines(previous, cx);
    let previous = spelling::corrected(Text::new(previous));
    if previous.is_endless() {
        return None;
    }
    let cx = &cx.again();
    let open = lines.or_else(|| outcome(&previous, cx))?;
    match open {
        Outcome::AskTitle(task) => title(text, &clause, *task, cx),
        Outcome::AskDue(task) => when(&clause, *task, cx),
        Outcome::AskWhen(ids) => to_when(&clause, &ids, cx),
        Outcome::AskBy(id, word) => by_how_much(&clause, id, word, cx),
        Outcome::AskRemind(id) => remind_when(&clause, id, cx),
        Outcome::AskOrder(american, european) => order(text, &clause, &previous, cx, (american, european)),
        Outcome::AskDay(named, date) => day(&clause, &previous, cx, (named, date)),
        Outcome::AskEither(either) => either::answer(&clause, &either, cx),
        Outcome::AskAll(ids) => {
            all_done(&clause, if context.shown.is_empty() { ids } else { context.shown.to_vec() }, cx)
        }
        Outcome::AskTime(tasks) => times::answer(&clause, &tasks, cx),
        Outcome::Propose(tasks) => agreed(&clause, tasks),
        Outcome::AskWithout(task) | Outcome::AskUncounted(task, _) => agreed(&clause, vec![*task]),
        Outcome::AskExtent { question, ids } => {
            // Read again, numbers would count in the list that the question has shown.
            let ids = if context.shown.is_empty() { ids } else { context.shown.to_vec() };
            extent(&clause, &previous, cx, question, ids)
        }
        Outcome::Ask { question, choices } => {
            // The user answers to the list that was shown, and numbers count in it.
            let choices = if context.shown.is_empty() { choices } else { context.shown.to_vec() };
            choice(&clause, &previous, cx, &question, choices)
        }
        _ => None,
    }
}

/// The answer to "Shall I add it?".
fn agreed(clause: &Clause<'_>, tasks: Vec<NewTask>) -> Option<Reading> {
    Some(if talk::answer(clause)? {
        Reading::Act(Actions::agreed(Understood::additions(tasks)))
    } else {
        Reading::Respond(Response::Dropped)
    })
}

/// The answer to "Shall I mark all 5 as done?", perhaps with an exception.
fn all_done(clause: &Clause<'_>, ids: Vec<TaskId>, cx: &ReadContext<'_>) -> Option<Reading> {
    let meant = match talk::answer(clause) {
        _ if clause.has(pick::EXCEPTIONS) => pick::pointed(clause, cx, &ids)?,
        Some(true) => ids,
        Some(false) => return Some(Reading::Respond(Response::Dropped)),
        None => pick::pointed(clause, cx, &ids)?,
    };
    Some(Reading::Act(Actions::agreed(everything::completed(meant))))
}

/// The answer to "What should the task be called?", unless it is a sentence of its own.
fn title(text: &Text, clause: &Clause<'_>, task: NewTask, cx: &ReadContext<'_>) -> Option<Reading> {
    if talk::answer(clause) == Some(false) {
        return Some(Reading::Respond(Response::Dropped));
    }
    let own = outcome(text, cx);
    if matches!(own, Some(Outcome::Permitted(_) | Outcome::Respond(_))) {
        return None;
    }
    let found = cx.new_task(clause);
    let named = NewTask {
        due: found.due.or(task.due),
        recurrence: found.recurrence.or(task.recurrence),
        priority: found.priority.or(task.priority),
        list: found.list.or(task.list),
        ..found
    };
    (!named.title.is_empty()).then(|| Reading::Act(Actions::agreed(Understood::additions(vec![named]))))
}

/// The answer to "When is it?".
fn when(clause: &Clause<'_>, task: NewTask, cx: &ReadContext<'_>) -> Option<Reading> {
    if talk::answer(clause) == Some(false) {
        return Some(Reading::Respond(Response::Dropped));
    }
    let resolved = whole(&cx.dates_in(clause))?.resolve(cx.context.now.datetime())?;
    let recurrence = resolved.repeat.as_ref().map(Into::into);
    let dated = NewTask { due: Some(resolved.due?), recurrence, ..task };
    Some(Reading::Act(Actions::agreed(Understood::additions(vec![dated]))))
}

/// The answer to "To when shall I move it?". Of a task that repeats only this occurrence was spoken of.
fn to_when(clause: &Clause<'_>, ids: &[TaskId], cx: &ReadContext<'_>) -> Option<Reading> {
    if talk::answer(clause) == Some(false) {
        return Some(Reading::Respond(Response::Dropped));
    }
    let cx = &ReadContext { extent: Some(Extent::Occurrence), ..cx.with_choice(ids) };
    let words = clause.source();
    ["to ", "", "by "].into_iter().find_map(|joint| {
        let moved = outcome(&Text::new(&format!("move it {joint}{words}")), cx);
        matches!(moved, Some(Outcome::Permitted(_))).then(|| finished(moved, cx)).flatten()
    })
}

/// The answer to "How much earlier shall I remind you?".
fn by_how_much(clause: &Clause<'_>, id: TaskId, word: &str, cx: &ReadContext<'_>) -> Option<Reading> {
    if talk::answer(clause) == Some(false) {
        return Some(Reading::Respond(Response::Dropped));
    }
    let chosen = [id];
    let direction = if clause.has(&["earlier", "sooner", "later"]) { "" } else { word };
    let moved =
        outcome(&Text::new(&format!("remind me {} {direction} about it", clause.source())), &cx.with_choice(&chosen))?;
    match &moved {
        Outcome::Permitted(actions) if matches!(actions[..], [Action::Update { .. }]) => finished(Some(moved), cx),
        _ => None,
    }
}

/// The answer to "When shall I remind you of it?".
fn remind_when(clause: &Clause<'_>, id: TaskId, cx: &ReadContext<'_>) -> Option<Reading> {
    if talk::answer(clause) == Some(false) {
        return Some(Reading::Respond(Response::Dropped));
    }
    let chosen = [id];
    let words = clause.source();
    [
        format!("remind me about it {words}"),
        format!("remind me {words} about it"),
        format!("remind me about it at {words}"),
    ]
    .into_iter()
    .find_map(|sentence| match outcome(&Text::new(&sentence), &cx.with_choice(&chosen)) {
        found @ Some(Outcome::Permitted(_)) => finished(found, cx),
        _ => None,
    })
}

/// What a sentence that was read again leads to, if it leads to anything.
fn finished(found: Option<Outcome>, cx: &ReadContext<'_>) -> Option<Reading> {
    found.map(|found| finish(found, cx.context))
}

/// The answer to "Which one?".
fn choice(
    clause: &Clause<'_>,
    previous: &Text,
    cx: &ReadContext<'_>,
    question: &str,
    choices: Vec<TaskId>,
) -> Option<Reading> {
    let chosen = match pick::pointed(clause, cx, &choices).filter(|chosen| !chosen.is_empty()) {
        Some(chosen) => chosen,
        None => match talk::answer(clause) {
            Some(true) if choices.len() == 1 => choices,
            Some(true) => return Some(again(question, choices)),
            Some(false) => return Some(Reading::Respond(Response::Dropped)),
            None => return by_title(clause, previous, cx, &choices),
        },
    };
    finished(outcome(previous, &cx.with_choice(&chosen)), cx)
}

/// The question "which one?" that is open, once more: what was said is no answer, and no request that was understood.
pub(super) fn asked_again(cx: &ReadContext<'_>) -> Option<Reading> {
    let previous = spelling::corrected(Text::new(cx.context.previous?));
    if previous.is_endless() || cx.context.shown.is_empty() {
        return None;
    }
    match outcome(&previous, &cx.again())? {
        Outcome::Ask { question, .. } => Some(again(&question, cx.context.shown.to_vec())),
        _ => None,
    }
}

fn again(question: &str, choices: Vec<TaskId>) -> Reading {
    Reading::Ask { question: format!("{ASKED_AGAIN}{question}"), choices }
}

/// The answer to "3 April or 4 March?": the sentence is read again in the order that it shows.
fn order(
    text: &Text,
    clause: &Clause<'_>,
    previous: &Text,
    cx: &ReadContext<'_>,
    (american, european): (Date, Date),
) -> Option<Reading> {
    let named = whole(&cx.dates_in(clause)).and_then(|draft| draft.day(cx.context.now.datetime()));
    let same = |date: Date| named.is_some_and(|named| (named.month(), named.day()) == (date.month(), date.day()));
    let first = matches!(pointer(clause), Some(Pointer::Shown(0))) || same(american) || clause.word(0) == "month";
    let second = matches!(pointer(clause), Some(Pointer::Shown(1) | Pointer::Latest))
        || same(european)
        || clause.word(0) == "day";
    match (first, second) {
        (true, false) => finished(outcome(previous, &ReadContext { order: Some(DayOrder::MonthFirst), ..*cx }), cx),
        (false, true) => finished(outcome(previous, &ReadContext { order: Some(DayOrder::DayFirst), ..*cx }), cx),
        _ if talk::answer(clause) == Some(false) => Some(Reading::Respond(Response::Dropped)),
        _ if talk::answer(clause).is_some() => Some(finish(Outcome::AskOrder(american, european), cx.context)),
        _ => finished(outcome(text, cx), cx),
    }
}

/// The answer to "The 8th is a Tuesday. Which day do you mean?": the sentence is read again with that day.
fn day(clause: &Clause<'_>, previous: &Text, cx: &ReadContext<'_>, (named, date): (Date, Date)) -> Option<Reading> {
    let clause = &pick::without_yes_or_no(clause);
    let said = whole(&cx.dates_in(clause)).filter(|draft| draft.names_day() && !draft.names_time());
    let other = said.as_ref().and_then(|said| Some((said.is_weekday(), said.day(cx.context.now.datetime())?)));
    let is =
        |day: Date| other.is_some_and(|(weekday, other)| other == day || (weekday && other.weekday() == day.weekday()));
    let first = is(named) || matches!(pointer(clause), Some(Pointer::Shown(0)));
    let second = is(date) || matches!(pointer(clause), Some(Pointer::Shown(1) | Pointer::Latest));
    let chosen = match (first, second) {
        (true, false) => named,
        (false, true) => date,
        _ if talk::answer(clause) == Some(false) => return Some(Reading::Respond(Response::Dropped)),
        _ if talk::answer(clause).is_some() => {
            return Some(finish(Outcome::AskDay(named, date), cx.context));
        }
        _ => return None,
    };
    match outcome(previous, &ReadContext { day: Some(chosen), ..*cx })? {
        Outcome::Propose(tasks) => Some(Reading::Act(Actions::agreed(Understood::additions(tasks)))),
        found => Some(finish(found, cx.context)),
    }
}

/// The answer to "all of it, or this time only?".
fn extent(
    clause: &Clause<'_>,
    previous: &Text,
    cx: &ReadContext<'_>,
    question: String,
    ids: Vec<TaskId>,
) -> Option<Reading> {
    match (series::answer(clause), talk::answer(clause)) {
        (extent @ Some(_), _) => finished(outcome(previous, &ReadContext { extent, ..cx.with_choice(&ids) }), cx),
        (None, Some(false)) => Some(Reading::Respond(Response::Dropped)),
        (None, Some(true)) => Some(Reading::Ask { question, choices: ids }),
        (None, None) => None,
    }
}

/// "the one about the dentist": words of one of the choices.
fn by_title(clause: &Clause<'_>, previous: &Text, cx: &ReadContext<'_>, choices: &[TaskId]) -> Option<Reading> {
    if split(clause.text).len() > 1 || clause.tokens().len() > 8 || crate::grammar::is_command(clause.word(0)) {
        return None;
    }
    let chosen = pick::by_words(clause, cx, choices)?;
    finished(outcome(previous, &cx.with_choice(&chosen)), cx)
}

/// "the second one" after a list, with no question open: it is not clear what to do with it.
fn picked_without_question(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Reading> {
    let short = clause.tokens().len() <= 4;
    let found = pointer(clause);
    let points =
        matches!(found, Some(Pointer::Shown(_) | Pointer::ShownAll(_) | Pointer::It | Pointer::Them | Pointer::Latest));
    let other = clause.has(&["other"]) && clause.has(&["one"]);
    let all = matches!((clause.word(0), clause.word(1)), ("all" | "both", "of" | ""));
    let shown = cx.context.shown;
    let dated = || if clause.has(&["one", "ones"]) { pick::by_day(clause, cx, shown) } else { None };
    if let Some(choices) = dated() {
        return Some(what_to_do_with(choices));
    }
    (short && (points || other || all)).then(|| match shown {
        [] => Reading::Respond(Response::NothingToConfirm),
        shown => what_to_do_with(match found {
            Some(Pointer::Shown(_) | Pointer::ShownAll(_)) => pick::pointed(clause, cx, shown).unwrap_or_default(),
            _ => Vec::new(),
        }),
    })
}

fn what_to_do_with(choices: Vec<TaskId>) -> Reading {
    let what = if choices.len() > 1 { "them" } else { "it" };
    Reading::Ask { question: format!("What shall I do with {what}: complete, move, change or delete {what}?"), choices }
}
