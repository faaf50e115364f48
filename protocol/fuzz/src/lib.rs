//! What must hold of any text at all: neither side panics, and what was understood is understood the same way again.

use tandem_protocol::{
    live::{ClientFrame, Command, ServerFrame},
    replica::{Change, Replica},
};

/// A text as the server reads it.
///
/// # Panics
/// When a property does not hold.
pub fn client_frame(text: &str) {
    let Ok(frame) = ClientFrame::parse(text) else { return };
    let again = serde_json::to_string(&frame).expect("frames serialise");
    let parsed = ClientFrame::parse(&again).expect("what was understood once is understood again");
    assert_eq!(format!("{frame:?}"), format!("{parsed:?}"));
    let ClientFrame::Command { name, args, .. } = frame else { return };
    let Ok(command) = Command::parse(&name, &args) else { return };
    let again = serde_json::to_value(&command).expect("commands serialise");
    let args = serde_json::value::to_raw_value(&again["args"]).expect("values serialise");
    assert_eq!(Command::parse(&name, &args).expect("a command is understood again"), command);
}

/// Messages of the socket as a client takes them, one a line.
///
/// # Panics
/// When a property does not hold.
pub fn server_frames(messages: &str) {
    let mut replica = Replica::new();
    for message in messages.lines() {
        for frame in ServerFrame::parse(message).unwrap_or_default() {
            let json = frame.to_json();
            let again = ServerFrame::parse(&json).expect("what was understood once is understood again");
            assert_eq!(again.iter().map(ServerFrame::to_json).collect::<Vec<_>>(), [json]);
            apply(&mut replica, &frame);
        }
    }
}

/// Events count up by one, and what comes twice changes nothing the second time.
fn apply(replica: &mut Replica, frame: &ServerFrame) {
    let before = replica.resume_point();
    replica.apply(frame);
    let (ServerFrame::Event(_) | ServerFrame::Delta(_)) = frame else { return };
    let (shown, at) = (replica.digest(), replica.resume_point());
    if let (Some(before), Some(at)) = (before, &at) {
        let by = at.seq - before.seq;
        assert!(by == 0 || by == 1 && matches!(frame, ServerFrame::Event(_)), "one event is one step");
    }
    let change = replica.apply(frame);
    assert!(
        matches!(change, Change::None | Change::Duplicate | Change::Gap { .. } | Change::DeltaGap { .. }),
        "{change:?} the second time"
    );
    assert_eq!(replica.digest(), shown, "a repetition changes nothing");
    for position in replica.streams() {
        let shown: usize = replica.parts(position.message_id).map(|_| 1).sum();
        assert!(position.part <= shown, "a position is in what is shown, or behind it");
    }
    assert_eq!(replica.resume_point(), at);
}
