//! Ids, words, dates, times, and the difference between null and absent.

use crate::{json, parse, samples};
use jiff::civil;
use tandem_protocol::{
    MessageId, TaskRef, Timestamp, UserId,
    enums::{Anchor, Priority, WireEnum},
    live::close,
    model::{Due, Task},
    rest::{DueInput, RecurrenceInput, TaskPatch},
};

const ID: &str = "01939c2e-7b1a-7c3e-9f00-2b6d1c0a0004";

#[test]
fn an_id_is_a_hyphenated_uuid_and_nothing_else() {
    let id: MessageId = parse(&format!("{ID:?}")).unwrap();
    assert_eq!(id.to_string(), ID);
    assert_eq!(parse::<MessageId>(&json(&id)), Ok(id));
    let same: MessageId = ID.to_uppercase().parse().unwrap();
    assert_eq!(same, id);
    let bare = ID.replace('-', "");
    for text in ["", "7", &bare, &format!("{{{ID}}}"), &format!("urn:uuid:{ID}"), &format!(" {ID}"), &ID[..35]] {
        assert!(parse::<MessageId>(&json(&text)).is_err(), "{text:?}");
    }
    for value in ["7", "null", "[]", "{}"] {
        assert!(parse::<MessageId>(value).is_err(), "{value}");
    }
}

#[test]
fn a_users_id_may_be_any_text() {
    let id: UserId = parse(r#""u-17 of the old system""#).unwrap();
    assert_eq!(json(&id), r#""u-17 of the old system""#);
}

#[test]
fn a_task_is_named_by_id_or_by_number_in_every_form() {
    let by_id = TaskRef::Id(ID.parse().unwrap());
    assert_eq!(parse::<TaskRef>(&format!("{ID:?}")), Ok(by_id));
    for text in ["12", "\"12\"", "\"#12\""] {
        assert_eq!(parse::<TaskRef>(text), Ok(TaskRef::Number(12)), "{text}");
    }
    for text in
        ["1.5", "\"1.5\"", "\"\"", "\"#\"", "null", "true", "[12]", "\"##1\"", "18446744073709551615", "\"twelve\""]
    {
        assert!(parse::<TaskRef>(text).is_err(), "{text}");
    }
    assert_eq!((json(&TaskRef::Number(12)), json(&by_id)), ("12".into(), format!("{ID:?}")));
}

#[test]
fn a_patch_tells_null_from_absent() {
    let patch: TaskPatch = parse("{}").unwrap();
    assert_eq!(patch, TaskPatch::default());
    let patch: TaskPatch = parse(r#"{"due":null,"recurrence":null,"list":null,"parent_id":null}"#).unwrap();
    assert_eq!(
        (patch.due, patch.recurrence, patch.list, patch.parent_id),
        (Some(None), Some(None), Some(None), Some(None))
    );
    let patch: TaskPatch = parse(r#"{"list":"Home","parent_id":7}"#).unwrap();
    assert_eq!((patch.list, patch.parent_id), (Some(Some("Home".into())), Some(Some(TaskRef::Number(7)))));
    assert_eq!(patch.due, None);
}

#[test]
fn a_time_is_written_with_milliseconds_in_utc() {
    let at = Timestamp::from_millis(1_795_426_200_000);
    assert_eq!(json(&at), r#""2026-11-23T09:30:00.000Z""#);
    assert_eq!(parse(r#""2026-11-23T10:30:00+01:00""#), Ok(at));
    assert_eq!(parse(r#""2026-11-23T09:30:00.000999Z""#), Ok(at), "finer parts are cut off");
    for text in ["\"\"", "\"2026-11-23\"", "\"2026-11-23T09:30:00\"", "\"yesterday\"", "1795426200000", "null"] {
        assert!(parse::<Timestamp>(text).is_err(), "{text}");
    }
}

#[test]
fn a_due_date_is_a_day_of_the_calendar_with_or_without_a_time() {
    let due: DueInput = parse(r#"{"date":"2028-02-29"}"#).unwrap();
    assert_eq!((due.date, due.time, due.time_zone), (civil::date(2028, 2, 29), None, None));
    let due: DueInput = parse(r#"{"date":"2026-11-24","time":"17:30:59"}"#).unwrap();
    assert_eq!(due.time, Some(civil::time(17, 30, 0, 0)), "seconds are dropped");
    let days = ["2026-02-30", "2027-02-29", "2026-13-01", "24.11.2026", "2026-11-24T00:00:00Z", "20261124", ""];
    for date in days {
        assert!(parse::<DueInput>(&format!(r#"{{"date":{date:?}}}"#)).is_err(), "{date}");
    }
    for time in ["24:00", "7:30", "17", "17:60", "17:30Z", ""] {
        assert!(parse::<DueInput>(&format!(r#"{{"date":"2026-11-24","time":{time:?}}}"#)).is_err(), "{time}");
    }
    let whole_day = Due { date: due.date, time: None, time_zone: "UTC".into() };
    assert_eq!(json(&whole_day), r#"{"date":"2026-11-24","time":null,"time_zone":"UTC"}"#);
}

#[test]
fn a_recurrence_counts_from_the_due_date_unless_told_otherwise() {
    let recurrence: RecurrenceInput = parse(r#"{"rule":"FREQ=DAILY"}"#).unwrap();
    assert_eq!(recurrence.anchor, Anchor::Due);
}

#[test]
fn words_outside_of_their_list_are_refused() {
    assert_eq!(parse(r#""urgent""#), Ok(Priority::Urgent));
    assert_eq!(Priority::from_wire("urgent"), Some(Priority::Urgent));
    for text in ["\"Urgent\"", "\"\"", "\"p1\"", "4", "null"] {
        assert!(parse::<Priority>(text).is_err(), "{text}");
    }
}

#[test]
fn an_empty_field_of_a_task_is_there_as_null() {
    let value = serde_json::to_value(samples::bare_task()).unwrap();
    for field in ["due", "recurrence", "list", "parent_id", "completed_at"] {
        assert_eq!(value.get(field), Some(&serde_json::Value::Null), "{field}");
    }
    assert_eq!(parse::<Task>(&value.to_string()), Ok(samples::bare_task()));
}

#[test]
fn clients_come_back_on_close_codes_below_4500_only() {
    let back: Vec<_> =
        close::CloseCode::ALL.iter().filter(|code| code.is_retryable()).map(|code| code.code()).collect();
    assert_eq!(back, [4001, 4002, 4003, 4004, 4008, 4029, 4401]);
    let gone: Vec<_> =
        close::CloseCode::ALL.iter().filter(|code| !code.is_retryable()).map(|code| code.code()).collect();
    assert_eq!(gone, [4500, 4501, 4502, 4503, 4504, 4509, 4510, 4511]);
}
