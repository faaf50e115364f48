//! What a connection does by the clock: one timer, set to whatever comes first.

use std::{pin::Pin, time::Duration};
use tandem_protocol::limits::{EXPIRY_NOTICE, HELLO_TIMEOUT, PING_INTERVAL, PONG_TIMEOUT};
use tokio::time::{Instant, Sleep, sleep_until};

/// Something whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// No `hello` came.
    Hello,
    /// Nothing was sent for a while.
    Ping,
    /// A ping stayed unanswered.
    Pong,
    /// The access token ends soon.
    ExpiryNotice,
    /// The access token has ended.
    Expiry,
}

/// The deadlines of a connection.
#[derive(Debug)]
pub(super) struct Timers {
    hello: Option<Instant>,
    ping: Option<Instant>,
    pong: Option<Instant>,
    notice: Option<Instant>,
    expiry: Instant,
    sleep: Pin<Box<Sleep>>,
}

impl Timers {
    /// For a connection that begins, whose token ends in so many milliseconds.
    pub(super) fn new(now: Instant, token_millis: i64) -> Self {
        let hello = now + HELLO_TIMEOUT;
        let (notice, expiry) = token_deadlines(now, token_millis);
        Self { hello: Some(hello), ping: None, pong: None, notice, expiry, sleep: Box::pin(sleep_until(hello)) }
    }

    /// `hello` came.
    pub(super) fn greeted(&mut self) {
        self.hello = None;
    }

    /// Something was sent. While a ping is unanswered no other is due.
    pub(super) fn sent(&mut self, now: Instant) {
        if self.pong.is_none() {
            self.ping = Some(now + PING_INTERVAL);
        }
    }

    /// A ping was answered.
    pub(super) fn pong(&mut self, now: Instant) {
        if self.pong.take().is_some() {
            self.ping = Some(now + PING_INTERVAL);
        }
    }

    /// Another token took the place of the first.
    pub(super) fn renewed(&mut self, now: Instant, token_millis: i64) {
        (self.notice, self.expiry) = token_deadlines(now, token_millis);
    }

    /// Waits until something is due, and forgets it.
    pub(super) async fn wait(&mut self) -> Due {
        let (at, due) = self.next();
        if self.sleep.deadline() != at {
            self.sleep.as_mut().reset(at);
        }
        self.sleep.as_mut().await;
        self.fire(at, due);
        due
    }

    fn fire(&mut self, at: Instant, due: Due) {
        match due {
            Due::Hello => self.hello = None,
            Due::Ping => {
                self.ping = None;
                self.pong = Some(at + PONG_TIMEOUT);
            }
            Due::Pong => self.pong = None,
            Due::ExpiryNotice => self.notice = None,
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

/// When to announce the end of a token, and when it ends. A token that ends within the notice is announced at once.
fn token_deadlines(now: Instant, millis: i64) -> (Option<Instant>, Instant) {
    let left = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
    (Some(now + left.saturating_sub(EXPIRY_NOTICE)), now + left)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is due next and after how many seconds; it fires.
    fn next(timers: &mut Timers, start: Instant) -> (Due, u64) {
        let (at, due) = timers.next();
        timers.fire(at, due);
        (due, (at - start).as_secs())
    }

    /// `Sleep` wants a runtime, though nothing here waits.
    #[tokio::test]
    async fn without_hello_it_ends_after_five_seconds() {
        let start = Instant::now();
        assert_eq!(next(&mut Timers::new(start, 600_000), start), (Due::Hello, 5));
    }

    #[tokio::test]
    async fn silence_is_pinged_and_an_unanswered_ping_ends_it() {
        let start = Instant::now();
        let mut timers = Timers::new(start, 600_000);
        timers.greeted();
        timers.sent(start);
        assert_eq!(next(&mut timers, start), (Due::Ping, 20));
        timers.sent(start + PING_INTERVAL);
        assert_eq!(next(&mut timers, start), (Due::Pong, 30));
    }

    #[tokio::test]
    async fn an_answered_ping_starts_over() {
        let start = Instant::now();
        let mut timers = Timers::new(start, 600_000);
        timers.greeted();
        timers.sent(start);
        assert_eq!(next(&mut timers, start), (Due::Ping, 20));
        timers.pong(start + PING_INTERVAL);
        assert_eq!(next(&mut timers, start), (Due::Ping, 40));
    }

    #[tokio::test]
    async fn the_end_of_the_token_is_announced_a_minute_before() {
        let start = Instant::now();
        let mut timers = Timers::new(start, 100_000);
        timers.greeted();
        assert_eq!(next(&mut timers, start), (Due::ExpiryNotice, 40));
        assert_eq!(next(&mut timers, start), (Due::Expiry, 100));
    }
}
