//! The scenarios with many sockets.

use crate::{account::Flaw, failed, run};
use tandem_loadtest::scenario::Outcome;

fn count(outcome: &Outcome, name: &str) -> u64 {
    outcome.counts.iter().find(|(known, _)| *known == name).unwrap().1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_sockets_stay_open_and_receive_events() {
    let (outcome, meter) = run("idle", 3, 8, 1.0, Flaw::None).await;
    assert!(failed(&outcome).is_empty(), "{:?} {:?}", outcome.checks, meter.errors());
    assert_eq!((meter.login.count(), meter.connect.count()), (3, 24), "one log-in for eight");
    // One change of each of the three users reached each of its devices.
    assert_eq!(meter.spread.count(), 24);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_reaches_every_socket_one_at_a_time_and_in_bursts() {
    let (outcome, meter) = run("fan-out", 1, 20, 1.0, Flaw::None).await;
    assert!(failed(&outcome).is_empty(), "{:?} {:?}", outcome.checks, meter.errors());
    let [singly, bursts] = ["deliveries, one in flight", "deliveries, in bursts"].map(|name| count(&outcome, name));
    assert!(singly >= 20 && singly % 20 == 0 && bursts >= 320 && bursts % 320 == 0, "{singly} {bursts}");
    let measured: Vec<_> = outcome.latencies.iter().map(|(_, taken)| taken.count()).collect();
    assert_eq!(measured, [singly, bursts]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_that_were_cut_come_back_with_the_events_that_they_missed() {
    let (outcome, meter) = run("reconnect-storm", 2, 10, 10.0, Flaw::None).await;
    assert!(failed(&outcome).is_empty(), "{:?} {:?}", outcome.checks, meter.errors());
    assert_eq!((meter.back.count(), meter.connect.count()), (20, 40));
    let reads = outcome.checks.iter().find(|check| check.name == "database reads per user").unwrap();
    assert_eq!(reads.verdict(), "unknown", "this server tells no counters");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_skips_an_event_on_resume_is_detected() {
    let (outcome, meter) = run("reconnect-storm", 1, 10, 5.0, Flaw::ForgetsWhatWasMissed).await;
    assert!(failed(&outcome).contains(&"lost events and tokens"), "{:?}", meter.errors());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_token_of_many_streams_reaches_every_device() {
    let (outcome, meter) = run("streams", 5, 2, 1.0, Flaw::None).await;
    assert!(failed(&outcome).is_empty(), "{:?} {:?}", outcome.checks, meter.errors());
    let (replies, tokens) = (meter.replies.get(), meter.tokens.get());
    assert!(replies >= 5 && tokens == replies * 2 * 20, "{tokens} tokens of {replies} replies on two devices each");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_token_is_detected() {
    let (outcome, meter) = run("streams", 1, 2, 1.0, Flaw::SwallowsAToken).await;
    assert!(failed(&outcome).contains(&"lost events and tokens"), "{:?}", meter.errors());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_log_ins_succeed_beside_streams() {
    let (outcome, meter) = run("login-storm", 2, 2, 0.5, Flaw::None).await;
    assert!(failed(&outcome).is_empty(), "{:?} {:?}", outcome.checks, meter.errors());
    assert_eq!(meter.login.count(), 200);
    assert!(outcome.latencies.iter().all(|(_, taken)| taken.count() > 0));
}
