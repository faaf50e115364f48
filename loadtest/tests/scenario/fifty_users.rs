//! The default scenario, `fifty-users`, against a server in this process.

use crate::{account::Flaw, failed, run};
use std::sync::Arc;
use tandem_loadtest::{measure::Meter, scenario::Outcome};

/// Two users with two devices each for three seconds.
async fn run_against(flaw: Flaw) -> (Outcome, Arc<Meter>) {
    run("fifty-users", 2, 2, 3.0, flaw).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correct_server_passes_and_everything_is_measured() {
    let (outcome, meter) = run_against(Flaw::None).await;
    let failed = failed(&outcome);
    assert!(failed.is_empty(), "{failed:?} {:?}", meter.errors());
    assert_eq!(meter.errors_in_all(), 0);
    // At least one full reply on two devices; the threads that were written before do not count.
    assert!((1..50).contains(&meter.replies.get()) && meter.tokens.get() >= 2 * 20, "{}", meter.tokens.get());
    let counts = [&meter.token, &meter.first_token, &meter.reply, &meter.sending, &meter.command, &meter.spread];
    assert!(counts.iter().all(|taken| taken.count() > 0));
    assert_eq!((meter.login.count(), meter.connect.count()), (4, 4));
    assert!(meter.history.count() > 0, "a page of 100 messages was read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_a_device_does_not_get_is_a_loss_and_is_repaired() {
    let (outcome, meter) = run_against(Flaw::SkipsAnEvent).await;
    assert!(failed(&outcome).contains(&"lost events and tokens"));
    assert_eq!((meter.errors_of("event lost"), meter.errors_of("device differs")), (1, 0), "{:?}", meter.errors());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_duplicated_event_is_detected() {
    let (outcome, meter) = run_against(Flaw::RepeatsAnEvent).await;
    assert!(failed(&outcome).contains(&"duplicated events and tokens"));
    assert_eq!((meter.errors_of("event duplicated"), meter.errors_of("event lost")), (1, 0), "{:?}", meter.errors());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_without_one_of_its_tokens_is_a_loss() {
    let (outcome, meter) = run_against(Flaw::SwallowsAToken).await;
    assert!(failed(&outcome).contains(&"lost events and tokens"));
    assert_eq!(meter.errors_of("token lost"), 2, "one token on two devices: {:?}", meter.errors());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_with_another_text_than_the_log_differs() {
    let (outcome, meter) = run_against(Flaw::TellsSomethingElse).await;
    assert!(failed(&outcome).contains(&"rules broken, devices that differ"));
    assert_eq!(meter.errors_of("device differs"), 1, "{:?}", meter.errors());
}
