//! How each command of the socket is tested.

use super::victim::Victim;
use serde_json::{Value, json};
use tandem_tests::fresh;

/// Arguments with an id of another user, and the same arguments with an unknown id. A new command is added here.
pub(super) fn arguments(name: &str, victim: &Victim) -> (Value, Value) {
    let nothing = json!(fresh::id());
    let both = |make: &dyn Fn(Value) -> Value, foreign: Value| (make(foreign), make(nothing.clone()));
    let (conversation, reply, task) = (json!(victim.conversation), json!(victim.reply), json!(victim.task));
    match name {
        // The parent of a message or task; a new item under an id of another user belongs to the caller.
        "message.send" => {
            let fresh = fresh::id();
            both(&|id| json!({ "conversation_id": fresh, "text": "hello", "parent_id": id }), reply)
        }
        "task.create" => both(&|id| json!({ "title": "mine", "parent_id": id }), task),
        // Takes only the id of the new item. With an id of another user it is refused because of its title.
        "conversation.create" => both(&|id| json!({ "id": id, "title": "x".repeat(201) }), conversation),
        "message.cancel" | "message.retry" => both(&|id| json!({ "message_id": id }), reply),
        "message.approve" => both(&|id| json!({ "message_id": id, "call_id": "x", "decision": "approve" }), reply),
        "conversation.update" => both(&|id| json!({ "conversation_id": id, "title": "taken over" }), conversation),
        "conversation.delete" => both(&|id| json!({ "conversation_id": id }), conversation),
        "conversation.read" => both(&|id| json!({ "conversation_id": id, "message_id": id }), conversation),
        "task.update" => both(&|id| json!({ "task_id": id, "title": "taken over" }), task),
        "task.complete" | "task.skip" | "task.reopen" | "task.delete" => both(&|id| json!({ "task_id": id }), task),
        "reminder.ack" => both(&|id| json!({ "task_id": id, "reminder_id": victim.reminder }), task),
        "reminder.snooze" => both(&|id| json!({ "task_id": id, "reminder_id": victim.reminder, "for": "PT1H" }), task),
        "undo" => (json!({ "undo_token": victim.undo_token }), json!({ "undo_token": "nothing" })),
        _ => panic!("{name} is new: add to {} how it is tested with ids of another user", file!()),
    }
}
