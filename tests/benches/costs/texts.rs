//! The reply that is measured: its tokens, as deltas and as events around them.

use tandem_protocol::{
    ConversationId, MessageId, Timestamp,
    enums::{ActorKind, MessageState, Role, TextKind},
    live::{Actor, Delta, Event, EventBody},
    model::{Message, Part},
};
use uuid::Uuid;

/// Tokens of a reply.
pub(crate) const TOKENS: usize = 200;

/// What a model writes: a heading, prose, a list, code and a table.
const SAMPLE: &str = "## Packing for the camping trip\n\nHere is a **short list**, sorted by what you need *first*. \
    See [the weather](https://example.org/weather) before you pack, and leave room for food.\n\n\
    1. Tent, pegs and a mallet\n2. Sleeping bags, one for each person\n   - the warm one for Ann\n3. A torch with new \
    batteries\n\n```rust\nfn fits(bag: &Bag, items: &[Item]) -> bool {\n    items.iter().map(Item::litres).sum::<u32>() \
    <= bag.litres\n}\n```\n\n| what | who | when |\n|---|---|---|\n| Tent | Ben | Friday |\n| Food | Ann | Saturday |\n\n\
    If it rains, take `two` tarpaulins instead of one, and a line to hang them up. ";

/// The tokens of a reply, about as a model cuts them.
pub(crate) fn tokens(count: usize) -> Vec<&'static str> {
    SAMPLE.split_inclusive(' ').cycle().take(count).collect()
}

/// An id that is always the same.
pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0193_9c2e_0000_7000_8000_0000_0000_0000 | number)
}

/// The reply in a state, with a text.
pub(crate) fn reply(state: MessageState, text: &str) -> Message {
    Message {
        id: MessageId(id(2)),
        conversation_id: ConversationId(id(1)),
        parent_id: None,
        role: Role::Assistant,
        state,
        parts: if text.is_empty() { Vec::new() } else { vec![Part::text(text)] },
        attempt: 1,
        provider: None,
        error: None,
        created_at: Timestamp::from_millis(0),
        completed_at: None,
        usage: None,
        undo_token: None,
        summary: None,
    }
}

/// The deltas of the reply.
pub(crate) fn deltas(count: usize) -> Vec<Delta> {
    let mut offset = 0;
    let delta = |text: &str| {
        let (message_id, kind) = (MessageId(id(2)), TextKind::Text);
        let delta = Delta { message_id, attempt: 1, part: 0, offset, text: text.to_owned(), kind };
        offset += text.len();
        delta
    };
    tokens(count).into_iter().map(delta).collect()
}

/// An event as the log has it.
pub(crate) fn event(seq: i64, body: &EventBody) -> Event {
    Event {
        seq,
        at: Timestamp::from_millis(seq),
        name: body.name().to_owned(),
        data: serde_json::value::to_raw_value(body).unwrap(),
        actor: Actor { kind: ActorKind::User, device_id: Some("laptop".into()) },
        command_id: None,
    }
}
