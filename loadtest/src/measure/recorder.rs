//! A latency over a run: all values in one histogram, and a point for each second.
//!
//! Many tasks record into the same latency, so that a report has one figure for all of them. The values are kept as an
//! HDR histogram in microseconds: its size depends on the range of the values, not on their number.
//!
//! Every value that the histogram returns is at most 0.1 % above the recorded one. A value belongs to the second in
//! which it is recorded; an earlier second is never opened again.

use hdrhistogram::Histogram;
use serde::Serialize;
use std::sync::{Mutex, PoisonError};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Significant decimal digits that a histogram keeps of each value.
const DIGITS: u8 = 3;

/// The latency in one second of the run, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Number of the second, from the start of the run.
    pub second: u64,
    pub count: u64,
    pub p50: f64,
    pub p99: f64,
    pub max: f64,
}

/// Records latencies from many tasks at once.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    all: Histogram<u64>,
    points: Vec<Point>,
    second: u64,
    this_second: Histogram<u64>,
}

impl Default for Inner {
    fn default() -> Self {
        Self { all: empty(), points: Vec::new(), second: 0, this_second: empty() }
    }
}

impl Recorder {
    /// Records a latency that ended at `now`; both in nanoseconds.
    pub fn record(&self, now: u64, latency: u64) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let second = now / NANOS_PER_SECOND;
        // Many tasks record, so a latency of an earlier second may come late: it counts in the current one.
        if second > inner.second {
            inner.close_second();
            inner.second = second;
        }
        inner.all += latency / 1000;
        inner.this_second += latency / 1000;
    }

    pub fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Inner::default();
    }

    /// Moves everything that was recorded into a recorder of its own, and leaves this one empty.
    #[must_use]
    pub fn take(&self) -> Self {
        Self(Mutex::new(std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))))
    }

    /// A copy of everything that was recorded, in microseconds.
    pub fn histogram(&self) -> Histogram<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).all.clone()
    }

    pub fn count(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).all.len()
    }

    /// The latency in milliseconds that a share of all values (0 to 1) does not exceed; `None` when nothing was recorded.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        quantile(&self.0.lock().unwrap_or_else(PoisonError::into_inner).all, share)
    }

    /// A point for each second in which something was recorded.
    pub fn points(&self) -> Vec<Point> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.close_second();
        inner.points.clone()
    }
}

impl Inner {
    fn close_second(&mut self) {
        let closed = &self.this_second;
        let (Some(p50), Some(p99)) = (quantile(closed, 0.5), quantile(closed, 0.99)) else { return };
        let point = Point { second: self.second, count: closed.len(), p50, p99, max: millis(closed.max()) };
        self.points.push(point);
        self.this_second.reset();
    }
}

/// A histogram that grows with the largest value.
fn empty() -> Histogram<u64> {
    Histogram::new(DIGITS).expect("three digits are supported")
}

/// As [`Recorder::quantile`], of a histogram in microseconds.
pub fn quantile(histogram: &Histogram<u64>, share: f64) -> Option<f64> {
    // An empty histogram would return 0.
    (!histogram.is_empty()).then(|| millis(histogram.value_at_quantile(share)))
}

#[expect(clippy::cast_precision_loss, reason = "latencies of less than 2^52 microseconds")]
pub fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn each_second_has_its_point() {
        let recorder = Recorder::default();
        for (now, latency) in [(100, 250), (900, 500), (1100, 2000), (3500, 1000)] {
            recorder.record(now * MS, latency * 1000);
        }
        let points: Vec<_> = recorder.points().iter().map(|point| (point.second, point.count, point.max)).collect();
        assert_eq!(points, [(0, 2, 0.5), (1, 1, 2.0), (3, 1, 1.0)]);
        assert_eq!((recorder.count(), recorder.quantile(0.5), recorder.quantile(1.0)), (4, Some(0.5), Some(2.0)));
    }

    #[test]
    fn a_late_value_counts_into_the_current_second() {
        let recorder = Recorder::default();
        recorder.record(2500 * MS, MS);
        recorder.record(1900 * MS, MS);
        assert_eq!(recorder.points().iter().map(|point| (point.second, point.count)).collect::<Vec<_>>(), [(2, 2)]);
    }

    #[test]
    fn a_latency_of_hours_is_recorded_within_a_thousandth() {
        let recorder = Recorder::default();
        recorder.record(0, 7_200_000 * MS);
        let hours = recorder.quantile(1.0).unwrap() / 3_600_000.0;
        assert!((2.0..2.002).contains(&hours), "{hours}");
    }

    #[test]
    fn an_empty_recorder_has_no_quantile() {
        assert_eq!((Recorder::default().quantile(0.5), Recorder::default().count()), (None, 0));
    }
}
