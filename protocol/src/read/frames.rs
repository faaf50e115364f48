//! Frames of the server, bodies of events, arguments of commands.

use super::{Fields, Read, parse};
use crate::live::{Command, Event, EventBody, ServerFrame, server::Ack};
use serde_json::{Value, value::RawValue};

/// Reads one message of the server, as [`ServerFrame::parse`] does: frames of unknown type are left out.
pub fn server_frames(text: &str) -> Option<Vec<ServerFrame>> {
    match parse(text)? {
        Value::Array(frames) => {
            let frames: Option<Vec<_>> = frames.into_iter().map(frame).collect();
            Some(frames?.into_iter().flatten().collect())
        }
        value => Some(frame(value)?.into_iter().collect()),
    }
}

/// Reads one frame; `Some(None)` for an unknown type.
#[expect(clippy::option_option, reason = "unreadable, readable and unknown, known")]
fn frame(value: Value) -> Option<Option<ServerFrame>> {
    let mut fields = Fields::of(value)?;
    let kind: String = fields.take("type")?;
    if kind == "event" {
        return Some(Some(ServerFrame::Event(event(fields)?)));
    }
    if kind == "ack" {
        let result = raw(&fields.raw("result"))?;
        return Some(Some(ServerFrame::Ack(Ack { id: fields.take("id")?, seq: fields.take("seq")?, result })));
    }
    let value = Value::Object(fields.0);
    Some(Some(match kind.as_str() {
        "delta" => ServerFrame::Delta(Read::read(value)?),
        "welcome" => ServerFrame::Welcome(Read::read(value)?),
        "live" => ServerFrame::Live(Read::read(value)?),
        "error" => ServerFrame::Error(Read::read(value)?),
        "ping" => ServerFrame::Ping(Read::read(value)?),
        "auth.expiring" => ServerFrame::AuthExpiring(Read::read(value)?),
        "auth.ok" => ServerFrame::AuthOk(Read::read(value)?),
        "presence" => ServerFrame::Presence(Read::read(value)?),
        "bye" => ServerFrame::Bye(Read::read(value)?),
        _ => return Some(None),
    }))
}

fn event(mut fields: Fields) -> Option<Event> {
    Some(Event {
        seq: fields.take("seq")?,
        at: fields.take("at")?,
        name: fields.take("name")?,
        data: raw(&fields.raw("data"))?,
        actor: fields.take("actor")?,
        command_id: fields.take("command_id")?,
    })
}

/// Back to text: an event keeps its data unread, because most of the time nobody but the replica looks at it.
fn raw(value: &Value) -> Option<Box<RawValue>> {
    RawValue::from_string(value.to_string()).ok()
}

/// Reads the data of an event; `Some(None)` for an unknown name.
pub fn event_body(name: &str, data: &str) -> Option<Option<EventBody>> {
    EventBody::read_parts(name, parse(data)?)
}

/// Reads the arguments of a command; `None` for an unknown name, too.
pub fn command(name: &str, args: &str) -> Option<Command> {
    Command::read_args(name, parse(args)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::from_text;

    #[test]
    fn what_is_no_frame_is_refused_and_what_is_unknown_is_left_out() {
        assert!(server_frames("[").is_none());
        assert!(server_frames("3").is_none());
        assert!(server_frames(r#"{"type":"ping"}"#).is_none());
        assert!(server_frames(r#"[{"type":"tomorrow's"}]"#).is_some_and(|frames| frames.is_empty()));
        assert!(event_body("tomorrow's", "{}").is_some_and(|body| body.is_none()));
        assert!(command("tomorrow's", "{}").is_none());
        assert!(from_text::<String>("3").is_none());
    }
}
