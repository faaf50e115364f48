//! What components know of time: handed down as a property, so that a test says what time it is.

use jiff::civil::{Date, DateTime};
use std::{fmt, rc::Rc};
use tandem_protocol::Timestamp;

/// The present, and the reader's wall clock.
///
/// Two clocks are equal when they are the same one. Make a new one at each full minute: whatever shows a date or an
/// overdue task is then drawn again, and nothing else is.
#[derive(Clone)]
pub(crate) struct Clock(Rc<Reading>);

struct Reading {
    now: Box<dyn Fn() -> Timestamp>,
    local: Box<dyn Fn(Timestamp) -> DateTime>,
}

impl Clock {
    /// `now` reads the present, `local` puts a point in time on the reader's wall clock, in their time zone.
    pub(crate) fn new(now: impl Fn() -> Timestamp + 'static, local: impl Fn(Timestamp) -> DateTime + 'static) -> Self {
        Self(Rc::new(Reading { now: Box::new(now), local: Box::new(local) }))
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.0.now)()
    }

    /// A point in time as the reader's clock shows it.
    pub(crate) fn local(&self, at: Timestamp) -> DateTime {
        (self.0.local)(at)
    }

    /// The present as the reader's clock shows it.
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
