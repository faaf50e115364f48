//! Randomness of the browser: ids and jitter.

use super::{clock, window::window};
use tandem_protocol::{CommandId, ConversationId, MessageId, TaskId};
use uuid::{Builder, Uuid};
pub(crate) fn uuid() -> Uuid {
    let millis = u64::try_from(clock::now().as_millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &bytes()).into_uuid()
}

/// An id for a command.
pub(crate) fn command_id() -> CommandId {
    CommandId(uuid())
}

/// An id for a conversation.
pub(crate) fn conversation_id() -> ConversationId {
    ConversationId(uuid())
}

/// An id for a message.
pub(crate) fn message_id() -> MessageId {
    MessageId(uuid())
}

/// An id for a task.
pub(crate) fn task_id() -> TaskId {
    TaskId(uuid())
}

/// Uniform in [0, 1), for jitter.
pub(crate) fn unit() -> f64 {
    js_sys::Math::random()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the product lies in [0, 256)")]
fn bytes() -> [u8; 10] {
    let mut bytes = [0; 10];
    let filled = window().crypto().is_ok_and(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).is_ok());
    if !filled {
        // Ids need to differ, not to be secret: the browser's plain generator will do where crypto is missing.
        bytes.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
    }
    bytes
}
