//! Everything that a device has received, over all its connections.

use super::FrameFaultInjector;
use tandem_protocol::{
    live::{
        Event, ServerFrame,
        server::{Ack, Bye, ErrorFrame, Welcome},
    },
    replica::Replica,
    rest::Snapshot,
};

/// Frames that a failing test prints.
const TAIL: usize = 6;
/// Events and welcomes that it prints by number.
const SHOWN_EVENTS: usize = 80;

/// What a device has received, over all its connections.
#[derive(Debug, Default)]
pub struct Seen {
    pub replica: Replica,
    /// Every frame, in the order of arrival.
    pub frames: Vec<ServerFrame>,
    /// The answer to the last `hello`.
    pub welcome: Option<Welcome>,
    /// Whether the replay after the last `hello` is over.
    pub live: bool,
    /// The end of the last connection.
    pub closed: Option<Closed>,
    /// Violations of the protocol other than those that the replica detects.
    pub violations: Vec<String>,
    /// Number of loaded snapshots.
    pub snapshots: usize,
    /// Bytes of all messages.
    pub bytes: usize,
    /// Injects faults between socket and replica.
    pub fault_injector: Option<FrameFaultInjector>,
}

/// The end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The close code; `None` when the connection was cut.
    pub code: Option<u16>,
    /// The `bye` frame before the close.
    pub bye: Option<Bye>,
}

impl Seen {
    /// Resets the state of the connection.
    pub(super) fn begin(&mut self) {
        self.welcome = None;
        self.live = false;
        self.closed = None;
    }

    pub(super) fn take(&mut self, frame: ServerFrame) {
        match &frame {
            ServerFrame::Welcome(welcome) => self.welcome = Some(welcome.clone()),
            ServerFrame::Live(_) => self.live = true,
            _ => {}
        }
        match &mut self.fault_injector {
            Some(fault_injector) => fault_injector.apply(&mut self.replica, &frame, &mut self.violations),
            None => {
                self.replica.apply(&frame);
            }
        }
        self.frames.push(frame);
    }

    pub(super) fn load_snapshot(&mut self, snapshot: Snapshot) {
        self.replica.load_snapshot(snapshot);
        self.snapshots += 1;
    }

    /// Applies the frames that the fault injector has delayed.
    pub fn settle(&mut self) {
        if let Some(fault_injector) = &mut self.fault_injector {
            fault_injector.settle(&mut self.replica, &mut self.violations);
        }
    }

    pub(super) fn end(&mut self, code: Option<u16>) {
        let bye = self.frames.iter().rev().find_map(|frame| match frame {
            ServerFrame::Bye(bye) => Some(bye.clone()),
            _ => None,
        });
        self.closed = Some(Closed { code, bye });
    }

    /// Every durable event that came.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.frames.iter().filter_map(|frame| match frame {
            ServerFrame::Event(event) => Some(event),
            _ => None,
        })
    }

    /// The answers to a command.
    pub fn answers(&self, id: &str) -> impl Iterator<Item = Result<Ack, ErrorFrame>> {
        self.frames.iter().filter_map(move |frame| match frame {
            ServerFrame::Ack(ack) if ack.id.to_string() == id => Some(Ok(ack.clone())),
            ServerFrame::Error(error) if error.id.as_deref() == Some(id) => Some(Err(error.clone())),
            _ => None,
        })
    }

    /// The description in a failing test: position and faults of the replica, violations, connections and the last
    /// frames.
    pub(super) fn tail(&self) -> String {
        let events: Vec<String> = self.frames.iter().filter_map(step).collect();
        let events = events[events.len().saturating_sub(SHOWN_EVENTS)..].join(" ");
        let last: Vec<String> = self.frames.iter().rev().take(TAIL).rev().map(ServerFrame::to_json).collect();
        format!(
            "the replica is at {} with faults {:?}, violations {:?}, closed {:?}; events: {events}; last frames: {}",
            self.replica.seq(),
            self.replica.faults(),
            self.violations,
            self.closed,
            last.join("\n")
        )
    }
}

/// A frame that shows the progress of a connection, as one word.
fn step(frame: &ServerFrame) -> Option<String> {
    match frame {
        ServerFrame::Welcome(welcome) => Some(format!("{} at {}:", welcome.mode, welcome.seq)),
        ServerFrame::Live(_) => Some("live".to_owned()),
        ServerFrame::Event(event) => Some(event.seq.to_string()),
        ServerFrame::Bye(bye) => Some(format!("bye {}", bye.code)),
        _ => None,
    }
}
