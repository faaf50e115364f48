//! Repeats and delays frames between the socket and the replica, as far as the protocol allows.
//!
//! A device that resumes may get text twice, text may arrive after the end of its reply, and an event may arrive on two ways.
//! A replica has to handle all of that. Everything else that it detects is an error of the server.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tandem_protocol::{
    live::ServerFrame,
    replica::{ContractBreach, Replica},
};

/// Deltas and events of a thousand that are repeated.
const TWICE: u32 = 150;
/// Deltas of a thousand that are delayed.
const LATE: u32 = 100;
/// Maximum number of other frames before a repeated or delayed one.
const LATEST: usize = 40;

/// Injects faults into the frames of one device, by a seed.
#[derive(Debug)]
pub struct FrameFaultInjector {
    rng: StdRng,
    /// Frames to deliver, and the number of frames to wait for.
    later: Vec<(usize, ServerFrame)>,
    /// Frames repeated or delayed so far.
    done: usize,
}

impl FrameFaultInjector {
    /// An injector with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { rng: StdRng::seed_from_u64(seed), later: Vec::new(), done: 0 }
    }

    /// Frames repeated or delayed so far.
    #[must_use]
    pub fn done(&self) -> usize {
        self.done
    }

    /// Applies a frame to the replica: now, twice, or later. Errors of the server are appended to `violations`.
    pub(super) fn apply(&mut self, replica: &mut Replica, frame: &ServerFrame, violations: &mut Vec<String>) {
        let is_delta = matches!(frame, ServerFrame::Delta(_));
        if !is_delta && !matches!(frame, ServerFrame::Event(_)) {
            replica.apply(frame);
            return;
        }
        let draw = self.rng.random_range(0..1000);
        if is_delta && draw < LATE {
            self.delay(frame);
        } else {
            replica.apply(frame);
            if draw >= 1000 - TWICE {
                self.delay(frame);
            }
        }
        for frame in self.due() {
            repeat(replica, &frame, violations);
        }
    }

    /// Applies all frames that are still delayed.
    pub(super) fn settle(&mut self, replica: &mut Replica, violations: &mut Vec<String>) {
        for (_, frame) in std::mem::take(&mut self.later) {
            repeat(replica, &frame, violations);
        }
    }

    fn delay(&mut self, frame: &ServerFrame) {
        self.done += 1;
        self.later.push((self.rng.random_range(0..LATEST), frame.clone()));
    }

    fn due(&mut self) -> Vec<ServerFrame> {
        let mut due = Vec::new();
        self.later.retain_mut(|(wait, frame)| {
            let now = *wait == 0;
            if now {
                due.push(frame.clone());
            }
            *wait = wait.saturating_sub(1);
            !now
        });
        due
    }
}

/// Applies a frame that was applied before. The replica reports that as a fault, which is not the server's.
fn repeat(replica: &mut Replica, frame: &ServerFrame, violations: &mut Vec<String>) {
    if matches!(frame, ServerFrame::Event(event) if event.seq > replica.seq()) {
        // The device has loaded a snapshot meanwhile, so this event is not a repetition for it.
        return;
    }
    let text = |fault: &ContractBreach| fault.to_string();
    violations.extend(replica.take_faults().iter().map(text));
    replica.apply(frame);
    let ours = |fault: &ContractBreach| matches!((frame, fault), (ServerFrame::Event(event), ContractBreach::EventTwice { seq }) if event.seq == *seq);
    violations.extend(replica.take_faults().iter().filter(|fault| !ours(fault)).map(text));
}
