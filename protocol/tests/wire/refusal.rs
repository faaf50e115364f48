//! What a server must not accept: frames and arguments that are not of the contract.

use crate::{json, parse, samples, with_surprise};
use serde_json::value::{RawValue, to_raw_value};
use tandem_protocol::{
    live::{ClientFrame, Command, command::CommandParseError},
    rest::{Login, NewTask, TaskPatch},
};

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.into()).unwrap()
}

fn args(command: &Command) -> String {
    to_raw_value(&serde_json::to_value(command).unwrap()["args"]).unwrap().get().to_owned()
}

#[test]
fn an_unknown_command_is_refused_by_its_name() {
    let refusal = Command::parse("task.paint", &raw("{}")).unwrap_err();
    assert!(matches!(&refusal, CommandParseError::UnknownName(name) if name == "task.paint"), "{refusal}");
}

#[test]
fn every_command_refuses_an_unknown_argument() {
    for command in samples::commands() {
        let refusal = Command::parse(command.name(), &raw(&with_surprise(&args(&command))));
        assert!(matches!(refusal, Err(CommandParseError::Args(_))), "{}", command.name());
    }
}

#[test]
fn every_command_refuses_an_argument_that_is_given_twice() {
    for command in samples::commands() {
        let args = args(&command);
        let (key, _) = args.trim_start_matches('{').split_once(':').unwrap();
        let (_, first_value) =
            serde_json::from_str::<serde_json::Map<_, _>>(&args).unwrap().into_iter().next().unwrap();
        let doubled = format!("{{{key}:{first_value},{}", args.trim_start_matches('{'));
        let refusal = Command::parse(command.name(), &raw(&doubled));
        assert!(matches!(refusal, Err(CommandParseError::Args(_))), "{}: {doubled}", command.name());
    }
}

#[test]
fn bodies_refuse_a_key_that_is_given_twice() {
    assert!(parse::<Login>(r#"{"email":"a@b.c","email":"d@e.f","password":"correct horse"}"#).is_err());
    assert!(parse::<NewTask>(r#"{"title":"a","title":"b"}"#).is_err());
    assert!(parse::<TaskPatch>(r#"{"due":null,"due":{"date":"2026-11-24"}}"#).is_err());
}

#[test]
fn every_command_refuses_arguments_that_are_no_object() {
    for command in samples::commands() {
        let id = format!(r#"["{}"]"#, samples::uuid(6));
        for args in ["null", "7", "\"text\"", "true", "[]", &id] {
            assert!(Command::parse(command.name(), &raw(args)).is_err(), "{} {args}", command.name());
        }
    }
}

#[test]
fn a_command_without_arguments_has_empty_ones() {
    let ClientFrame::Command { args, .. } = ClientFrame::parse(r#"{"type":"command","id":"x","name":"undo"}"#).unwrap()
    else {
        panic!("a command was sent");
    };
    assert_eq!(args.get(), "{}");
}

#[test]
fn what_is_no_client_frame_is_refused() {
    let frames = [
        "",
        "hello",
        "null",
        "7",
        "[]",
        "{}",
        r#"{"type":7}"#,
        r#"{"type":"dance"}"#,
        r#"{"type":"Hello","version":1}"#,
        r#"{"type":"hello"}"#,
        r#"{"type":"hello","version":1}"#,
        r#"{"type":"hello","version":"1","device":{"id":"d"}}"#,
        r#"{"type":"hello","version":1,"device":{"id":7}}"#,
        r#"{"type":"hello","version":1,"device":{"id":"d"},"resume":{"epoch":"e"}}"#,
        r#"{"type":"command","name":"undo"}"#,
        r#"{"type":"command","id":7,"name":"undo"}"#,
        r#"{"type":"auth"}"#,
        r#"{"type":"pong","seq":"x"}"#,
        r#"{"type":"pong","type":"pong"}"#,
        r#"[{"type":"pong","seq":1}]"#,
        r#"["auth"]"#,
        r#"["pong",1]"#,
    ];
    for frame in frames {
        assert!(ClientFrame::parse(frame).is_err(), "{frame}");
    }
}

#[test]
fn a_hello_needs_only_its_version_and_device() {
    let text = r#"{"type":"hello","version":1,"device":{"id":"d"}}"#;
    let ClientFrame::Hello(hello) = ClientFrame::parse(text).unwrap() else { panic!("a hello was sent") };
    assert_eq!((hello.resume.as_ref(), hello.streams.len(), hello.batches()), (None, 0, false));
    assert_eq!(json(&hello.device), r#"{"id":"d","name":""}"#);
}
