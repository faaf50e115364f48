//! The line of the task panel: dates, recurrence, `#label`, `+list`, `!high` or `p1`, reminders as `!30m`, `!at 9:00` or
//! `!the day before at 6pm`.
//!
//! The web client shows what a line means while it is typed, and sends exactly that, so it reads the line with the grammar
//! of the assistant. Every word that is not understood stays in the title, in its order.

use jiff::Zoned;
use jiff::civil::{Date, DateTime, Time};
use tandem_protocol::enums::Priority;
use tandem_protocol::rest::NewTask;
use tandem_protocol::settings::DateStyle;

use crate::action::MORNING;
use crate::dates::{DateInput, DayOrder, Home, find};
use crate::describe::described;
use crate::reminder::{ReminderWords, amount_of, marked_time, marked_words};
use crate::text::{Kind, Text, Token};
use crate::title::{MAX_TITLE, title_without};
use crate::work;

/// A line of the task panel as it is understood.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuickLine {
    /// Its title is what remains when everything understood is taken out, so it may be empty.
    pub task: NewTask,
    /// What was understood, in the order of the line.
    pub parts: Vec<QuickPart>,
    /// Whether the title has more characters than a title may have (500), so that a part of it would be lost.
    pub too_long: bool,
}

/// Words of a line that are not in the title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickPart {
    pub kind: QuickKind,
    /// The words as they were written.
    pub words: String,
}

/// What words of a line are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuickKind {
    /// A date, a recurrence, or both.
    When,
    Priority,
    Label,
    List,
    /// One reminder, in the order of the task's.
    Reminder,
}

/// How a line is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LineReading<'a> {
    pub(crate) now: DateTime,
    pub(crate) order: DayOrder,
    pub(crate) home: Option<Home<'a>>,
    /// The day that was chosen, as in [`DateInput`].
    pub(crate) settled: Option<Date>,
    /// The time from which reminders of a day without a time count.
    pub(crate) all_day: Time,
    /// Words that stay in the title, as they were written.
    pub(crate) kept: &'a [String],
}

/// Reads a line of the task panel; `now` is the current time in the user's zone. Text in quotes is left as it is. The title
/// is what remains when everything understood is taken out, so it may be empty.
pub fn quick_add(text: &str, now: &Zoned) -> NewTask {
    let (now, home) = (now.datetime(), Home::of(now));
    let reading = LineReading { now, order: DayOrder::MonthFirst, home, settled: None, all_day: MORNING, kept: &[] };
    line(text, &reading).task
}

/// The same with the order of day and month, the time from which reminders of a day without a time count, the parts that were
/// understood, and words that are to stay in the title. Without the user's zone, a time with a zone stays in the title.
pub fn read_line(text: &str, now: impl Into<DateTime>, order: DayOrder, all_day: Time, kept: &[String]) -> QuickLine {
    line(text, &LineReading { now: now.into(), order, home: None, settled: None, all_day, kept })
}

fn line(text: &str, reading: &LineReading<'_>) -> QuickLine {
    let whole = Text::new(text);
    if whole.is_endless() {
        return unread(&whole);
    }
    let read = work::within(|| {
        let (rest, reminders) = without_reminders(&whole, reading);
        let text = rest.as_ref().unwrap_or(&whole);
        let (mut line, mut cut) = (QuickLine::default(), opening(text));
        line.parts = parse_task(text, 0, text.len(), reading, &mut cut, &mut line.task);
        if line.task.title.is_empty() {
            line.task.title = last_word(text, &cut);
        }
        line.too_long = line.task.title.chars().count() >= MAX_TITLE && title_length(text, &cut) > MAX_TITLE;
        let (dated, mut words) = (line.task.due.is_some(), Vec::new());
        for (part, word) in reminders {
            line.parts.push(part);
            words.push(if dated { word } else { word.counted_from(reading.now) });
        }
        if !words.is_empty() {
            ReminderWords::set(&words, &mut line.task, reading.all_day, reading.now);
        }
        line
    });
    read.unwrap_or_else(|| unread(&whole))
}

/// The line without its reminders, if there are any, and these.
fn without_reminders(text: &Text, reading: &LineReading<'_>) -> (Option<Text>, Vec<(QuickPart, ReminderWords)>) {
    let input = DateInput { order: reading.order, home: reading.home, ..DateInput::new(&text.tokens, reading.now) };
    let (mut found, mut rest, mut at) = (Vec::new(), String::new(), 0);
    while at < text.len() {
        let marked =
            if text.tokens[at].is("!") && (at == 0 || !text.tokens[at].glued) { marked(&input, at + 1) } else { None };
        let words = |end| text.slice(at, end).to_owned();
        if let Some((reminders, end)) = marked.filter(|(_, end)| !reading.kept.contains(&words(*end))) {
            let part = |reminder| (QuickPart { kind: QuickKind::Reminder, words: words(end) }, reminder);
            found.extend(reminders.into_iter().map(part));
            at = end;
            continue;
        }
        if !text.tokens[at].glued {
            rest.push(' ');
        }
        rest.push_str(text.slice(at, at + 1));
        at += 1;
    }
    (if found.is_empty() { None } else { Some(Text::new(&rest)) }, found)
}

/// Reminders after their mark, and the place after them.
fn marked(input: &DateInput<'_>, at: usize) -> Option<(Vec<ReminderWords>, usize)> {
    if !input.glued(at) {
        return None;
    }
    let time = if input.word(at) == "at" { marked_time(input, at) } else { None };
    if let Some((reminder, end)) = time {
        return Some((vec![reminder], end));
    }
    marked_words(input, at).or_else(|| {
        let (minutes, end) = amount_of(input, at)?;
        ((at..end).all(|at| input.glued(at))).then(|| (vec![ReminderWords::before(minutes)], end))
    })
}

/// The word that is left of a line besides its fields, however small it is: "a" of "a tomorrow".
fn last_word(text: &Text, cut: &[(usize, usize)]) -> String {
    for at in 0..text.len() {
        if !text.tokens[at].is_mark() && !cut.iter().any(|(from, to)| *from <= at && at < *to) {
            return text.slice(at, at + 1).to_owned();
        }
    }
    String::new()
}

/// A line that is a title as a whole.
fn unread(text: &Text) -> QuickLine {
    let title = title_without(text, 0, text.len(), &mut []);
    let too_long = title_length(text, &[]) > MAX_TITLE;
    QuickLine { task: NewTask { title, ..NewTask::default() }, too_long, ..QuickLine::default() }
}

/// "remind me to": the words of a command that the line is by itself.
fn opening(text: &Text) -> Vec<(usize, usize)> {
    let word = |at: usize| text.tokens.get(at).map_or("", |token| token.word.as_str());
    let start = usize::from(word(0) == "please");
    let length = match (word(start), word(start + 1), word(start + 2)) {
        ("remind", "me", "to" | "about" | "that") => 3,
        // "remind me tomorrow to call Ann": the "to" goes with the date before it.
        ("remind", "me", _) if (start + 3..start + 8).any(|at| word(at) == "to") => 2,
        ("remember" | "don't", "to" | "forget", _) => {
            if word(start) == "don't" && word(start + 2) == "to" {
                3
            } else {
                2
            }
        }
        _ => return Vec::new(),
    };
    if text.len() > start + length { vec![(0, start + length)] } else { Vec::new() }
}

/// Characters of the words outside of some places.
fn title_length(text: &Text, cut: &[(usize, usize)]) -> usize {
    let outside = |at: usize| !cut.iter().any(|(from, to)| (*from..*to).contains(&at));
    let length = |at: usize| text.slice(at, at + 1).chars().count() + usize::from(!text.tokens[at].glued);
    (0..text.len()).filter(|at| outside(*at)).map(length).sum::<usize>().saturating_sub(1)
}

/// Reads the tokens from one place to another into a task. `cut` are places, counted from `from`, that were read already;
/// those that are read are added. Returns the parts that were read.
pub(crate) fn parse_task(
    text: &Text,
    from: usize,
    to: usize,
    reading: &LineReading<'_>,
    cut: &mut Vec<(usize, usize)>,
    found: &mut NewTask,
) -> Vec<QuickPart> {
    let tokens = &text.tokens[from..to];
    let mut parts: Vec<(usize, QuickPart)> = Vec::new();
    let words = |(start, end): (usize, usize)| text.slice(from + start, from + end).to_owned();
    // "!at 9" that is kept keeps its time, too.
    let keeps = |place: (usize, usize)| {
        let words = words(place);
        reading.kept.iter().any(|kept| *kept == words || kept.strip_prefix('!') == Some(words.as_str()))
    };
    for (kind, place) in markers(text, tokens, found, &keeps) {
        cut.push(place);
        parts.push((place.0, QuickPart { kind, words: words(place) }));
    }
    let (order, home, settled) = (reading.order, reading.home, reading.settled);
    let input = DateInput { order, home, settled, ..DateInput::new(tokens, reading.now) };
    let (draft, mentions) = find(&input, &|start, end| keeps((start, end)));
    if let Some(resolved) = draft.resolve(reading.now) {
        found.due = resolved.due;
        found.recurrence = resolved.repeat.as_ref().map(Into::into);
        for mention in &mentions {
            let place = (mention.start, mention.end);
            cut.push(place);
            parts.push((place.0, QuickPart { kind: QuickKind::When, words: words(place) }));
        }
    }
    found.title = title_without(text, from, to, cut);
    if let Some(due) = &found.due
        && let Some(end) = draft.end(due)
    {
        until(&mut found.title, end, reading.now.date());
    }
    // A few parts, in the order of the line; the standard library's sort would be larger than this file in the browser.
    let mut ordered: Vec<(usize, QuickPart)> = Vec::new();
    for part in parts {
        let at = ordered.iter().position(|other| other.0 > part.0).unwrap_or(ordered.len());
        ordered.insert(at, part);
    }
    ordered.into_iter().map(|(_, part)| part).collect()
}

/// Adds the end of a range to a title, since a task has none: "(until Wed 9 Dec)", "(until 16:00)".
fn until(title: &mut String, (day, time): (Option<Date>, Option<Time>), today: Date) {
    let words = match (day, time) {
        (Some(day), time) => described(day, time, today, DateStyle::default()),
        (None, Some(time)) => DateStyle::default().time(time),
        (None, None) => return,
    };
    if !title.is_empty() && title.chars().count() + words.len() + " (until )".len() <= MAX_TITLE {
        *title = format!("{title} (until {words})");
    }
}

/// Reads the marked words `#label`, `+list`, `!high` and `p1` into the task, but for those that are kept. Returns their places.
fn markers(
    text: &Text,
    tokens: &[Token],
    found: &mut NewTask,
    keeps: &dyn Fn((usize, usize)) -> bool,
) -> Vec<(QuickKind, (usize, usize))> {
    let mut cut = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        // A mark inside of a word is no marker: "C#", "a+b".
        let opens = at == 0 || !tokens[at].glued;
        let mut read = found.clone();
        let end = if opens { marker(text, tokens, at, &mut read) } else { None };
        if let Some(end) = end.filter(|end| !keeps((at, *end))) {
            let kind = match tokens[at].word.as_str() {
                "#" => QuickKind::Label,
                "+" => QuickKind::List,
                _ => QuickKind::Priority,
            };
            *found = read;
            cut.push((kind, (at, end)));
        }
        at = end.unwrap_or(at + 1);
    }
    cut
}

/// One marked word and the place after it.
fn marker(text: &Text, tokens: &[Token], at: usize, found: &mut NewTask) -> Option<usize> {
    let next = tokens.get(at + 1).filter(|token| token.glued);
    match tokens[at].word.as_str() {
        mark @ ("#" | "+") => {
            let (name, end) = name(text, tokens, at + 1)?;
            if mark == "+" {
                found.list = Some(name);
            } else {
                let labels = found.labels.get_or_insert_default();
                if !labels.contains(&name) {
                    labels.push(name);
                }
            }
            Some(end)
        }
        "!" => {
            found.priority = Some(priority_word(&next?.word)?);
            Some(at + 2)
        }
        "p" => {
            let digit = next.filter(|_| !tokens.get(at + 2).is_some_and(|t| t.glued && t.kind != Kind::Mark))?;
            found.priority = Some(priority_digit(&digit.word)?);
            Some(at + 2)
        }
        _ => None,
    }
}

/// The name after a mark: a word with its dashes and digits, or quoted text. It begins with a letter, so that "#1" and
/// "+5" stay words.
fn name(text: &Text, tokens: &[Token], at: usize) -> Option<(String, usize)> {
    let first = tokens.get(at).filter(|token| token.glued)?;
    if first.kind == Kind::Quoted {
        let inner = text.source[first.start..first.end].trim_matches(['"', '\'']).trim();
        return (!inner.is_empty()).then(|| (inner.to_owned(), at + 1));
    }
    if first.kind != Kind::Word {
        return None;
    }
    let inside = |token: &Token| token.glued && (token.kind != Kind::Mark || token.is_any(&["-", "_", "/"]));
    let mut end = at + 1;
    while tokens.get(end).is_some_and(inside) {
        end += 1;
    }
    let last = tokens.get(end - 1)?;
    Some((text.source[first.start..last.end].trim_end_matches(['-', '/']).to_owned(), end))
}

/// The priority that a word names.
pub(crate) fn priority_word(word: &str) -> Option<Priority> {
    Some(match word {
        "urgent" | "critical" | "asap" => Priority::Urgent,
        "high" | "important" => Priority::High,
        "medium" | "med" | "normal" => Priority::Medium,
        "low" => Priority::Low,
        "none" => Priority::None,
        _ => return None,
    })
}

/// The priority of `p1` to `p4`.
pub(crate) fn priority_digit(digit: &str) -> Option<Priority> {
    Some(match digit {
        "1" => Priority::Urgent,
        "2" => Priority::High,
        "3" => Priority::Medium,
        "4" => Priority::Low,
        _ => return None,
    })
}
