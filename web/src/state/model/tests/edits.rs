//! Words are kept whatever other devices do: edits of tasks are merged by field, and texts outlive what they belong to.

use super::*;
use crate::state::task_merge::TaskField;
use tandem_protocol::enums::Priority;

/// The edit of this title, made on revision 1.
fn retitle(title: &str) -> Command {
    let patch = TaskPatch { title: Some(title.into()), if_rev: Some(1), ..TaskPatch::default() };
    Command::TaskUpdate(TaskUpdate { task_id: TASK.parse().unwrap(), patch })
}

/// The task as another device has changed it.
fn theirs(change: impl FnOnce(&mut Value)) -> Value {
    let mut theirs = task("open", 2);
    change(&mut theirs);
    theirs
}

fn conflict(number: u128, task: &Value) -> ServerFrame {
    let id = command_id(number);
    frame(&json!({ "type": "error", "id": id, "code": "conflict", "message": "It changed.", "task": task }))
}

fn submitted(effects: &[Effect]) -> Option<Command> {
    effects.iter().find_map(|effect| match effect {
        Effect::Submit(command) => Some(command.clone()),
        _ => None,
    })
}

fn patch_of(command: Option<Command>) -> TaskPatch {
    match command {
        Some(Command::TaskUpdate(update)) => update.patch,
        other => panic!("no update: {other:?}"),
    }
}

/// A device whose edit of the title meets this task.
fn refused_with(theirs: &Value) -> (Model, Vec<Effect>) {
    let mut model = device();
    model.submit(command_id(1), retitle("Buy oat milk"), at(1));
    connect(&mut model);
    model.frame(&event(8, "task.updated", &json!({ "task": theirs }), "user"), at(2));
    let effects = model.frame(&conflict(1, theirs), at(3));
    (model, effects)
}

#[test]
fn an_edit_that_meets_a_change_of_another_field_is_sent_again_for_the_new_revision() {
    let (mut model, effects) = refused_with(&theirs(|task| task["priority"] = json!("high")));
    let patch = patch_of(submitted(&effects));
    assert_eq!((patch.title.as_deref(), patch.if_rev, patch.priority), (Some("Buy oat milk"), Some(2), None));
    assert!(matches!(effects.as_slice(), [Effect::Submit(_), Effect::Forget(id)] if *id == command_id(1)));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Notify(_))));
    model.submit(command_id(2), submitted(&effects).unwrap(), at(4));
    let shown = &model.task_view().tasks[0];
    assert_eq!((shown.title.as_str(), shown.priority), ("Buy oat milk", Priority::High));
}

#[test]
fn an_edit_that_meets_a_change_of_the_same_field_waits_for_the_person() {
    let (mut model, effects) = refused_with(&theirs(|task| task["title"] = json!("Buy soy milk")));
    assert!(effects.is_empty(), "{effects:?}");
    let view = model.task_view();
    assert_eq!(view.tasks[0].title, "Buy soy milk");
    let [refused] = view.refused.as_slice() else { panic!("one edit waits: {:?}", view.refused) };
    assert_eq!((refused.fields.as_slice(), refused.deleted), ([TaskField::Title].as_slice(), false));
    assert_eq!(refused.mine.title.as_deref(), Some("Buy oat milk"));
    assert_eq!(refused.theirs.title.as_deref(), Some("Buy soy milk"));
    assert!(refused.by.is_some());

    let patch = patch_of(submitted(&model.decide_edit(command_id(1), EditDecision::UseMine)));
    assert_eq!((patch.title.as_deref(), patch.if_rev), (Some("Buy oat milk"), Some(2)));
    assert!(model.task_view().refused.is_empty());
}

#[test]
fn keeping_theirs_still_sends_the_fields_that_nobody_else_changed() {
    let mut model = device();
    let Command::TaskUpdate(mut update) = retitle("Buy oat milk") else { unreachable!() };
    update.patch.description = Some("Two litres".into());
    model.submit(command_id(1), Command::TaskUpdate(update), at(1));
    connect(&mut model);
    let theirs = theirs(|task| task["title"] = json!("Buy soy milk"));
    model.frame(&event(8, "task.updated", &json!({ "task": theirs }), "user"), at(2));
    model.frame(&conflict(1, &theirs), at(3));
    let patch = patch_of(submitted(&model.decide_edit(command_id(1), EditDecision::KeepTheirs)));
    assert_eq!((patch.title, patch.description.as_deref()), (None, Some("Two litres")));
}

#[test]
fn an_edit_of_a_deleted_task_is_kept_and_can_become_a_new_one() {
    let mut model = device();
    let effects = model.submit(command_id(1), retitle("Buy oat milk"), at(1));
    let Effect::Persist(_, kept) = &effects[0] else { panic!("commands are kept first") };
    connect(&mut model);
    model.frame(&event(8, "task.deleted", &json!({ "task_id": TASK }), "user"), at(2));
    let effects = model.frame(&refusal(1, "not_found", "It does not exist."), at(3));
    assert!(effects.is_empty(), "{effects:?}");
    let [refused] = model.task_view().refused.try_into().expect("one edit waits");
    assert!(refused.deleted && refused.by.is_some());
    let effects = model.decide_edit(command_id(1), EditDecision::SaveAsNew);
    assert!(matches!(submitted(&effects), Some(Command::TaskCreate(new)) if new.title == "Buy oat milk"));

    // Also after a reload, where the server refuses it again.
    let mut after = device();
    after.restore_outbox([kept.as_str()]);
    connect(&mut after);
    after.frame(&event(8, "task.deleted", &json!({ "task_id": TASK }), "user"), at(2));
    after.frame(&refusal(1, "not_found", "It does not exist."), at(3));
    assert_eq!(after.task_view().refused.len(), 1);
    let effects = after.decide_edit(command_id(1), EditDecision::Discard);
    assert!(matches!(effects.as_slice(), [Effect::Forget(_)]));
}

#[test]
fn the_text_of_a_message_to_a_deleted_conversation_is_returned() {
    let mut model = device();
    connect(&mut model);
    model.submit(command_id(1), say("precious"), at(1));
    let effects = model.frame(&refusal(1, "not_found", "It does not exist."), at(2));
    assert!(matches!(&effects[0], Effect::KeepText(text) if text == "precious"));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Forget(id) if *id == command_id(1))));
    assert_eq!(model.outbox().entries().count(), 0);
}

#[test]
fn what_is_written_in_a_conversation_that_is_deleted_moves() {
    let mut model = device();
    connect(&mut model);
    model.open(Some(conversation()));
    let deleted = json!({ "conversation_id": conversation() });
    let effects = model.frame(&event(8, "conversation.deleted", &deleted, "user"), at(2));
    assert!(matches!(effects.as_slice(), [Effect::Abandon(id)] if *id == conversation()), "{effects:?}");
    assert_eq!(model.thread_view().history, History::Missing);
}

#[test]
fn a_message_that_is_being_edited_stays_when_another_version_arrives() {
    let mut model = device();
    model.open(Some(conversation()));
    let page = |messages: Vec<std::sync::Arc<Message>>| Page {
        items: messages.iter().map(|message| Message::clone(message)).collect(),
        next_cursor: None,
    };
    let (first, second) = (message(1, 0, MessageState::Complete), message(3, 0, MessageState::Complete));
    model.load_history(conversation(), page(vec![first]));
    model.edit_message(Some(message_id(1)));
    model.load_history(conversation(), page(vec![second]));
    let shown = |model: &Model| model.thread_view().items[0].message.id;
    assert_eq!(shown(&model), message_id(1));
    assert_eq!(model.thread_view().items[0].versions.len(), 2);
    model.edit_message(None);
    assert_eq!(shown(&model), message_id(3));
}
