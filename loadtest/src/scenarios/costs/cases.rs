//! One case for each route, command and tool: what is asked.
//!
//! A route, command or tool without a case makes the scenario fail, see [`missing`].

use super::account::Account;
use crate::provider::script::BRIEFLY;
use serde_json::{Value, json};
use tandem_protocol::{ConversationId, MessageId, TaskId, live::Command};

/// How often each case is measured; so many spare tasks are there for each case that uses one up.
pub(super) const ROUNDS: usize = 20;

pub(super) struct Case {
    /// The route, command or tool; what stands behind a comma is a remark.
    pub(super) name: &'static str,
    pub(super) asks: Asks,
    /// Its answer grows with what the account has, as it must: listed, without a threshold.
    pub(super) grows: bool,
}

/// How it is asked, for the round of a number.
pub(super) enum Asks {
    /// A path of the server.
    Get(fn(&Account, usize) -> String),
    /// Arguments of a command of the socket, to its acknowledgement.
    Command(fn(&Account, usize) -> Value),
    /// The same, to the end of the reply.
    Reply(fn(&Account, usize) -> Value),
    /// Arguments of a tool, over MCP.
    Tool(fn(&Account, usize) -> Value),
    /// The same of a call that is refused with the tasks that may be meant.
    Unclear(fn(&Account, usize) -> Value),
}

const fn case(name: &'static str, asks: Asks) -> Case {
    Case { name, asks, grows: false }
}

const fn growing(name: &'static str, asks: Asks) -> Case {
    Case { name, asks, grows: true }
}

/// A spare task: each of four cases has its own.
fn spare(of: &Account, set: usize, round: usize) -> TaskId {
    of.spare[set * ROUNDS + round]
}

fn brief(of: &Account, conversation: ConversationId) -> Value {
    json!({"conversation_id": conversation, "id": MessageId(of.dice.uuid()), "text": format!("Once more, {BRIEFLY}")})
}

/// All of them, in the order in which they are measured: what is completed is reopened after.
pub(super) const ALL: &[Case] = &[
    case("GET /healthz", Asks::Get(|_, _| "/healthz".into())),
    case("GET /readyz", Asks::Get(|_, _| "/readyz".into())),
    case("GET /api/openapi.json", Asks::Get(|_, _| "/api/openapi.json".into())),
    case("GET /api/v1/me", Asks::Get(|_, _| "/api/v1/me".into())),
    case("GET /api/v1/me/storage", Asks::Get(|_, _| "/api/v1/me/storage".into())),
    case("GET /api/v1/sessions", Asks::Get(|_, _| "/api/v1/sessions".into())),
    case("GET /api/v1/tokens", Asks::Get(|_, _| "/api/v1/tokens".into())),
    case("GET /api/v1/conversations", Asks::Get(|_, _| "/api/v1/conversations".into())),
    case("GET /api/v1/conversations/{id}", Asks::Get(|of, _| format!("/api/v1/conversations/{}", of.thread))),
    case(
        "GET /api/v1/conversations/{id}/messages",
        Asks::Get(|of, _| format!("/api/v1/conversations/{}/messages", of.thread)),
    ),
    case("GET /api/v1/tasks", Asks::Get(|_, _| "/api/v1/tasks".into())),
    case("GET /api/v1/tasks, by a word", Asks::Get(|_, _| "/api/v1/tasks?q=ab".into())),
    case("GET /api/v1/tasks/{id}", Asks::Get(|of, n| format!("/api/v1/tasks/{}", of.tasks[n].id))),
    case("GET /api/v1/search", Asks::Get(|_, _| "/api/v1/search?q=a".into())),
    case("GET /api/v1/search, two words", Asks::Get(|_, _| "/api/v1/search?q=a%20b".into())),
    case("GET /api/v1/events", Asks::Get(|of, _| format!("/api/v1/events?since={}", (of.seq - 50).max(0)))),
    growing("GET /api/v1/snapshot", Asks::Get(|_, _| "/api/v1/snapshot".into())),
    growing("GET /api/v1/me/export", Asks::Get(|_, _| "/api/v1/me/export".into())),
    case("task.create", Asks::Command(|of, _| json!({"id": TaskId(of.dice.uuid()), "title": "One more"}))),
    case("task.update", Asks::Command(|of, n| json!({"task_id": spare(of, 0, n), "title": "Another title"}))),
    case("task.complete", Asks::Command(|of, n| json!({"task_id": spare(of, 0, n)}))),
    case("task.reopen", Asks::Command(|of, n| json!({"task_id": spare(of, 0, n)}))),
    case("task.delete", Asks::Command(|of, n| json!({"task_id": spare(of, 1, n)}))),
    case("undo", Asks::Command(|_, _| json!({}))),
    case("conversation.create", Asks::Command(|of, _| json!({"id": ConversationId(of.dice.uuid()), "title": "New"}))),
    case(
        "conversation.update",
        Asks::Command(|of, n| json!({"conversation_id": of.spare_conversations[n], "title": "Renamed"})),
    ),
    case("conversation.read", Asks::Command(|of, _| json!({"conversation_id": of.thread, "message_id": of.reply}))),
    case("conversation.delete", Asks::Command(|of, n| json!({"conversation_id": of.spare_conversations[n]}))),
    case("message.send", Asks::Command(|of, _| brief(of, of.thread))),
    case("message.send, to the end of the reply", Asks::Reply(|of, _| brief(of, of.thread))),
    case("message.retry", Asks::Reply(|of, _| json!({"message_id": of.reply}))),
    case("message.cancel", Asks::Command(|of, _| json!({"message_id": of.reply}))),
    case(
        "message.approve",
        Asks::Command(|of, _| json!({"message_id": of.reply, "call_id": "none", "decision": "deny"})),
    ),
    case("add_task", Asks::Tool(|_, _| json!({"title": "By a program"}))),
    case("add_tasks", Asks::Tool(|_, _| json!({"tasks": [{"title": "By a program"}, {"title": "And another"}]}))),
    case("list_tasks", Asks::Tool(|_, _| json!({}))),
    case("list_tasks, by a word", Asks::Tool(|_, _| json!({"query": "ab"}))),
    case("get_overview", Asks::Tool(|_, _| json!({}))),
    case("get_task", Asks::Tool(|of, n| json!({"task_id": of.tasks[n].id}))),
    case("get_task, by words of a title", Asks::Unclear(|of, n| json!({"task_id": of.tasks[n].title}))),
    case("update_task", Asks::Tool(|of, n| json!({"task_id": spare(of, 2, n), "title": "By a program"}))),
    case("reschedule_task", Asks::Tool(|of, n| json!({"task_id": spare(of, 2, n), "due": "tomorrow"}))),
    case("complete_task", Asks::Tool(|of, n| json!({"task_id": spare(of, 2, n)}))),
    case("uncomplete_task", Asks::Tool(|of, n| json!({"task_id": spare(of, 2, n)}))),
    case("delete_task", Asks::Tool(|of, n| json!({"task_id": spare(of, 3, n)}))),
    case("undo, by a program", Asks::Tool(|_, _| json!({}))),
];

/// Routes that have no case of their own, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    ("POST /api/v1/auth/register", "hashes a password; nothing of a user is there yet"),
    ("POST /api/v1/auth/login", "hashes a password; measured by login-storm"),
    ("POST /api/v1/auth/refresh", "one session"),
    ("POST /api/v1/auth/logout", "one session"),
    ("PATCH /api/v1/me", "one row"),
    ("DELETE /api/v1/me", "goes in turns; it would take the account with it"),
    ("POST /api/v1/me/password", "hashes a password"),
    ("DELETE /api/v1/sessions/{id}", "one session"),
    ("POST /api/v1/sessions/revoke-others", "the user's sessions"),
    ("POST /api/v1/tokens", "one token"),
    ("DELETE /api/v1/tokens/{id}", "one token"),
    ("POST /api/v1/conversations", "conversation.create"),
    ("PATCH /api/v1/conversations/{id}", "conversation.update"),
    ("DELETE /api/v1/conversations/{id}", "conversation.delete"),
    ("POST /api/v1/conversations/{id}/read", "conversation.read"),
    ("POST /api/v1/conversations/{id}/messages", "message.send"),
    ("POST /api/v1/messages/{id}/cancel", "message.cancel"),
    ("POST /api/v1/messages/{id}/retry", "message.retry"),
    ("POST /api/v1/messages/{id}/approve", "message.approve"),
    ("POST /api/v1/tasks", "task.create"),
    ("PATCH /api/v1/tasks/{id}", "task.update"),
    ("DELETE /api/v1/tasks/{id}", "task.delete"),
    ("POST /api/v1/tasks/{id}/complete", "task.complete"),
    ("POST /api/v1/tasks/{id}/reopen", "task.reopen"),
    ("POST /api/v1/undo", "undo"),
];

/// Which routes of the server's document, commands of the protocol and tools have no case.
pub(super) fn missing(document: &Value, tools: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let routes = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten().map(|(method, _)| method.to_uppercase());
        let methods = methods.filter(|method| ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()));
        methods.map(move |method| format!("{method} {path}"))
    });
    let commands = Command::NAMES.iter().map(|name| (*name).to_owned());
    let tools = tools.as_array().into_iter().flatten().filter_map(|tool| tool["name"].as_str().map(str::to_owned));
    let cased = |name: &String| ALL.iter().any(|case| case.name.split(',').next() == Some(name));
    let elsewhere = |name: &String| ELSEWHERE.iter().any(|(known, _)| known == name);
    routes.chain(commands).chain(tools).filter(|name| !cased(name) && !elsewhere(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_case_is_named() {
        let document = json!({"paths": {"/api/v1/me": {"get": {}, "patch": {}}, "/api/v1/news": {"get": {}}}});
        let tools = json!([{"name": "add_task"}, {"name": "rename_list"}]);
        assert_eq!(missing(&document, &tools), ["GET /api/v1/news", "rename_list"]);
    }
}
