//! The devices of a user that are connected to other nodes, as those say.

use std::{collections::HashMap, time::Duration};
use tandem_protocol::live::server::PresentDevice;
use tokio::time::Instant;

/// Nodes that share a user say so this often,
pub const SAY_AGAIN: Duration = Duration::from_secs(10);
/// and who has not for so long is gone, and its devices with it.
const GONE_AFTER: Duration = Duration::from_secs(25);

/// By node.
#[derive(Debug, Default)]
pub(super) struct Elsewhere(HashMap<String, (Vec<PresentDevice>, Instant)>);

impl Elsewhere {
    /// Notes what a node says; true when that is new.
    pub(super) fn note(&mut self, node: &str, devices: &[PresentDevice], now: Instant) -> bool {
        if devices.is_empty() {
            return self.0.remove(node).is_some();
        }
        match self.0.get_mut(node) {
            Some((known, heard)) => {
                *heard = now;
                let is_new = known != devices;
                devices.clone_into(known);
                is_new
            }
            None => self.0.insert(node.to_owned(), (devices.to_vec(), now)).is_none(),
        }
    }

    /// Forgets nodes that are gone; true when there were any.
    pub(super) fn forget_gone(&mut self, now: Instant) -> bool {
        let before = self.0.len();
        self.0.retain(|_, (_, heard)| now.duration_since(*heard) < GONE_AFTER);
        self.0.len() < before
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn devices(&self) -> impl Iterator<Item = &PresentDevice> {
        self.0.values().flat_map(|(devices, _)| devices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_protocol::{Timestamp, id::DeviceId};

    fn device(name: &str) -> PresentDevice {
        let id: DeviceId = serde_json::from_value(name.into()).unwrap();
        PresentDevice { id, name: name.into(), connected_at: Timestamp::from_millis(0) }
    }

    #[test]
    fn what_a_node_says_again_is_not_new() {
        let (mut elsewhere, now) = (Elsewhere::default(), Instant::now());
        assert!(elsewhere.note("a", &[device("phone")], now));
        assert!(!elsewhere.note("a", &[device("phone")], now));
        assert!(elsewhere.note("a", &[device("phone"), device("laptop")], now));
        assert!(elsewhere.note("a", &[], now) && elsewhere.is_empty());
        assert!(!elsewhere.note("a", &[], now));
    }

    #[test]
    fn a_node_that_says_nothing_is_gone() {
        let (mut elsewhere, start) = (Elsewhere::default(), Instant::now());
        elsewhere.note("dead", &[device("phone")], start);
        elsewhere.note("alive", &[device("laptop")], start + GONE_AFTER);
        assert!(elsewhere.forget_gone(start + GONE_AFTER));
        assert_eq!(elsewhere.devices().map(|device| device.name.as_str()).collect::<Vec<_>>(), ["laptop"]);
    }
}
