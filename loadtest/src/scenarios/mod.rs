//! The scenarios, one in each file. [`ALL`] lists them; `users` and `frame_client` are shared.

pub mod bad_neighbour;
pub mod changes;
pub mod costs;
pub mod fan_out;
pub mod fifty_users;
mod frame_client;
pub mod history;
pub mod idle;
pub mod login_storm;
pub mod pushes;
pub mod reconnect_storm;
pub mod reminders;
pub mod slow_device;
pub mod soak;
pub mod streams;
mod users;

use crate::scenario::Scenario;
use bad_neighbour::BadNeighbour;
use changes::Changes;
use costs::Costs;
use fan_out::FanOut;
use fifty_users::FiftyUsers;
use history::History;
use idle::Idle;
use login_storm::LoginStorm;
use pushes::Pushes;
use reconnect_storm::ReconnectStorm;
use reminders::Reminders;
use slow_device::SlowDevice;
use soak::Soak;
use streams::Streams;

/// Every scenario, in the order of the help text.
pub const ALL: &[&dyn Scenario] = &[
    &FiftyUsers,
    &Idle,
    &FanOut,
    &ReconnectStorm,
    &SlowDevice::BY_PROTOCOL,
    &Streams,
    &LoginStorm,
    &Reminders,
    &Pushes,
    &BadNeighbour,
    &Costs,
    &Changes,
    &History,
    &Soak,
];

/// The scenario with this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Scenario> {
    ALL.iter().copied().find(|scenario| scenario.about().name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_is_found_by_its_name_and_has_a_summary() {
        for scenario in ALL {
            let about = scenario.about();
            assert!(named(about.name).is_some_and(|found| found.about().name == about.name));
            assert!(!about.summary.is_empty() && about.size.users > 0);
        }
        assert!(named("no-such").is_none());
    }
}
