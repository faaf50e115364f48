//! Readings of a new task between which the user chooses: "Monday or Tuesday", "at 5 or 6", "gym Mon, Wed and Fri", a date that
//! is over.
//!
//! Each reading is the sentence with other words in one place, so that it is read by the same rules as any other.

use crate::dates::{DateInput, Mention, find_all, lexicon, whole};
use crate::describe::describe_due;
use crate::grammar::Clause;
use crate::reference::{Pointer, ReadContext, pointer};
use crate::text::{Kind, Text, listed};
use crate::understood::{Actions, Understood};
use crate::{Action, Reading, Response};
use tandem_protocol::calendar as steps;
use tandem_protocol::rest::{DueInput, NewTask};

use super::talk;

/// A question with its answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Either {
    pub(super) question: String,
    options: Vec<Choice>,
}

/// One reading, and words that choose it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Choice {
    said: &'static str,
    tasks: Vec<NewTask>,
}

impl Either {
    /// The same with each of its tasks changed.
    pub(super) fn map(mut self, change: impl Fn(NewTask) -> NewTask) -> Self {
        for option in &mut self.options {
            option.tasks = std::mem::take(&mut option.tasks).into_iter().map(&change).collect();
        }
        self
    }
}

/// Fewest weekdays in a row that may be a rhythm.
const RHYTHM: usize = 3;

/// The readings of the words of a new task; `None` when there is one.
pub(super) fn read(body: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Either> {
    rhythm(body, cx).or_else(|| alternatives(body, cx))
}

/// "gym Mon, Wed and Fri at 6pm": every week, or once on each day.
fn rhythm(body: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Either> {
    let (from, to, days) = (0..body.tokens().len()).find_map(|at| {
        let (days, end) = days_in_a_row(body, at);
        (days.len() >= RHYTHM).then_some((at, end, days))
    })?;
    let said = (0..from).any(|at| matches!(body.word(at), "every" | "each" | "weekly"));
    let weekly = with(body, (from, to), &format!("every {}", days.join(", ")), cx);
    let rule = weekly.recurrence.as_ref().filter(|_| !said && !weekly.title.is_empty())?;
    let words = crate::describe::describe_rule(&rule.rule, rule.anchor);
    let words = words.strip_prefix("Every ").unwrap_or(&words).to_owned();
    let once: Vec<NewTask> = days.iter().map(|day| with(body, (from, to), day, cx)).collect();
    Some(Either {
        question: format!("Shall I add “{}” every {words}, or once on each of these days?", weekly.title),
        options: vec![
            Choice { said: "every weekly repeat repeating always week yes recurring regularly", tasks: vec![weekly] },
            Choice { said: "once each one single separately", tasks: once },
        ],
    })
}

/// Names of weekdays from a place on, with nothing but small words between them, and the place after the last.
fn days_in_a_row<'a>(body: &Clause<'a>, at: usize) -> (Vec<&'a str>, usize) {
    let (mut days, mut next, mut end) = (Vec::new(), at, at);
    while lexicon::weekday(body.word(next)).is_some() && !days.contains(&body.word(next)) {
        days.push(body.word(next));
        end = next + 1;
        next = end;
        while matches!(body.word(next), "," | "and" | "&" | "/") {
            next += 1;
        }
    }
    (days, end)
}

/// "on Monday or Tuesday", "at 5 or 6".
fn alternatives(body: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Either> {
    if !body.has(&["or"]) {
        return None;
    }
    let mentions = find_all(&cx.dates_in(body));
    let (first, second, end) = mentions.iter().find_map(|first| {
        if body.word(first.end) != "or" || first.draft.repeats() {
            return None;
        }
        let (second, end) = other(body, first, cx)?;
        Some((first, second, end))
    })?;
    let place = (first.start, end);
    let tasks =
        [body.part(first.start, first.end).source().to_owned(), second].map(|words| with(body, place, &words, cx));
    if tasks.iter().any(|task| task.title.is_empty() || task.due.is_none()) {
        return None;
    }
    let day = |task: &NewTask| {
        task.due.as_ref().map(|due| describe_due(due.date, due.time, cx.context.now, cx.context.style))
    };
    Some(Either {
        question: format!("Which do you mean: {} or {}?", day(&tasks[0])?, day(&tasks[1])?),
        options: tasks.into_iter().map(|task| Choice { said: "", tasks: vec![task] }).collect(),
    })
}

/// The date after "or", and the place after it; a bare number is an hour where an hour was said.
fn other(body: &Clause<'_>, first: &Mention, cx: &ReadContext<'_>) -> Option<(String, usize)> {
    let (start, n) = (first.end + 1, body.tokens().len());
    let start = if matches!(body.word(start), "maybe" | "perhaps" | "possibly") { start + 1 } else { start };
    let dated = |end: &usize| whole(&cx.dates_in(&body.part(start, *end))).is_some_and(|draft| !draft.repeats());
    if let Some(end) = (start + 1..=n.min(start + 6)).rev().find(dated) {
        return Some((body.part(start, end).source().to_owned(), end));
    }
    let number = body.tokens().get(start).is_some_and(|token| token.kind == Kind::Number);
    let hour = first.draft.names_time() && !first.draft.names_day() && number && start + 1 == n;
    hour.then(|| (format!("at {}", body.word(start)), n))
}

/// The task of a body with other words in one place.
fn with(body: &Clause<'_>, (from, to): (usize, usize), words: &str, cx: &ReadContext<'_>) -> NewTask {
    let n = body.tokens().len();
    let text = format!("{} {words} {}", body.part(0, from).source(), body.part(to, n).source());
    let text = Text::new(&text);
    super::titled::task(cx.new_task(&Clause::new(&text, 0, text.len())), None)
}

/// A task that repeats, said in words that the rules read only in another order: "every day at 5 except Friday", "twice a
/// month on the 1st and 15th".
pub(super) fn reordered(
    body: &Clause<'_>,
    place: (usize, usize),
    words: &str,
    cx: &ReadContext<'_>,
) -> Option<NewTask> {
    let task = with(body, place, words, cx);
    let named =
        task.recurrence.as_ref().is_some_and(|rule| rule.rule.contains("BYDAY") || rule.rule.contains("BYMONTHDAY"));
    (named && !task.title.is_empty()).then_some(task)
}

/// New tasks that would be due on a day that is over.
pub(super) fn past(actions: &[Action], cx: &ReadContext<'_>) -> Option<Either> {
    let tasks: Option<Vec<NewTask>> = actions
        .iter()
        .map(|action| match action {
            Action::Add(task) => Some(task.clone()),
            _ => None,
        })
        .collect();
    let tasks = tasks?;
    // A year of long ago was written on purpose.
    let today = cx.context.now.date();
    let over = |due: &&DueInput| due.date < today && steps::days(due.date, 366).is_some_and(|next| next >= today);
    let due = tasks.iter().filter_map(|task| task.due.as_ref()).find(over)?;
    let day = describe_due(due.date, due.time, cx.context.now, cx.context.style);
    Some(Either {
        question: format!("{day} is over. Shall I add it all the same?"),
        options: vec![Choice { said: "yes", tasks }],
    })
}

/// The answer: a place, a date of one of the readings, or one of its words.
pub(super) fn answer(clause: &Clause<'_>, either: &Either, cx: &ReadContext<'_>) -> Option<Reading> {
    let add = |tasks: &[NewTask]| Some(Reading::Act(Actions::agreed(Understood::additions(tasks.to_vec()))));
    let place = match pointer(clause) {
        Some(Pointer::Shown(place)) => usize::try_from(place).ok(),
        Some(Pointer::Latest) => either.options.len().checked_sub(1),
        _ => None,
    };
    if let Some(option) = place.and_then(|place| either.options.get(place)) {
        return add(&option.tasks);
    }
    if talk::answer(clause) == Some(false) {
        return Some(Reading::Respond(Response::Dropped));
    }
    if let ([only], Some(true)) = (&either.options[..], talk::answer(clause)) {
        return add(&only.tasks);
    }
    if let Some(option) = either.options.iter().find(|option| dated_so(clause, option, cx)) {
        return add(&option.tasks);
    }
    if listed("both all", clause.word(0))
        && clause.tokens().len() <= 3
        && either.options.iter().all(|option| option.said.is_empty())
    {
        let all: Vec<NewTask> = either.options.iter().flat_map(|option| option.tasks.clone()).collect();
        return add(&all);
    }
    let says =
        |option: &&Choice| !option.said.is_empty() && clause.tokens().len() <= 5 && clause.has_listed(option.said);
    if let Some(option) = either.options.iter().find(says) {
        return add(&option.tasks);
    }
    talk::answer(clause).map(|_| Reading::Ask { question: either.question.clone(), choices: Vec::new() })
}

/// Whether an answer names the day or the time of a reading.
fn dated_so(clause: &Clause<'_>, option: &Choice, cx: &ReadContext<'_>) -> bool {
    let [NewTask { due: Some(due), .. }] = &option.tasks[..] else { return false };
    let now = cx.context.now.datetime();
    let said = whole(&cx.dates_in(clause)).or_else(|| {
        let text = Text::new(&format!("at {}", clause.source()));
        whole(&DateInput::new(&text.tokens, now))
    });
    let Some(draft) = said else { return false };
    let Some(named) = draft.resolve(now).and_then(|resolved| resolved.due) else { return false };
    (!draft.names_day() || named.date == due.date)
        && (!draft.names_time() || named.time.map(|time| time.hour() % 12) == due.time.map(|time| time.hour() % 12))
}
