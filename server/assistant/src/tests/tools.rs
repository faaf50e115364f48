//! Tool calls in every style, their results, and the limits on them.

use super::{
    TestDatabase, calls, gemini, is_complete, single_node, states,
    upstream::{Upstream, delta, gemini_calls, openai_calls, text},
};
use crate::tools;
use serde_json::{Value, json};
use tandem_protocol::{
    enums::{MessageState, ReplyErrorCode, ToolState},
    live::Command,
};

#[tokio::test]
async fn results_go_back_with_the_calls_that_they_belong_to() {
    let requested = openai_calls(&[("add_task", json!({ "title": "Milk" })), ("list_tasks", json!({}))]);
    let upstream = Upstream::start([requested]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("add milk").await;
    is_complete(&reply);
    assert_eq!(states(&reply), [ToolState::Done, ToolState::Done]);
    let messages = upstream.requests()[1]["messages"].as_array().unwrap().clone();
    let [.., assistant, first, second] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!(assistant["tool_calls"][0]["id"], first["tool_call_id"]);
    assert_eq!(assistant["tool_calls"][1]["id"], second["tool_call_id"]);
    let result: Value = serde_json::from_str(second["content"].as_str().unwrap()).unwrap();
    assert_eq!(result["tasks"][0]["title"], json!("Milk"));
}

#[tokio::test]
async fn geminis_calls_are_run_and_its_signature_goes_back_verbatim() {
    let requested =
        gemini_calls(&[("add_task", json!({ "title": "A" })), ("add_task", json!({ "title": "B" }))], "sig-é==");
    let upstream = Upstream::start([requested]).await;
    let database = TestDatabase::new().await;
    let node = database.node("a", vec![gemini(&upstream)]).await;
    is_complete(&node.reply_to("add two").await);
    assert_eq!(node.titles().await, ["A", "B"]);
    let messages = upstream.requests()[1]["messages"].to_string();
    assert!(messages.contains("\"extra_content\":{\"google\":{\"thought_signature\":\"sig-é==\"}}"), "{messages}");
}

#[tokio::test]
async fn a_call_that_is_whole_is_run_although_the_connection_breaks() {
    let call = |arguments: &str| {
        let function = json!({ "name": "add_task", "arguments": arguments });
        delta(&json!({ "tool_calls": [{ "index": 0, "id": "c1", "function": function }] })).cut()
    };
    let upstream = Upstream::start([call("{\"title\":\"Half"), call("{\"title\":\"Whole\"}")]).await;
    let (_database, node) = single_node(&upstream).await;
    is_complete(&node.reply_to("add one").await);
    assert_eq!((node.titles().await, upstream.requests().len()), (vec!["Whole".to_owned()], 3));
}

#[tokio::test]
async fn a_later_message_carries_no_extras() {
    let upstream = Upstream::start([gemini_calls(&[("add_task", json!({ "title": "A" }))], "sig")]).await;
    let database = TestDatabase::new().await;
    let node = database.node("a", vec![gemini(&upstream)]).await;
    node.reply_to("add a").await;
    node.reply_to("thanks").await;
    let last = upstream.requests().last().unwrap().to_string();
    assert!(last.contains("tool_calls") && !last.contains("thought_signature"), "{last}");
}

#[tokio::test]
async fn a_refusal_is_a_result_and_the_run_goes_on() {
    let requested = openai_calls(&[("complete_task", json!({ "task_id": "99" })), ("no_such_tool", json!({}))]);
    let upstream = Upstream::start([requested]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("complete 99").await;
    is_complete(&reply);
    assert_eq!(states(&reply), [ToolState::Failed, ToolState::Failed]);
    assert_eq!(calls(&reply)[0].result["code"], json!("not_found"));
}

#[tokio::test]
async fn unknown_arguments_are_refused_by_every_tool() {
    let upstream = Upstream::start([]).await;
    let (_database, node) = single_node(&upstream).await;
    node.add(&["Milk"]).await;
    for spec in tools::specs() {
        let mut unit = node.services.begin(&node.caller, None).await.unwrap();
        let arguments = json!({ "task_id": "1", "title": "x", "user_id": "somebody" });
        let mut view = node.services.view(&node.caller).await.unwrap();
        let refused = match spec.effect {
            tools::Effect::Reads => tools::read(&mut view, spec.name, &arguments).await,
            _ => tools::call(&mut unit, spec.name, &arguments).await,
        };
        let error = refused.unwrap_err();
        assert_eq!(error.code, tools::ToolErrorCode::Validation, "{}", spec.name);
    }
}

#[tokio::test]
async fn reading_waits_for_nobody_who_writes() {
    let upstream = Upstream::start([]).await;
    let (_database, node) = single_node(&upstream).await;
    node.add(&["Buy milk", "Call Ann"]).await;
    let unit = node.services.begin(&node.caller, None).await.unwrap();
    for spec in tools::specs().iter().filter(|spec| spec.effect == tools::Effect::Reads) {
        let arguments = if spec.name == "get_task" { json!({ "task_id": "1" }) } else { json!({}) };
        let mut view = node.services.view(&node.caller).await.unwrap();
        tools::read(&mut view, spec.name, &arguments).await.unwrap();
    }
    let mut view = node.services.view(&node.caller).await.unwrap();
    let found = tools::read(&mut view, "list_tasks", &json!({ "query": "MILK buy" })).await.unwrap();
    assert_eq!((&found["total"], &found["tasks"][0]["number"]), (&json!(1), &json!(1)));
    let unknown = tools::read(&mut view, "get_task", &json!({ "task_id": "milk" })).await.unwrap_err();
    assert_eq!(unknown.candidates[0].title, "Buy milk");
    drop(unit);
}

#[test]
fn schemas_are_plain_and_name_no_user() {
    fn plain(schema: &Value) {
        const KEYWORDS: [&str; 6] = ["type", "properties", "required", "enum", "description", "items"];
        for (keyword, value) in schema.as_object().unwrap() {
            assert!(KEYWORDS.contains(&keyword.as_str()), "{keyword}");
            match keyword.as_str() {
                "properties" => value.as_object().unwrap().values().for_each(plain),
                "items" => plain(value),
                _ => {}
            }
        }
    }
    for spec in tools::specs() {
        plain(&spec.schema);
        assert_eq!(spec.schema["type"], json!("object"), "{}", spec.name);
        assert!(!spec.schema.to_string().contains("user_id"), "{}", spec.name);
    }
}

#[tokio::test]
async fn arguments_that_cannot_be_read_go_back_once() {
    let bad = || {
        let call = json!({ "index": 0, "id": "c", "function": { "name": "add_task", "arguments": "{\"title\":" } });
        let delta = json!({ "choices": [{ "delta": { "tool_calls": [call] }, "finish_reason": "tool_calls" }] });
        super::upstream::frame(&delta).done()
    };
    let upstream = Upstream::start([bad(), bad()]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("add milk").await;
    assert_eq!(states(&reply), [ToolState::Failed]);
    assert_eq!(calls(&reply)[0].result["code"], json!("validation"));
    assert_eq!(reply.error.as_ref().map(|error| error.code), Some(ReplyErrorCode::Limit));
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn the_same_call_three_times_ends_the_run() {
    let again = || openai_calls(&[("list_tasks", json!({}))]);
    let upstream = Upstream::start([again(), again(), again(), again()]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("loop").await;
    let code = reply.error.as_ref().map(|error| error.code);
    assert_eq!((reply.state, code), (MessageState::Interrupted, Some(ReplyErrorCode::Limit)));
    assert_eq!((calls(&reply).len(), upstream.requests().len()), (2, 3));
}

#[tokio::test]
async fn ten_answers_are_the_most() {
    let requested = (0..12).map(|n| openai_calls(&[("list_tasks", json!({ "query": n.to_string() }))]));
    let upstream = Upstream::start(requested).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("loop").await;
    assert_eq!(reply.error.as_ref().map(|error| error.code), Some(ReplyErrorCode::Limit));
    assert_eq!(upstream.requests().len(), 10);
}

#[tokio::test]
async fn what_a_tool_did_can_be_taken_back_while_the_reply_goes_on() {
    let requested = openai_calls(&[("add_task", json!({ "title": "Milk" }))]);
    let upstream = Upstream::start([requested, text(&["Added", "."]).hang()]).await;
    let (_database, node) = single_node(&upstream).await;
    let id = node.send("add milk").await;
    node.until(|_| node.streamed(id, 1).ends_with('.').then_some(())).await;
    node.execute::<Value>(Command::Undo(serde_json::from_value(json!({})).unwrap())).await;
    node.cancel(id).await;
    let reply = node.ended(id).await;
    assert_eq!(states(&reply), [ToolState::Undone]);
    assert!(node.titles().await.is_empty());
}

#[tokio::test]
async fn a_repetition_within_the_day_is_refused_in_words_and_the_task_is_named() {
    let database = TestDatabase::new().await;
    let node = database.node("a", vec![crate::providers::ProviderSettings::Builtin]).await;
    let reply = node.reply_to("remind me to drink water every 2 hours").await;
    assert_eq!(states(&reply), [ToolState::Failed]);
    let text = reply.text().to_lowercase();
    assert!(text.contains("**drink water** was not added") && text.contains("not by hours"), "{text}");
    let reply = node.reply_to("add tasks: drink water every 2 hours, call Ann").await;
    let text = reply.text().to_lowercase();
    assert!(node.titles().await.iter().all(|title| !title.contains("water")), "{:?}", node.titles().await);
    assert!(text.contains("**drink water** was not added"), "{text}");
}

#[tokio::test]
async fn a_rule_in_writing_may_be_any_that_tasks_can_have() {
    let last_working_day = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1";
    let requested = |rule: &str| openai_calls(&[("add_task", json!({ "title": "Pay", "recurrence": rule }))]);
    let upstream = Upstream::start([requested(last_working_day), requested("FREQ=MINUTELY")]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("pay on the last working day").await;
    assert_eq!(states(&reply), [ToolState::Done, ToolState::Failed]);
    let rule = node.tasks().await.remove(0).recurrence.map(|recurrence| recurrence.rule);
    assert_eq!(rule.as_deref(), Some(last_working_day));
}

#[tokio::test]
async fn several_tasks_of_one_call_are_taken_back_together() {
    let tasks = json!({ "tasks": [{ "title": "A" }, { "title": "" }, { "title": "B" }] });
    let upstream = Upstream::start([openai_calls(&[("add_tasks", tasks)])]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("add two").await;
    let result = &calls(&reply)[0].result;
    assert_eq!((&result["added"], &result["results"][1]["error"]["code"]), (&json!(2), &json!("validation")));
    assert_eq!(node.titles().await, ["A", "B"]);
    node.execute::<Value>(Command::Undo(serde_json::from_value(json!({})).unwrap())).await;
    assert!(node.titles().await.is_empty());
}

#[tokio::test]
async fn a_request_begins_with_the_one_before_it() {
    let upstream = Upstream::start([
        openai_calls(&[("add_task", json!({ "title": "Milk", "due": null }))]),
        openai_calls(&[("no_such_tool", json!({}))]),
        text(&["Added."]).finish("stop").done(),
        text(&["You are welcome."]).finish("stop").done(),
    ])
    .await;
    let (_database, node) = single_node(&upstream).await;
    for message in ["add milk", "thanks", "bye"] {
        is_complete(&node.reply_to(message).await);
    }
    let requests = upstream.requests();
    for pair in requests.windows(2) {
        let [before, after] = [&pair[0], &pair[1]].map(|request| request["messages"].as_array().unwrap());
        assert!(after.starts_with(before), "{before:#?} {after:#?}");
        assert_eq!(pair[0]["tools"], pair[1]["tools"]);
    }
    let roles: Vec<_> =
        requests[4]["messages"].as_array().unwrap().iter().map(|turn| turn["role"].as_str().unwrap()).collect();
    let expected =
        ["system", "user", "assistant", "tool", "assistant", "tool", "assistant", "user", "assistant", "user"];
    assert_eq!(roles, expected, "each answer is a turn of its own");
}

#[tokio::test]
async fn null_and_empty_arguments_change_nothing() {
    let upstream = Upstream::start([
        openai_calls(&[("add_task", json!({ "title": "Milk", "due": "2030-01-02", "labels": "[\"home\"]" }))]),
        text(&["Added."]).finish("stop").done(),
        openai_calls(&[(
            "update_task",
            json!({ "task_id": 1.0, "title": "Oat milk", "due": null, "list": "", "labels": null }),
        )]),
    ])
    .await;
    let (_database, node) = single_node(&upstream).await;
    is_complete(&node.reply_to("add milk").await);
    is_complete(&node.reply_to("oat milk").await);
    let task = node.tasks().await.remove(0);
    assert_eq!(
        (task.title.as_str(), task.labels.as_slice(), task.due.is_some()),
        ("Oat milk", &["home".to_owned()][..], true)
    );
}
