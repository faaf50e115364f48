//! A histogram that keeps any value to within one percent: 128 buckets for each doubling, grown as far as needed.

/// Buckets for each doubling of the value, as a power of two.
const BITS: u32 = 7;
const PER_DOUBLING: u64 = 1 << BITS;

/// Counts of values. The unit is the caller's; latencies here are in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    sum: u128,
    max: u64,
}

/// A range of values and how many fell into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Smallest value of the range.
    pub low: u64,
    /// Largest value of the range.
    pub high: u64,
    /// Values in it.
    pub count: u64,
}

impl Histogram {
    /// Counts a value.
    pub fn record(&mut self, value: u64) {
        let index = index_of(value);
        if index >= self.buckets.len() {
            self.buckets.resize(index + 1, 0);
        }
        self.buckets[index] += 1;
        self.count += 1;
        self.sum += u128::from(value);
        self.max = self.max.max(value);
    }

    /// Adds everything that another histogram counted.
    pub fn merge(&mut self, other: &Self) {
        if other.buckets.len() > self.buckets.len() {
            self.buckets.resize(other.buckets.len(), 0);
        }
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }

    /// How many values were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The largest value, exactly; 0 when there is none.
    #[must_use]
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The mean, exactly; `None` when there is no value.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a mean of 52 bits is exact enough")]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The value that a share of all values (0 to 1) does not exceed, at most one percent too high; `None` when empty.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank within counts far below 2^52"
    )]
    pub fn quantile(&self, share: f64) -> Option<u64> {
        let rank = ((share.clamp(0.0, 1.0) * self.count as f64).ceil() as u64).max(1);
        let mut below = 0;
        self.filled().find_map(|bucket| {
            below += bucket.count;
            (below >= rank).then(|| bucket.high.min(self.max))
        })
    }

    /// The buckets that hold something, lowest first.
    pub fn filled(&self) -> impl Iterator<Item = Bucket> {
        self.buckets.iter().zip(0..).filter(|(count, _)| **count > 0).map(|(count, index)| {
            let (low, high) = range_of(index);
            Bucket { low, high, count: *count }
        })
    }
}

fn index_of(value: u64) -> usize {
    let shift = value.max(1).ilog2().saturating_sub(BITS);
    let index = u64::from(shift) * PER_DOUBLING + (value >> shift);
    // 58 doublings of 128 buckets: below 8,000.
    usize::try_from(index).unwrap_or(usize::MAX)
}

fn range_of(index: u64) -> (u64, u64) {
    if index < 2 * PER_DOUBLING {
        return (index, index);
    }
    let shift = index / PER_DOUBLING - 1;
    let low = (index % PER_DOUBLING + PER_DOUBLING) << shift;
    (low, low + ((1 << shift) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bucket_and_buckets_touch() {
        let mut next = 0;
        for index in 0..3000 {
            let (low, high) = range_of(index);
            assert_eq!((low, index_of(low), index_of(high)), (next, usize::try_from(index).unwrap(), index_of(low)));
            next = high + 1;
        }
        assert_eq!(range_of(index_of(u64::MAX).try_into().unwrap()).1, u64::MAX);
    }

    #[test]
    fn quantiles_are_right_within_one_percent() {
        let mut histogram = Histogram::default();
        for value in 1..=100_000 {
            histogram.record(value);
        }
        for (share, exact) in [(0.5, 50_000.0), (0.9, 90_000.0), (0.99, 99_000.0), (0.999, 99_900.0)] {
            let measured = f64::from(u32::try_from(histogram.quantile(share).unwrap()).unwrap());
            assert!((exact..=exact * 1.01).contains(&measured), "{share}: {measured}");
        }
        assert_eq!((histogram.quantile(1.0), histogram.max(), histogram.count()), (Some(100_000), 100_000, 100_000));
        assert_eq!(histogram.mean(), Some(50_000.5));
    }

    #[test]
    fn nothing_counted_has_no_quantile() {
        let histogram = Histogram::default();
        assert_eq!((histogram.quantile(0.5), histogram.mean(), histogram.max()), (None, None, 0));
    }

    #[test]
    fn one_value_is_every_quantile() {
        let mut histogram = Histogram::default();
        histogram.record(1_234_567);
        assert_eq!((histogram.quantile(0.0), histogram.quantile(1.0)), (Some(1_234_567), Some(1_234_567)));
    }

    #[test]
    fn merging_is_counting_together() {
        let (mut a, mut b, mut both) = (Histogram::default(), Histogram::default(), Histogram::default());
        for value in 0..1000 {
            if value % 3 == 0 { &mut a } else { &mut b }.record(value * value);
            both.record(value * value);
        }
        a.merge(&b);
        assert_eq!(a, both);
    }
}
