//! A device that stops to read.

use crate::{account::Flaw, failed, run_scenario};
use std::{sync::Arc, time::Duration};
use tandem_loadtest::{
    measure::Meter,
    scenario::{Outcome, Size},
    scenarios::slow_device::SlowDevice,
};
use tandem_protocol::live::CloseCode;

/// Two people with three devices each. The small server closes who does not read within a moment.
async fn run_against(flaw: Flaw) -> (Outcome, Arc<Meter>) {
    let scenario = SlowDevice { reads_again: Duration::from_secs(5), comes_back: Duration::from_secs(3) };
    run_scenario(&scenario, Size { users: 2, devices: 3, duration: Duration::from_secs(3) }, flaw).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_devices_are_closed_and_come_back_whole() {
    let (outcome, meter) = run_against(Flaw::None).await;
    assert!(failed(&outcome).is_empty(), "{:?} {:?}", outcome.checks, meter.errors());
    assert_eq!(meter.closes_of(CloseCode::SlowConsumer.code()), 2, "{:?}", outcome.counts);
    assert!(outcome.latencies.iter().all(|(_, taken)| taken.count() > 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_waits_for_ever_is_seen() {
    let (outcome, _) = run_against(Flaw::WaitsForEver).await;
    assert!(failed(&outcome).contains(&"stopped devices that were not closed"), "{:?}", outcome.checks);
}
