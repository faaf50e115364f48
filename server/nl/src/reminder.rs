//! When a task reminds, in words: "an hour before", "at 9:00", "the day before at 6pm", "tomorrow at noon".
//!
//! A time without a day is one of the day on which the task is due, which may be named later in the sentence. So the words
//! are read first ([`ReminderWords`]), and become reminders when the due date is known.
//!
//! **Invariant:** of a task that repeats, a reminder that counts from its due date rings at each occurrence: it is stored as
//! a duration before the due date, or as a time of that day, which goes along with the series.

use crate::dates::{
    Confidence, DateInput, DayOrder, Draft, Home, Piece, PieceKind, RARE_FORMS, amount, amount_after, part_named,
    phrase, whole, whole_second,
};
use crate::text::Text;
use crate::work;
use jiff::civil::{self, Date, DateTime, Time};
use jiff::{SignedDuration, Zoned};
use tandem_protocol::calendar;
use tandem_protocol::duration::IsoDuration;
use tandem_protocol::reminder::{ReminderInput, ReminderTimeInput};
use tandem_protocol::rest::{DueInput, NewTask};
use tandem_protocol::time::ClockTime;

/// When one reminder rings, as it was said.
#[derive(Debug, Clone, PartialEq)]
pub struct ReminderWords(Rule);

#[derive(Debug, Clone, PartialEq)]
enum Rule {
    /// How long before the due date.
    Before(IsoDuration),
    /// A time of the day so many days before that of the due date; without one, the user's time of day.
    OnDay(i64, Option<Box<Draft>>),
    /// A day of its own, at a time or at the user's time of day.
    At(Date, Option<Time>),
}

/// Minutes of a day.
const DAY: i64 = 24 * 60;
/// Minutes of the longest time before a due date, a leap year.
const LONGEST: i64 = 366 * DAY;
/// Words of a reminder at the time of the due date.
const AT_THE_TIME: &[&[&str]] = &[
    &["at", "the", "time"],
    &["at", "the", "due", "time"],
    &["at", "due", "time"],
    &["when", "due"],
    &["when", "it", "is", "due"],
    &["when", "it", "'s", "due"],
    &["when", "it's", "due"],
    &["on", "time"],
];
/// Words that say of an amount that it is before the due date.
const BEFORE: &[&[&str]] =
    &[&["before"], &["beforehand"], &["earlier"], &["early"], &["ahead"], &["prior"], &["in", "advance"]];
/// What may follow "before", and says nothing more.
const DUE: &[&[&str]] = &[
    &["it", "is", "due"],
    &["it", "'s", "due"],
    &["it's", "due"],
    &["the", "due", "date"],
    &["the", "due", "time"],
    &["the", "time"],
    &["due"],
    &["it"],
    &["that"],
    &["then"],
    &["to", "it"],
];

/// Words for when reminders ring, one or several ("an hour before and at noon"), or an ISO 8601 duration before the due date;
/// `None` when the text has other words.
pub fn parse_reminders(text: &str, now: &Zoned) -> Option<Vec<ReminderWords>> {
    let order = DayOrder::of_zone(now).unwrap_or_default();
    of_text(text, now.datetime(), order, Home::of(now))
}

/// The same on a clock without a zone, as browsers have it.
pub fn read_reminders(text: &str, now: DateTime) -> Option<Vec<ReminderWords>> {
    of_text(text, now, DayOrder::default(), None)
}

fn of_text(text: &str, now: DateTime, order: DayOrder, home: Option<Home<'_>>) -> Option<Vec<ReminderWords>> {
    if let Ok(before) = text.trim().to_ascii_uppercase().parse() {
        return Some(vec![ReminderWords(Rule::Before(before))]);
    }
    let text = Text::new(text);
    if text.is_endless() {
        return None;
    }
    work::within(|| ReminderWords::read_all(&DateInput { order, home, ..DateInput::new(&text.tokens, now) }))?
}

impl ReminderWords {
    /// The reminder that all of the words are.
    pub(crate) fn read(input: &DateInput<'_>) -> Option<Self> {
        let start = input.skip(input.skip(0, &["for", "set"]), &["for"]);
        let n = input.tokens.len();
        if eat_any(input, start, AT_THE_TIME) == Some(n) {
            return Some(Self::before(0));
        }
        before(input, start)
            .or_else(|| on_day_before(input, start))
            .or_else(|| that_day(input, start))
            .or_else(|| on_its_day(input, start))
            .or_else(|| {
                let rest = DateInput { tokens: &input.tokens[start..], ..*input };
                Self::at(&whole(&rest)?, input.now)
            })
    }

    /// One reminder or several: "an hour before and at noon".
    pub(crate) fn read_all(input: &DateInput<'_>) -> Option<Vec<Self>> {
        if let Some(one) = Self::read(input) {
            return Some(vec![one]);
        }
        let joint = |at: &usize| input.any(*at, &["and", ",", "&"]);
        (1..input.tokens.len()).filter(joint).take(MOST_JOINTS).find_map(|at| {
            let first = Self::read(&DateInput { tokens: &input.tokens[..at], ..*input })?;
            let next = input.skip(input.skip(at + 1, &["and"]), &["again", "also", "once"]);
            let mut all = vec![first];
            all.extend(Self::read_all(&DateInput { tokens: input.tokens.get(next..)?, ..*input })?);
            Some(all)
        })
    }

    /// A reminder at a time with its own day.
    #[must_use]
    pub fn exactly(date: Date, time: Time) -> Self {
        Self(Rule::At(date, Some(time)))
    }

    pub(crate) fn before(minutes: i64) -> Self {
        Self(Rule::Before(IsoDuration::minutes(minutes)))
    }

    /// The time or date that a phrase names.
    pub(crate) fn at(draft: &Draft, now: DateTime) -> Option<Self> {
        if draft.repeats() {
            return None;
        }
        if draft.names_time() && !draft.names_day() {
            return Some(Self(Rule::OnDay(0, Some(Box::new(draft.clone())))));
        }
        if let Some(moment) = draft.exact_moment() {
            return Some(Self::exactly(moment.date(), moment.time()));
        }
        let due = draft.resolve(now)?.due?;
        Some(Self(Rule::At(due.date, due.time)))
    }

    /// The same of a task without a due date: what counts from one counts from now on instead.
    pub(crate) fn counted_from(self, now: DateTime) -> Self {
        let Rule::Before(lead) = &self.0 else { return self };
        let then = calendar::minutes(now, lead.seconds() / 60).and_then(whole_second).unwrap_or(now);
        Self(Rule::At(then.date(), Some(then.time())))
    }

    /// Whether it counts from a due date, and is nothing without one.
    #[must_use]
    pub fn needs_due(&self) -> bool {
        match &self.0 {
            Rule::Before(_) => true,
            Rule::OnDay(before, _) => *before > 0,
            Rule::At(..) => false,
        }
    }

    /// How long before a due date it is, if that is all that was said.
    pub(crate) fn lead(&self) -> Option<IsoDuration> {
        match &self.0 {
            Rule::Before(lead) => Some(lead.clone()),
            Rule::OnDay(..) | Rule::At(..) => None,
        }
    }

    /// The reminder of a task with this due date. `repeats`: whether the task repeats; `all_day`: the time from which
    /// reminders of a day without a time count. `None` when it counts from a due date and there is none.
    #[must_use]
    pub fn reminder(
        &self,
        due: Option<(Date, Option<Time>)>,
        repeats: bool,
        all_day: Time,
        now: DateTime,
    ) -> Option<ReminderInput> {
        let (date, time) = match (&self.0, due) {
            (Rule::Before(before), due) => return due.map(|_| ReminderInput::before(before.clone())),
            (Rule::At(date, time), _) => (*date, time.unwrap_or(all_day)),
            (Rule::OnDay(0, draft), None) => moment(draft.as_deref(), None, all_day, now)?,
            (Rule::OnDay(..), None) => return None,
            (Rule::OnDay(days, draft), Some((date, due_time))) => {
                let at = moment(draft.as_deref(), Some(calendar::days(date, -days)?), all_day, now)?;
                let lead = minutes_between(at, (date, due_time.unwrap_or(all_day)));
                if repeats && lead >= 0 {
                    return Some(ReminderInput::before(IsoDuration::minutes(lead)));
                }
                at
            }
        };
        Some(ReminderInput::at(ReminderTimeInput { date, time: ClockTime(time), time_zone: None }))
    }

    /// Sets reminders of a new task, whose due date is known. `all_day`: the time from which reminders of a day without a
    /// time count. A task that repeats on days without a time gets that of the reminder, where no duration
    /// before the day leads to it.
    pub fn set(words: &[Self], task: &mut NewTask, all_day: Time, now: DateTime) {
        let repeats = task.recurrence.is_some();
        for word in words {
            if let (Rule::OnDay(0, draft), Some(due), true) = (&word.0, &mut task.due, repeats)
                && due.time.is_none()
                && let Some((_, time)) = moment(draft.as_deref(), Some(due.date), all_day, now)
                && time > all_day
            {
                due.time = Some(time);
            }
        }
        let due = task.due.as_ref().map(day_and_time);
        let rule = |word: &Self| word.reminder(due, repeats, all_day, now);
        task.reminders = Some(words.iter().filter_map(rule).collect());
    }

    /// The due date of a task that has none and is to be reminded of at this time.
    pub(crate) fn as_due(&self, now: DateTime) -> Option<DueInput> {
        match &self.0 {
            Rule::Before(_) | Rule::OnDay(_, None) => None,
            Rule::OnDay(_, Some(draft)) => draft.resolve(now)?.due,
            Rule::At(date, None) => Some(DueInput::on(*date)),
            // A task is due at a minute.
            Rule::At(date, Some(time)) => Some(DueInput::at(*date, civil::time(time.hour(), time.minute(), 0, 0))),
        }
    }

    /// A reminder so many seconds from now.
    pub(crate) fn in_seconds(seconds: i64, now: DateTime) -> Option<Self> {
        let then = whole_second(now.checked_add(SignedDuration::from_secs(seconds)).ok()?)?;
        Some(Self::exactly(then.date(), then.time()))
    }
}

/// Most places at which one text of several reminders is divided.
const MOST_JOINTS: usize = 12;

/// The day and time of a due date.
pub(crate) fn day_and_time(due: &DueInput) -> (Date, Option<Time>) {
    (due.date, due.time)
}

/// The moment of a time of day, or of the user's: on that day, else the next one.
fn moment(draft: Option<&Draft>, day: Option<Date>, all_day: Time, now: DateTime) -> Option<(Date, Time)> {
    let Some(draft) = draft else {
        let next = || if now.time() < all_day { Some(now.date()) } else { calendar::days(now.date(), 1) };
        return Some((day.or_else(next)?, all_day));
    };
    let draft = day.map_or_else(|| draft.clone(), |day| draft.on(day));
    let (date, time) = day_and_time(&draft.resolve(now)?.due?);
    Some((date, time?))
}

fn minutes_between((from, at): (Date, Time), (to, until): (Date, Time)) -> i64 {
    let of_day = |time: Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
    calendar::days_between(from, to) * DAY + of_day(until) - of_day(at)
}

fn eat_any(input: &DateInput<'_>, at: usize, phrases: &[&[&str]]) -> Option<usize> {
    phrases.iter().filter_map(|words| input.eat(at, words)).max()
}

/// "an hour before", "two days before it is due".
fn before(input: &DateInput<'_>, at: usize) -> Option<ReminderWords> {
    let (minutes, next) = amount_of(input, at)?;
    let next = eat_any(input, next, BEFORE)?;
    let next = eat_any(input, next, DUE).unwrap_or(next);
    (!input.has(next)).then(|| ReminderWords::before(minutes))
}

/// An amount in minutes, and the place after it.
pub(crate) fn amount_of(input: &DateInput<'_>, at: usize) -> Option<(i64, usize)> {
    let (_, next) = amount(input, input.skip(at, &["the"]))?;
    let words = DateInput { tokens: &input.tokens[input.skip(at, &["the"])..next], ..*input };
    let (end, _) = amount_after(&words, START, 1)?;
    let minutes = minutes_between((START.date(), START.time()), (end.date(), end.time()));
    (1..=LONGEST).contains(&minutes).then_some((minutes, next))
}

/// The moment from which an amount is counted, to measure it.
const START: DateTime = civil::datetime(2001, 1, 1, 0, 0, 0, 0);

/// "the day before at 6pm", "2 days before at noon", "the evening before".
fn on_day_before(input: &DateInput<'_>, at: usize) -> Option<ReminderWords> {
    let at = input.skip(at, &["on"]);
    let start = input.skip(at, &["the", "a"]);
    let part = part_named(input.word(start));
    let (days, next) = match (input.word(start), part) {
        ("week", _) if start > at => (7, start + 1),
        (word, part) if start > at && (word == "day" || part.is_some()) => (1, start + 1),
        _ => amount_of(input, at)
            .filter(|(minutes, _)| minutes % DAY == 0)
            .map(|(minutes, next)| (minutes / DAY, next))?,
    };
    let next = eat_any(input, next, BEFORE)?;
    let next = eat_any(input, next, DUE).unwrap_or(next);
    let rest = DateInput { tokens: input.tokens.get(next..)?, ..*input };
    match (part, input.has(next)) {
        (Some(part), false) => Some(ReminderWords(Rule::OnDay(days, Some(Box::new(Draft::of_part(part)))))),
        (None, false) => Some(ReminderWords::before(days * DAY)),
        _ => time_of_day(&rest, days),
    }
}

/// "at 9 that morning", "at 6pm on the day": a time of the day on which it is due.
fn that_day(input: &DateInput<'_>, at: usize) -> Option<ReminderWords> {
    let last = input.tokens.len().checked_sub(1).filter(|_| RARE_FORMS)?;
    let (joint, part) = (last.checked_sub(1)?, part_named(input.word(last)));
    if joint <= at || !(input.any(joint, &["that"]) || (input.word(joint) == "the" && input.word(joint - 1) == "on")) {
        return None;
    }
    if part.is_none() && input.word(last) != "day" {
        return None;
    }
    let end = if input.word(joint - 1) == "on" { joint - 1 } else { joint };
    let mut draft = whole(&DateInput { tokens: input.tokens.get(at..end)?, ..*input })?;
    if let Some(part) = part
        && !draft.add(Piece::new(PieceKind::Part(part), Confidence::Sure), true)
    {
        return None;
    }
    let alone = draft.names_time() && !draft.names_day() && !draft.repeats();
    alone.then_some(ReminderWords(Rule::OnDay(0, Some(Box::new(draft)))))
}

/// "on the day at 9", "the same morning".
fn on_its_day(input: &DateInput<'_>, at: usize) -> Option<ReminderWords> {
    let start = input.skip(at, &["on", "in"]);
    let next = if input.any(start, &["the", "that"]) || input.eat(start, &["the", "same"]).is_some() {
        start + 1
    } else {
        return None;
    };
    let next = input.skip(next, &["same", "very"]);
    let part = part_named(input.word(next));
    if part.is_none() && !input.any(next, &["day"]) {
        return None;
    }
    let end = input.eat(next + 1, &["itself"]).unwrap_or(next + 1);
    let rest = DateInput { tokens: input.tokens.get(end..)?, ..*input };
    match (part, input.has(end)) {
        (part, false) => Some(ReminderWords(Rule::OnDay(0, part.map(|part| Box::new(Draft::of_part(part)))))),
        _ => time_of_day(&rest, 0),
    }
}

fn time_of_day(rest: &DateInput<'_>, days: i64) -> Option<ReminderWords> {
    let draft = whole(rest)?;
    let alone = draft.names_time() && !draft.names_day() && !draft.repeats();
    alone.then_some(ReminderWords(Rule::OnDay(days, Some(Box::new(draft)))))
}

/// "at 9:00" after the mark of a reminder in the line of the task panel: a time, or a day and then a time. Returns the place
/// after it.
pub(crate) fn marked_time(input: &DateInput<'_>, at: usize) -> Option<(ReminderWords, usize)> {
    let mut found: Option<(ReminderWords, usize)> = None;
    let mut dated = false;
    for end in at + 2..=input.tokens.len().min(at + LONGEST_TIME) {
        let first = DateInput { tokens: &input.tokens[..end], ..*input };
        let Some(read) = phrase(&first, at).filter(|read| read.end == end && read.draft.names_time()) else { continue };
        // "!at 9 tomorrow": the day belongs to the task.
        if read.draft.names_day() && found.is_some() && !dated {
            break;
        }
        dated = read.draft.names_day();
        found = ReminderWords::at(&read.draft, input.now).map(|words| (words, end)).or(found);
    }
    found
}

/// "the day before at 6pm" after the mark of a reminder: words that count from the due date, as many as there are. Returns the
/// place after them.
pub(crate) fn marked_words(input: &DateInput<'_>, at: usize) -> Option<(Vec<ReminderWords>, usize)> {
    let longest = input.tokens.len().min(at + LONGEST_TIME);
    (at + 1..=longest).rev().find_map(|end| {
        let words = ReminderWords::read_all(&DateInput { tokens: &input.tokens[at..end], ..*input })?;
        words.first().is_some_and(ReminderWords::needs_due).then_some((words, end))
    })
}

/// Tokens of the longest time after such a mark.
const LONGEST_TIME: usize = 9;
