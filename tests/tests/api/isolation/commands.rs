//! How each command of the socket is tried.

use super::victim::Victim;
use serde_json::{Value, json};
use tandem_tests::fresh;

/// Arguments that name another person's thing, and the same with a thing that is not there.
///
/// # Panics
/// When a command is new: tell here how it is tried.
pub(super) fn arguments(name: &str, victim: &Victim) -> (Value, Value) {
    let nothing = json!(fresh::id());
    let both = |make: &dyn Fn(Value) -> Value, foreign: Value| (make(foreign), make(nothing.clone()));
    let (conversation, reply, task) = (json!(victim.conversation), json!(victim.reply), json!(victim.task));
    match name {
        // What a message or a task follows or belongs to; a new one under another person's id is one's own.
        "message.send" => {
            let fresh = fresh::id();
            both(&|id| json!({ "conversation_id": fresh, "text": "hello", "parent_id": id }), reply)
        }
        "task.create" => both(&|id| json!({ "title": "mine", "parent_id": id }), task),
        // Takes no id but the new one's, which may be another person's: then it is refused for its title alone.
        "conversation.create" => both(&|id| json!({ "id": id, "title": "x".repeat(201) }), conversation),
        "message.cancel" | "message.retry" => both(&|id| json!({ "message_id": id }), reply),
        "message.approve" => both(&|id| json!({ "message_id": id, "call_id": "x", "decision": "approve" }), reply),
        "conversation.update" => both(&|id| json!({ "conversation_id": id, "title": "taken over" }), conversation),
        "conversation.delete" => both(&|id| json!({ "conversation_id": id }), conversation),
        "conversation.read" => both(&|id| json!({ "conversation_id": id, "message_id": id }), conversation),
        "task.update" => both(&|id| json!({ "task_id": id, "title": "taken over" }), task),
        "task.complete" | "task.reopen" | "task.delete" => both(&|id| json!({ "task_id": id }), task),
        "undo" => (json!({ "undo_token": victim.undo_token }), json!({ "undo_token": "nothing" })),
        _ => panic!("{name} is new: say in {} how another person's ids are tried on it", file!()),
    }
}
