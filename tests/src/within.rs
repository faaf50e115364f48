//! Time limits of the protocol, on machines that do other work too.
//!
//! Speed is measured by the load generator. A limit in a test only tells two ways apart, such as the bus and the sweep that
//! stands in for it, so it may not depend on what else runs: it counts the time in which the tests had the processor.

use std::{
    fmt::Display,
    hint::spin_loop,
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};

/// How long the use of the processor is watched.
const SAMPLE: Duration = Duration::from_millis(200);

/// Asserts that something took no longer than `most` since an instant. `what` completes the sentence "… took …".
#[track_caller]
pub fn assert_within(what: impl Display, since: Instant, most: Duration) {
    assert_took(what, since.elapsed(), most);
}

/// Asserts that something took no longer than `most`; the machine is as busy as it was then.
#[track_caller]
pub fn assert_took(what: impl Display, took: Duration, most: Duration) {
    eprintln!("{what}: {} ms", took.as_millis());
    if took > most {
        let busy = slowed_by();
        assert!(took <= most.mul_f64(busy), "{what} took {took:?}, not {most:?}; the machine is slowed by {busy:.1}");
    }
}

/// The factor by which other work slows a thread down now: the time that passes over the time that it gets.
fn slowed_by() -> f64 {
    let (start, had) = (Instant::now(), processor_time());
    while start.elapsed() < SAMPLE {
        spin_loop();
    }
    start.elapsed().as_secs_f64() / processor_time().saturating_sub(had).as_secs_f64().max(1e-3)
}

/// The processor time of this thread.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).expect("nanoseconds"))
}

#[cfg(test)]
mod tests {
    use super::slowed_by;
    use std::{
        hint::spin_loop,
        sync::atomic::{AtomicBool, Ordering},
        thread,
    };

    #[test]
    fn a_busy_machine_is_noticed() {
        let done = AtomicBool::new(false);
        let threads = 3 * thread::available_parallelism().unwrap().get();
        let busy = thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        spin_loop();
                    }
                });
            }
            let busy = slowed_by();
            done.store(true, Ordering::Relaxed);
            busy
        });
        assert!(busy > 1.5, "{threads} threads slow it by {busy}");
    }
}
