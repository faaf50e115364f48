//! Limits that are counted over all nodes.

use futures_util::future::join_all;
use std::future::IntoFuture as _;
use tandem_protocol::ErrorCode;
use tandem_tests::{
    Nodes, TestUser,
    user::{PASSWORD, Visitor},
};

/// Failed log-ins that an account takes, and a few that come back while they are made.
const GUESSES: usize = 22;

/// Attempts on several nodes count together.
#[tokio::test]
async fn guesses_at_an_account_are_counted_over_all_nodes() {
    let nodes = Nodes::setup(2).env("TANDEM_RATE_LIMIT", "on").start().await;
    let user = TestUser::register(&nodes[0]).await;
    // Each guess from another address. Ten at each node are no more than an account takes.
    let guess = |number: usize| Visitor::of(&nodes[number % 2]).log_in(user.email(), "a wrong guess").into_future();
    for number in 0..20 {
        guess(number).await.refused(ErrorCode::InvalidCredentials);
    }
    // A few more, because one comes back each half minute.
    join_all((20..24).map(guess)).await;
    for number in [0, 1] {
        let refused = guess(number).await;
        refused.refused(ErrorCode::RateLimited);
        assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=60).contains(&seconds)));
    }
    let other = TestUser::register(&nodes[1]).await;
    Visitor::of(&nodes[0]).log_in(other.email(), PASSWORD).await.expect(200);
}

/// Concurrent attempts on all nodes are counted before they are checked.
#[tokio::test]
async fn guesses_at_the_same_time_at_all_nodes_are_counted() {
    let nodes = Nodes::setup(2).env("TANDEM_RATE_LIMIT", "on").start().await;
    let user = TestUser::register(&nodes[0]).await;
    let guess = |number: usize| Visitor::of(&nodes[number % 2]).log_in(user.email(), "a wrong guess").into_future();
    let answers = join_all((0..60).map(guess)).await;
    let checked = answers.iter().filter(|answer| answer.status == 401).count();
    assert!(checked <= GUESSES, "{checked} guesses were answered");
    assert!(answers.iter().any(|answer| answer.status == 429));
}
