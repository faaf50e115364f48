//! The outbox loses nothing, sends in order, and sends again only what has no answer.

use super::*;
use tandem_protocol::{
    MessageId, TaskId,
    live::command::{ConversationRefArgs, MessageRefArgs, MessageSend},
};
use uuid::Uuid;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn id(number: u128) -> CommandId {
    CommandId(Uuid::from_u128(number))
}

fn message(text: &str) -> Command {
    let conversation_id = "01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55".parse().unwrap();
    Command::MessageSend(MessageSend { conversation_id, id: None, text: text.to_owned(), parent_id: None })
}

fn completion() -> Command {
    Command::TaskComplete(TaskId(Uuid::from_u128(9)).into())
}

fn outbox_of(commands: impl IntoIterator<Item = Command>) -> Outbox {
    let mut outbox = Outbox::default();
    for (number, command) in (1..).zip(commands) {
        outbox.push(id(number), command, None, at(0));
    }
    outbox
}

fn due_ids(outbox: &mut Outbox, now: i64) -> Vec<CommandId> {
    outbox.take_due(at(now)).iter().map(|entry| entry.id).collect()
}

#[test]
fn commands_go_out_once_and_in_order() {
    let mut outbox = outbox_of([message("one"), message("two")]);
    assert_eq!(due_ids(&mut outbox, 0), [id(1), id(2)]);
    assert_eq!(due_ids(&mut outbox, 0), []);
}

#[test]
fn what_was_not_answered_goes_out_again_after_a_cut() {
    let mut outbox = outbox_of([message("one"), message("two")]);
    outbox.take_due(at(0));
    outbox.acknowledged(id(1), 5);
    outbox.connection_lost();
    assert_eq!(due_ids(&mut outbox, 0), [id(2)]);
}

#[test]
fn an_entry_stays_until_its_event_is_applied() {
    let mut outbox = outbox_of([completion()]);
    outbox.acknowledged(id(1), 5);
    assert!(!outbox.settle(4));
    assert!(outbox.entries().next().unwrap().is_shown());
    assert!(outbox.settle(5));
    assert_eq!(outbox.entries().count(), 0);
}

#[test]
fn a_busy_server_is_tried_again_when_it_requested_and_later_commands_wait() {
    let mut outbox = outbox_of([completion(), completion()]);
    outbox.take_due(at(0));
    outbox.connection_lost();
    let refusal = outbox.refused(id(1), ErrorCode::RateLimited, "slow down", Some(700), at(1_000));
    assert_eq!(refusal, Some(Refusal::Later));
    assert_eq!(outbox.next_try(), Some(at(1_700)));
    assert_eq!(due_ids(&mut outbox, 1_600), []);
    assert_eq!(due_ids(&mut outbox, 1_700), [id(1), id(2)]);
}

#[test]
fn a_message_that_cannot_be_queued_is_shown_as_not_sent_and_nothing_waits_for_it() {
    for code in [ErrorCode::RateLimited, ErrorCode::Overloaded, ErrorCode::Unavailable] {
        let mut outbox = outbox_of([message("precious"), completion()]);
        for now in [0, 1_000] {
            assert!(due_ids(&mut outbox, now).contains(&id(1)));
            let later = outbox.refused(id(1), code, "Too many messages wait.", Some(1_000), at(now));
            assert_eq!(later, Some(Refusal::Later));
        }
        assert!(due_ids(&mut outbox, 2_000).contains(&id(1)));
        let Some(Refusal::Kept(entry)) = outbox.refused(id(1), code, "Too many messages wait.", Some(1_000), at(2_000))
        else {
            panic!("a message is not tried for ever");
        };
        assert!(matches!(entry.delivery, Delivery::Failed { message, .. } if message == "Too many messages wait."));
        outbox.connection_lost();
        assert_eq!(due_ids(&mut outbox, 99_999), [id(2)], "{code:?}");
    }
}

#[test]
fn a_message_does_not_wait_out_a_long_pause_by_itself() {
    let mut outbox = outbox_of([message("precious")]);
    outbox.take_due(at(0));
    let kept = outbox.refused(id(1), ErrorCode::RateLimited, "Too many messages wait.", Some(30_000), at(0));
    assert!(matches!(kept, Some(Refusal::Kept(_))), "{kept:?}");
}

#[test]
fn a_change_is_retried_with_growing_pauses_and_one_notice_while_the_server_is_busy() {
    let mut outbox = outbox_of([completion()]);
    let (mut now, mut notified, mut pauses) = (0, 0, Vec::new());
    for _ in 0..10 {
        assert_eq!(due_ids(&mut outbox, now), [id(1)]);
        match outbox.refused(id(1), ErrorCode::Unavailable, "Not now.", Some(1_000), at(now)) {
            Some(Refusal::StillLater(_)) => notified += 1,
            other => assert_eq!(other, Some(Refusal::Later)),
        }
        let next = outbox.next_try().unwrap().as_millis();
        pauses.push(next - now);
        now = next;
    }
    assert_eq!(notified, 1);
    assert!(pauses.is_sorted(), "{pauses:?}");
    assert_eq!((pauses[0], pauses[9]), (1_000, MAX_RETRY_MS / 2), "{pauses:?}");
}

#[test]
fn a_reply_can_be_stopped_while_other_commands_are_held_back() {
    let stop = Command::MessageCancel(MessageRefArgs { message_id: MessageId(Uuid::from_u128(7)) });
    let mut outbox = outbox_of([completion(), completion(), stop]);
    outbox.take_due(at(0));
    outbox.connection_lost();
    outbox.refused(id(1), ErrorCode::RateLimited, "slow down", Some(5_000), at(0));
    assert_eq!(due_ids(&mut outbox, 1), [id(3)]);
    assert_eq!(due_ids(&mut outbox, 5_000), [id(1), id(2)]);
}

#[test]
fn a_change_that_finds_the_storage_full_is_given_back() {
    let mut outbox = outbox_of([completion()]);
    let dropped = outbox.refused(id(1), ErrorCode::Limit, "Your storage is full.", None, at(0));
    assert!(matches!(dropped, Some(Refusal::Dropped(entry)) if entry.command == completion()));
}

#[test]
fn a_refused_message_is_kept_and_a_refused_change_is_rolled_back() {
    let mut outbox = outbox_of([message("precious"), completion()]);
    let kept = outbox.refused(id(1), ErrorCode::NotFound, "gone", None, at(0));
    let dropped = outbox.refused(id(2), ErrorCode::NotFound, "gone", None, at(0));
    assert!(matches!(kept, Some(Refusal::Kept(entry)) if !entry.is_shown()));
    assert!(matches!(dropped, Some(Refusal::Dropped(_))));
    assert_eq!(outbox.entries().map(|entry| entry.id).collect::<Vec<_>>(), [id(1)]);
    assert_eq!(due_ids(&mut outbox, 99_999), []);
}

#[test]
fn entries_survive_a_reload_in_their_order() {
    let outbox = outbox_of([message("one"), completion()]);
    let kept: Vec<String> = outbox.entries().rev().filter_map(write).collect();
    let mut restored = Outbox::default();
    restored.restore(kept.iter().map(String::as_str).chain(["not an entry"]));
    restored.restore(kept.iter().map(String::as_str));
    assert_eq!(restored.entries().collect::<Vec<_>>(), outbox.entries().collect::<Vec<_>>());
}

#[test]
fn no_more_than_a_window_waits_for_answers() {
    let mut outbox = outbox_of((0..100).map(|_| completion()));
    assert_eq!(due_ids(&mut outbox, 0).len(), WINDOW);
    assert_eq!(due_ids(&mut outbox, 0).len(), 0);
    outbox.acknowledged(id(1), 1);
    assert_eq!(due_ids(&mut outbox, 0), [id(WINDOW as u128 + 1)]);
}

fn deletion() -> Command {
    let conversation_id = "01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55".parse().unwrap();
    Command::ConversationDelete(ConversationRefArgs { conversation_id })
}

#[test]
fn a_deletion_waits_so_that_it_can_be_taken_back_and_nothing_waits_for_it() {
    let mut outbox = outbox_of([deletion(), completion()]);
    assert_eq!(due_ids(&mut outbox, 8_000), [id(2)]);
    assert_eq!(outbox.take_back(id(1)).map(|entry| entry.id), Some(id(1)));
    assert_eq!(outbox.next_try(), None);
}

#[test]
fn a_deletion_that_is_on_its_way_cannot_be_taken_back() {
    let mut outbox = outbox_of([deletion()]);
    assert_eq!(due_ids(&mut outbox, 8_500), [id(1)]);
    assert_eq!(outbox.take_back(id(1)), None);
    assert_eq!(outbox.entries().count(), 1);
}

#[test]
fn a_deletion_of_an_earlier_page_load_goes_out_at_once() {
    let outbox = outbox_of([deletion()]);
    let kept = write(outbox.entries().next().unwrap()).unwrap();
    let mut restored = Outbox::default();
    restored.restore([kept.as_str()]);
    assert_eq!(due_ids(&mut restored, 1), [id(1)]);
}
