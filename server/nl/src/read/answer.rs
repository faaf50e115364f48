//! Answers to a question: "yes", "the second one", "all of them", "no, the other one", or the missing title.
//!
//! Nothing is kept between messages: the question is found again by reading the previous message, and the answer is put in
//! its place. A message that is a command of its own is no answer.

use crate::dates::{DayOrder, whole};
use crate::grammar::{Clause, split};
use crate::reference::{Extent, Pointer, ReadContext, pick_among, pointer};
use crate::text::Text;
use crate::understood::{Actions, Understood};
use crate::{Action, Context, Reading, Response, work};
use jiff::civil::Date;
use tandem_protocol::TaskId;
use tandem_protocol::rest::NewTask;

use super::{ASKED_AGAIN, Outcome, either, finish, in_lines, outcome, series, spelling, talk, times};

/// Reads a message as an answer, when a question is open.
pub(super) fn read(text: &Text, cx: &ReadContext<'_>) -> Option<Reading> {
    let context = cx.context;
    let clause = Clause::new(text, 0, text.len());
    let Some(previous) = context.previous else { return picked_without_question(&clause, context) };
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
        Outcome::AskOrder(american, european) => order(text, &clause, &previous, cx, (american, european)),
        Outcome::AskDay(named, date) => day(&clause, &previous, cx, (named, date)),
        Outcome::AskEither(either) => either::answer(&clause, &either, cx),
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

/// What a sentence that was read again leads to, if it leads to anything.
fn finished(found: Option<Outcome>, cx: &ReadContext<'_>) -> Option<Reading> {
    found.map(|found| finish(found, cx.context.now))
}

/// The answer to "Which one?".
fn choice(
    clause: &Clause<'_>,
    previous: &Text,
    cx: &ReadContext<'_>,
    question: &str,
    choices: Vec<TaskId>,
) -> Option<Reading> {
    let chosen = match chosen(clause, cx, &choices).filter(|chosen| !chosen.is_empty()) {
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
        _ if talk::answer(clause).is_some() => Some(finish(Outcome::AskOrder(american, european), cx.context.now)),
        _ => finished(outcome(text, cx), cx),
    }
}

/// The answer to "The 8th is a Tuesday. Which day do you mean?": the sentence is read again with that day.
fn day(clause: &Clause<'_>, previous: &Text, cx: &ReadContext<'_>, (named, date): (Date, Date)) -> Option<Reading> {
    let clause = &without_yes_or_no(clause);
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
            return Some(finish(Outcome::AskDay(named, date), cx.context.now));
        }
        _ => return None,
    };
    match outcome(previous, &ReadContext { day: Some(chosen), ..*cx })? {
        Outcome::Propose(tasks) => Some(Reading::Act(Actions::agreed(Understood::additions(tasks)))),
        found => Some(finish(found, cx.context.now)),
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

/// Words before what is not meant.
const EXCEPTIONS: &[&str] = &["but", "except", "besides", "excluding", "without"];

/// Which of the choices an answer points at.
fn chosen(clause: &Clause<'_>, cx: &ReadContext<'_>, choices: &[TaskId]) -> Option<Vec<TaskId>> {
    let context = cx.context;
    let clause = without_yes_or_no(clause);
    let all = ["all", "both", "every", "everything", "each"];
    if all.contains(&clause.word(0)) && clause.tokens().len() <= 3 && !clause.has(EXCEPTIONS) {
        return Some(choices.to_vec());
    }
    // "all but the milk", "everything except 2".
    if let Some(at) = clause.tokens().iter().position(|token| token.is_any(EXCEPTIONS)).filter(|at| *at > 0)
        && all.contains(&clause.word(0))
    {
        let rest = clause.part(at + 1, clause.tokens().len());
        let kept = work::deeper(|| chosen(&rest, cx, choices)).or_else(|| pick_among(&rest, cx, choices))?;
        return Some(choices.iter().copied().filter(|id| !kept.contains(id)).collect());
    }
    if clause.has(&["other"]) && clause.tokens().len() <= 4 {
        let [first, second] = choices else { return None };
        // "the other one" means the one that was not changed last.
        let rejected = context.last_touched.contains(second);
        return Some(vec![if rejected { *first } else { *second }]);
    }
    match pointer(&clause)? {
        Pointer::Numbers(numbers, _) => numbers.iter().map(|n| by_number(*n, context, choices)).collect(),
        Pointer::ShownAll(places) => places.iter().map(|place| by_place(*place, choices)).collect(),
        Pointer::Shown(place) => by_place(place, choices).map(|id| vec![id]),
        Pointer::Latest => choices.last().map(|id| vec![*id]),
        Pointer::It | Pointer::Them | Pointer::Bare | Pointer::Next => (choices.len() == 1).then(|| choices.to_vec()),
    }
}

/// A place among the choices, from 0; negative from the end.
fn by_place(place: i64, choices: &[TaskId]) -> Option<TaskId> {
    let count = i64::try_from(choices.len()).ok()?;
    let index = if place < 0 { count + place } else { place };
    choices.get(usize::try_from(index).ok()?).copied()
}

/// A number in an answer counts the choices; a larger one is a task's own number.
fn by_number(number: i64, context: &Context<'_>, choices: &[TaskId]) -> Option<TaskId> {
    let place = usize::try_from(number - 1).ok().and_then(|place| choices.get(place));
    let own =
        || context.tasks.iter().find(|task| task.number == number && choices.contains(&task.id)).map(|task| task.id);
    place.copied().or_else(own)
}

fn without_yes_or_no<'a>(clause: &Clause<'a>) -> Clause<'a> {
    let lead = clause
        .tokens()
        .iter()
        .take_while(|token| {
            token.is_any(&["yes", "no", "yeah", "nope", ",", "i", "mean", "meant", "it's", "just", "delete", "do"])
        })
        .count();
    if lead < clause.tokens().len() { clause.part(lead, clause.tokens().len()) } else { *clause }
}

/// "the one about the dentist": words of one of the choices.
fn by_title(clause: &Clause<'_>, previous: &Text, cx: &ReadContext<'_>, choices: &[TaskId]) -> Option<Reading> {
    if split(clause.text).len() > 1 || clause.tokens().len() > 8 || crate::grammar::is_command(clause.word(0)) {
        return None;
    }
    let chosen = pick_among(clause, cx, choices)?;
    finished(outcome(previous, &cx.with_choice(&chosen)), cx)
}

/// "the second one" after a list, with no question open: it is not clear what to do with it.
fn picked_without_question(clause: &Clause<'_>, context: &Context<'_>) -> Option<Reading> {
    let short = clause.tokens().len() <= 4;
    let points = matches!(pointer(clause), Some(Pointer::Shown(_) | Pointer::It | Pointer::Them | Pointer::Latest));
    let other = clause.has(&["other"]) && clause.has(&["one"]);
    let all = matches!((clause.word(0), clause.word(1)), ("all" | "both", "of" | ""));
    (short && (points || other || all)).then(|| match context.shown {
        [] => Reading::Respond(Response::NothingToConfirm),
        shown => {
            let place = match pointer(clause) {
                Some(Pointer::Shown(place)) => usize::try_from(place).ok(),
                _ => None,
            };
            let choices = place.and_then(|place| shown.get(place)).map_or(Vec::new(), |id| vec![*id]);
            Reading::Ask {
                question: "What shall I do with it: complete, move, change or delete it?".to_owned(),
                choices,
            }
        }
    })
}
