//! Answers of commands, as they are stored for a repetition.
//!
//! The answer to an edited task is the task, and so is its event. To store long texts once, long members of an answer
//! that an event of the same change holds are left out, with a reference to the event.
//!
//! **Invariant:** a repetition is always answered. When the log was shortened meanwhile, the task or message is
//! answered in its present state, or `null` when it is gone.

use super::Result;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use tandem_protocol::{MessageId, TaskId, live::Event};
use tandem_store::{EventRef, ReadTx, StoredCommand};
use uuid::Uuid;

/// A shorter member, in bytes, stays in the answer: a reference costs half as much.
const SHORT: usize = 256;

/// The members of an object, each as its JSON text.
type Members<'a> = BTreeMap<String, &'a RawValue>;

#[derive(Deserialize)]
struct Thing {
    id: Uuid,
}

/// An answer without what these events hold, and the references to them.
pub(super) fn shortened(answer: &str, events: &[Event]) -> (String, Vec<EventRef>) {
    let reference = |value: &str| {
        let (seq, member) = events.iter().find_map(|event| holds(event, value))?;
        let id = serde_json::from_str::<Thing>(value).ok()?.id;
        Some((EventRef { at: answer.find(value)?, seq, member, id }, value.len()))
    };
    let mut parts: Vec<_> = long_members(answer).into_iter().filter_map(reference).collect();
    parts.sort_by_key(|(part, _)| part.at);
    parts.dedup_by_key(|(part, _)| part.at);
    let mut rest = answer.to_owned();
    // From the end, so that the offsets before it stay true.
    for (part, length) in parts.iter().rev() {
        rest.replace_range(part.at..part.at + length, "");
    }
    (rest, parts.into_iter().map(|(part, _)| part).collect())
}

fn long_members(object: &str) -> Vec<&str> {
    let members: Members = serde_json::from_str(object).unwrap_or_default();
    members.into_values().map(RawValue::get).filter(|value| value.len() >= SHORT).collect()
}

/// The seq of an event that holds a value, and the name of the member.
fn holds(event: &Event, value: &str) -> Option<(i64, String)> {
    let members: Members = serde_json::from_str(event.data.get()).ok()?;
    // Compared as text: the same serialiser has written both, so equal values are equal texts.
    members.into_iter().find(|(_, held)| held.get() == value).map(|(member, _)| (event.seq, member))
}

/// The body of an answer as it was given.
pub(super) async fn whole(reads: &mut dyn ReadTx, done: StoredCommand) -> Result<String> {
    let mut body = done.body;
    for part in done.event_refs {
        let value = match logged(reads, &part).await? {
            Some(value) => value,
            None => today(reads, &part).await?,
        };
        // An offset outside of the text would be a fault of ours; an answer without the member is better than none.
        if body.is_char_boundary(part.at) {
            body.insert_str(part.at, &value);
        }
    }
    Ok(body)
}

/// The text that the event holds, if it is still in the log.
async fn logged(reads: &mut dyn ReadTx, part: &EventRef) -> Result<Option<String>> {
    let events = reads.events_after(part.seq - 1, 1).await?;
    let Some(event) = events.first().filter(|event| event.seq == part.seq) else { return Ok(None) };
    let members: Members = serde_json::from_str(event.data.get())?;
    Ok(members.get(&part.member).map(|value| value.get().to_owned()))
}

/// The task or message in its present state.
async fn today(reads: &mut dyn ReadTx, part: &EventRef) -> Result<String> {
    let value = match part.member.as_str() {
        "task" => serde_json::to_string(&reads.kept_task(TaskId(part.id)).await?)?,
        "message" => {
            let row = reads.message(MessageId(part.id)).await?;
            serde_json::to_string(&row.map(|row| row.message))?
        }
        _ => "null".to_owned(),
    };
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tandem_protocol::{Timestamp, enums::ActorKind, live::Actor};

    fn event(seq: i64, data: &serde_json::Value) -> Event {
        Event {
            seq,
            at: Timestamp::from_millis(0),
            name: "task.updated".into(),
            data: serde_json::value::to_raw_value(data).unwrap(),
            actor: Actor { kind: ActorKind::User, device_id: None },
            command_id: None,
        }
    }

    #[test]
    fn a_long_member_that_an_event_holds_is_left_out() {
        let id = Uuid::from_u128(7);
        let task = json!({ "id": id, "description": "ä".repeat(1000) });
        let answer = json!({ "seq": 5, "task": task, "undo_token": "t" }).to_string();
        let (short, event_refs) = shortened(&answer, &[event(4, &json!({})), event(5, &json!({ "task": task }))]);
        assert_eq!(short, r#"{"seq":5,"task":,"undo_token":"t"}"#);
        let [part] = &event_refs[..] else { panic!("{event_refs:?}") };
        assert_eq!((part.seq, part.member.as_str(), part.id), (5, "task", id));
        let mut back = short;
        back.insert_str(part.at, &task.to_string());
        assert_eq!(back, answer);
    }

    #[test]
    fn all_else_stays() {
        let short = json!({ "id": Uuid::from_u128(7), "title": "Milk" });
        let long = json!({ "id": Uuid::from_u128(7), "title": "a".repeat(2000) });
        let other = json!({ "id": Uuid::from_u128(7), "title": "b".repeat(2000) });
        for (answered, logged) in [(&short, &short), (&long, &other)] {
            let answer = json!({ "task": answered }).to_string();
            let (rest, event_refs) = shortened(&answer, &[event(1, &json!({ "task": logged }))]);
            assert_eq!((rest, event_refs), (answer, Vec::new()));
        }
        assert_eq!(shortened("[1]", &[]), ("[1]".to_owned(), Vec::new()));
    }
}
