//! A device on a bad line: frames wait, come twice, change places, get lost; it repairs itself as the contract says.

use crate::{
    samples,
    source::{History, Sent, Source},
};
use std::collections::VecDeque;
use tandem_protocol::{
    enums::WelcomeMode,
    live::{EventBody, ServerFrame, server::Live},
    replica::{Change, ContractBreach, PartView, Replica},
};

#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) replica: Replica,
    /// Sent and not yet arrived.
    line: VecDeque<Sent>,
    /// Asked for over REST and not yet arrived.
    page: Option<History>,
    /// Whether frames go through their JSON, which is what a real one does and ten times slower.
    json: bool,
}

impl Device {
    /// A device that starts with a snapshot and the history.
    pub(crate) fn new(source: &Source, json: bool) -> Self {
        let mut device = Self { replica: Replica::new(), line: VecDeque::new(), page: None, json };
        device.start_over(source, true);
        device
    }

    pub(crate) fn send(&mut self, frames: Vec<Sent>) {
        self.line.extend(frames);
    }

    /// Lets the line do something to what is on it, chosen by a number.
    pub(crate) fn suffer(&mut self, source: &mut Source, fate: u8) {
        let place = usize::from(fate / 32);
        match fate % 16 {
            // Frames wait, and more of them come.
            0..=3 => {}
            4 => self.duplicate(place),
            5 => self.swap(place),
            6 => drop(self.line.remove(place)),
            7 => self.reconnect(source),
            8 if fate >= 192 => {
                source.restore();
                self.reconnect(source);
            }
            9 if fate >= 128 => self.start_over(source, fate >= 192),
            // A page that is ahead of the events on the line.
            10 => self.load(source.history()),
            // A page that will be behind them.
            11 if self.page.is_none() => self.page = Some(source.history()),
            12 => self.arrive(source),
            _ => {
                while !self.line.is_empty() {
                    self.arrive(source);
                }
                self.load_page();
            }
        }
    }

    /// The line is repaired, as it is after every cut; everything that was asked for arrives.
    pub(crate) fn settle(&mut self, source: &Source) {
        self.load_page();
        while !self.line.is_empty() {
            self.arrive(source);
        }
        self.reconnect(source);
    }

    fn duplicate(&mut self, place: usize) {
        if let Some(frame) = self.line.get(place).cloned() {
            self.line.push_back(frame);
        }
    }

    fn swap(&mut self, place: usize) {
        if place + 1 < self.line.len() {
            self.line.swap(place, place + 1);
        }
    }

    fn arrive(&mut self, source: &Source) {
        let Some(frame) = self.line.pop_front() else { return };
        if let Change::Gap { .. } = self.apply(source, &frame) {
            self.reconnect(source);
        }
    }

    fn apply(&mut self, source: &Source, frame: &Sent) -> Change {
        let change = match frame {
            Sent::Event(seq) => self.apply_event(*seq, source.event(*seq)),
            Sent::Delta(delta) => self.apply_frame(&ServerFrame::Delta(delta.clone())),
        };
        if let Change::Text { message_id, part, .. } = change {
            let Sent::Delta(delta) = frame else { panic!("only deltas grow text alone") };
            let shown = self.replica.parts(message_id).nth(part);
            if let (Some((_, text)), true) =
                (shown.and_then(PartView::as_streamed), delta.attempt == source.attempt(message_id))
            {
                assert!(source.has_said(message_id, part, text), "{text:?} was never said");
            }
        }
        change
    }

    fn apply_event(&mut self, seq: i64, body: &EventBody) -> Change {
        if self.json {
            self.apply_frame(&samples::event(seq, body))
        } else {
            self.replica.apply_read(seq, body.clone())
        }
    }

    fn apply_frame(&mut self, frame: &ServerFrame) -> Change {
        if !self.json {
            return self.replica.apply(frame);
        }
        let [frame] = ServerFrame::parse(&frame.to_json()).unwrap().try_into().unwrap();
        self.replica.apply(&frame)
    }

    /// A new connection: what was on the old line is lost, what was missed is replayed.
    fn reconnect(&mut self, source: &Source) {
        self.line.clear();
        let Some(resume) = self.replica.resume_point().filter(|resume| resume.epoch == source.epoch()) else {
            return self.start_over(source, true);
        };
        let streams = self.replica.streams();
        self.apply_frame(&samples::welcome(WelcomeMode::Resumed, &source.epoch(), source.seq()));
        for seq in resume.seq + 1..=source.seq() {
            self.apply(source, &Sent::Event(seq));
        }
        for delta in source.catch_up(&streams) {
            self.apply(source, &Sent::Delta(delta));
        }
        assert_eq!(self.apply_frame(&ServerFrame::Live(Live { seq: source.seq() })), Change::Live);
    }

    /// `resync`: a snapshot, then the history, at once or later. Pages of before are void.
    fn start_over(&mut self, source: &Source, at_once: bool) {
        let change = self.apply_frame(&samples::welcome(WelcomeMode::Resync, &source.epoch(), source.seq()));
        assert_eq!((change, self.replica.resume_point()), (Change::Resync, None));
        self.replica.load_snapshot(source.snapshot());
        self.page = Some(source.history());
        if at_once {
            self.load_page();
        }
        self.reconnect(source);
    }

    fn load_page(&mut self) {
        if let Some(page) = self.page.take() {
            self.load(page);
        }
    }

    fn load(&mut self, page: History) {
        self.replica.load_conversations(page.conversations);
        self.replica.load_messages(page.messages);
        self.replica.load_tasks(page.tasks);
    }

    /// Faults that the line cannot have caused.
    pub(crate) fn faults_of_the_server(&self) -> Vec<&ContractBreach> {
        let of_line = |fault: &&ContractBreach| {
            matches!(fault, ContractBreach::EventGap { .. } | ContractBreach::EventTwice { .. })
        };
        self.replica.faults().iter().filter(|fault| !of_line(fault)).collect()
    }
}
