//! The deadlines of a connection: one timer, set to whatever comes first.
//!
//! The timers of all connections share the timer wheel of the runtime. Each frame that is sent moves the next ping
//! away, but the timer is left alone: it is reset only to something earlier, or when it has fired too early. So a send
//! costs no work on the wheel.
//!
//! At most one ping is unanswered at a time.

use std::{pin::Pin, sync::LazyLock, time::Duration};
use tandem_protocol::limits::{EXPIRY_NOTICE, HELLO_TIMEOUT, PING_INTERVAL, PONG_TIMEOUT};
use tokio::time::{Instant, Sleep, sleep_until};

/// The first pings of connections that began together are spread over this long.
const FIRST_PING_SPREAD: Duration = Duration::from_secs(4);
/// Pings are sent at multiples of this, up to this much early: those of a thousand sockets take few wake-ups of the
/// node.
const PING_TICK: Duration = Duration::from_millis(250);
/// The instant from which ticks are counted.
static FIRST_PING_TICK: LazyLock<Instant> = LazyLock::new(Instant::now);

/// A deadline that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// No `hello` came in time.
    Hello,
    /// Nothing was sent for a while.
    Ping,
    /// A ping stayed unanswered.
    Pong,
    ExpiryNotice,
    Expiry,
}

#[derive(Debug)]
pub(super) struct Timers {
    hello: Option<Instant>,
    /// How much earlier the first ping is sent, so that devices that came at once are not pinged at once.
    lead: Duration,
    ping: Option<Instant>,
    pong: Option<Instant>,
    notice: Option<Instant>,
    expiry: Instant,
    sleep: Pin<Box<Sleep>>,
}

impl Timers {
    /// Creates the deadlines of a new connection whose token expires in `token_millis` milliseconds.
    pub(super) fn new(now: Instant, token_millis: i64) -> Self {
        let hello = now + HELLO_TIMEOUT;
        let (notice, expiry) = token_deadlines(now, token_millis);
        let (lead, sleep) = (Duration::ZERO, Box::pin(sleep_until(hello)));
        Self { hello: Some(hello), lead, ping: None, pong: None, notice, expiry, sleep }
    }

    /// Records that `hello` came. `spread`, from 0 to 1, is how early the first ping is sent.
    pub(super) fn on_hello(&mut self, spread: f64) {
        self.hello = None;
        self.lead = FIRST_PING_SPREAD.mul_f64(spread);
    }

    /// Records that something was sent. True when that sets a deadline earlier than the timer: the caller has to poll
    /// again. While a ping is unanswered no other one is due.
    pub(super) fn on_sent(&mut self, now: Instant) -> bool {
        if self.pong.is_some() {
            return false;
        }
        self.ping.replace(self.ping_after(now)).is_none()
    }

    /// When to ping if nothing is sent after this.
    fn ping_after(&self, sent: Instant) -> Instant {
        let at = sent + PING_INTERVAL - self.lead;
        // Rounded down: a ping that is late would exceed the interval that `welcome` announces.
        let ticks = at.saturating_duration_since(*FIRST_PING_TICK).div_duration_f64(PING_TICK);
        at - PING_TICK.mul_f64(ticks.fract())
    }

    /// Records the answer to a ping.
    pub(super) fn on_pong(&mut self, now: Instant) {
        if self.pong.take().is_some() {
            self.ping = Some(self.ping_after(now));
        }
    }

    /// Sets the deadlines of a newer token.
    pub(super) fn on_token_renewed(&mut self, now: Instant, token_millis: i64) {
        (self.notice, self.expiry) = token_deadlines(now, token_millis);
    }

    /// Waits for the next deadline and removes it. `last_write` returns when a direct write last sent something.
    pub(super) async fn wait(&mut self, last_write: impl Fn() -> Option<Instant>) -> Due {
        loop {
            let (at, due) = self.next();
            if at < self.sleep.deadline() || self.sleep.is_elapsed() {
                self.sleep.as_mut().reset(at);
            }
            self.sleep.as_mut().await;
            // The deadline was moved away since the timer was set.
            if at > self.sleep.deadline() {
                continue;
            }
            // Direct writes do not come by here: only now they are taken into account.
            if due == Due::Ping
                && let Some(later) = last_write().map(|sent| self.ping_after(sent)).filter(|later| *later > at)
            {
                self.ping = Some(later);
                continue;
            }
            self.fire(at, due);
            return due;
        }
    }

    fn fire(&mut self, at: Instant, due: Due) {
        match due {
            Due::Hello => self.hello = None,
            Due::Ping => {
                // Only the first ping is early: from then on the pings of different devices stay spread.
                self.lead = Duration::ZERO;
                self.ping = None;
                self.pong = Some(at + PONG_TIMEOUT);
            }
            Due::Pong => self.pong = None,
            Due::ExpiryNotice => self.notice = None,
            // It ends the connection, so that nothing is left to wait for.
            Due::Expiry => {}
        }
    }

    fn next(&self) -> (Instant, Due) {
        let deadlines = [
            (self.hello, Due::Hello),
            (self.ping, Due::Ping),
            (self.pong, Due::Pong),
            (self.notice, Due::ExpiryNotice),
        ];
        let set = deadlines.into_iter().filter_map(|(at, due)| at.map(|at| (at, due)));
        set.fold((self.expiry, Due::Expiry), |first, next| if next.0 < first.0 { next } else { first })
    }
}

/// When to announce that a token expires, and when it does. One that expires within the notice is announced at once.
fn token_deadlines(now: Instant, millis: i64) -> (Option<Instant>, Instant) {
    let left = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
    (Some(now + left.saturating_sub(EXPIRY_NOTICE)), now + left)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fires the next deadline. Returns it and its seconds after `start`, rounded up to hide the ticks.
    fn next(timers: &mut Timers, start: Instant) -> (Due, u128) {
        let (at, due) = timers.next();
        timers.fire(at, due);
        (due, (at - start).as_millis().div_ceil(1000))
    }

    /// Tokio's `Sleep` needs a runtime, though nothing here waits.
    #[tokio::test]
    async fn without_hello_it_ends_after_five_seconds() {
        let start = Instant::now();
        assert_eq!(next(&mut Timers::new(start, 600_000), start), (Due::Hello, 5));
    }

    #[tokio::test]
    async fn silence_is_pinged_and_an_unanswered_ping_ends_it() {
        let start = Instant::now();
        let mut timers = Timers::new(start, 600_000);
        timers.on_hello(0.0);
        timers.on_sent(start);
        assert_eq!(next(&mut timers, start), (Due::Ping, 20));
        timers.on_sent(start + PING_INTERVAL);
        assert_eq!(next(&mut timers, start), (Due::Pong, 30));
    }

    #[tokio::test]
    async fn the_first_ping_may_be_early_and_later_ones_are_not() {
        let start = Instant::now();
        let mut timers = Timers::new(start, 600_000);
        timers.on_hello(0.5);
        timers.on_sent(start - PING_INTERVAL);
        timers.on_sent(start);
        assert_eq!(next(&mut timers, start), (Due::Ping, 18));
        timers.on_pong(start + PING_INTERVAL);
        assert_eq!(next(&mut timers, start), (Due::Ping, 40));
    }

    #[tokio::test]
    async fn a_deadline_that_moves_away_fires_once_and_not_early() {
        let start = Instant::now();
        let mut timers = Timers::new(start, 20);
        timers.on_hello(0.0);
        assert_eq!(timers.wait(|| None).await, Due::ExpiryNotice, "a token that ends soon is announced at once");
        tokio::select! {
            biased;
            due = timers.wait(|| None) => panic!("{due:?} is not due"),
            () = std::future::ready(()) => {}
        }
        timers.on_token_renewed(start, 60_000 + 60);
        assert_eq!(timers.wait(|| None).await, Due::ExpiryNotice);
        assert!(start.elapsed() >= Duration::from_millis(60), "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn direct_writes_move_the_ping_away_too() {
        let start = Instant::now();
        let mut timers = Timers::new(start, 600_000);
        timers.on_hello(0.0);
        timers.on_sent(start - PING_INTERVAL);
        let last_write = start + 2 * PING_TICK - PING_INTERVAL;
        assert_eq!(timers.wait(|| Some(last_write)).await, Due::Ping);
        assert!(start.elapsed() >= PING_TICK, "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn pings_of_many_go_out_together() {
        let start = Instant::now();
        let pings: std::collections::BTreeSet<Instant> = (0..1000)
            .map(|n| {
                let (sent, mut timers) = (start + Duration::from_millis(n), Timers::new(start, 600_000));
                timers.on_hello(0.0);
                timers.on_sent(sent);
                let ping = timers.next().0;
                assert!(ping <= sent + PING_INTERVAL && ping + PING_TICK >= sent + PING_INTERVAL, "{:?}", ping - sent);
                ping
            })
            .collect();
        assert!((4..=5).contains(&pings.len()), "{pings:?}");
    }

    #[tokio::test]
    async fn only_the_first_ping_is_earlier_than_the_timer() {
        let start = Instant::now();
        let mut timers = Timers::new(start, 600_000);
        timers.on_hello(0.0);
        assert!(timers.on_sent(start), "nothing was due so soon");
        assert!(!timers.on_sent(start + PING_INTERVAL / 2), "it moved away");
        assert_eq!(next(&mut timers, start), (Due::Ping, 30));
        assert!(!timers.on_sent(start), "an answer is waited for");
    }

    #[tokio::test]
    async fn an_answered_ping_starts_over() {
        let start = Instant::now();
        let mut timers = Timers::new(start, 600_000);
        timers.on_hello(0.0);
        timers.on_sent(start);
        assert_eq!(next(&mut timers, start), (Due::Ping, 20));
        timers.on_pong(start + PING_INTERVAL);
        assert_eq!(next(&mut timers, start), (Due::Ping, 40));
    }

    #[tokio::test]
    async fn the_end_of_the_token_is_announced_a_minute_before() {
        let start = Instant::now();
        let mut timers = Timers::new(start, 100_000);
        timers.on_hello(0.0);
        assert_eq!(next(&mut timers, start), (Due::ExpiryNotice, 40));
        assert_eq!(next(&mut timers, start), (Due::Expiry, 100));
    }
}
