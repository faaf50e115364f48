//! What stands beside a task: who has just changed it, and whether a change of it waits for the connection.

use crate::platform::events::after;
use crate::text::tasks as text;
use crate::{
    components::{
        clock::Clock,
        tasks::{TaskNote, TaskNotes},
    },
    state::{
        model::{RemoteChange, TaskView},
        ptr_eq::PtrEq,
    },
};
use tandem_protocol::{Timestamp, enums::ActorKind};
use yew::prelude::*;

/// How long a row shows who has changed it.
const NOTE_MS: i64 = 6_000;

/// The notes of tasks that others have just changed, and of those with changes that wait. `is_live`: whether nothing waits
/// for the connection.
#[hook]
pub(super) fn use_notes(tasks: &PtrEq<TaskView>, clock: &Clock, is_live: bool) -> TaskNotes {
    let passed = use_state_eq(|| 0_u32);
    let now = clock.now();
    let next = tasks.remote_changes.values().filter_map(|change| ends_in(change, now)).min();
    {
        let passed = passed.clone();
        use_effect_with((tasks.clone(), *passed), move |(_, count)| {
            let next_count = count.wrapping_add(1);
            // Renders again when the next note expires.
            let timer = next.map(|millis| after(millis, move || passed.set(next_count)));
            move || drop(timer)
        });
    }
    let notes = use_memo((tasks.clone(), *passed, is_live), |(tasks, _, is_live)| notes_of(tasks, now, *is_live));
    (*notes).clone()
}

fn notes_of(tasks: &TaskView, now: Timestamp, is_live: bool) -> TaskNotes {
    let waits = |id| !is_live && tasks.waiting.contains(&id);
    let changed = tasks.remote_changes.iter().map(|(id, change)| {
        let by = AttrValue::from(by(change));
        let recent = ends_in(change, now).is_some();
        (*id, TaskNote { by: recent.then(|| by.clone()), last_by: Some(by), waiting: waits(*id) })
    });
    let others = tasks.waiting.iter().filter(|id| waits(**id) && tasks.remote_changes.get(id).is_none());
    changed.chain(others.map(|id| (*id, TaskNote { waiting: true, ..TaskNote::default() }))).collect()
}

/// Milliseconds for which a change is still shown; `None` if it is too old.
fn ends_in(change: &RemoteChange, now: Timestamp) -> Option<u32> {
    let left = NOTE_MS - now.millis_since(change.at);
    u32::try_from(left).ok().filter(|left| *left > 0)
}

/// Whether somebody has named a device so. A browser names itself, as in `Chrome on Linux`, which is no place.
pub(super) fn is_given(name: &str) -> bool {
    !name.contains(" on ")
}

pub(super) fn by(change: &RemoteChange) -> String {
    match (change.by, &change.device) {
        (ActorKind::Assistant, _) => text::BY_ASSISTANT.to_owned(),
        (ActorKind::User, Some(name)) if is_given(name) => text::on_device(name),
        (ActorKind::User, _) => text::ON_ANOTHER_DEVICE.to_owned(),
        (ActorKind::Api, _) => text::BY_A_PROGRAM.to_owned(),
        (ActorKind::Mcp, _) => text::BY_AN_MCP_CLIENT.to_owned(),
    }
}
