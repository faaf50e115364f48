//! Dates and times: phrases alone, in sentences, and words that are no dates.

use std::collections::HashSet;
use std::path::Path;

use jiff::Zoned;
use jiff::civil::{Date, DateTime};
use serde_json::Value;
use tandem_nl::{parse_due, quick_add};
use tandem_protocol::rest::DueInput;

use super::{moment, rows, text};
use crate::Score;

pub(crate) fn scores(folder: &Path) -> Vec<Score> {
    vec![phrases(folder), sentences(folder), chrono(folder), not_dates(folder)]
}

/// Phrases that are a day or a minute as a whole; holidays, zones and the past are left out.
fn phrases(folder: &Path) -> Score {
    let mut score = Score::new("duckling-plain", 88.0);
    for row in rows(folder, "duckling_time_en.jsonl") {
        let grain = text(&row, "grain");
        let plain = text(&row, "kind") == "instant"
            && row["holiday"].is_null()
            && matches!(grain, "day" | "hour" | "minute" | "week" | "month");
        let (Some(now), Ok(start)) = (moment_in(&row), text(&row, "start").parse::<DateTime>()) else {
            continue;
        };
        if !plain || row["latent"].as_bool() == Some(true) || start.date() < now.date() {
            continue;
        }
        let due = parse_due(text(&row, "text"), &now);
        score.add(due.as_ref().is_some_and(|due| same(due, start, matches!(grain, "hour" | "minute"))), || {
            format!("{} | want {start} {grain} | {due:?}", text(&row, "text"))
        });
    }
    score
}

/// The moment that a phrase is read at, on the clock of its row.
fn moment_in(row: &Value) -> Option<Zoned> {
    let zone = format!("{}[{}]", text(row, "ref"), text(row, "tz"));
    zone.parse::<Zoned>().ok().or_else(|| moment(text(row, "ref")))
}

fn same(due: &DueInput, start: DateTime, with_time: bool) -> bool {
    let time = due.time.map(|time| (time.hour(), time.minute()));
    due.date == start.date() && (!with_time || time == Some((start.hour(), start.minute())))
}

/// One date in a sentence.
fn sentences(folder: &Path) -> Score {
    let mut score = Score::new("recognizers-in-sentence", 88.0);
    for row in rows(folder, "recognizers_datetime_en.jsonl") {
        let results = row["results"].as_array().cloned().unwrap_or_default();
        let [result] = &results[..] else { continue };
        let kind = text(result, "type");
        let Some(now) = moment(text(&row, "ref")) else { continue };
        if !matches!(kind, "datetimeV2.date" | "datetimeV2.datetime" | "datetimeV2.time") {
            continue;
        }
        let values: Vec<&str> =
            result["values"].as_array().into_iter().flatten().map(|value| text(value, "value")).collect();
        let future =
            kind == "datetimeV2.time" || values.iter().any(|value| *value >= &now.datetime().to_string()[..10]);
        if !future || values.contains(&"not resolved") {
            continue;
        }
        let found = quick_add(text(&row, "text"), &now);
        score.add(found.due.as_ref().is_some_and(|due| among(due, &values)), || {
            format!("{} | want {values:?} | {:?} | {}", text(&row, "text"), found.due, found.title)
        });
    }
    score
}

/// A task without a time is due until the end of its day, so "the end of Friday" needs none.
fn among(due: &DueInput, values: &[&str]) -> bool {
    let ends_its_day = |clock: &str| clock == "23:59:59" && due.time.is_none();
    let time = due.time.map(|time| format!("{:02}:{:02}:00", time.hour(), time.minute()));
    values.iter().any(|value| {
        let (date, clock) = match value.len() {
            8 => (None, Some(*value)),
            10 => (Some(*value), None),
            _ => (value.get(..10), value.get(11..)),
        };
        date.is_none_or(|date| date == due.date.to_string())
            && clock.is_none_or(|clock| ends_its_day(clock) || time.as_deref().map(|time| &time[..5]) == clock.get(..5))
    })
}

/// Phrases alone, with the fields that are named. The past is left out, and a time of another zone counts on that of the row.
fn chrono(folder: &Path) -> Score {
    let mut score = Score::new("chrono-phrases", 88.0);
    for row in rows(folder, "chrono_en.jsonl") {
        let Some(now) = reference(text(&row, "ref_js")) else { continue };
        let fields = &row["start_fields"];
        let whole = row["match"].as_str().is_none_or(|found| found == text(&row, "text").trim());
        let field = |name: &str| fields.get(name).and_then(Value::as_i64);
        let (Some(year), Some(month), Some(day)) = (field("year"), field("month"), field("day")) else { continue };
        let day_of = |date: Date| (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
        if !whole || (year, month, day) < day_of(now.date()) {
            continue;
        }
        let british = text(&row, "parser") == "chrono.en.GB";
        let Ok(now) = (if british { now.in_tz("Europe/London") } else { Ok(now) }) else { continue };
        let hour = field("hour").map(|hour| (hour - field("timezoneOffset").unwrap_or(0) / 60).rem_euclid(24));
        let due = parse_due(text(&row, "text"), &now);
        let right = due.as_ref().is_some_and(|due| {
            day_of(due.date) == (year, month, day)
                && hour.is_none_or(|hour| due.time.is_none_or(|time| i64::from(time.hour()) == hour))
        });
        score.add(right, || format!("{} | {} | want {fields} | {due:?}", text(&row, "text"), text(&row, "ref_js")));
    }
    score
}

/// `new Date(2012, 8 - 1, 10, 12, 14)`
fn reference(js: &str) -> Option<Zoned> {
    let inner = js.strip_prefix("new Date(")?.strip_suffix(')')?;
    let numbers: Vec<i16> = inner
        .split(',')
        .map(|part| match part.split_once('-') {
            Some((a, b)) => Some(a.trim().parse::<i16>().ok()? - b.trim().parse::<i16>().ok()?),
            None => part.trim().parse().ok(),
        })
        .collect::<Option<_>>()?;
    let at = |i: usize| numbers.get(i).copied().unwrap_or(0);
    let small = |i: usize| i8::try_from(at(i)).unwrap_or(0);
    let date = DateTime::new(at(0), small(1) + 1, small(2), small(3), small(4), 0, 0).ok()?;
    date.to_zoned(jiff::tz::TimeZone::UTC).ok()
}

/// Text without a date in it.
fn not_dates(folder: &Path) -> Score {
    let mut score = Score::new("not-dates", 97.0);
    let chrono = rows(folder, "chrono_en.jsonl")
        .into_iter()
        .filter(|row| row.get("negative").is_some() && text(row, "parser") != "chrono.strict");
    let of_recognizers = rows(folder, "recognizers_datetime_en.jsonl");
    let is_empty = |row: &Value| row["results"].as_array().is_some_and(Vec::is_empty);
    // Some texts have a date in one mode of that project and none in another.
    let dated: HashSet<String> =
        of_recognizers.iter().filter(|row| !is_empty(row)).map(|row| text(row, "text").to_owned()).collect();
    let recognizers = of_recognizers.into_iter().filter(|row| is_empty(row) && !dated.contains(text(row, "text")));
    let duckling = rows(folder, "duckling_time_en_negative.jsonl").into_iter();
    for row in chrono.chain(recognizers).chain(duckling) {
        let Some(now) = moment("2026-11-23T10:00:00") else { continue };
        let (whole, inside) = (parse_due(text(&row, "text"), &now), quick_add(text(&row, "text"), &now));
        score.add(whole.is_none() && inside.due.is_none(), || {
            format!("{} | {whole:?} | {:?} | {}", text(&row, "text"), inside.due, inside.title)
        });
    }
    score
}
