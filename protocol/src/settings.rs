//! What a user has chosen for all devices.

use crate::{duration::IsoDuration, flatten::maybe_object, rest::tasks::present, time::ClockTime};
use jiff::civil;
use serde::{Deserialize, Serialize};

/// The settings of a user. Fields that a server does not know yet have their defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserSettings {
    /// The reminders that a due date gets when none are named.
    pub reminders: ReminderDefaults,
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
        let Some(ReminderDefaultsPatch { timed, all_day }) = self.reminders else { return };
        if let Some(timed) = timed {
            settings.reminders.timed = timed;
        }
        if let Some(all_day) = all_day {
            settings.reminders.all_day = all_day;
        }
    }
}
