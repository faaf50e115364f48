//! Frames of the socket, both ways, with every event and every command.

use crate::{json, listing, samples, with_each_surprise, with_surprise};
use insta::assert_snapshot;
use serde_json::value::{RawValue, to_raw_value};
use tandem_protocol::{
    CommandId, ErrorCode,
    enums::{ActorKind, TextKind, WelcomeMode},
    limits::Limits,
    live::{
        Actor, ClientFrame, Command, Event, EventBody, Hello, ServerFrame, StreamPosition,
        client::{HelloDevice, ResumePoint},
        server::{Ack, AuthLife, Bye, Delta, ErrorFrame, Live, Ping, Presence, PresentDevice, Welcome},
    },
};

fn event(seq: i64, body: &EventBody) -> Event {
    Event {
        seq,
        at: samples::at(3),
        name: body.name().into(),
        data: to_raw_value(body).unwrap(),
        actor: Actor { kind: ActorKind::User, device_id: Some("laptop".into()) },
        command_id: Some(CommandId(samples::uuid(10))),
    }
}

fn server_frames() -> Vec<(&'static str, ServerFrame)> {
    let welcome = Welcome {
        connection_id: samples::connection(),
        epoch: "e1".into(),
        seq: 42,
        mode: WelcomeMode::Resumed,
        ping_interval_ms: 20_000,
        token_expires_in: 540,
        limits: Limits::default(),
    };
    let delta = Delta {
        message_id: samples::queued_reply().id,
        attempt: 1,
        part: 0,
        offset: 6,
        text: "caf\u{e9} \"ok\"".into(),
        kind: TextKind::Text,
    };
    let thought = Delta { offset: 0, text: "Hm.".into(), kind: TextKind::Reasoning, ..delta.clone() };
    let refused = ErrorFrame {
        id: Some(samples::uuid(10).to_string()),
        code: ErrorCode::RateLimited,
        message: "Too many commands.".into(),
        retry_after_ms: Some(500),
        task: None,
    };
    let conflict = ErrorFrame {
        code: ErrorCode::Conflict,
        retry_after_ms: None,
        task: Some(samples::bare_task().into()),
        ..refused.clone()
    };
    let device = PresentDevice { id: "laptop".into(), name: "Laptop".into(), connected_at: samples::at(3) };
    let by_nobody = Event {
        actor: Actor { kind: ActorKind::Assistant, device_id: None },
        command_id: None,
        ..event(44, &EventBody::TaskDeleted { task_id: samples::task().id })
    };
    let result = RawValue::from_string(r#"{"seq":43}"#.into()).unwrap();
    vec![
        ("welcome", ServerFrame::Welcome(welcome)),
        ("event", ServerFrame::Event(event(43, &EventBody::TaskDeleted { task_id: samples::task().id }))),
        ("event without device and command", ServerFrame::Event(by_nobody)),
        ("live", ServerFrame::Live(Live { seq: 43 })),
        ("delta", ServerFrame::Delta(delta)),
        ("delta, reasoning", ServerFrame::Delta(thought)),
        ("ack", ServerFrame::Ack(Ack { id: CommandId(samples::uuid(10)), seq: 43, result })),
        ("error of a command", ServerFrame::Error(refused.clone())),
        ("error with the current task", ServerFrame::Error(conflict)),
        ("error of no command", ServerFrame::Error(ErrorFrame { id: None, retry_after_ms: None, ..refused })),
        ("ping", ServerFrame::Ping(Ping { seq: 43 })),
        ("auth.expiring", ServerFrame::AuthExpiring(AuthLife { expires_in: 60 })),
        ("auth.ok", ServerFrame::AuthOk(AuthLife { expires_in: 600 })),
        ("presence", ServerFrame::Presence(Presence { devices: vec![device] })),
        ("bye", ServerFrame::Bye(Bye { code: 4001, reason: "draining".into(), reconnect_after_ms: Some(250) })),
        (
            "bye for good",
            ServerFrame::Bye(Bye { code: 4503, reason: "session revoked".into(), reconnect_after_ms: None }),
        ),
    ]
}

fn client_frames() -> Vec<(&'static str, ClientFrame)> {
    let hello = Hello {
        version: 1,
        device: HelloDevice { id: "laptop".into(), name: "Laptop".into() },
        resume: Some(ResumePoint { epoch: "e1".into(), seq: 42 }),
        streams: vec![StreamPosition { message_id: samples::queued_reply().id, attempt: 1, part: 2, have: 17 }],
        caps: vec!["batch".into()],
    };
    let fresh = Hello { resume: None, streams: Vec::new(), caps: Vec::new(), ..hello.clone() };
    let args = RawValue::from_string(r#"{"title":"Buy milk"}"#.into()).unwrap();
    vec![
        ("hello", ClientFrame::Hello(hello)),
        ("hello of a new device", ClientFrame::Hello(fresh)),
        ("command", ClientFrame::Command { id: samples::uuid(10).to_string(), name: "task.create".into(), args }),
        ("auth", ClientFrame::Auth { token: "header.payload.signature".into() }),
        ("pong", ClientFrame::Pong { seq: 43 }),
    ]
}

#[test]
fn every_server_frame_looks_as_the_contract_says() {
    assert_snapshot!("server_frames", listing(server_frames()));
}

#[test]
fn every_client_frame_looks_as_the_contract_says() {
    assert_snapshot!("client_frames", listing(client_frames()));
}

#[test]
fn every_event_looks_as_the_contract_says() {
    let events = samples::events();
    assert_eq!(events.iter().map(EventBody::name).collect::<Vec<_>>(), EventBody::NAMES);
    assert_snapshot!("events", listing(events.iter().map(|body| (body.name(), body))));
}

#[test]
fn every_command_looks_as_the_contract_says() {
    let commands = samples::commands();
    assert_eq!(commands.iter().map(Command::name).collect::<Vec<_>>(), Command::NAMES);
    assert_snapshot!("commands", listing(commands.iter().map(|command| (command.name(), command))));
}

#[test]
fn server_frames_are_read_as_they_were_written() {
    for (name, frame) in server_frames() {
        let text = frame.to_json();
        let [read] = ServerFrame::parse(&text).unwrap().try_into().unwrap();
        assert_eq!(read.to_json(), text, "{name}");
    }
}

#[test]
fn server_frames_may_say_more_than_a_client_knows() {
    for (name, frame) in server_frames() {
        let text = frame.to_json();
        let [read] = ServerFrame::parse(&with_surprise(&text)).unwrap().try_into().unwrap();
        assert_eq!(read.to_json(), text, "{name}");
    }
}

#[test]
fn an_object_inside_an_event_may_say_more_than_a_client_knows() {
    for body in samples::events() {
        for data in with_each_surprise(&json(&body)) {
            assert!(EventBody::from_parts(body.name(), &data).is_ok(), "{} {data}", body.name());
        }
    }
}

#[test]
fn a_batch_is_read_frame_by_frame_without_those_of_unknown_type() {
    let frames = server_frames();
    let mut texts: Vec<_> = frames.iter().map(|(_, frame)| frame.to_json()).collect();
    let known = texts.clone();
    texts.insert(1, r#"{"type":"fireworks","colour":"red"}"#.into());
    let read = ServerFrame::parse(&format!(" [{}]", texts.join(","))).unwrap();
    assert_eq!(read.iter().map(ServerFrame::to_json).collect::<Vec<_>>(), known);
    assert!(ServerFrame::parse(r#"{"type":"fireworks"}"#).unwrap().is_empty());
}

#[test]
fn a_server_frame_without_its_fields_is_an_error_not_a_guess() {
    for text in ["", "7", "null", "[7]", "{}", r#"{"type":"delta"}"#, r#"{"type":7}"#, r#"{"type":"live","seq":"1"}"#] {
        assert!(ServerFrame::parse(text).is_err(), "{text}");
    }
}

#[test]
fn client_frames_are_read_as_they_were_written() {
    for (name, frame) in client_frames() {
        let text = json(&frame);
        assert_eq!(json(&ClientFrame::parse(&text).unwrap()), text, "{name}");
        assert_eq!(json(&ClientFrame::parse(&with_surprise(&text)).unwrap()), text, "{name}");
    }
}

#[test]
fn events_are_read_as_they_were_written_and_may_say_more() {
    for body in samples::events() {
        let data = json(&body);
        assert_eq!(EventBody::from_parts(body.name(), &data).unwrap(), Some(body.clone()));
        assert_eq!(EventBody::from_parts(body.name(), &with_surprise(&data)).unwrap(), Some(body.clone()));
        assert_eq!(event(1, &body).body().unwrap(), Some(body));
    }
    assert_eq!(EventBody::from_parts("task.painted", r#"{"colour":"red"}"#).unwrap(), None);
    assert!(EventBody::from_parts("task.deleted", "{}").is_err());
}

#[test]
fn commands_are_read_as_they_were_written() {
    for command in samples::commands() {
        let value = &serde_json::to_value(&command).unwrap()["args"];
        let args = command.args().unwrap();
        assert_eq!(&serde_json::from_str::<serde_json::Value>(args.get()).unwrap(), value, "{}", command.name());
        assert_eq!(Command::parse(command.name(), &args).unwrap(), command);
        assert_eq!(Command::parse(command.name(), &to_raw_value(value).unwrap()).unwrap(), command);
    }
}
