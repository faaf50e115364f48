//! Provides a [`Clock`] in the time zone of the account, and a new one at each full minute.

use super::use_user;
use crate::platform::events::after;
use crate::{
    components::clock::Clock,
    platform::clock::{self, LocalClock, Zones},
};
use std::rc::Rc;
use yew::{prelude::*, provide};

const MINUTE_MS: i64 = 60_000;

#[hook]
pub(crate) fn use_clock() -> Clock {
    use_provided()
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ClockProviderProps {
    pub children: Html,
}

/// Provides the clock of [`use_clock`].
#[component]
pub(crate) fn ClockProvider(props: &ClockProviderProps) -> Html {
    let user = use_user();
    let zone = use_memo(user.time_zone.clone(), |zone| LocalClock::of(zone));
    let zones = use_memo((), |()| Zones::default());
    let minute = use_state_eq(this_minute);
    {
        let setter = minute.setter();
        use_effect_with(*minute, move |minute| {
            let left = (minute + 1) * MINUTE_MS - clock::now().as_millis();
            // Timers may fire slightly early; without the margin this would loop until the minute is over.
            let timer = after(u32::try_from(left).unwrap_or(0) + 50, move || setter.set(this_minute()));
            move || drop(timer)
        });
    }
    let all_day = user.settings.reminders.time_of_day();
    let clock = use_memo((*minute, zone.zone().to_owned(), all_day), |_| {
        let name = zone.zone().to_owned();
        let (zone, zones) = (Rc::clone(&zone), Rc::clone(&zones));
        Clock::new(&name, all_day, clock::now, move |at| zone.at(at), move |at, name| zones.instant(at, name))
    });
    provide((*clock).clone(), props.children.clone())
}

fn this_minute() -> i64 {
    clock::now().as_millis().div_euclid(MINUTE_MS)
}
