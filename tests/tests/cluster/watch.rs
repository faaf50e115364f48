//! Checks that the text of a reply never shrinks on a device, by replaying everything that the device received.

use tandem_protocol::{
    MessageId,
    live::{EventBody, ServerFrame},
    replica::{PartView, Replica},
};
use tandem_tests::Device;

/// The state of a device at the start of the watch.
pub(crate) struct Watch {
    replica: Replica,
    frames: usize,
    reply: MessageId,
}

impl Watch {
    pub(crate) fn begin(device: &Device, reply: MessageId) -> Self {
        let (replica, frames) = device.look(|seen| (seen.replica.clone(), seen.frames.len()));
        Self { replica, frames, reply }
    }

    /// Asserts that the text has only grown, except where the reply started over and the device received that.
    pub(crate) fn assert_never_shrank(mut self, device: &Device) {
        let frames: Vec<ServerFrame> = device.look(|seen| seen.frames[self.frames..].to_vec());
        let restarts: Vec<i64> = frames.iter().filter_map(|frame| self.restart(frame)).collect();
        let mut shown = self.text();
        for frame in &frames {
            self.replica.apply(frame);
            let now = self.text();
            // Text of a new attempt may precede the event of that attempt.
            let started_over = self.attempt(frame).is_some_and(|attempt| restarts.contains(&attempt));
            assert!(
                started_over || now.starts_with(&shown),
                "{}: {} bytes were shown, then {}: {}",
                device.id(),
                shown.len(),
                now.len(),
                frame.to_json()
            );
            shown = now;
        }
    }

    fn text(&self) -> String {
        let texts = self.replica.parts(self.reply).filter_map(|part| match part {
            PartView::Text(text) => Some(text),
            PartView::Reasoning { .. } | PartView::ToolCall(_) => None,
        });
        texts.collect()
    }

    /// The attempt that a frame announces for the reply.
    fn restart(&self, frame: &ServerFrame) -> Option<i64> {
        let ServerFrame::Event(event) = frame else { return None };
        match event.body() {
            Ok(Some(EventBody::MessageRestarted { message_id, attempt, .. })) if message_id == self.reply => {
                Some(attempt)
            }
            _ => None,
        }
    }

    /// The attempt that a frame begins: it announces it, or brings its first text.
    fn attempt(&self, frame: &ServerFrame) -> Option<i64> {
        match frame {
            ServerFrame::Delta(delta) if delta.message_id == self.reply && delta.offset == 0 => Some(delta.attempt),
            _ => self.restart(frame),
        }
    }
}
