//! Deltas in every style that servers were seen to send, and the bounds on them.

use super::*;
use serde_json::json;

fn delta(index: Option<u64>, id: &str, name: &str, arguments: &str) -> CallDelta {
    CallDelta { index, id: id.into(), name: name.into(), arguments: arguments.into(), extra: Map::new() }
}

fn is_tool(name: &str) -> bool {
    ["add_task", "get_task", "list_tasks"].contains(&name)
}

fn assembly(deltas: Vec<CallDelta>) -> AnswerAssembly {
    let mut assembly = AnswerAssembly::new(is_tool);
    for delta in deltas {
        assembly.add(Chunk { calls: vec![delta], ..Chunk::default() });
    }
    assembly
}

fn assembled(deltas: Vec<CallDelta>) -> Vec<(String, String)> {
    assembly(deltas).into_calls().into_iter().map(|call| (call.name, call.arguments)).collect()
}

fn calls(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, arguments)| ((*name).to_owned(), (*arguments).to_owned())).collect()
}

#[test]
fn pieces_with_an_index_go_to_its_slot_also_when_they_alternate() {
    let deltas = vec![
        delta(Some(0), "a", "add_task", ""),
        delta(Some(1), "b", "list_tasks", ""),
        delta(Some(0), "", "", "{\"title\":"),
        delta(Some(1), "", "", "{}"),
        delta(Some(0), "", "", "\"x\"}"),
    ];
    assert_eq!(assembled(deltas), calls(&[("add_task", "{\"title\":\"x\"}"), ("list_tasks", "{}")]));
}

#[test]
fn without_an_index_a_new_id_or_name_begins_a_call() {
    let whole = vec![delta(None, "a", "add_task", "{\"title\":\"x\"}"), delta(None, "b", "add_task", "{}")];
    assert_eq!(assembled(whole), calls(&[("add_task", "{\"title\":\"x\"}"), ("add_task", "{}")]));
    let named = vec![delta(None, "", "add_task", "{\"a\":1}"), delta(None, "", "add_task", "{\"a\":2}")];
    assert_eq!(assembled(named), calls(&[("add_task", "{\"a\":1}"), ("add_task", "{\"a\":2}")]));
    let parts = vec![delta(None, "", "get_task", "{\"a\""), delta(None, "", "", ":1}")];
    assert_eq!(assembled(parts), calls(&[("get_task", "{\"a\":1}")]));
    let alternate = vec![
        delta(None, "a", "add_task", "{\"a\""),
        delta(None, "b", "get_task", "{\"b\""),
        delta(None, "a", "", ":1}"),
        delta(None, "b", "", ":2}"),
    ];
    assert_eq!(assembled(alternate), calls(&[("add_task", "{\"a\":1}"), ("get_task", "{\"b\":2}")]));
}

#[test]
fn a_reused_index_begins_a_call_with_a_new_id_a_new_name_or_after_complete_arguments() {
    let second = [
        delta(Some(0), "b", "add_task", "{\"a\":2}"),
        delta(Some(0), "", "add_task", "{\"a\":2}"),
        delta(Some(0), "b", "add_task", ""),
        delta(Some(0), "", "list_tasks", ""),
    ];
    for second in second {
        let name = second.name.clone();
        let made = assembled(vec![delta(Some(0), "a", "add_task", "{\"a\":1}"), second.clone()]);
        assert_eq!(made, calls(&[("add_task", "{\"a\":1}"), (&name, &second.arguments)]), "{second:?}");
        let made = assembled(vec![delta(Some(0), "a", "get_task", ""), second.clone()]);
        assert_eq!(made, calls(&[("get_task", ""), (&name, &second.arguments)]), "after empty arguments, {second:?}");
    }
}

#[test]
fn a_piece_that_cannot_begin_a_call_continues_one_under_any_id() {
    for name in ["", "add_task"] {
        let same = vec![delta(Some(0), "a", "add_task", "{\"a\""), delta(Some(0), "a2", name, ":1}")];
        assert_eq!(assembled(same), calls(&[("add_task", "{\"a\":1}")]));
    }
    let unnamed = vec![delta(Some(0), "a", "add_task", ""), delta(Some(0), "a2", "", "{\"a\":1}")];
    assert_eq!(assembled(unnamed), calls(&[("add_task", "{\"a\":1}")]));
    let without_index = vec![delta(None, "a", "add_task", ""), delta(Some(0), "", "", "{\"a\":1}")];
    assert_eq!(assembled(without_index), calls(&[("add_task", "{\"a\":1}")]));
}

#[test]
fn names_and_ids_that_are_repeated_with_every_piece_are_taken_once() {
    for id in ["a", ""] {
        let deltas = vec![
            delta(Some(0), id, "get_task", ""),
            delta(Some(0), id, "get_task", "{\"a\""),
            delta(Some(0), id, "get_task", ":1}"),
            delta(Some(0), id, "", ""),
        ];
        assert_eq!(assembled(deltas), calls(&[("get_task", "{\"a\":1}")]), "{id:?}");
    }
}

#[test]
fn ids_that_are_new_with_every_piece_at_one_index_are_one_call() {
    let pieces = ["{", "\"labels", "\":[", "\"a\"", "]", "}"];
    for pieces in [&pieces[..], &[&[""], &pieces[..]].concat()] {
        let pieces = pieces.iter().enumerate();
        let deltas = pieces.map(|(n, piece)| delta(Some(0), &format!("id{n}"), "add_task", piece)).collect();
        assert_eq!(assembled(deltas), calls(&[("add_task", "{\"labels\":[\"a\"]}")]));
    }
}

#[test]
fn arguments_that_come_again_from_their_beginning_replace_what_came_before() {
    let whole = "{\"title\":\"milk\",\"labels\":[\"a\"]}";
    for cuts in [&[1, 4, 12, whole.len()][..], &[6, 6, whole.len()], &[whole.len(), whole.len()]] {
        let deltas = cuts.iter().map(|cut| delta(Some(0), "", "", &whole[..*cut]));
        let deltas = [delta(Some(0), "a", "add_task", "")].into_iter().chain(deltas).collect();
        assert_eq!(assembled(deltas), calls(&[("add_task", whole)]), "{cuts:?}");
    }
    let spaced = "{ \"title\": \"milk\" }";
    for part in ["{\"title\":\"mi", "{\"title\"", "{\"title\":\"milk\""] {
        let deltas = vec![delta(Some(0), "a", "add_task", part), delta(Some(0), "a", "add_task", spaced)];
        assert_eq!(assembled(deltas), calls(&[("add_task", spaced)]), "{part}");
    }
    let within = ["{\"a\":", "{\"b\":1}", ",\"c\":\"x", "{}", "\"}"].map(|part| delta(Some(0), "a", "add_task", part));
    assert_eq!(assembled(within.to_vec()), calls(&[("add_task", "{\"a\":{\"b\":1},\"c\":\"x{}\"}")]));
    let long = format!("{{\"title\":\"{}\"}}", "x".repeat(4_000));
    let deltas = (1..=long.len()).map(|cut| delta(Some(0), "a", "add_task", &long[..cut])).collect();
    assert_eq!(assembled(deltas), calls(&[("add_task", &long)]), "only what is kept counts");
}

#[test]
fn a_name_in_pieces_is_joined() {
    let deltas = vec![delta(Some(0), "a", "add_", ""), delta(Some(0), "", "task", "{\"a\":1}")];
    assert_eq!(assembled(deltas), calls(&[("add_task", "{\"a\":1}")]));
    let deltas = ["li", "st_", "tasks"].map(|piece| delta(Some(0), "a", piece, ""));
    assert_eq!(assembled(deltas.to_vec()), calls(&[("list_tasks", "")]));
    let deltas = ["functions", ".get", "_task"].map(|piece| delta(Some(0), "", piece, ""));
    assert_eq!(assembled(deltas.to_vec()), calls(&[("get_task", "")]));
    let deltas = ["g", "get_", "get_task"].map(|name| delta(Some(0), "", name, ""));
    assert_eq!(assembled(deltas.to_vec()), calls(&[("get_task", "")]));
    let deltas = ["unknown", "unknown"].map(|name| delta(Some(0), "a", name, ""));
    assert_eq!(assembled(deltas.to_vec()), calls(&[("unknown", "")]));
    let deltas = vec![delta(Some(0), "a", "add_", ""), delta(Some(0), "", "list_tasks", "{}")];
    assert_eq!(assembled(deltas), calls(&[("add_", ""), ("list_tasks", "{}")]));
}

#[test]
fn an_id_or_index_may_come_before_the_name() {
    let deltas = vec![delta(Some(0), "a", "", ""), delta(Some(0), "", "add_task", "{}")];
    assert_eq!(assembled(deltas), calls(&[("add_task", "{}")]));
}

#[test]
fn arguments_that_are_sent_again_whole_are_taken_once() {
    let deltas = vec![
        delta(Some(0), "a", "add_task", ""),
        delta(Some(0), "", "", "{\"a\":1}"),
        delta(Some(0), "", "", "{\"a\":1}"),
    ];
    assert_eq!(assembled(deltas), calls(&[("add_task", "{\"a\":1}")]));
}

#[test]
fn empty_pieces_are_no_calls() {
    assert!(assembled(vec![delta(None, "", "", ""), delta(Some(0), "", "", "")]).is_empty());
}

#[test]
fn calls_are_whole_when_each_has_a_name_and_an_object() {
    let whole = |deltas| assembly(deltas).has_whole_calls();
    assert!(whole(vec![delta(Some(0), "a", "add_task", "{}"), delta(Some(1), "b", "add_task", "\"{}\"")]));
    assert!(!whole(vec![delta(Some(0), "a", "add_task", "{}"), delta(Some(1), "b", "add_task", "")]));
    assert!(!whole(vec![delta(Some(0), "a", "add_task", "{\"a\"")]));
    assert!(!whole(vec![delta(Some(0), "a", "", "{}")]));
    assert!(!whole(Vec::new()));
}

#[test]
fn arguments_that_are_too_long_are_not_kept() {
    let half = "x".repeat(MAX_ARGUMENTS / 2 + 1);
    let texts = [half.as_str(), half.as_str(), "{}"];
    let calls = assembly(texts.iter().map(|text| delta(Some(0), "a", "add_task", text)).collect()).into_calls();
    assert_eq!((calls[0].oversized, calls[0].arguments.as_str()), (true, ""));
}

#[test]
fn calls_without_end_are_not_kept() {
    let long = "x".repeat(100_000);
    let deltas = (0..1_000).map(|n| delta(Some(n), &format!("id{n}"), "add_task", &long)).collect();
    let calls = assembly(deltas).into_calls();
    let bytes: usize = calls.iter().map(|call| call.arguments.len()).sum();
    assert!(calls.len() <= MAX_CALLS + 1 && bytes <= MAX_CALL_BYTES, "{} calls, {bytes} bytes", calls.len());
    let many = (0..40).map(|n| format!("{{\"n\":{n}}}")).collect::<Vec<_>>().concat();
    assert_eq!(assembled(vec![delta(None, "a", "add_task", &many)]).len(), MAX_CALLS + 1);
}

#[test]
fn extras_are_kept_verbatim() {
    let extra = json!({ "extra_content": { "google": { "thought_signature": "sig-é==" } } });
    let call = CallDelta { extra: extra.as_object().cloned().unwrap(), ..delta(None, "a", "add_task", "{}") };
    assert_eq!(Value::Object(assembly(vec![call]).into_calls()[0].extra.clone()), extra);
}

#[test]
fn a_bad_end_is_not_replaced_by_a_good_one() {
    let mut assembly = AnswerAssembly::new(is_tool);
    for finish in [Finish::Stop, Finish::Length, Finish::Stop] {
        assembly.add(Chunk { finish: Some(finish), ..Chunk::default() });
    }
    assert_eq!(assembly.finish, Some(Finish::Length));
}
