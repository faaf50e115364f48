//! The connection as the person sees it. Short interruptions are normal on mobile networks, so the status depends on
//! how long one lasts. Pure.

use tandem_protocol::Timestamp;

/// Shorter interruptions change the colour of a dot only.
const SILENT_MS: i64 = 1_000;
/// Longer interruptions are shown as offline.
const RECONNECTING_MS: i64 = 5_000;
/// Shorter replays are not shown.
const CATCHING_UP_MS: i64 = 300;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Not connected since this time.
    Lost(Timestamp),
    /// Connected, and receiving missed events since this time.
    CatchingUp(Timestamp),
    /// Connected, and up to date.
    Live,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionStatus {
    Connected,
    /// Interrupted for a moment: an amber dot without a text.
    Interrupted,
    /// Not connected yet since the page was opened.
    Connecting,
    /// Interrupted for some seconds.
    Reconnecting,
    /// Interrupted for more than some seconds.
    Offline,
    /// Connected, but some events are missing.
    CatchingUp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Connection {
    phase: Phase,
    /// Whether there was a connection before.
    was_live: bool,
}

impl Connection {
    /// The state before the first connection.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { phase: Phase::Lost(now), was_live: false }
    }

    /// The socket was closed, or could not be opened.
    pub(crate) fn lost(&mut self, now: Timestamp) {
        // Failed attempts must not restart the time since the interruption.
        if !matches!(self.phase, Phase::Lost(_)) {
            self.phase = Phase::Lost(now);
        }
    }

    /// The server has accepted the connection and starts the replay.
    pub(crate) fn welcomed(&mut self, now: Timestamp) {
        self.phase = Phase::CatchingUp(now);
    }

    /// The replay has ended.
    pub(crate) fn live(&mut self) {
        self.phase = Phase::Live;
        self.was_live = true;
    }

    pub(crate) fn is_live(&self) -> bool {
        self.phase == Phase::Live
    }

    /// The status at a point in time.
    pub(crate) fn status(&self, now: Timestamp) -> ConnectionStatus {
        match self.phase {
            Phase::Live => ConnectionStatus::Connected,
            Phase::CatchingUp(since) if now.millis_since(since) < CATCHING_UP_MS => ConnectionStatus::Interrupted,
            Phase::CatchingUp(_) => ConnectionStatus::CatchingUp,
            Phase::Lost(since) => match now.millis_since(since) {
                ..SILENT_MS => ConnectionStatus::Interrupted,
                SILENT_MS..RECONNECTING_MS if !self.was_live => ConnectionStatus::Connecting,
                SILENT_MS..RECONNECTING_MS => ConnectionStatus::Reconnecting,
                _ => ConnectionStatus::Offline,
            },
        }
    }

    /// When [`Connection::status`] changes next without an event.
    pub(crate) fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let after = |since: Timestamp, steps: &[i64]| {
            steps.iter().map(|step| since.plus_millis(*step)).find(|time| *time > now)
        };
        match self.phase {
            Phase::Live => None,
            Phase::CatchingUp(since) => after(since, &[CATCHING_UP_MS]),
            Phase::Lost(since) => after(since, &[SILENT_MS, RECONNECTING_MS]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn the_status_of_an_interruption_depends_on_its_duration() {
        let mut connection = Connection::new(at(0));
        connection.live();
        connection.lost(at(10_000));
        for (millis, shown) in [
            (10_000, ConnectionStatus::Interrupted),
            (10_999, ConnectionStatus::Interrupted),
            (11_000, ConnectionStatus::Reconnecting),
            (14_999, ConnectionStatus::Reconnecting),
            (15_000, ConnectionStatus::Offline),
        ] {
            assert_eq!(connection.status(at(millis)), shown, "{millis}");
        }
    }

    #[test]
    fn the_first_connection_is_no_second_one() {
        let connection = Connection::new(at(0));
        assert_eq!(connection.status(at(2_000)), ConnectionStatus::Connecting);
        assert_eq!(connection.status(at(5_000)), ConnectionStatus::Offline);
    }

    #[test]
    fn another_failed_try_does_not_start_the_count_again() {
        let mut connection = Connection::new(at(0));
        connection.lost(at(4_000));
        assert_eq!(connection.status(at(5_000)), ConnectionStatus::Offline);
    }

    #[test]
    fn a_quick_replay_is_not_mentioned() {
        let mut connection = Connection::new(at(0));
        connection.welcomed(at(100));
        assert_eq!(connection.status(at(399)), ConnectionStatus::Interrupted);
        assert_eq!(connection.status(at(400)), ConnectionStatus::CatchingUp);
        connection.live();
        assert_eq!(connection.status(at(400)), ConnectionStatus::Connected);
    }

    #[test]
    fn the_next_change_of_the_status_is_known() {
        let mut connection = Connection::new(at(0));
        assert_eq!(connection.next_change(at(0)), Some(at(1_000)));
        assert_eq!(connection.next_change(at(1_000)), Some(at(5_000)));
        assert_eq!(connection.next_change(at(5_000)), None);
        connection.live();
        assert_eq!(connection.next_change(at(0)), None);
    }
}
