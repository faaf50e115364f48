//! The time as components read it.
//!
//! It is a property, so that a test decides what time it is. A new [`Clock`] at each full minute redraws everything
//! that shows a date, and nothing else.

use jiff::civil::{Date, DateTime};
use std::{fmt, rc::Rc};
use tandem_protocol::Timestamp;

/// The current time and the reader's time zone. Two clocks are equal when they are the same allocation.
#[derive(Clone)]
pub(crate) struct Clock(Rc<Reading>);

struct Reading {
    now: Box<dyn Fn() -> Timestamp>,
    local: Box<dyn Fn(Timestamp) -> DateTime>,
}

impl Clock {
    /// `now` returns the current time, `local` converts a point in time to the reader's time zone.
    pub(crate) fn new(now: impl Fn() -> Timestamp + 'static, local: impl Fn(Timestamp) -> DateTime + 'static) -> Self {
        Self(Rc::new(Reading { now: Box::new(now), local: Box::new(local) }))
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.0.now)()
    }

    pub(crate) fn local(&self, at: Timestamp) -> DateTime {
        (self.0.local)(at)
    }

    pub(crate) fn local_now(&self) -> DateTime {
        self.local(self.now())
    }

    pub(crate) fn today(&self) -> Date {
        self.local_now().date()
    }
}

impl PartialEq for Clock {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.local_now()).finish()
    }
}
