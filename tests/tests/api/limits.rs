//! Rate limits: they are enforced with `Retry-After`, and do not affect other users.

use crate::support::Site;
use futures_util::future::join_all;
use serde_json::json;
use std::future::IntoFuture as _;
use tandem_protocol::ErrorCode;
use tandem_tests::{
    TestUser, fresh,
    user::{PASSWORD, PendingRequest, Visitor},
};

on_both!(
    a_users_requests_are_limited_and_others_are_not,
    guesses_at_an_account_are_limited_and_the_address_does_not_matter,
    guesses_at_the_same_time_are_counted_before_they_are_made,
    a_right_password_is_not_counted,
    guesses_of_a_signed_in_user_are_limited_too,
    guesses_from_an_address_are_limited,
    a_known_device_is_not_locked_out_by_a_stranger,
    refused_attempts_cost_their_address_too,
    addresses_of_a_network_are_limited_together,
    guesses_in_one_session_do_not_count_against_another,
);

async fn a_users_requests_are_limited_and_others_are_not(site: &Site) {
    let (busy, calm) = (TestUser::register(site).await, TestUser::register(site).await);
    let mut limited = None;
    for _ in 0..8 {
        let answers = join_all((0..100).map(|_| busy.get("/me").into_future())).await;
        limited = answers.into_iter().find(|answer| answer.status == 429);
        if limited.is_some() {
            break;
        }
    }
    let limited = limited.expect("a burst is 200 requests, then 100 a second");
    limited.refused(ErrorCode::RateLimited);
    assert!(limited.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds >= 1), "{limited:?}");
    calm.get("/me").await.expect(200);
}

async fn guesses_at_an_account_are_limited_and_the_address_does_not_matter(site: &Site) {
    let user = TestUser::register(site).await;
    // Each attempt from another address: the account allows twenty.
    for _ in 0..3 {
        join_all((0..8).map(|_| Visitor::of(site).log_in(user.email(), "a wrong guess").into_future())).await;
    }
    let last = Visitor::of(site).log_in(user.email(), "a wrong guess").await;
    last.refused(ErrorCode::RateLimited);
    assert!(last.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=60).contains(&seconds)), "{last:?}");
    let other = TestUser::register(site).await;
    Visitor::of(site).log_in(other.email(), PASSWORD).await.expect(200);
    user.get("/me").await.expect(200);
}

async fn guesses_at_the_same_time_are_counted_before_they_are_made(site: &Site) {
    let user = TestUser::register(site).await;
    let guesses = (0..100).map(|_| Visitor::of(site).log_in(user.email(), "a wrong guess").into_future());
    let answers = join_all(guesses).await;
    // One more is allowed every half minute: a slow machine may see one or two more.
    let checked = answers.iter().filter(|answer| answer.status == 401).count();
    assert!(checked <= 22, "{checked} guesses were answered");
    assert!(answers.iter().any(|answer| answer.status == 429));
}

async fn a_right_password_is_not_counted(site: &Site) {
    let user = TestUser::register(site).await;
    for _ in 0..25 {
        Visitor::of(site).log_in(user.email(), PASSWORD).await.expect(200);
    }
}

async fn guesses_of_a_signed_in_user_are_limited_too(site: &Site) {
    let user = TestUser::register(site).await;
    let wrong = json!({ "password": "a wrong guess" });
    let mut refused = None;
    for _ in 0..30 {
        let answer = user.delete("/me").json(wrong.clone()).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        answer.refused(ErrorCode::InvalidCredentials);
    }
    assert!(refused.is_some(), "thirty guesses");
}

async fn guesses_from_an_address_are_limited(site: &Site) {
    let visitor = Visitor::of(site);
    let mut refused = false;
    // A burst is 100 guesses; on a slow machine some come back meanwhile.
    for _ in 0..20 {
        let guesses = (0..20).map(|_| visitor.log_in(&fresh::email(), "a wrong guess").into_future());
        refused = join_all(guesses).await.iter().any(|guess| guess.status == 429);
        if refused {
            break;
        }
    }
    assert!(refused, "400 guesses at as many accounts");
    TestUser::register(site).await;
}

/// Fails to log in until the account refuses unknown devices.
async fn exhaust(stranger: &Visitor, email: &str) {
    for _ in 0..4 {
        join_all((0..8).map(|_| stranger.log_in(email, "a wrong guess").into_future())).await;
    }
    stranger.log_in(email, "a wrong guess").await.refused(ErrorCode::RateLimited);
}

async fn a_known_device_is_not_locked_out_by_a_stranger(site: &Site) {
    let (laptop, neighbour) = (TestUser::register(site).await, TestUser::register(site).await);
    let stranger = Visitor::of(site);
    exhaust(&stranger, laptop.email()).await;
    let knows = |cookie: String| format!("tandem_refresh={cookie}");
    let log_in = |token: &str, password: &str| {
        Visitor::of(site).log_in(laptop.email(), password).header("cookie", &knows(token.to_owned()))
    };
    for _ in 0..7 {
        log_in(&laptop.refresh_token(), PASSWORD).await.expect(200);
    }
    // A device is not known by an invented cookie or that of another account.
    for cookie in ["made-up".to_owned(), neighbour.refresh_token()] {
        log_in(&cookie, PASSWORD).await.refused(ErrorCode::RateLimited);
    }
    // The cookie of an ended session of this account counts as well.
    let first = laptop.refresh_token();
    laptop.post("/auth/logout").await.expect(204);
    log_in(&first, PASSWORD).await.expect(200);
    // The attempts of a known device are limited as well.
    let guesses = join_all((0..30).map(|_| log_in(&first, "a wrong guess").into_future())).await;
    let checked = guesses.iter().filter(|guess| guess.status == 401).count();
    assert!((18..=22).contains(&checked), "{checked} guesses were answered");
}

async fn refused_attempts_cost_their_address_too(site: &Site) {
    let (user, stranger) = (TestUser::register(site).await, Visitor::of(site));
    for _ in 0..11 {
        join_all((0..10).map(|_| stranger.log_in(user.email(), "a wrong guess").into_future())).await;
    }
    // After 110 attempts at one account, attempts at other accounts are refused for this address.
    let mut refused = 0;
    for _ in 0..10 {
        refused += usize::from(stranger.log_in(&fresh::email(), "a wrong guess").await.status == 429);
    }
    assert!(refused >= 8, "an attempt comes back each six seconds: {refused} of 10 were refused");
}

/// Asks from a new /64 of a /48 each time, until one that is tried in between is refused. Returns how many it took.
async fn until_refused(network: &str, ask: impl Fn() -> PendingRequest, tried: impl Fn() -> PendingRequest) -> usize {
    let from = |number: usize| format!("{network}:{number:x}::1");
    for round in 0..60 {
        let first = 33 * round;
        join_all((first..first + 32).map(|number| ask().address(&from(number)).into_future())).await;
        if tried().address(&from(first + 32)).await.status == 429 {
            return first + 33;
        }
    }
    panic!("a /48 is not limited");
}

async fn addresses_of_a_network_are_limited_together(site: &Site) {
    let (user, other) = (TestUser::register(site).await, TestUser::register(site).await);
    let (visitor, network) = (Visitor::of(site), fresh::ipv6_network());
    let reset = json!({ "token": "a guess", "password": "a new password" });
    let reset = || visitor.post("/api/v1/auth/reset").json(reset.clone());
    assert!(until_refused(&network, reset, reset).await >= 1_000);
    // Most of the guesses at one account are refused without a comparison, and count for their network all the same.
    let at_account = || visitor.log_in(user.email(), "a wrong guess");
    let at_another = || visitor.log_in(&fresh::email(), "a wrong guess");
    assert!(until_refused(&network, at_account, at_another).await >= 1_000);
    let elsewhere = format!("{}::1", fresh::ipv6_network());
    at_another().address(&elsewhere).await.refused(ErrorCode::InvalidCredentials);
    reset().address(&elsewhere).await.refused(ErrorCode::InvalidToken);
    // A device that the account knows is let in from that network all the same.
    for _ in 0..5 {
        let known = visitor.log_in(other.email(), PASSWORD).address(&format!("{network}:ffff::1"));
        known.header("cookie", &format!("tandem_refresh={}", other.refresh_token())).await.expect(200);
    }
}

async fn guesses_in_one_session_do_not_count_against_another(site: &Site) {
    let laptop = TestUser::register(site).await;
    let stolen = laptop.sign_in_again("stolen").await;
    let wrong = json!({ "current_password": "a wrong guess", "new_password": "a new password" });
    for _ in 0..3 {
        join_all((0..8).map(|_| stolen.post("/me/password").json(wrong.clone()).into_future())).await;
    }
    stolen.post("/me/password").json(wrong.clone()).await.refused(ErrorCode::RateLimited);
    let right = json!({ "current_password": PASSWORD, "new_password": "a new password" });
    laptop.post("/me/password").json(right).await.expect(200);
}
