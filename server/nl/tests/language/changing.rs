//! Messages that change tasks that are there.

use tandem_nl::{Action, Context, Reading, Response, read};
use tandem_protocol::TaskId;
use tandem_protocol::enums::Priority;
use tandem_protocol::model::Task;
use tandem_protocol::rest::TaskPatch;

use crate::support::{actions, changes_nothing, id, ids, monday, read_with, reading, tasks};

fn completed(message: &str) -> Vec<TaskId> {
    match &actions(message)[..] {
        [Action::Complete { ids }] => ids.clone(),
        other => panic!("{message:?} does {other:?}"),
    }
}

fn deleted(message: &str) -> Vec<TaskId> {
    match &actions(message)[..] {
        [Action::Delete { ids }] => ids.clone(),
        other => panic!("{message:?} does {other:?}"),
    }
}

/// The id and the new date of the one task that a message moves.
fn moved(message: &str) -> (TaskId, String) {
    match &actions(message)[..] {
        [Action::Reschedule { id, patch: TaskPatch { due: Some(Some(due)), .. }, .. }] => (*id, due.to_iso()),
        other => panic!("{message:?} does {other:?}"),
    }
}

#[test]
fn tasks_are_completed_by_number_title_and_stem() {
    for message in [
        "mark task 1 as complete",
        "complete #1",
        "mark buy groceries as done",
        "check off groceries",
        "I bought groceries",
        "buy grocereis is done",
        "done with the groceries",
    ] {
        assert_eq!(completed(message), ids(&[1]), "{message}");
    }
    assert_eq!(completed("complete tasks 1, 4 and 5"), ids(&[1, 4, 5]));
}

#[test]
fn tasks_are_deleted_by_what_names_them() {
    for message in [
        "delete task 4",
        "remove the oat milk task",
        "cancel my reminder about the milk",
        "get rid of oat milk",
        "take oat milk off my shopping list",
        "I don't need oat milk anymore, take it off my list",
    ] {
        assert_eq!(deleted(message), ids(&[4]), "{message}");
    }
    assert_eq!(deleted("cancel tomorrow's reminder for the plumber"), ids(&[5]));
    assert_eq!(deleted("delete my 5pm reminder"), ids(&[5]));
}

#[test]
fn groups_are_deleted_together() {
    assert_eq!(deleted("delete all my reminders for tomorrow"), ids(&[2, 5]));
    assert_eq!(deleted("clear my shopping list"), ids(&[4]));
    assert_eq!(deleted("delete all meeting tasks"), ids(&[2, 7]));
    assert_eq!(deleted("delete everything"), ids(&[1, 2, 3, 4, 5, 7]));
}

#[test]
fn sets_may_have_an_exception() {
    assert_eq!(deleted("delete everything except the oat milk"), ids(&[1, 2, 3, 5, 7]));
    assert_eq!(deleted("delete all but oat milk and the plumber"), ids(&[1, 2, 3, 7]));
    assert_eq!(deleted("delete all my tasks for tomorrow but the plumber"), ids(&[2]));
    assert_eq!(completed("mark everything except task 3 as done"), ids(&[1, 2, 4, 5, 7]));
    for message in ["delete everything except the unicorn", "delete all but the meeting", "delete everything but"] {
        assert!(changes_nothing(&reading(message)), "{message}: {:?}", reading(message));
    }
}

#[test]
fn several_are_counted_from_the_list_that_was_shown() {
    let read = |message: &str| match read_with(message, &ids(&[5, 3, 2, 7]), &[], None) {
        Reading::Act(actions) => actions.into_vec(),
        other => panic!("{message}: {other:?}"),
    };
    let delete = |numbers: &[i64]| vec![Action::Delete { ids: ids(numbers) }];
    assert_eq!(read("delete the first two"), delete(&[5, 3]));
    assert_eq!(read("delete the last two tasks"), delete(&[2, 7]));
    assert_eq!(read("delete 1-3"), delete(&[5, 3, 2]));
    assert_eq!(read("delete 2 to 4"), delete(&[3, 2, 7]));
    assert_eq!(read("delete the first and the third"), delete(&[5, 2]));
    assert_eq!(read("complete 1, 2 and 4"), [Action::Complete { ids: ids(&[5, 3, 7]) }]);
    assert!(changes_nothing(&read_with("delete the first nine", &ids(&[5, 3]), &[], None)));
}

#[test]
fn several_named_in_one_breath_are_each_found() {
    assert_eq!(deleted("delete oat milk and call the plumber"), ids(&[4, 5]));
    assert_eq!(completed("mark groceries and oat milk as done"), ids(&[1, 4]));
    assert_eq!(deleted("delete completed tasks"), ids(&[6]));
}

#[test]
fn a_thing_to_do_is_not_taken_for_a_deletion() {
    let mut tasks = tasks();
    tasks.push(crate::support::task(8, "Clean the kitchen"));
    tasks.push(crate::support::task(9, "Cancel gym membership"));
    let now = monday();
    let tasks: Vec<_> = tasks.iter().collect();
    let context = Context::new(&now, &tasks);
    for message in
        ["clean the kitchen", "cancel gym membership", "close the plumber", "empty the groceries", "ignore call"]
    {
        let reading = read(message, &context);
        assert!(changes_nothing(&reading), "{message}: {reading:?}");
    }
}

#[test]
fn what_fits_nothing_changes_nothing() {
    for message in [
        "delete my saved credit card",
        "cancel my subscription",
        "mark homework as done",
        "delete task 99",
        "delete the unicorn task",
    ] {
        assert!(changes_nothing(&reading(message)), "{message}: {:?}", reading(message));
    }
    assert_eq!(reading("delete the unicorn task"), Reading::Respond(Response::NoSuchTask { what: "unicorn".into() }));
}

#[test]
fn the_possible_part_is_done_and_the_rest_is_said() {
    let actions = actions("remove wine and add beer to my shopping list");
    assert!(
        matches!(&actions[..], [Action::NoSuchTask { what }, Action::Add(task)] if what == "wine" && task.title == "beer"),
        "{actions:?}"
    );
}

#[test]
fn a_done_task_is_reopened() {
    for message in ["reopen pay rent", "mark rent as not done", "uncheck task 6"] {
        assert_eq!(actions(message), [Action::Reopen { ids: ids(&[6]) }], "{message}");
    }
}

#[test]
fn a_title_in_quotes_is_taken_word_for_word() {
    for message in [
        "Change task 1 to 'Call mom tonight'",
        "rename task 1 to \"Call mom tonight\"",
        "update task 1 to “Call mom tonight”",
    ] {
        match &actions(message)[..] {
            [Action::Update { id: changed, patch, .. }] => {
                assert_eq!((*changed, patch.title.as_deref()), (id(1), Some("Call mom tonight")), "{message}");
            }
            other => panic!("{message:?} does {other:?}"),
        }
    }
}

#[test]
fn dates_are_moved() {
    for (message, number, due) in [
        ("reschedule the plumber to Friday at 3pm", 5, "2026-11-27T15:00"),
        ("move call the plumber to wednesday", 5, "2026-11-25T17:00"),
        ("push the annual report back to next week", 3, "2026-11-30"),
        ("postpone task 2 by two days", 2, "2026-11-26"),
        ("change the due date of task 3 to Dec 1", 3, "2026-12-01"),
        ("change task 2 to tomorrow at 9", 2, "2026-11-24T09:00"),
        ("task 3 is due on friday", 3, "2026-11-27"),
    ] {
        assert_eq!(moved(message), (id(number), due.into()), "{message}");
    }
}

#[test]
fn half_a_date_keeps_the_other_half() {
    // Task 5 is due on Tuesday the 24th at 17:00, task 2 on the same day.
    for (message, number, due) in [
        ("move the plumber to 3pm", 5, "2026-11-24T15:00"),
        ("set the time of the plumber to 9am", 5, "2026-11-24T09:00"),
        ("change the plumber to 6pm", 5, "2026-11-24T18:00"),
        ("move the plumber to friday", 5, "2026-11-27T17:00"),
        ("make the plumber an hour later", 5, "2026-11-24T18:00"),
        ("move the plumber two hours earlier", 5, "2026-11-24T15:00"),
        ("push the plumber an hour", 5, "2026-11-24T18:00"),
        ("push back the plumber 2 days", 5, "2026-11-26T17:00"),
        ("set a deadline of Dec 21 for the annual report", 3, "2026-12-21"),
        ("set the annual report deadline to Dec 21", 3, "2026-12-21"),
    ] {
        assert_eq!(moved(message), (id(number), due.into()), "{message}");
    }
    let [Action::Reschedule { patch, .. }] = &actions("repeat task 2 every year")[..] else { panic!("it repeats") };
    assert_eq!(patch.due.clone().flatten().map(|due| due.to_iso()).as_deref(), Some("2026-11-24"));
}

#[test]
fn what_is_pushed_never_comes_earlier() {
    assert_eq!(moved("push the plumber to tuesday"), (id(5), "2026-12-01T17:00".into()));
    assert!(
        matches!(reading("push the plumber to today"), Reading::Ask { .. }),
        "{:?}",
        reading("push the plumber to today")
    );
    assert_eq!(moved("move the plumber to today at 6pm"), (id(5), "2026-11-23T18:00".into()));
}

#[test]
fn a_correction_changes_what_the_last_request_made() {
    let after = |touched: &[i64], message: &str| read_with(message, &[], &ids(touched), None);
    let due = |reading: &Reading| match reading {
        Reading::Act(actions) => match &actions[..] {
            [Action::Reschedule { patch: TaskPatch { due: Some(Some(due)), .. }, .. }, ..] => due.to_iso(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    for (message, want) in [
        ("no, Thursday", "2026-11-26T17:00"),
        ("make that 6pm", "2026-11-24T18:00"),
        ("actually, make it 6pm", "2026-11-24T18:00"),
        ("not tomorrow, Monday", "2026-11-30T17:00"),
        ("I meant next week", "2026-11-30T17:00"),
        ("Thursday instead", "2026-11-26T17:00"),
        ("it should be Friday at 9am", "2026-11-27T09:00"),
    ] {
        assert_eq!(due(&after(&[5], message)), want, "{message}");
    }
    let both = after(&[4, 5], "no, Thursday");
    assert!(matches!(&both, Reading::Act(actions) if actions.len() == 2), "{both:?}");
    for message in ["no", "no thanks", "Thursday", "no, never mind", "not now"] {
        assert!(changes_nothing(&after(&[5], message)), "{message}");
    }
}

#[test]
fn a_correction_may_be_another_name() {
    let mut tasks = tasks();
    tasks.push(crate::support::task(8, "Call Bob about the boat"));
    let now = monday();
    let (tasks, touched): (Vec<_>, _) = (tasks.iter().collect(), [id(8)]);
    let context = Context { last_touched: &touched, ..Context::new(&now, &tasks) };
    for message in ["I meant Bill", "not Bob, Bill", "no, Bill", "Bill, not Bob"] {
        let reading = read(message, &context);
        let Reading::Act(actions) = &reading else { panic!("{message}: {reading:?}") };
        let [Action::Update { id: changed, patch, .. }] = &actions[..] else { panic!("{message}: {actions:?}") };
        assert_eq!((*changed, patch.title.as_deref()), (id(8), Some("Call Bill about the boat")), "{message}");
    }
}

#[test]
fn dates_and_repetition_can_be_taken_away() {
    let [Action::Reschedule { patch, .. }] = &actions("remove the due date from task 2")[..] else {
        panic!("no date was removed")
    };
    assert_eq!(*patch, TaskPatch { due: Some(None), ..TaskPatch::default() });
    let [Action::Reschedule { patch, .. }] = &actions("stop repeating task 2")[..] else { panic!("it still repeats") };
    assert_eq!(*patch, TaskPatch { recurrence: Some(None), ..TaskPatch::default() });
}

#[test]
fn a_task_is_made_to_repeat() {
    for message in
        ["repeat task 3 every month", "make the annual report repeat monthly", "change task 3 to every month"]
    {
        let [Action::Reschedule { id: changed, patch, series: true }] = &actions(message)[..] else {
            panic!("{message:?} does {:?}", actions(message))
        };
        let rule = patch.recurrence.as_ref().and_then(Option::as_ref).map(|recurrence| recurrence.rule.as_str());
        assert_eq!((*changed, rule), (id(3), Some("FREQ=MONTHLY")), "{message}");
    }
}

#[test]
fn priorities_labels_and_lists_are_changed() {
    let changes = |message: &str| match &actions(message)[..] {
        [Action::Update { patch, add_labels, remove_labels, .. }] => {
            (patch.clone(), add_labels.clone(), remove_labels.clone())
        }
        other => panic!("{message:?} does {other:?}"),
    };
    for message in [
        "make task 3 high priority",
        "set the priority of task 3 to high",
        "prioritize the annual report",
        "change task 3 to high priority",
    ] {
        assert_eq!(changes(message).0.priority, Some(Priority::High), "{message}");
    }
    assert_eq!(changes("raise the priority of task 3").0.priority, Some(Priority::Low));
    assert_eq!(changes("tag task 3 with finance").1, ["finance"]);
    assert_eq!(changes("remove the label finance from task 3").2, ["finance"]);
    assert_eq!(changes("move task 3 to my shopping list").0.list, Some(Some("Shopping".to_owned())));
}

#[test]
fn undo_and_two_commands_in_one_sentence() {
    assert_eq!(actions("undo that"), [Action::Undo]);
    let both = actions("finish the annual report and mark oat milk done");
    assert_eq!(both, [Action::Complete { ids: ids(&[3]) }, Action::Complete { ids: ids(&[4]) }]);
}

/// The question that a message leads to, about one task.
fn asked_about(message: &str) -> TaskId {
    match reading(message) {
        Reading::Ask { choices, .. } if choices.len() == 1 => choices[0],
        other => panic!("{message:?} was read as {other:?}"),
    }
}

#[test]
fn reminders_are_stopped_in_many_ways() {
    for message in [
        "stop reminding me to write the annual report",
        "stop reminding me about the report",
        "take the report off my to-dos",
        "delete anything about the report",
    ] {
        assert_eq!(deleted(message), ids(&[3]), "{message}");
    }
    for message in
        ["don't remind me about the report anymore", "forget about the report", "the report is no longer needed"]
    {
        assert_eq!(asked_about(message), id(3), "{message}");
    }
    for message in ["delete both meetings", "remove the two meetings", "cancel all the meetings"] {
        assert_eq!(deleted(message), ids(&[2, 7]), "{message}");
    }
    assert!(matches!(reading("delete the three meetings"), Reading::Ask { .. }));
}

#[test]
fn sets_are_named_by_day_list_and_hour() {
    assert_eq!(deleted("clear tomorrow"), ids(&[2, 5]));
    assert_eq!(deleted("cancel everything that's due tomorrow"), ids(&[2, 5]));
    assert_eq!(deleted("delete the 5pm one"), ids(&[5]));
    assert_eq!(deleted("cancel all reminders after today"), ids(&[2, 5]));
    assert_eq!(deleted("cancel reminders between monday and wednesday"), ids(&[2, 5]));
    assert_eq!(deleted("remove the shopping tasks"), ids(&[4]));
    assert_eq!(deleted("delete the milk from my shopping list"), ids(&[4]));
    assert!(changes_nothing(&reading("delete the report from my shopping list")));
}

#[test]
fn a_thing_is_swapped_or_moved_to_a_list() {
    let patch = |message: &str| match &actions(message)[..] {
        [Action::Update { id, patch, .. }] => (*id, patch.title.clone(), patch.list.clone().flatten()),
        other => panic!("{message:?} does {other:?}"),
    };
    assert_eq!(patch("swap oat milk for cream on my shopping list"), (id(4), Some("cream".into()), None));
    assert_eq!(patch("put the report on the shopping list"), (id(3), None, Some("Shopping".into())));
    assert_eq!(completed("mark the report as done on my to-do list"), ids(&[3]));
    assert_eq!(deleted("I bought the oat milk, take it off my shopping list"), ids(&[4]));
}

#[test]
fn verbs_and_lists_may_be_misspelt() {
    for message in ["delte the oat milk", "remvoe oat milk from my shoping list", "please cancle the oat milk task"] {
        assert_eq!(deleted(message), ids(&[4]), "{message}");
    }
    assert_eq!(completed("complte the report"), ids(&[3]));
    let list = |message: &str| crate::support::one(message).list;
    assert_eq!(list("add eggs to my shoppng list").as_deref(), Some("Shopping"));
    assert_eq!(list("add eggs to my camping list").as_deref(), Some("camping"));
    for message in ["cancer research donation", "charge the phone", "deletes the oat milk"] {
        assert!(changes_nothing(&reading(message)), "{message}: {:?}", reading(message));
    }
}

#[test]
fn completed_acts_need_no_subject() {
    let complete = |numbers: &[i64]| vec![Action::Complete { ids: ids(numbers) }];
    for (message, number) in
        [("called the plumber", 5), ("report done", 3), ("annual report finished", 3), ("bought groceries", 1)]
    {
        assert_eq!(actions(message), complete(&[number]), "{message}");
    }
    assert_eq!(actions("called the plumber and bought groceries"), complete(&[5, 1]));
}

#[test]
fn a_set_of_one_is_no_plan() {
    let mut plumber = tasks();
    plumber.retain(|task| task.number == 5);
    let plumber: Vec<&Task> = plumber.iter().collect();
    let now = monday();
    let context = Context::new(&now, &plumber);
    let Reading::Act(actions) = read("complete everything due tomorrow", &context) else { panic!("the set is clear") };
    assert_eq!(actions[..], [Action::Complete { ids: ids(&[5]) }]);
    assert!(matches!(reading("finish the annual report by friday"), Reading::Ask { .. }));
}

#[test]
fn a_field_may_stand_with_its_task() {
    let moved = |message: &str| match &actions(message)[..] {
        [Action::Reschedule { id, patch, .. }] => (*id, patch.due.clone().flatten().map(|due| due.to_iso())),
        other => panic!("{message:?} does {other:?}"),
    };
    assert_eq!(moved("change the plumber's time to 8:15"), (id(5), Some("2026-11-24T08:15".to_owned())));
    assert_eq!(moved("give the annual report a deadline of dec 20"), (id(3), Some("2026-12-20".to_owned())));
}

#[test]
fn how_long_before_may_stand_after_the_task() {
    for message in ["set a reminder for the plumber an hour before", "remind me about the plumber an hour before"] {
        let found = actions(message);
        assert!(
            matches!(&found[..], [Action::Remind { id: plumber, .. }] if *plumber == id(5)),
            "{message}: {found:?}"
        );
    }
}

#[test]
fn the_new_value_says_which_field_changes() {
    for (message, due) in [
        ("change the plumber to 6", "2026-11-24T18:00"),
        ("change the plumber to half five", "2026-11-24T17:30"),
        ("change the plumber to quarter past 4", "2026-11-24T16:15"),
        ("update the plumber to 8", "2026-11-24T08:00"),
        ("change the plumber to 2pm", "2026-11-24T14:00"),
    ] {
        assert_eq!(moved(message), (id(5), due.into()), "{message}");
    }
    let list = |message: &str| match &actions(message)[..] {
        [Action::Update { id, patch, .. }] => (*id, patch.title.clone(), patch.list.clone().flatten()),
        other => panic!("{message:?} does {other:?}"),
    };
    for message in ["change the annual report to the shopping list", "change task 3 to my shopping list"] {
        assert_eq!(list(message), (id(3), None, Some("Shopping".to_owned())), "{message}");
    }
    let words = "change the groceries to vegetables";
    assert_eq!(list(words), (id(1), Some("vegetables".to_owned()), None), "{words}");
    for message in ["change task 3 to 6 or so", "change the plumber to 30"] {
        assert!(changes_nothing(&reading(message)), "{message}: {:?}", reading(message));
    }
    for (message, due) in [("change it to 6", "2026-11-24T18:00"), ("make it half six", "2026-11-24T18:30")] {
        let Reading::Act(found) = read_with(message, &[], &ids(&[5]), None) else { panic!("{message}") };
        assert!(
            matches!(&found[..], [Action::Reschedule { patch, .. }] if patch.due.clone().flatten().is_some_and(|d| d.to_iso() == due)),
            "{message}: {found:?}"
        );
    }
}

#[test]
fn an_amount_counts_from_the_time_of_the_task() {
    for (message, due) in [
        ("make it an hour later", "2026-11-24T18:00"),
        ("make it 30 minutes earlier", "2026-11-24T16:30"),
        ("move it up an hour", "2026-11-24T16:00"),
        ("bring it forward by two hours", "2026-11-24T15:00"),
        ("make that two days later", "2026-11-26T17:00"),
    ] {
        let reading = read_with(message, &[], &ids(&[5]), None);
        let Reading::Act(found) = &reading else { panic!("{message}: {reading:?}") };
        assert!(
            matches!(&found[..], [Action::Reschedule { patch, .. }] if patch.due.clone().flatten().is_some_and(|d| d.to_iso() == due)),
            "{message}: {found:?}"
        );
    }
    assert_eq!(moved("move the plumber up an hour"), (id(5), "2026-11-24T16:00".into()));
    // Task 3 has no date, task 2 a day without a time.
    for message in ["make it an hour later", "make that 20 minutes earlier", "move it up an hour", "push it an hour"] {
        for touched in [2, 3] {
            let reading = read_with(message, &[], &ids(&[touched]), None);
            assert!(changes_nothing(&reading), "{message}: {reading:?}");
        }
    }
}
