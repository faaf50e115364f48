//! Timers and listeners. gloo's are compiled once more for each closure; here a closure is boxed, and there is one of each.

use gloo_events::EventListener;
use gloo_timers::callback::{Interval, Timeout};
use web_sys::{Event, EventTarget};

/// Calls `then` after so many milliseconds, unless what is returned is dropped before.
pub(crate) fn after(millis: u32, then: impl FnOnce() + 'static) -> Timeout {
    fn boxed(millis: u32, then: Box<dyn FnOnce()>) -> Timeout {
        Timeout::new(millis, then)
    }
    boxed(millis, Box::new(then))
}

/// Calls `then` after what runs now has ended, and the browser has dealt with it.
pub(crate) fn later(then: impl FnOnce() + 'static) {
    after(0, then).forget();
}

/// Calls `then` at an interval in milliseconds, until what is returned is dropped.
pub(crate) fn every(millis: u32, then: impl FnMut() + 'static) -> Interval {
    fn boxed(millis: u32, then: Box<dyn FnMut()>) -> Interval {
        Interval::new(millis, then)
    }
    boxed(millis, Box::new(then))
}

/// Calls `then` at each event of this name, until what is returned is dropped.
pub(crate) fn on(target: &EventTarget, name: &'static str, then: impl FnMut(&Event) + 'static) -> EventListener {
    fn boxed(target: &EventTarget, name: &'static str, then: Box<dyn FnMut(&Event)>) -> EventListener {
        EventListener::new(target, name, then)
    }
    boxed(target, name, Box::new(then))
}
