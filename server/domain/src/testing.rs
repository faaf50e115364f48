//! What the tests of several rules need.

use super::{clock::SystemIds, task::TaskContext};
use tandem_protocol::{Timestamp, settings::ReminderDefaults};

static NO_REMINDERS: ReminderDefaults = ReminderDefaults { timed: None, all_day: None };

/// A request at a time, of a user whose due dates get no reminders.
pub(crate) fn without_reminders(now: Timestamp, time_zone: &str) -> TaskContext<'_> {
    TaskContext { now, time_zone, parent: None, defaults: &NO_REMINDERS, ids: &SystemIds }
}
