//! Commands with the fields that most tests need.

use tandem_protocol::{
    ConversationId,
    live::{Command, command::MessageSend},
    rest::NewTask,
};

/// `task.create` with a title.
pub fn add_task(title: impl Into<String>) -> Command {
    Command::TaskCreate(NewTask { title: title.into(), ..NewTask::default() })
}

/// `message.send` without an id of the client.
pub fn send_message(conversation_id: ConversationId, text: impl Into<String>) -> Command {
    Command::MessageSend(MessageSend { conversation_id, id: None, text: text.into(), parent_id: None })
}
