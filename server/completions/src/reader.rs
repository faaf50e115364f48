//! Reads one answer, from the bytes of its body to chunks.

use crate::{
    Chunk, Refusal,
    chunk::ChunkReader,
    decoding::Decoder,
    frames::{Frame, Frames},
    thinking::{Split, ThoughtFilter},
};
use std::mem;

/// Why an answer is not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("the provider reported an error, status {}", .0.status)]
    Reported(Refusal),
    /// The body ended, or its end mark came, without a reason of the end.
    #[error("the answer ended early")]
    Truncated,
    /// Nothing in the body could be read, or a frame was too long.
    #[error("an unreadable answer")]
    Unreadable,
}

/// How certain it is that an answer has ended. Some servers send a reason of the end in every frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// More may come. So it is also after a reason that output followed: later ones mean nothing then.
    Open,
    /// A reason came together with output.
    Likely,
    /// A reason came alone: what follows can only be the token counts and the end mark.
    Certain,
}

/// A reader for one answer. Its output is the same however the body is cut into pieces, but for the size of the chunks.
#[derive(Debug)]
pub struct AnswerReader {
    decoder: Decoder,
    frames: Frames,
    chunks: ChunkReader,
    thoughts: ThoughtFilter,
    /// Whether a reason of the end was read.
    finished: bool,
    ending: Ending,
    /// Whether a frame of JSON was read.
    readable: bool,
    skipped: u64,
    closed: bool,
}

impl AnswerReader {
    /// A reader for a body with this `Content-Encoding`; empty where there is no such header.
    #[must_use]
    pub fn new(content_encoding: &str) -> Self {
        Self {
            decoder: Decoder::new(content_encoding),
            frames: Frames::default(),
            chunks: ChunkReader::default(),
            thoughts: ThoughtFilter::default(),
            finished: false,
            ending: Ending::Open,
            readable: false,
            skipped: 0,
            closed: false,
        }
    }

    /// Whether the answer has ended, so that nothing more has to be read.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether the model has written everything, as far as the frames so far say.
    #[must_use]
    pub fn ending(&self) -> Ending {
        self.ending
    }

    /// Frames so far that meant nothing: keep-alives, reports of progress and damaged ones.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Reads the next bytes of the body and appends what they complete. A failure is the last item.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<Result<Chunk, Failure>>) {
        if self.closed {
            return;
        }
        let mut plain = Vec::new();
        let decoded = self.decoder.decode(bytes, &mut plain);
        self.read(&plain, out);
        if decoded.is_err() && !self.closed {
            self.close(Some(Failure::Unreadable), out);
        }
    }

    /// Reads the end of the body.
    pub fn finish(&mut self, out: &mut Vec<Result<Chunk, Failure>>) {
        if self.closed {
            return;
        }
        let rest = self.decoder.finish();
        self.read(&rest, out);
        if !self.closed {
            let mut last = Vec::new();
            self.frames.finish(&mut last);
            self.take(last, out);
        }
        if !self.closed {
            let unreadable = !self.readable && self.skipped > 0;
            self.close(Some(if unreadable { Failure::Unreadable } else { Failure::Truncated }), out);
        }
    }

    fn read(&mut self, mut bytes: &[u8], out: &mut Vec<Result<Chunk, Failure>>) {
        while !bytes.is_empty() && !self.closed {
            let mut frames = Vec::new();
            bytes = self.frames.push(bytes, &mut frames);
            self.take(frames, out);
        }
    }

    fn take(&mut self, frames: Vec<Frame>, out: &mut Vec<Result<Chunk, Failure>>) {
        for frame in frames {
            if self.closed {
                return;
            }
            self.on_frame(frame, out);
        }
    }

    fn on_frame(&mut self, frame: Frame, out: &mut Vec<Result<Chunk, Failure>>) {
        match frame {
            Frame::Skipped => self.skipped += 1,
            Frame::TooLong => self.close(Some(Failure::Unreadable), out),
            Frame::Done => self.close(Some(Failure::Truncated), out),
            Frame::Error(error) => {
                let refusal = Refusal::classify(None, error.get("error").unwrap_or(&error));
                self.close(Some(Failure::Reported(refusal)), out);
            }
            Frame::Json(value) => {
                let has_choices = value.get("choices").is_some();
                match self.chunks.read(value) {
                    Ok(chunk) => {
                        // A report of progress, or a keep-alive.
                        self.skipped += u64::from(!has_choices && chunk == Chunk::default());
                        self.on_chunk(chunk, out);
                    }
                    Err(refusal) => self.close(Some(Failure::Reported(refusal)), out),
                }
            }
        }
    }

    fn on_chunk(&mut self, mut chunk: Chunk, out: &mut Vec<Result<Chunk, Failure>>) {
        self.readable = true;
        self.ending = match (chunk.has_output(), chunk.finish.is_some()) {
            (true, _) if self.finished => Ending::Open,
            (true, true) => Ending::Likely,
            (false, true) => Ending::Certain,
            (_, false) => self.ending,
        };
        self.finished |= chunk.finish.is_some();
        let text = mem::take(&mut chunk.text);
        if !text.is_empty() {
            let Split { text, thoughts, text_was_thoughts } = self.thoughts.push(&text);
            (chunk.text, chunk.text_was_thoughts) = (text, text_was_thoughts);
            chunk.thoughts.push_str(&thoughts);
        }
        out.push(Ok(chunk));
    }

    /// Ends the answer. After a reason of the end it is whole, whatever follows.
    fn close(&mut self, failure: Option<Failure>, out: &mut Vec<Result<Chunk, Failure>>) {
        self.closed = true;
        let Split { mut text, thoughts, .. } = self.thoughts.finish();
        if self.frames.take_half() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        if !text.is_empty() || !thoughts.is_empty() {
            out.push(Ok(Chunk { text, thoughts, ..Chunk::default() }));
        }
        if let Some(failure) = failure.filter(|_| !self.finished) {
            out.push(Err(failure));
        }
    }
}

#[cfg(test)]
mod tests;
