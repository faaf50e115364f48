//! Everything that a device has been told.

use super::FrameFaultInjector;
use tandem_protocol::{
    live::{
        Event, ServerFrame,
        server::{Ack, Bye, ErrorFrame, Welcome},
    },
    replica::Replica,
    rest::Snapshot,
};

/// Frames that a failing test shows.
const TAIL: usize = 6;
/// Events, welcomes and the like that it shows by their numbers.
const COURSE: usize = 80;

/// What a device has seen, over all its connections.
#[derive(Debug, Default)]
pub struct Seen {
    /// What it makes of it.
    pub replica: Replica,
    /// Every frame, in the order of arrival.
    pub frames: Vec<ServerFrame>,
    /// The answer to the last `hello`.
    pub welcome: Option<Welcome>,
    /// Whether the replay after the last `hello` is over.
    pub live: bool,
    /// How the last connection ended, if it has.
    pub closed: Option<Closed>,
    /// Rules of the wire that were broken, beside those that the replica knows.
    pub complaints: Vec<String>,
    /// How often the device has started over from a snapshot.
    pub snapshots: usize,
    /// Bytes of the messages that came, over all connections.
    pub bytes: usize,
    /// What stands between the socket and the replica, if anything does.
    pub fault_injector: Option<FrameFaultInjector>,
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The close code; `None` when the connection just broke.
    pub code: Option<u16>,
    /// The `bye` that came before.
    pub bye: Option<Bye>,
}

impl Seen {
    /// A new connection begins.
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
            Some(fault_injector) => fault_injector.give(&mut self.replica, &frame, &mut self.complaints),
            None => {
                self.replica.apply(&frame);
            }
        }
        self.frames.push(frame);
    }

    pub(super) fn start_over(&mut self, snapshot: Snapshot) {
        self.replica.load_snapshot(snapshot);
        self.snapshots += 1;
    }

    /// Gives the replica what the fault injector has kept back.
    pub fn settle(&mut self) {
        if let Some(fault_injector) = &mut self.fault_injector {
            fault_injector.settle(&mut self.replica, &mut self.complaints);
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

    /// What a failing test shows: where the replica is, what it complains of, how the connections went, the last frames.
    pub(super) fn tail(&self) -> String {
        let course: Vec<String> = self.frames.iter().filter_map(step).collect();
        let course = course[course.len().saturating_sub(COURSE)..].join(" ");
        let last: Vec<String> = self.frames.iter().rev().take(TAIL).rev().map(ServerFrame::to_json).collect();
        format!(
            "the replica is at {} with faults {:?}, complaints {:?}, closed {:?}; course: {course}; last frames: {}",
            self.replica.seq(),
            self.replica.faults(),
            self.complaints,
            self.closed,
            last.join("\n")
        )
    }
}

/// A frame that tells how far a connection is, in a word.
fn step(frame: &ServerFrame) -> Option<String> {
    match frame {
        ServerFrame::Welcome(welcome) => Some(format!("{} at {}:", welcome.mode, welcome.seq)),
        ServerFrame::Live(_) => Some("live".to_owned()),
        ServerFrame::Event(event) => Some(event.seq.to_string()),
        ServerFrame::Bye(bye) => Some(format!("bye {}", bye.code)),
        _ => None,
    }
}
