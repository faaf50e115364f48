//! The scenario of a device that stops reading.

use crate::{account::Flaw, failed, run_scenario};
use std::{sync::Arc, time::Duration};
use tandem_loadtest::{
    measure::Meter,
    scenario::{Outcome, Size},
    scenarios::slow_device::SlowDevice,
};
use tandem_protocol::live::CloseCode;

/// Two users with three devices each. The small server closes a device that does not read for 0.3 s.
async fn run_against(flaw: Flaw) -> (Outcome, Arc<Meter>) {
    let scenario = SlowDevice { reads_again: Duration::from_secs(5), comes_back: Duration::from_secs(3) };
    run_scenario(&scenario, Size { users: 2, devices: 3, duration: Duration::from_secs(3) }, flaw).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_devices_are_closed_and_come_back_complete() {
    let (outcome, meter) = run_against(Flaw::None).await;
    assert!(failed(&outcome).is_empty(), "{:?} {:?}", outcome.checks, meter.errors());
    assert_eq!(meter.closes_of(CloseCode::SlowConsumer.code()), 2, "{:?}", outcome.counts);
    assert!(outcome.latencies.iter().all(|(_, taken)| taken.count() > 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_never_closes_a_stopped_device_is_detected() {
    let (outcome, _) = run_against(Flaw::WaitsForEver).await;
    assert!(failed(&outcome).contains(&"stopped devices that were not closed"), "{:?}", outcome.checks);
}
