//! The corpora, each with its own idea of what is right.

pub(crate) mod dates;
pub(crate) mod intents;
pub(crate) mod reminders;

use std::path::Path;

use jiff::Zoned;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;
use tandem_protocol::model::Task;
use tandem_protocol::{TaskId, Timestamp};
use uuid::Uuid;

/// The rows of a file of JSON lines; none when it is not there.
pub(crate) fn rows(folder: &Path, file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// A member that is text; empty when it is not.
pub(crate) fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A moment without a zone, in UTC.
pub(crate) fn moment(text: &str) -> Option<Zoned> {
    text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()
}

/// An open task without anything but a title.
pub(crate) fn task(number: i64, title: &str) -> Task {
    let id = TaskId(Uuid::from_u128(number.unsigned_abs().into()));
    Task { number, title: title.to_owned(), ..Task::empty(id, Timestamp::from_millis(0)) }
}
