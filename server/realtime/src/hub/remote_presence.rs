//! The devices of a user that are connected to other nodes.
//!
//! Each node publishes its own devices when they change, and again at an interval. A node that dies cannot do so: its
//! presence expires when it is not renewed.

use std::{collections::HashMap, time::Duration};
use tandem_protocol::live::server::PresentDevice;
use tokio::time::Instant;

/// Nodes that share a user publish their presence again this often.
pub const PRESENCE_INTERVAL: Duration = Duration::from_secs(10);
/// After this long without a renewal the devices of a node are removed: one message may be lost.
const PRESENCE_TTL: Duration = Duration::from_secs(25);

/// The devices of each node, and when it last published them.
#[derive(Debug, Default)]
pub(super) struct RemotePresence(HashMap<String, (Vec<PresentDevice>, Instant)>);

impl RemotePresence {
    /// Sets the devices of a node. True when they have changed.
    pub(super) fn set(&mut self, node: &str, devices: &[PresentDevice], now: Instant) -> bool {
        if devices.is_empty() {
            return self.0.remove(node).is_some();
        }
        match self.0.get_mut(node) {
            Some((known, last_seen)) => {
                *last_seen = now;
                let is_new = known != devices;
                devices.clone_into(known);
                is_new
            }
            None => self.0.insert(node.to_owned(), (devices.to_vec(), now)).is_none(),
        }
    }

    /// Removes nodes that have not renewed their presence. True when there were any.
    pub(super) fn expire(&mut self, now: Instant) -> bool {
        let before = self.0.len();
        self.0.retain(|_, (_, last_seen)| now.duration_since(*last_seen) < PRESENCE_TTL);
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
    fn devices_that_are_published_again_have_not_changed() {
        let (mut presence, now) = (RemotePresence::default(), Instant::now());
        assert!(presence.set("a", &[device("phone")], now));
        assert!(!presence.set("a", &[device("phone")], now));
        assert!(presence.set("a", &[device("phone"), device("laptop")], now));
        assert!(presence.set("a", &[], now) && presence.is_empty());
        assert!(!presence.set("a", &[], now));
    }

    #[test]
    fn a_node_that_does_not_renew_its_presence_expires() {
        let (mut presence, start) = (RemotePresence::default(), Instant::now());
        presence.set("dead", &[device("phone")], start);
        presence.set("alive", &[device("laptop")], start + PRESENCE_TTL);
        assert!(presence.expire(start + PRESENCE_TTL));
        assert_eq!(presence.devices().map(|device| device.name.as_str()).collect::<Vec<_>>(), ["laptop"]);
    }
}
