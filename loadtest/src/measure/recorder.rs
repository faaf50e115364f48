//! A latency over a run: all values in one histogram, and a point for each second.

use super::histogram::Histogram;
use serde::Serialize;
use std::sync::{Mutex, PoisonError};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// What a latency was in one second of the run. Times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Second of the run.
    pub second: u64,
    /// Values in it.
    pub count: u64,
    /// Half of them were at most this.
    pub p50: f64,
    /// 99 of 100 were at most this.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}

/// Takes latencies from many tasks at once.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    all: Histogram,
    points: Vec<Point>,
    second: u64,
    this_second: Histogram,
}

impl Recorder {
    /// Takes a latency that ended at `now`; both in nanoseconds.
    pub fn record(&self, now: u64, latency: u64) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let second = now / NANOS_PER_SECOND;
        if second > inner.second {
            inner.close_second();
            inner.second = second;
        }
        inner.all.record(latency / 1000);
        inner.this_second.record(latency / 1000);
    }

    /// Forgets everything so far.
    pub fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Inner::default();
    }

    /// Takes everything out so far; what comes later starts anew.
    #[must_use]
    pub fn take(&self) -> Self {
        Self(Mutex::new(std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))))
    }

    /// Everything so far, in microseconds.
    #[must_use]
    pub fn histogram(&self) -> Histogram {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).all.clone()
    }

    /// The latency that a share of all values does not exceed, in milliseconds.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).all.quantile(share).map(millis)
    }

    /// A point for each second in which there was something.
    #[must_use]
    pub fn points(&self) -> Vec<Point> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.close_second();
        inner.points.clone()
    }
}

impl Inner {
    fn close_second(&mut self) {
        let closed = std::mem::take(&mut self.this_second);
        let (Some(p50), Some(p99)) = (closed.quantile(0.5), closed.quantile(0.99)) else { return };
        self.points.push(Point {
            second: self.second,
            count: closed.count(),
            p50: millis(p50),
            p99: millis(p99),
            max: millis(closed.max()),
        });
    }
}

/// Microseconds as milliseconds.
#[must_use]
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
        for (now, latency) in [(100, 2), (900, 4), (1100, 8), (3500, 1)] {
            recorder.record(now * MS, latency * MS);
        }
        let points = recorder.points();
        assert_eq!(
            points.iter().map(|point| (point.second, point.count)).collect::<Vec<_>>(),
            [(0, 2), (1, 1), (3, 1)]
        );
        assert_eq!(points.iter().map(|point| point.max).collect::<Vec<_>>(), [4.0, 8.0, 1.0]);
        assert_eq!((recorder.histogram().count(), recorder.quantile(1.0)), (4, Some(8.0)));
    }

    #[test]
    fn a_value_that_is_late_counts_into_the_second_that_runs() {
        let recorder = Recorder::default();
        recorder.record(2500 * MS, MS);
        recorder.record(1900 * MS, MS);
        assert_eq!(recorder.points().iter().map(|point| (point.second, point.count)).collect::<Vec<_>>(), [(2, 2)]);
    }
}
