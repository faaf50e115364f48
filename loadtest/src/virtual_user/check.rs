//! The check at the end of a run: the replica of every device must equal the event log.
//!
//! Each difference is recorded as an error of its kind, so that the report counts lost and duplicated events separately.

use super::{VirtualUser, api::ApiError};
use std::time::Duration;
use tandem_protocol::{
    model::User,
    replica::{ContractBreach, Digest, Replica},
    rest::EventList,
};
use tokio::time::{Instant, sleep};

/// Time limit for the last events to reach all devices.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(30);
/// A log that has not grown for this long is complete.
const QUIET_TIME: Duration = Duration::from_millis(500);

/// Error kind: an event did not reach a device.
pub const LOST_EVENT: &str = "event lost";
/// Error kind: an event reached a device twice.
pub const DUPLICATED_EVENT: &str = "event duplicated";
/// Error kind: the server broke another rule of the protocol.
pub const BROKEN_RULE: &str = "rule broken";
/// Error kind: a device differs from the log.
pub const DIFFERENT: &str = "device differs";

impl VirtualUser {
    /// Waits until the log is complete and all devices have reached its end, then compares them with it.
    pub async fn check(&self) {
        match self.settle().await {
            Ok(()) => {}
            Err(error) => return self.meter.error("check", error.to_string()),
        }
        let log = match self.fold_log().await {
            Ok(log) => log,
            Err(error) => return self.meter.error("check", error.to_string()),
        };
        for device in &self.devices {
            let (digest, faults) = device.with_replica(|replica| (replica.digest(), replica.faults().to_vec()));
            self.note_difference(&log, &digest);
            for fault in faults {
                let kind = match fault {
                    ContractBreach::EventGap { .. } => LOST_EVENT,
                    ContractBreach::EventTwice { .. } => DUPLICATED_EVENT,
                    _ => BROKEN_RULE,
                };
                self.meter.error(kind, fault.to_string());
            }
        }
    }

    async fn settle(&self) -> Result<(), ApiError> {
        let deadline = Instant::now() + SETTLE_TIMEOUT;
        let mut top = self.log_end().await?;
        while Instant::now() < deadline {
            for device in &self.devices {
                let arrived = |replica: &Replica| replica.seq() >= top && replica.running().next().is_none();
                device.until(deadline.saturating_duration_since(Instant::now()), arrived).await;
            }
            // Titles and further replies may add events, so one look at the end of the log is not enough.
            sleep(QUIET_TIME).await;
            let now = self.log_end().await?;
            if now == top {
                return Ok(());
            }
            top = now;
        }
        // A device that has not reached the end differs, which the comparison records.
        Ok(())
    }

    async fn log_end(&self) -> Result<i64, ApiError> {
        // Since the position of a device, so that the answer is short.
        let since = self.devices[0].with_replica(Replica::seq).to_string();
        Ok(self.api.get::<EventList>("/events", &[("since", &since)]).await?.seq)
    }

    /// The state that results from the whole log.
    async fn fold_log(&self) -> Result<Digest, ApiError> {
        let mut list: EventList = self.api.get("/events", &[("since", "0")]).await?;
        let mut folded = Replica::at_start(list.epoch.as_str());
        loop {
            for event in &list.items {
                folded.apply(&tandem_protocol::live::ServerFrame::Event(event.clone()));
            }
            if list.items.is_empty() || folded.seq() >= list.seq {
                break;
            }
            let since = folded.seq().to_string();
            list = self.api.get("/events", &[("since", &since), ("epoch", &list.epoch)]).await?;
        }
        for fault in folded.faults() {
            self.meter.error(BROKEN_RULE, format!("in the log: {fault}"));
        }
        // The log has no event with the initial profile.
        folded.load_user(self.api.get::<User>("/me", &[]).await?);
        Ok(folded.digest())
    }

    fn note_difference(&self, log: &Digest, device: &Digest) {
        for _ in device.seq..log.seq {
            self.meter.error(LOST_EVENT, format!("the device is at {}, the log at {}", device.seq, log.seq));
        }
        if let Some(difference) = log.difference(device) {
            self.meter.error(DIFFERENT, format!("log / device of {}: {difference}", self.email));
        }
    }
}
