//! Between the socket and the replica: frames again, and frames late, as far as the contract lets a client see them.
//!
//! A device that resumes may be told text twice, text may come when its reply has long ended, and an event may be seen by
//! two ways. A replica has to stand all of that; whatever else it finds wrong is the server's.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tandem_protocol::{
    live::ServerFrame,
    replica::{Fault, Replica},
};

/// Of a thousand deltas or events so many come twice,
const TWICE: u32 = 150;
/// and so many deltas come late.
const LATE: u32 = 100;
/// A frame comes again or late after so many others at most.
const LATEST: usize = 40;

/// Does it to one device, by a seed.
#[derive(Debug)]
pub struct FrameFaultInjector {
    rng: StdRng,
    /// Frames that are still to come, and how many others come first.
    later: Vec<(usize, ServerFrame)>,
    /// Frames repeated or delayed so far.
    done: usize,
}

impl FrameFaultInjector {
    /// The injector of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { rng: StdRng::seed_from_u64(seed), later: Vec::new(), done: 0 }
    }

    /// Frames repeated or delayed so far.
    #[must_use]
    pub fn done(&self) -> usize {
        self.done
    }

    /// Gives a frame to a replica: at once, twice, or not yet. What the server did wrong goes to `complaints`.
    pub(super) fn give(&mut self, replica: &mut Replica, frame: &ServerFrame, complaints: &mut Vec<String>) {
        let is_delta = matches!(frame, ServerFrame::Delta(_));
        if !is_delta && !matches!(frame, ServerFrame::Event(_)) {
            replica.apply(frame);
            return;
        }
        let lot = self.rng.random_range(0..1000);
        if is_delta && lot < LATE {
            self.put_off(frame);
        } else {
            replica.apply(frame);
            if lot >= 1000 - TWICE {
                self.put_off(frame);
            }
        }
        for frame in self.due() {
            repeat(replica, &frame, complaints);
        }
    }

    /// Gives everything that is still to come.
    pub(super) fn settle(&mut self, replica: &mut Replica, complaints: &mut Vec<String>) {
        for (_, frame) in std::mem::take(&mut self.later) {
            repeat(replica, &frame, complaints);
        }
    }

    fn put_off(&mut self, frame: &ServerFrame) {
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

/// Applies a frame that was seen before: a replica says so, and that is not the server's fault.
fn repeat(replica: &mut Replica, frame: &ServerFrame, complaints: &mut Vec<String>) {
    if matches!(frame, ServerFrame::Event(event) if event.seq > replica.seq()) {
        // The device started over meanwhile: it has not seen this event.
        return;
    }
    let told = |fault: &Fault| fault.to_string();
    complaints.extend(replica.take_faults().iter().map(told));
    replica.apply(frame);
    let ours = |fault: &Fault| matches!((frame, fault), (ServerFrame::Event(event), Fault::EventTwice { seq }) if event.seq == *seq);
    complaints.extend(replica.take_faults().iter().filter(|fault| !ours(fault)).map(told));
}
