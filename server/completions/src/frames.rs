//! Splits the bytes of an answer into frames.
//!
//! The form is that of server-sent events, as far as servers keep to it. Beyond the specification, a line that holds whole
//! objects is a frame for each at once, because some servers send no blank line, or no line end, between two frames; lines
//! of plain JSON are read like data, because some servers answer with one object in place of a stream; and what comes
//! before the name of a field is no part of it, because some writers put a byte-order mark or padding before each frame.
//!
//! **Invariant:** a frame depends on the bytes alone, not on where the pieces of the body end.

use crate::{error_frame, json};
use serde_json::Value;
use std::mem;

/// Longest frame in bytes, line ends included. Frames of real providers have some hundred.
pub(crate) const MAX_FRAME: usize = 1024 * 1024;
/// The fields of events.
const FIELDS: [&str; 5] = ["data", "event", "id", "retry", "error"];

#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    Json(Value),
    /// Data of an event that is a failure; a text if it is no JSON.
    Error(Value),
    /// The end mark `[DONE]`.
    Done,
    /// Data that is not JSON: a keep-alive, or damaged.
    Skipped,
    /// A frame is longer than [`MAX_FRAME`]; nothing more is read.
    TooLong,
}

/// The frames of one answer.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    line: Vec<u8>,
    /// Whether the last byte was a carriage return: a line feed after it belongs to the same line end.
    returned: bool,
    event: EventType,
    /// Lines of a JSON value whose end has not come.
    pending: Vec<String>,
    pending_bytes: usize,
    /// Whether the pending lines are plain JSON and not data of events.
    plain: bool,
    parser: json::Parser,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum EventType {
    #[default]
    Plain,
    /// An event that is a failure, and has had no data.
    Error,
    /// An event that is a failure, and was reported.
    Reported,
}

impl Frames {
    /// Reads up to the end of the first line that completes frames, appends these, and returns the rest of the bytes.
    pub(crate) fn push<'b>(&mut self, bytes: &'b [u8], out: &mut Vec<Frame>) -> &'b [u8] {
        for (at, &byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' if mem::take(&mut self.returned) => {}
                b'\n' | b'\r' => {
                    self.returned = byte == b'\r';
                    self.end_line(out);
                }
                _ => {
                    self.returned = false;
                    self.line.push(byte);
                }
            }
            if self.line.len() + self.pending_bytes > MAX_FRAME {
                out.push(Frame::TooLong);
                return &[];
            }
            // What comes after an error is not read: half of a character in it would change what came before.
            if !out.is_empty() {
                return &bytes[at + 1..];
            }
        }
        &[]
    }

    /// Appends the frames that the end of the body completes.
    pub(crate) fn finish(&mut self, out: &mut Vec<Frame>) {
        self.end_line(out);
        self.plain = false;
        self.dispatch(out);
    }

    fn end_line(&mut self, out: &mut Vec<Frame>) {
        let mut line = mem::take(&mut self.line);
        self.on_line(&String::from_utf8_lossy(&line), out);
        line.clear();
        self.line = line;
    }

    fn on_line(&mut self, line: &str, out: &mut Vec<Frame>) {
        if line.is_empty() {
            // Within plain JSON a blank line means nothing.
            if !self.plain {
                self.dispatch(out);
            }
            return;
        }
        let unpadded = if self.pending.is_empty() { line.trim_start_matches(is_padding) } else { line };
        let (name, value) = unpadded.split_once(':').unwrap_or((unpadded, ""));
        let name = FIELDS.into_iter().find(|field| field.eq_ignore_ascii_case(name)).unwrap_or(name);
        match name {
            // A comment, unless it goes on with plain JSON.
            "" if !self.plain => {}
            "data" => {
                if mem::take(&mut self.plain) {
                    self.dispatch(out);
                }
                self.on_data(value, out);
            }
            "event" => {
                self.event = if error_frame::is_failure(value) { EventType::Error } else { EventType::Plain };
            }
            // No field of the specification: llama.cpp reported failures like this until 2025.
            "error" if self.pending.is_empty() && !matches!(value.trim(), "" | "null") => {
                self.event = EventType::Error;
                self.on_data(value, out);
            }
            "id" | "retry" if self.pending.is_empty() => {}
            _ if !self.pending.is_empty() => self.on_data(line, out),
            // Also a whole body that is a text in JSON.
            _ if unpadded.starts_with(['{', '[', '"']) => {
                self.on_data(unpadded, out);
                self.plain = !self.pending.is_empty();
            }
            _ => {}
        }
    }

    /// One line of data.
    fn on_data(&mut self, mut data: &str, out: &mut Vec<Frame>) {
        // Some proxies put the prefix of the events that they forward before theirs.
        while let Some(inner) = data.trim_start().strip_prefix("data:") {
            data = inner;
        }
        let trimmed = data.trim_matches(is_padding);
        if is_end_mark(trimmed) {
            self.plain = false;
            self.dispatch(out);
            out.push(Frame::Done);
        } else if !self.pending.is_empty() {
            self.hold(data);
        } else if trimmed.starts_with(['{', '[']) {
            match self.parser.parse(trimmed) {
                Some(value) => self.emit(value, out),
                None => match json::split(trimmed) {
                    (values, "") if values.len() > 1 => self.emit_each(values, out),
                    _ => self.hold(data),
                },
            }
        } else if !trimmed.is_empty() {
            // Some gateways encode the frame that they forward once more.
            let encoded = self.parser.parse(trimmed).and_then(|value| value.as_str().map(str::to_owned));
            if let Some(inner) = encoded.filter(|inner| inner.contains(['{', '['])) {
                self.on_data(&inner, out);
            } else if self.event == EventType::Error {
                self.emit(Value::String(trimmed.to_owned()), out);
            } else {
                out.push(Frame::Skipped);
            }
        }
    }

    fn hold(&mut self, data: &str) {
        // A line costs more than its bytes, so that many empty ones do not fill memory either.
        self.pending_bytes += data.len() + size_of::<String>();
        self.pending.push(data.to_owned());
    }

    /// Ends an event: its lines are one value, or else a value each.
    fn dispatch(&mut self, out: &mut Vec<Frame>) {
        let lines = mem::take(&mut self.pending);
        self.pending_bytes = 0;
        if !lines.is_empty() {
            if let Some(value) = self.parser.parse(&lines.join("\n")) {
                self.emit(value, out);
            } else {
                for line in &lines {
                    let (values, rest) = json::split(line);
                    self.emit_each(values, out);
                    if !rest.is_empty() {
                        out.push(Frame::Skipped);
                    }
                }
            }
        }
        if mem::take(&mut self.event) == EventType::Error {
            out.push(Frame::Error(Value::Null));
        }
    }

    /// Appends the frames of values that came without a line end between them.
    fn emit_each(&mut self, values: Vec<&str>, out: &mut Vec<Frame>) {
        for text in values {
            match self.parser.parse(text) {
                _ if is_end_mark(text) => out.push(Frame::Done),
                Some(value) => self.emit(value, out),
                None => out.push(Frame::Skipped),
            }
        }
    }

    fn emit(&mut self, value: Value, out: &mut Vec<Frame>) {
        if self.event != EventType::Plain {
            self.event = EventType::Reported;
            out.push(Frame::Error(value));
        } else if let Value::Array(items) = value {
            // Gemini wraps an error in a list.
            out.extend(items.into_iter().map(Frame::Json));
        } else {
            out.push(Frame::Json(value));
        }
    }

    /// Whether half of a character was read whose other half has not come.
    pub(crate) fn take_half(&mut self) -> bool {
        self.parser.take_half()
    }
}

fn is_end_mark(text: &str) -> bool {
    text.eq_ignore_ascii_case("[DONE]")
}

/// Whether a character means nothing before or after a field. Some servers fill blocks with zeros.
fn is_padding(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn frames(body: &[u8]) -> Vec<Frame> {
        let read = |size: usize| {
            let (mut frames, mut out) = (Frames::default(), Vec::new());
            for mut rest in body.chunks(size) {
                while !rest.is_empty() {
                    let mut read = Vec::new();
                    rest = frames.push(rest, &mut read);
                    out.append(&mut read);
                }
            }
            frames.finish(&mut out);
            out
        };
        let whole = read(body.len().max(1));
        for size in [1, 2, 3, 5] {
            assert_eq!(read(size), whole, "pieces of {size}");
        }
        whole
    }

    fn n(number: u32) -> Frame {
        Frame::Json(json!({ "n": number }))
    }

    #[test]
    fn every_line_end_and_every_end_of_the_body_is_accepted() {
        for end in ["\n", "\r\n", "\r"] {
            for last in ["", end, &end.repeat(2)] {
                let body = format!(
                    "\u{feff}: hello{end}data: {{\"n\":1}}{end}{end}data:{{\"n\":2}}{end}{end}data: [DONE] {last}"
                );
                assert_eq!(frames(body.as_bytes()), [n(1), n(2), Frame::Done], "{end:?} {last:?}");
            }
        }
    }

    #[test]
    fn frames_need_no_blank_line_and_may_have_several_lines() {
        assert_eq!(frames(b"data: {\"n\":1}\ndata: {\"n\":2}\ndata: [DONE]\n"), [n(1), n(2), Frame::Done]);
        assert_eq!(frames(b"data: {\ndata: \"n\"\ndata: :1}\n\ndata: {\"n\":2}\n\n"), [n(1), n(2)]);
        assert_eq!(frames(b"data:\n {\"n\":1}\n\n"), [n(1)]);
        assert_eq!(frames(b"data: data: {\"n\":1}\n\n"), [n(1)]);
    }

    #[test]
    fn what_comes_before_the_name_of_a_field_is_no_part_of_it() {
        for padding in ["\u{feff}", " ", "\0\0\0", "\t\u{feff}"] {
            let body = format!(
                "{padding}data: {{\"n\":1}}\n\n{padding}{{\"n\":2}}\n{padding}event: error\n{padding}: x\n{padding}data: y\n\n"
            );
            assert_eq!(frames(body.as_bytes()), [n(1), n(2), Frame::Error(json!("y"))], "{padding:?}");
        }
        assert_eq!(frames(b"DATA: {\"n\":1}\n\nEvent: error\nData: y\n\n"), [n(1), Frame::Error(json!("y"))]);
    }

    #[test]
    fn frames_without_a_line_end_between_them_are_a_frame_each() {
        assert_eq!(frames(b"data: {\"n\":1}data: {\"n\":2}\n\n"), [n(1), n(2)]);
        assert_eq!(frames(b"data: {\"n\":1} {\"n\":2}data: [DONE]\n\n"), [n(1), n(2), Frame::Done]);
        assert_eq!(frames(b"data: {\"n\":1}{]{\"n\":2}\n\n"), [n(1), Frame::Skipped, n(2)]);
        assert_eq!(frames(b"data: {\"n\":1}{\"n\"\ndata: :2}\n\n"), [n(1), Frame::Skipped, Frame::Skipped]);
    }

    #[test]
    fn a_frame_that_was_encoded_as_a_text_is_read() {
        let encoded = |text: &str| format!("data: {}\n\n", Value::from(text));
        let body = [encoded("{\"n\":1}"), encoded("data: {\"n\":2}\n\n"), encoded("[DONE]")].concat();
        assert_eq!(frames(body.as_bytes()), [n(1), n(2), Frame::Done]);
        assert_eq!(frames(b"data: \"ping\"\n\n\"ok\"\n"), [Frame::Skipped, Frame::Skipped]);
    }

    #[test]
    fn plain_json_is_read_in_one_line_in_many_and_as_a_list() {
        assert_eq!(frames(b"{\"n\":1}\n{\"n\":2}\n"), [n(1), n(2)]);
        assert_eq!(frames(b"{\n\n  \"n\"\n: 1\n}"), [n(1)]);
        assert_eq!(frames(b"[{\"n\":1}]"), [n(1)]);
        assert_eq!(frames(b"{\ndata: {\"n\":2}\n\n"), [Frame::Skipped, n(2)]);
    }

    #[test]
    fn data_without_an_object_is_skipped() {
        let skipped =
            frames(b"event: ping\ndata: ping\n\ndata: : keepalive\n\ndata: {\"n\":1\n\ndata: {\"n\":2}\n\ndata: \n\n");
        assert_eq!(skipped, [Frame::Skipped, Frame::Skipped, Frame::Skipped, n(2)]);
        assert_eq!(frames(b"<!doctype html>\n<p>Sign in</p>\n"), []);
    }

    #[test]
    fn error_events_are_errors_whatever_their_data() {
        assert_eq!(frames(b"event: error\ndata: {\"n\":1}\n\n"), [Frame::Error(json!({ "n": 1 }))]);
        assert_eq!(frames(b"event: exception\ndata: gone\n\n"), [Frame::Error(json!("gone"))]);
        assert_eq!(frames(b"event: error\ndata: gone\n\n"), [Frame::Error(json!("gone"))]);
        assert_eq!(frames(b"event: error\n\ndata: {\"n\":1}\n\n"), [Frame::Error(Value::Null), n(1)]);
        assert_eq!(frames(b"error: {\"n\":1}\n\n"), [Frame::Error(json!({ "n": 1 }))]);
        assert_eq!(frames(b"error: gone\n\nerror:\n\ndata: {\"n\":1}\n\n"), [Frame::Error(json!("gone")), n(1)]);
        let text = "data: {\"n\":\"first\nerror: second\"}\n\n";
        assert_eq!(frames(text.as_bytes()), [Frame::Json(json!({ "n": "first\nerror: second" }))]);
    }

    #[test]
    fn a_stray_byte_is_replaced_and_the_rest_is_kept() {
        assert_eq!(frames(b"data: {\"n\":\"caf\xe9\"}\n\n"), [Frame::Json(json!({ "n": "caf\u{fffd}" }))]);
    }

    #[test]
    fn a_frame_without_end_is_not_kept() {
        for line in ["data: {\"x", "data: {\"x\n", "data: {\n\n", "{\n", ":"] {
            let (mut frames, mut out, body) = (Frames::default(), Vec::new(), line.repeat(MAX_FRAME / line.len() + 99));
            frames.push(body.as_bytes(), &mut out);
            let kept = frames.line.len() + frames.pending_bytes;
            assert!(kept <= MAX_FRAME + line.len() + size_of::<String>(), "{line:?}: {kept}");
        }
    }
}
