//! One task on several dates: "swim on Monday and Thursday" is two tasks, "vitamins every day at 8am and 8pm" is a question.
//!
//! A task has one due date and repeats at one time of day. Several dates in a row, with nothing but "and" between them, are
//! one task each; what a rule cannot hold is asked about instead of being left in the title.

use crate::dates::{DateInput, Mention, find_all, lexicon, several_times};
use crate::grammar::Clause;
use crate::recurrence::exception;
use crate::reference::ReadContext;
use tandem_protocol::rest::NewTask;

use super::counted;
use super::either::{self, Either};

/// The tasks of a body with several dates in a row.
#[derive(Debug)]
pub(super) enum Days {
    Tasks(Vec<NewTask>),
    /// The user has to choose between readings.
    Either(Either),
    /// A rule with several times of day: one task for each, or the bare task when they were only counted.
    Times(Vec<NewTask>),
    /// A rule without one of its dates: the task without the exception.
    Except(Box<NewTask>),
    /// A number of times a week or month, on days that were not named: the task without it, and the words.
    Counted(Box<NewTask>, String),
}

pub(super) fn read(body: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Days> {
    let now = cx.context.now.datetime();
    let input = cx.dates_in(body);
    let mentions = find_all(&input);
    if let Some(times) = several_times(&input, &mentions) {
        return at_times(body, &times, cx).map(Days::Times);
    }
    if let Some((start, end)) = times_a_period(&input, &["day"], "daily") {
        return Some(Days::Times(vec![cx.new_task_without(body, (start, end))]));
    }
    if let Some(task) = counted::read(body, cx) {
        return Some(Days::Tasks(vec![task]));
    }
    if let Some(either) = either::read(body, cx) {
        return Some(Days::Either(either));
    }
    if let Some((start, end)) = times_a_period(&input, &["week", "month", "year"], "weekly") {
        let period = format!("every {}", body.word(end - 1));
        if let Some(task) = either::reordered(body, (start, end), &period, cx) {
            return Some(Days::Tasks(vec![task]));
        }
        let words = body.part(start, end).source().to_owned();
        return Some(Days::Counted(Box::new(cx.new_task_without(body, (start, end))), words));
    }
    if let Some(without) = excepted_date(&input, &mentions) {
        if let Some(task) = excepted_weekday(body, &mentions, without, cx) {
            return Some(Days::Tasks(vec![task]));
        }
        return Some(Days::Except(Box::new(cx.new_task_without(body, without))));
    }
    if let Some(tasks) = days_of_a_month(body, &mentions, cx) {
        return Some(Days::Tasks(tasks));
    }
    if let Some(found) = exception_at_the_end(body, &mentions, cx) {
        return Some(found);
    }
    let row = row(body, &mentions)?;
    let first = row.first()?;
    if row.iter().any(|mention| mention.draft.repeats()) {
        return None;
    }
    let found = cx.new_task_without(body, (first.start, row.last()?.end));
    if found.title.is_empty() {
        return None;
    }
    let day = first.draft.day(now);
    let whole_hours = row.iter().any(|mention| mention.draft.counts_24_hours());
    let tasks: Option<Vec<NewTask>> = row
        .iter()
        .map(|mention| {
            // "tomorrow at 8am and 8pm": the second time is on the same day.
            let draft = match day {
                Some(day) if !mention.draft.names_day() => mention.draft.on(day),
                _ => mention.draft.clone(),
            };
            // "at 9 and 21:00": the figures of one count hours as those of the other do.
            let draft = if whole_hours { draft.in_24_hours() } else { draft };
            Some(NewTask { due: Some(draft.resolve(now)?.due?), ..found.clone() })
        })
        .collect();
    tasks.map(Days::Tasks)
}

/// A task for each time of day at which it was to repeat.
fn at_times(body: &Clause<'_>, times: &[Mention], cx: &ReadContext<'_>) -> Option<Vec<NewTask>> {
    let rule = times.iter().find(|time| time.draft.repeats())?;
    let found = cx.new_task_without(body, (times.first()?.start, times.last()?.end));
    let one = |time: &Mention| {
        let resolved = rule.draft.at_time_of(&time.draft).resolve(cx.context.now.datetime())?;
        Some(NewTask { due: resolved.due, recurrence: resolved.repeat.as_ref().map(Into::into), ..found.clone() })
    };
    times.iter().map(one).collect()
}

/// "twice a day", "three times daily": times that were counted and not named.
fn times_a_period(input: &DateInput<'_>, periods: &[&str], adverb: &str) -> Option<(usize, usize)> {
    (0..input.tokens.len()).find_map(|at| {
        let counted = if input.word(at) == "twice" {
            at + 1
        } else {
            let (_, next) = lexicon::number(input, at).filter(|(n, _)| *n > 1)?;
            input.eat(next, &["times"])?
        };
        let period = input.any(counted, &["a", "per", "each", "every"]) && input.any(counted + 1, periods);
        Some((at, if period { counted + 2 } else { input.eat(counted, &[adverb])? }))
    })
}

/// "every Monday except 28 December": the words of the exception.
fn excepted_date(input: &DateInput<'_>, mentions: &[Mention]) -> Option<(usize, usize)> {
    let dated = mentions.windows(2).find_map(|pair| {
        let [rule, date] = pair else { return None };
        let end = exception(input, rule.end).filter(|_| rule.draft.repeats())?;
        (date.start <= end && end <= date.end && date.draft.names_day()).then_some((rule.end, date.end))
    });
    // "but not on Sundays".
    dated.or_else(|| {
        mentions.iter().filter(|rule| rule.draft.repeats()).find_map(|rule| {
            let end = exception(input, rule.end)?;
            let day = lexicon::weekdays(input.word(end)).or(lexicon::weekday(input.word(end)).map(|(day, _)| day));
            day.map(|_| (rule.end, end + 1))
        })
    })
}

/// "every day at 5 except Friday": the exception stands after the time of day.
fn excepted_weekday(
    body: &Clause<'_>,
    mentions: &[Mention],
    (from, to): (usize, usize),
    cx: &ReadContext<'_>,
) -> Option<NewTask> {
    let rule = mentions.iter().find(|mention| mention.end == from)?;
    let except = body.part(from, to).source();
    (rule.start + 1..from).find_map(|end| {
        let (first, time) = (body.part(rule.start, end), body.part(end, from));
        let words = format!("{} {except} {}", first.source(), time.source());
        either::reordered(body, (rule.start, to), &words, cx)
    })
}

/// "every day at 7 to stretch except on Sundays": the exception stands after the title.
fn exception_at_the_end(body: &Clause<'_>, mentions: &[Mention], cx: &ReadContext<'_>) -> Option<Days> {
    let input = cx.dates_in(body);
    let n = body.tokens().len();
    let rule = mentions.iter().find(|mention| mention.draft.repeats())?;
    let weekday = |at: usize| {
        lexicon::weekdays(body.word(at)).is_some()
            || lexicon::weekday(body.word(at)).is_some()
            || matches!(body.word(at), "weekends" | "weekend")
    };
    let at = (rule.end..n).find(|&at| exception(&input, at).is_some_and(|end| end + 1 == n && weekday(end)))?;
    let (head, except) = (body.part(0, at), body.part(at, n).source());
    let whole = cx.new_task(&head);
    let task = (rule.start + 1..=rule.end).find_map(|cut| {
        let (first, time) = (body.part(rule.start, cut), body.part(cut, rule.end));
        let words = format!("{} {except} {}", first.source(), time.source());
        // A part of the rule that is none by itself would be left in the title.
        either::reordered(&head, (rule.start, rule.end), &words, cx).filter(|task| task.title == whole.title)
    });
    Some(match task {
        Some(task) => Days::Tasks(vec![task]),
        None => Days::Except(Box::new(whole)),
    })
}

/// "dec 1, 3 and 5": more days of the month that was named before.
fn days_of_a_month(body: &Clause<'_>, mentions: &[Mention], cx: &ReadContext<'_>) -> Option<Vec<NewTask>> {
    let (input, now) = (cx.dates_in(body), cx.context.now.datetime());
    let named = |mention: &&Mention| {
        let words = mention.start..mention.end;
        words.clone().any(|at| lexicon::month(body.word(at)).is_some())
            && !mention.draft.repeats()
            && !mention.draft.names_time()
    };
    let first = mentions.iter().find(named)?;
    let day = first.draft.day(now)?;
    let (mut days, mut end) = (vec![day], first.end);
    loop {
        let joint = (end..end + 2).take_while(|&at| matches!(body.word(at), "," | "and" | "&")).count() + end;
        let Some((next, after)) = lexicon::day_number(&input, input.skip(joint, &["the"])).filter(|_| joint > end)
        else {
            break;
        };
        let date = jiff::civil::Date::new(day.year(), day.month(), next).ok()?;
        days.push(date);
        end = after;
    }
    // "on December 1 and 2 friends come": the number counts something else.
    let ends = end == body.tokens().len() || matches!(body.word(end), "at" | "to" | "for" | "." | "," | "!");
    if days.len() < 2 || !ends {
        return None;
    }
    let time = mentions
        .iter()
        .find(|mention| mention.start >= end && mention.draft.names_time() && !mention.draft.names_day());
    let cut = time.filter(|time| time.start == end).map_or(end, |time| time.end);
    let found = cx.new_task_without(body, (first.start, cut));
    let draft = time.map_or(&first.draft, |time| &time.draft);
    let task = |day: jiff::civil::Date| Some(NewTask { due: Some(draft.on(day).resolve(now)?.due?), ..found.clone() });
    if found.title.is_empty() { None } else { days.into_iter().map(task).collect() }
}

/// The first mentions that stand in a row, at least two.
fn row(body: &Clause<'_>, mentions: &[Mention]) -> Option<Vec<Mention>> {
    let joined =
        |from: usize, to: usize| from < to && (from..to).all(|at| matches!(body.word(at), "and" | "," | "&" | "or"));
    let start = mentions.windows(2).position(|pair| joined(pair[0].end, pair[1].start))?;
    let mut row = vec![mentions[start].clone()];
    for mention in &mentions[start + 1..] {
        if !row.last().is_some_and(|last| joined(last.end, mention.start)) {
            break;
        }
        row.push(mention.clone());
    }
    Some(row)
}
