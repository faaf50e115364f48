//! Reminders of tasks, as they are shown and as clients send them.
//!
//! A reminder has one of two rules: a duration before the due date, which moves with it, or a time of its own. The server
//! computes from the rule when it fires, because that needs the database of time zones. Which reminders are due, and what
//! a device shows, follows from the fields alone, so both ends decide it by the functions here.

use crate::{
    Timestamp,
    duration::IsoDuration,
    enums::{ReminderState, TaskStatus},
    id::ReminderId,
    model::Task,
    time::ClockTime,
};
use jiff::civil;
use serde::{Deserialize, Serialize};

/// A reminder of a task. One of `before` and `at` is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reminder {
    /// The reminder's id; it stays as long as the rule does.
    pub id: ReminderId,
    /// ISO 8601 duration before the due date, on the wall clock of its zone. Of a day without a time it counts from the
    /// user's time for such days (`settings.reminders.all_day`).
    pub before: Option<IsoDuration>,
    /// A time of its own. Of a task that repeats, a time of the day on which it is due goes along to its next dates; one of
    /// another day fires once.
    pub at: Option<ReminderTime>,
    /// Whether it still fires, has fired, or was answered.
    pub state: ReminderState,
    /// When it fires, or has fired, by its rule.
    pub fires_at: Timestamp,
    /// When it fires again; null unless it was snoozed.
    pub snoozed_until: Option<Timestamp>,
}

impl Reminder {
    /// When it fires next; `None` when it has fired or was answered.
    pub fn next(&self) -> Option<Timestamp> {
        match self.state {
            ReminderState::Pending => Some(self.fires_at),
            ReminderState::Snoozed => Some(self.snoozed_until.unwrap_or(self.fires_at)),
            ReminderState::Fired | ReminderState::Done => None,
        }
    }

    /// Whether the reminder has this rule. A duration is the same in other units.
    pub fn has_rule(&self, before: Option<&IsoDuration>, at: Option<&ReminderTime>) -> bool {
        let own = self.before.as_ref().map(IsoDuration::seconds);
        (own, self.at.as_ref()) == (before.map(IsoDuration::seconds), at)
    }
}

impl Task {
    /// When a reminder of this task fires next. A task that is done has none.
    pub fn next_reminder(&self) -> Option<Timestamp> {
        let next = || self.reminders.iter().filter_map(Reminder::next).min();
        if self.status == TaskStatus::Open { next() } else { None }
    }

    /// The reminders that have fired and wait for an answer.
    pub fn ringing(&self) -> impl Iterator<Item = &Reminder> {
        let open = self.status == TaskStatus::Open;
        self.reminders.iter().filter(move |reminder| open && reminder.state == ReminderState::Fired)
    }
}

/// A day and a clock time in a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReminderTime {
    /// The calendar day in that zone.
    #[serde(with = "crate::time::date")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub date: civil::Date,
    /// The clock time, with seconds where it has some.
    pub time: ClockTime,
    /// IANA zone that day and time are meant in.
    pub time_zone: String,
}

/// A day and a clock time, as a client sends them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReminderTimeInput {
    /// The calendar day in that zone.
    #[serde(with = "crate::time::date")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub date: civil::Date,
    /// The clock time, `HH:MM` or `HH:MM:SS`.
    pub time: ClockTime,
    /// The IANA zone of day and time; the user's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

impl ReminderTimeInput {
    /// The same in its own zone, or in `time_zone` when it names none.
    pub fn in_zone(self, time_zone: &str) -> ReminderTime {
        let time_zone = self.time_zone.unwrap_or_else(|| time_zone.to_owned());
        ReminderTime { date: self.date, time: self.time, time_zone }
    }
}

impl From<ReminderTime> for ReminderTimeInput {
    fn from(ReminderTime { date, time, time_zone }: ReminderTime) -> Self {
        Self { date, time, time_zone: Some(time_zone) }
    }
}

/// A reminder, as a client sends it: one of `before` and `at`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReminderInput {
    /// ISO 8601 duration before the due date, such as `PT30M` or `P1D`; needs a due date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<IsoDuration>,
    /// A time of its own. Of a task that repeats, a time of the day on which it is due goes along to its next dates; one of
    /// another day fires once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<ReminderTimeInput>,
}

impl ReminderInput {
    /// A reminder this long before the due date.
    pub fn before(before: IsoDuration) -> Self {
        Self { before: Some(before), at: None }
    }

    /// A reminder at a time of its own.
    pub fn at(at: ReminderTimeInput) -> Self {
        Self { before: None, at: Some(at) }
    }
}

impl From<Reminder> for ReminderInput {
    fn from(reminder: Reminder) -> Self {
        Self { before: reminder.before, at: reminder.at.map(ReminderTimeInput::from) }
    }
}

/// Body of `POST /tasks/{id}/reminders/{reminder_id}/snooze`: one of `for` and `until`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SnoozeBody {
    /// How long from now, as an ISO 8601 duration such as `PT10M`.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub duration: Option<IsoDuration>,
    /// When it rings again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<ReminderTimeInput>,
}
