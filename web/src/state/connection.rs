//! What the person is told about the connection, and when that changes by itself.

use tandem_protocol::Timestamp;

/// A cut shorter than this shows as a colour only.
const SILENT_MS: i64 = 1_000;
/// After this a cut is called what it is.
const RECONNECTING_MS: i64 = 5_000;
/// A replay shorter than this is not worth a word.
const CATCHING_UP_MS: i64 = 300;

/// Where the socket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No connection since then.
    Lost(Timestamp),
    /// Connected; what was missed has been coming in since then.
    CatchingUp(Timestamp),
    /// Everything here is the present.
    Live,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionStatus {
    Connected,
    /// Cut off for a moment: an amber dot, no words.
    Interrupted,
    /// Cut off for some seconds.
    Reconnecting,
    /// Cut off for longer.
    Offline,
    /// Connected again, and behind.
    CatchingUp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Connection {
    phase: Phase,
}

impl Connection {
    /// Before the first connection.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { phase: Phase::Lost(now) }
    }

    /// The socket closed, or could not be opened.
    pub(crate) fn lost(&mut self, now: Timestamp) {
        if !matches!(self.phase, Phase::Lost(_)) {
            self.phase = Phase::Lost(now);
        }
    }

    /// The server answered; a replay follows.
    pub(crate) fn welcomed(&mut self, now: Timestamp) {
        self.phase = Phase::CatchingUp(now);
    }

    /// The replay is over.
    pub(crate) fn live(&mut self) {
        self.phase = Phase::Live;
    }

    /// Whether commands can be sent.
    pub(crate) fn is_live(&self) -> bool {
        self.phase == Phase::Live
    }

    /// What to show now.
    pub(crate) fn status(&self, now: Timestamp) -> ConnectionStatus {
        match self.phase {
            Phase::Live => ConnectionStatus::Connected,
            Phase::CatchingUp(since) if now.millis_since(since) < CATCHING_UP_MS => ConnectionStatus::Interrupted,
            Phase::CatchingUp(_) => ConnectionStatus::CatchingUp,
            Phase::Lost(since) => match now.millis_since(since) {
                ..SILENT_MS => ConnectionStatus::Interrupted,
                SILENT_MS..RECONNECTING_MS => ConnectionStatus::Reconnecting,
                _ => ConnectionStatus::Offline,
            },
        }
    }

    /// When [`Connection::status`] changes although nothing happens.
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
    fn a_cut_is_told_the_louder_the_longer_it_lasts() {
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
    fn it_says_when_to_look_again() {
        let mut connection = Connection::new(at(0));
        assert_eq!(connection.next_change(at(0)), Some(at(1_000)));
        assert_eq!(connection.next_change(at(1_000)), Some(at(5_000)));
        assert_eq!(connection.next_change(at(5_000)), None);
        connection.live();
        assert_eq!(connection.next_change(at(0)), None);
    }
}
