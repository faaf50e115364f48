//! Random ids and jitter.

use super::{clock, window::window};
use tandem_protocol::{CommandId, ConversationId, MessageId, TaskId};
use uuid::{Builder, Uuid};

pub(crate) fn uuid() -> Uuid {
    let millis = u64::try_from(clock::now().as_millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &bytes()).into_uuid()
}

pub(crate) fn command_id() -> CommandId {
    CommandId(uuid())
}

pub(crate) fn conversation_id() -> ConversationId {
    ConversationId(uuid())
}

pub(crate) fn message_id() -> MessageId {
    MessageId(uuid())
}

pub(crate) fn task_id() -> TaskId {
    TaskId(uuid())
}

/// A random number for jitter.
pub(crate) fn share() -> u16 {
    let [low, high, ..] = bytes();
    u16::from_le_bytes([low, high])
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the product lies in [0, 256)")]
fn bytes() -> [u8; 10] {
    let mut bytes = [0; 10];
    let filled = window().crypto().is_ok_and(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).is_ok());
    if !filled {
        // Ids must be unique but not secret, so where crypto is missing the plain generator is sufficient.
        bytes.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
    }
    bytes
}
