//! One case for each route, command and tool.
//!
//! A route, command or tool without a case fails the scenario ([`missing`]), so that a new one cannot be forgotten.

use super::account::Account;
use crate::provider::script::BRIEFLY;
use serde_json::{Value, json};
use tandem_protocol::{ConversationId, MessageId, TaskId, live::Command};

/// Measurements of each case, and spare tasks for each case that consumes one.
pub(super) const ROUNDS: usize = 20;

pub(super) struct Case {
    /// The route, command or tool; after a comma, a remark.
    pub(super) name: &'static str,
    pub(super) request: Request,
    /// Whether the answer contains everything that the account has: then it has no threshold.
    pub(super) grows: bool,
}

/// How the request is built; the number is that of the round.
pub(super) enum Request {
    /// A path of the server.
    Get(fn(&Account, usize) -> String),
    /// The arguments of a command; measured until its acknowledgement.
    Command(fn(&Account, usize) -> Value),
    /// The arguments of a command; measured until the end of the reply.
    Reply(fn(&Account, usize) -> Value),
    /// The arguments of a tool, over MCP.
    Tool(fn(&Account, usize) -> Value),
    /// The arguments of a tool that is refused with a list of candidates.
    Unclear(fn(&Account, usize) -> Value),
}

const fn case(name: &'static str, request: Request) -> Case {
    Case { name, request, grows: false }
}

const fn growing(name: &'static str, request: Request) -> Case {
    Case { name, request, grows: true }
}

/// A spare task; each of four cases has its own.
fn spare(of: &Account, set: usize, round: usize) -> TaskId {
    of.spare[set * ROUNDS + round]
}

fn brief(of: &Account, conversation: ConversationId) -> Value {
    json!({"conversation_id": conversation, "id": MessageId(of.rng.uuid()), "text": format!("Once more, {BRIEFLY}")})
}

/// All cases, in the order of measurement: completed tasks are reopened by a later case.
pub(super) const ALL: &[Case] = &[
    case("GET /healthz", Request::Get(|_, _| "/healthz".into())),
    case("GET /readyz", Request::Get(|_, _| "/readyz".into())),
    case("GET /api/openapi.json", Request::Get(|_, _| "/api/openapi.json".into())),
    case("GET /api/v1/server", Request::Get(|_, _| "/api/v1/server".into())),
    case("GET /api/v1/me", Request::Get(|_, _| "/api/v1/me".into())),
    case("GET /api/v1/me/storage", Request::Get(|_, _| "/api/v1/me/storage".into())),
    case("GET /api/v1/sessions", Request::Get(|_, _| "/api/v1/sessions".into())),
    case("GET /api/v1/tokens", Request::Get(|_, _| "/api/v1/tokens".into())),
    case("GET /api/v1/conversations", Request::Get(|_, _| "/api/v1/conversations".into())),
    case("GET /api/v1/conversations/{id}", Request::Get(|of, _| format!("/api/v1/conversations/{}", of.thread))),
    case(
        "GET /api/v1/conversations/{id}/messages",
        Request::Get(|of, _| format!("/api/v1/conversations/{}/messages", of.thread)),
    ),
    case("GET /api/v1/tasks", Request::Get(|_, _| "/api/v1/tasks".into())),
    case("GET /api/v1/tasks, by a word", Request::Get(|_, _| "/api/v1/tasks?q=ab".into())),
    case("GET /api/v1/tasks/{id}", Request::Get(|of, n| format!("/api/v1/tasks/{}", of.tasks[n].id))),
    case("GET /api/v1/completions", Request::Get(|_, _| "/api/v1/completions".into())),
    case("GET /api/v1/search", Request::Get(|_, _| "/api/v1/search?q=a".into())),
    case("GET /api/v1/search, two words", Request::Get(|_, _| "/api/v1/search?q=a%20b".into())),
    case("GET /api/v1/events", Request::Get(|of, _| format!("/api/v1/events?since={}", (of.seq - 50).max(0)))),
    growing("GET /api/v1/snapshot", Request::Get(|_, _| "/api/v1/snapshot".into())),
    growing("GET /api/v1/me/export", Request::Get(|_, _| "/api/v1/me/export".into())),
    case("task.create", Request::Command(|of, _| json!({"id": TaskId(of.rng.uuid()), "title": "One more"}))),
    case("task.update", Request::Command(|of, n| json!({"task_id": spare(of, 0, n), "title": "Another title"}))),
    case("task.complete", Request::Command(|of, n| json!({"task_id": spare(of, 0, n)}))),
    case("task.reopen", Request::Command(|of, n| json!({"task_id": spare(of, 0, n)}))),
    case("task.delete", Request::Command(|of, n| json!({"task_id": spare(of, 1, n)}))),
    case("undo", Request::Command(|_, _| json!({}))),
    case("conversation.create", Request::Command(|of, _| json!({"id": ConversationId(of.rng.uuid()), "title": "New"}))),
    case(
        "conversation.update",
        Request::Command(|of, n| json!({"conversation_id": of.spare_conversations[n], "title": "Renamed"})),
    ),
    case("conversation.read", Request::Command(|of, _| json!({"conversation_id": of.thread, "message_id": of.reply}))),
    case("conversation.delete", Request::Command(|of, n| json!({"conversation_id": of.spare_conversations[n]}))),
    case("message.send", Request::Command(|of, _| brief(of, of.thread))),
    case("message.send, to the end of the reply", Request::Reply(|of, _| brief(of, of.thread))),
    case("message.retry", Request::Reply(|of, _| json!({"message_id": of.reply}))),
    case("message.cancel", Request::Command(|of, _| json!({"message_id": of.reply}))),
    case(
        "message.approve",
        Request::Command(|of, _| json!({"message_id": of.reply, "call_id": "none", "decision": "deny"})),
    ),
    case("add_task", Request::Tool(|_, _| json!({"title": "By a program"}))),
    case("add_tasks", Request::Tool(|_, _| json!({"tasks": [{"title": "By a program"}, {"title": "And another"}]}))),
    case("list_tasks", Request::Tool(|_, _| json!({}))),
    case("list_tasks, by completion", Request::Tool(|_, _| json!({"completed_since": "today"}))),
    case("list_tasks, by a word", Request::Tool(|_, _| json!({"query": "ab"}))),
    case("get_overview", Request::Tool(|_, _| json!({}))),
    case("get_task", Request::Tool(|of, n| json!({"task_id": of.tasks[n].id}))),
    case("get_task, by words of a title", Request::Unclear(|of, n| json!({"task_id": of.tasks[n].title}))),
    case("update_task", Request::Tool(|of, n| json!({"task_id": spare(of, 2, n), "title": "By a program"}))),
    case("reschedule_task", Request::Tool(|of, n| json!({"task_id": spare(of, 2, n), "due": "tomorrow"}))),
    case("complete_task", Request::Tool(|of, n| json!({"task_id": spare(of, 2, n)}))),
    case("skip_task", Request::Unclear(|of, n| json!({"task_id": spare(of, 2, n)}))),
    case("uncomplete_task", Request::Tool(|of, n| json!({"task_id": spare(of, 2, n)}))),
    case("delete_task", Request::Tool(|of, n| json!({"task_id": spare(of, 3, n)}))),
    case("undo, by a program", Request::Tool(|_, _| json!({}))),
];

/// Routes without a case, with the reason or the equivalent command.
const NOT_MEASURED: &[(&str, &str)] = &[
    ("POST /api/v1/auth/register", "hashes a password; nothing of a user is there yet"),
    ("POST /api/v1/auth/login", "hashes a password; measured by login-storm"),
    ("POST /api/v1/auth/refresh", "one session"),
    ("POST /api/v1/auth/logout", "one session"),
    ("POST /api/v1/auth/reset", "hashes a password"),
    ("GET /api/v1/admin/users", "for owners of the server; grows with the accounts"),
    ("GET /api/v1/admin/users/{id}", "for owners of the server; one account"),
    ("PATCH /api/v1/admin/users/{id}", "for owners of the server; one account"),
    ("DELETE /api/v1/admin/users/{id}", "for owners of the server; DELETE /api/v1/me"),
    ("GET /api/v1/admin/users/{id}/sessions", "for owners of the server; GET /api/v1/sessions"),
    ("DELETE /api/v1/admin/users/{id}/sessions", "for owners of the server; a user's sessions"),
    ("POST /api/v1/admin/users/{id}/reset-link", "for owners of the server; one row"),
    ("GET /api/v1/admin/invitations", "for owners of the server; one page"),
    ("POST /api/v1/admin/invitations", "for owners of the server; one row"),
    ("DELETE /api/v1/admin/invitations/{id}", "for owners of the server; one row"),
    ("GET /api/v1/admin/audit", "for owners of the server; one page"),
    ("PATCH /api/v1/me", "one row"),
    ("DELETE /api/v1/me", "runs in several transactions, and would remove the account"),
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
    ("POST /api/v1/tasks/{id}/skip", "task.complete"),
    ("task.skip", "task.complete; the tasks of the accounts do not repeat"),
    ("POST /api/v1/tasks/{id}/reopen", "task.reopen"),
    ("POST /api/v1/tasks/{id}/reminders/{reminder_id}/ack", "task.update"),
    ("POST /api/v1/tasks/{id}/reminders/{reminder_id}/snooze", "task.update"),
    ("reminder.ack", "task.update"),
    ("reminder.snooze", "task.update"),
    ("snooze_reminder", "update_task"),
    ("dismiss_reminder", "update_task"),
    ("GET /api/v1/feeds", "twenty rows at most"),
    ("POST /api/v1/feeds", "one feed"),
    ("DELETE /api/v1/feeds/{id}", "one feed"),
    ("GET /calendar/{file}", "reads all tasks, as a snapshot does"),
    ("POST /api/v1/undo", "undo"),
];

/// Routes of the document, commands of the protocol and tools that have no case.
pub(super) fn missing(document: &Value, tools: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let routes = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten().map(|(method, _)| method.to_uppercase());
        let methods = methods.filter(|method| ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()));
        methods.map(move |method| format!("{method} {path}"))
    });
    let commands = Command::NAMES.iter().map(|name| (*name).to_owned());
    let tools = tools.as_array().into_iter().flatten().filter_map(|tool| tool["name"].as_str().map(str::to_owned));
    let has_case = |name: &String| ALL.iter().any(|case| case.name.split(',').next() == Some(name));
    let excluded = |name: &String| NOT_MEASURED.iter().any(|(known, _)| known == name);
    routes.chain(commands).chain(tools).filter(|name| !has_case(name) && !excluded(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_and_tools_without_a_case_are_named() {
        let document = json!({"paths": {"/api/v1/me": {"get": {}, "patch": {}}, "/api/v1/feed": {"get": {}}}});
        let tools = json!([{"name": "add_task"}, {"name": "rename_list"}]);
        assert_eq!(missing(&document, &tools), ["GET /api/v1/feed", "rename_list"]);
    }
}
