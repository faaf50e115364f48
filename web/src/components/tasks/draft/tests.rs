//! The editor: what is sent, what follows another device, and about what the person decides.

use super::*;
use crate::testing::{clock, task};
use jiff::civil::{date, time};
use tandem_protocol::model::Due;

fn milk() -> Task {
    let mut milk = task(7, "Buy milk");
    milk.due = Some(Due { date: date(2026, 11, 24), time: None, time_zone: "Europe/Berlin".into() });
    milk
}

/// The patch after these fields were written.
fn patch(written: &[(Field, &str)]) -> Result<Option<TaskPatch>, Vec<FieldError>> {
    let milk = milk();
    edited(&milk, written).patch(&milk, clock().local_now(), clock().all_day())
}

fn edited(task: &Task, written: &[(Field, &str)]) -> TaskEdit {
    let mut edit = TaskEdit::of(task, clock().all_day());
    for (field, text) in written {
        edit.write(*field, (*text).to_owned(), &TaskForm::of(task, clock().all_day()));
    }
    edit
}

#[test]
fn nothing_changed_is_no_patch() {
    assert_eq!(patch(&[]), Ok(None));
    assert_eq!(patch(&[(Field::Title, "Buy milk ")]), Ok(None));
    assert_eq!(patch(&[(Field::Title, "Buy"), (Field::Title, "Buy milk")]), Ok(None));
}

#[test]
fn only_what_changed_is_in_the_patch_with_the_rev_it_was_made_on() {
    let made = patch(&[(Field::Title, " Buy oat milk ")]);
    let wanted = TaskPatch { title: Some("Buy oat milk".into()), if_rev: Some(1), ..TaskPatch::default() };
    assert_eq!(made, Ok(Some(wanted)));
}

#[test]
fn fields_that_are_not_edited_here_follow_the_other_device_and_are_not_sent() {
    let edit = edited(&milk(), &[(Field::Title, "Buy oat milk")]);
    let mut theirs = milk();
    (theirs.priority, theirs.rev) = (Priority::High, 2);
    theirs.due = Some(Due { date: date(2026, 12, 1), time: None, time_zone: "Europe/Berlin".into() });
    let current = TaskForm::of(&theirs, clock().all_day());
    let shown = edit.shown(&current);
    assert_eq!((shown[Field::Date].as_str(), shown[Field::Priority].as_str()), ("2026-12-01", "high"));
    assert_eq!(edit.state(Field::Priority, &current), FieldState::Followed);
    assert_eq!(edit.state(Field::Title, &current), FieldState::Quiet);
    let made = edit.patch(&theirs, clock().local_now(), clock().all_day()).expect("valid").expect("changed");
    let wanted = TaskPatch { title: Some("Buy oat milk".into()), if_rev: Some(2), ..TaskPatch::default() };
    assert_eq!(made, wanted);
}

#[test]
fn the_same_field_is_for_the_person_to_decide() {
    let mut edit = edited(&milk(), &[(Field::Title, "Buy oat milk")]);
    let mut theirs = milk();
    theirs.title = "Buy soy milk".into();
    let current = TaskForm::of(&theirs, clock().all_day());
    assert_eq!(edit.state(Field::Title, &current), FieldState::Conflict("Buy soy milk".into()));
    assert_eq!(
        edit.patch(&theirs, clock().local_now(), clock().all_day()).expect_err("undecided")[0].field,
        Field::Title
    );
    let mut kept = edit.clone();
    kept.keep_theirs(Field::Title);
    assert_eq!(kept.patch(&theirs, clock().local_now(), clock().all_day()), Ok(None));
    edit.use_mine(Field::Title, &current);
    let made = edit.patch(&theirs, clock().local_now(), clock().all_day()).expect("decided").expect("changed");
    assert_eq!(made.title.as_deref(), Some("Buy oat milk"));
}

#[test]
fn both_wanting_the_same_is_no_conflict() {
    let edit = edited(&milk(), &[(Field::Title, "Buy oat milk")]);
    let mut theirs = milk();
    theirs.title = "Buy oat milk".into();
    assert_eq!(edit.state(Field::Title, &TaskForm::of(&theirs, clock().all_day())), FieldState::Quiet);
    assert_eq!(edit.patch(&theirs, clock().local_now(), clock().all_day()), Ok(None));
}

#[test]
fn a_space_at_the_end_is_kept_while_the_next_word_is_typed() {
    let edit = edited(&milk(), &[(Field::Title, "Buy milk ")]);
    assert_eq!(edit.shown(&TaskForm::of(&milk(), clock().all_day()))[Field::Title], "Buy milk ");
    assert_eq!(edit.patch(&milk(), clock().local_now(), clock().all_day()), Ok(None));
}

#[test]
fn an_edit_is_stored_while_there_is_something_in_it() {
    assert_eq!(TaskEdit::of(&milk(), clock().all_day()).stored(), "");
    let edit = edited(&milk(), &[(Field::Notes, "Two litres")]);
    assert_eq!(TaskEdit::restore(&edit.stored()), Some(edit));
    assert_eq!(TaskEdit::restore(""), None);
}

#[test]
fn a_time_keeps_the_zone_of_the_task() {
    let made = patch(&[(Field::Time, "17:30")]).expect("understood").expect("changed");
    let due = made.due.expect("changed").expect("set");
    assert_eq!((due.date, due.time), (date(2026, 11, 24), Some(time(17, 30, 0, 0))));
    assert_eq!(due.time_zone.as_deref(), Some("Europe/Berlin"));
}

#[test]
fn emptied_fields_are_emptied() {
    let made = patch(&[(Field::Date, "")]).expect("understood").expect("changed");
    assert_eq!(made.due, Some(None));
}

#[test]
fn labels_are_words_each_once() {
    let made = patch(&[(Field::Labels, "#home, shop,home, ")]).expect("understood").expect("changed");
    assert_eq!(made.labels, Some(vec!["home".into(), "shop".into()]));
}

#[test]
fn an_invalid_field_is_reported_with_the_reason() {
    let field = |written: &[(Field, &str)]| patch(written).expect_err("refused")[0].field;
    assert_eq!(field(&[(Field::Title, " ")]), Field::Title);
    assert_eq!(field(&[(Field::Title, &"é".repeat(501))]), Field::Title);
    assert_eq!(field(&[(Field::Date, ""), (Field::Time, "09:00")]), Field::Date);
    assert_eq!(field(&[(Field::Repeats, "now and then, perhaps")]), Field::Repeats);
    assert_eq!(field(&[(Field::List, &"x".repeat(101))]), Field::List);
}

#[test]
fn every_invalid_field_is_reported_at_once() {
    let written = [(Field::Reminders, "sometime"), (Field::Repeats, "every blue moon"), (Field::Title, "")];
    let wrong: Vec<Field> = patch(&written).expect_err("refused").into_iter().map(|refused| refused.field).collect();
    assert_eq!(wrong, [Field::Title, Field::Repeats, Field::Reminders]);
}

#[test]
fn reminders_are_words_and_need_a_day_when_they_stand_before_it() {
    let made = patch(&[(Field::Reminders, "1 day before, 9:00")]).expect("valid").expect("changed");
    let reminders = made.reminders.expect("reminders");
    assert_eq!(reminder_words::text_of(reminders, None, clock().all_day()), "1 day before, 24 November 2026 at 09:00");
    let none = patch(&[(Field::Date, ""), (Field::Reminders, "1 day before")]);
    assert_eq!(none.map_err(|refused| refused[0].field), Err(Field::Reminders));
}
