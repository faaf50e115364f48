//! What a user has chosen for all devices.

use crate::{
    duration::IsoDuration,
    enums::{PushKind, WireEnum as _},
    flatten::maybe_object,
    rest::tasks::present,
    time::ClockTime,
};
use jiff::civil;
use serde::{Deserialize, Serialize};

/// The settings of a user. Fields that a server does not know yet have their defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserSettings {
    /// The reminders that a due date gets when none are named.
    pub reminders: ReminderDefaults,
    /// What is pushed to devices, and when not.
    pub push: PushSettings,
    /// Whether answers and pushes have times such as `5:00 PM` in place of `17:00`.
    pub twelve_hours: bool,
    /// Whether they have days such as `Nov 27` in place of `27 Nov`.
    pub month_first: bool,
}

impl UserSettings {
    pub fn date_style(&self) -> DateStyle {
        DateStyle { twelve_hours: self.twelve_hours, month_first: self.month_first }
    }
}

/// How dates and times are written to a user, as the settings have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DateStyle {
    /// `5:00 PM` in place of `17:00`.
    pub twelve_hours: bool,
    /// `Nov 27` in place of `27 Nov`.
    pub month_first: bool,
}

impl DateStyle {
    /// A time of day: `17:00`, or `5:00 PM`.
    pub fn time(self, time: civil::Time) -> String {
        let (hour, minute) = (time.hour(), time.minute());
        if !self.twelve_hours {
            return format!("{hour:02}:{minute:02}");
        }
        // Midnight and noon are twelve.
        format!("{}:{minute:02} {}", (hour + 11) % 12 + 1, if hour < 12 { "AM" } else { "PM" })
    }

    /// A day of a month: `27 Nov`, or `Nov 27`.
    pub fn day(self, day: i8, month: &str) -> String {
        if self.month_first { format!("{month} {day}") } else { format!("{day} {month}") }
    }
}

/// What is pushed to the devices of a user. Each device may leave kinds out for itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushSettings {
    /// The kinds that are pushed; all of them unless the user has chosen.
    pub kinds: Vec<PushKind>,
    /// The hours of the night in which nothing is pushed; null for none.
    pub quiet: Option<QuietHours>,
}

impl PushSettings {
    /// The kinds that a user can choose from.
    pub fn all_kinds() -> Vec<PushKind> {
        PushKind::ALL.iter().copied().filter(|kind| *kind != PushKind::Test).collect()
    }
}

impl Default for PushSettings {
    fn default() -> Self {
        Self { kinds: Self::all_kinds(), quiet: None }
    }
}

/// Hours in which nothing is pushed, on the clock of the user. What becomes due then is pushed at their end, unless it was
/// answered or read by then. With an end before the start they last over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuietHours {
    /// When they begin, `HH:MM`.
    pub from: ClockTime,
    /// When they end, `HH:MM`.
    pub to: ClockTime,
}

/// Quiet hours, as a client sends them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuietHoursInput {
    /// When they begin, `HH:MM`.
    pub from: ClockTime,
    /// When they end, `HH:MM`; another time than `from`.
    pub to: ClockTime,
}

impl From<QuietHoursInput> for QuietHours {
    fn from(QuietHoursInput { from, to }: QuietHoursInput) -> Self {
        Self { from, to }
    }
}

/// The reminder that a due date gets when none are named; null for none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReminderDefaults {
    /// How long before a due date with a time.
    pub timed: Option<IsoDuration>,
    /// The clock time on a due day without a time.
    pub all_day: Option<ClockTime>,
}

impl Default for ReminderDefaults {
    fn default() -> Self {
        Self { timed: Some(IsoDuration::zero()), all_day: Some(ClockTime(MORNING)) }
    }
}

/// The time of a day from which reminders count when the day has no time, unless the user has chosen another.
const MORNING: civil::Time = civil::time(9, 0, 0, 0);

impl ReminderDefaults {
    /// The clock time from which reminders count on a day without a time.
    pub fn time_of_day(&self) -> civil::Time {
        self.all_day.map_or(MORNING, |ClockTime(time)| time)
    }
}

/// `settings` of `PATCH /me`; an absent field stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsPatch {
    /// The new reminders of due dates.
    #[serde(default, deserialize_with = "maybe_object", skip_serializing_if = "Option::is_none")]
    pub reminders: Option<ReminderDefaultsPatch>,
    /// What is pushed from now on.
    #[serde(default, deserialize_with = "maybe_object", skip_serializing_if = "Option::is_none")]
    pub push: Option<PushSettingsPatch>,
    /// Whether answers and pushes have times such as `5:00 PM`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twelve_hours: Option<bool>,
    /// Whether they have days such as `Nov 27`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month_first: Option<bool>,
}

/// `settings.push` of `PATCH /me`; an absent field stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushSettingsPatch {
    /// The kinds that are pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<PushKind>>,
    /// The hours in which nothing is pushed; null for none.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<QuietHoursInput>))]
    pub quiet: Option<Option<QuietHoursInput>>,
}

/// `settings.reminders` of `PATCH /me`; an absent field stays, null is no reminder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReminderDefaultsPatch {
    /// How long before a due date with a time.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<IsoDuration>))]
    pub timed: Option<Option<IsoDuration>>,
    /// The clock time on a due day without a time.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ClockTime>))]
    pub all_day: Option<Option<ClockTime>>,
}

impl SettingsPatch {
    /// Applies the patch to the settings of a user.
    pub fn apply(self, settings: &mut UserSettings) {
        if let Some(patch) = self.reminders {
            settings.reminders.timed = patch.timed.unwrap_or(settings.reminders.timed.take());
            settings.reminders.all_day = patch.all_day.unwrap_or(settings.reminders.all_day);
        }
        if let Some(patch) = self.push {
            settings.push.kinds = patch.kinds.unwrap_or(std::mem::take(&mut settings.push.kinds));
            settings.push.quiet = patch.quiet.map_or(settings.push.quiet, |quiet| quiet.map(QuietHours::from));
        }
        settings.twelve_hours = self.twelve_hours.unwrap_or(settings.twelve_hours);
        settings.month_first = self.month_first.unwrap_or(settings.month_first);
    }
}
