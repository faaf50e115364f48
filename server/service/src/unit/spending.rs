//! What one user may spend in a day: replies, and tokens of providers.
//!
//! Replies cost whoever runs the server money. A reply counts when it begins, its tokens when it ends, because providers
//! report them at the end; so the last reply of a day may exceed the limit of tokens. Those of titles and summaries are
//! counted when these end. Days are those of UTC: in the zone of
//! the user they would begin anew whenever the user changes it.
//!
//! **Invariant:** a reply that has begun is never refused.

use super::{Result, ServiceError, UnitOfWork};
use crate::budget::Limits;
use std::time::Duration;
use tandem_protocol::{Timestamp, model::Message, rest::ManagedUser};
use tandem_store::{DailyLimits, Spending};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// What is counted, as refusals and metrics name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    Replies,
    Tokens,
}

impl Spent {
    fn as_str(self) -> &'static str {
        match self {
            Self::Replies => "replies",
            Self::Tokens => "tokens",
        }
    }
}

/// What a user may spend in a day: by the limits of the user, else of the server.
pub(crate) fn allowed(own: DailyLimits, limits: &Limits) -> DailyLimits {
    DailyLimits { replies: own.replies.or(limits.daily_replies), tokens: own.tokens.or(limits.daily_tokens) }
}

/// Adds the limits that hold to what owners of the server see of an account.
pub(crate) fn with_limits(mut user: ManagedUser, limits: &Limits) -> ManagedUser {
    let spending = &mut user.spending;
    let own = DailyLimits { replies: spending.own_daily_replies, tokens: spending.own_daily_tokens };
    let DailyLimits { replies, tokens } = allowed(own, limits);
    (spending.daily_replies, spending.daily_tokens) = (replies, tokens);
    user
}

/// Which limit is reached, and how much it is.
fn reached(spending: Spending, allowed: DailyLimits) -> Option<(Spent, i64)> {
    let over = |spent: i64, most: Option<i64>| most.filter(|&most| spent >= most);
    let replies = over(spending.day_replies, allowed.replies).map(|most| (Spent::Replies, most));
    replies.or_else(|| over(spending.day_tokens, allowed.tokens).map(|most| (Spent::Tokens, most)))
}

/// The time until the next day begins.
fn until_tomorrow(now: Timestamp) -> Duration {
    Duration::from_millis((DAY_MILLIS - now.as_millis().rem_euclid(DAY_MILLIS)).unsigned_abs())
}

impl UnitOfWork {
    /// Makes sure that one more reply may begin today.
    ///
    /// # Errors
    /// [`ServiceError::DailyLimit`] otherwise.
    pub(crate) fn require_daily_allowance(&self) -> Result<()> {
        let spending = self.account.spending.on(Spending::day_of(self.now));
        let Some((what, most)) = reached(spending, allowed(spending.limits, self.limits())) else { return Ok(()) };
        metrics::counter!("tandem_daily_limit_refusals_total", "limit" => what.as_str()).increment(1);
        Err(ServiceError::DailyLimit { what, most, wait: until_tomorrow(self.now) })
    }

    /// Counts a reply that begins.
    pub(crate) async fn count_reply(&mut self) -> Result<()> {
        let day = Spending::day_of(self.now);
        Ok(self.tx.spend(day, 1, 0).await?)
    }

    /// Counts the tokens of a reply that ends.
    pub(crate) async fn count_tokens(&mut self, reply: &Message) -> Result<()> {
        let Some(usage) = reply.usage else { return Ok(()) };
        self.spend_tokens(usage.prompt_tokens, usage.completion_tokens).await
    }

    /// Counts tokens of a request to a provider.
    pub(crate) async fn spend_tokens(&mut self, prompt: u64, completion: u64) -> Result<()> {
        let tokens = prompt.saturating_add(completion);
        let day = Spending::day_of(self.now);
        Ok(self.tx.spend(day, 0, i64::try_from(tokens).unwrap_or(i64::MAX)).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_a_user_comes_before_that_of_the_server() {
        let limits = Limits { daily_replies: Some(10), daily_tokens: None, ..Limits::default() };
        let own = DailyLimits { replies: None, tokens: Some(7) };
        assert_eq!(allowed(own, &limits), DailyLimits { replies: Some(10), tokens: Some(7) });
        let own = DailyLimits { replies: Some(500), tokens: None };
        assert_eq!(allowed(own, &limits), DailyLimits { replies: Some(500), tokens: None });
    }

    #[test]
    fn a_limit_is_reached_at_its_number() {
        let most = DailyLimits { replies: Some(3), tokens: Some(100) };
        let spent = |day_replies, day_tokens| Spending { day_replies, day_tokens, ..Spending::default() };
        assert_eq!(reached(spent(2, 99), most), None);
        assert_eq!(reached(spent(3, 0), most), Some((Spent::Replies, 3)));
        assert_eq!(reached(spent(0, 100), most), Some((Spent::Tokens, 100)));
        assert_eq!(reached(spent(i64::MAX, i64::MAX), DailyLimits::default()), None);
    }

    #[test]
    fn a_day_begins_with_nothing_spent() {
        let spent = Spending::default().plus(5, 2, 30).plus(5, 1, 0);
        assert_eq!((spent.day_replies, spent.day_tokens), (3, 30));
        let next = spent.plus(6, 1, 4);
        assert_eq!((next.day_replies, next.day_tokens, next.replies, next.tokens), (1, 4, 4, 34));
        assert_eq!(spent.on(6).day_replies, 0);
    }

    #[test]
    fn days_are_those_of_utc() {
        let at = |millis| Timestamp::from_millis(millis);
        assert_eq!((Spending::day_of(at(DAY_MILLIS - 1)), Spending::day_of(at(DAY_MILLIS))), (0, 1));
        assert_eq!(until_tomorrow(at(DAY_MILLIS - 1)), Duration::from_millis(1));
        assert_eq!(until_tomorrow(at(DAY_MILLIS)), Duration::from_hours(24));
    }
}
