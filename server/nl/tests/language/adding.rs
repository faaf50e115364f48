//! Messages that add tasks.

use tandem_nl::{Action, Reading};
use tandem_protocol::enums::Priority;
use tandem_protocol::rest::DueInput;

use crate::support::{actions, added, one, read_with, reading, title_and_due};

fn titles(message: &str) -> Vec<String> {
    added(message).into_iter().map(|task| task.title).collect()
}

#[test]
fn many_ways_ask_for_the_same_task() {
    for message in [
        "Add a task to water the ferns",
        "add water the ferns",
        "Please remind me to water the ferns",
        "could you set a reminder to water the ferns?",
        "I need to remember to water the ferns",
        "don't let me forget to water the ferns",
        "i don't want to forget to water the ferns",
        "create a new task called water the ferns",
        "new task: water the ferns",
        "Todo: water the ferns",
        "make a reminder for me to water the ferns please",
        "put water the ferns on my to-do list",
        "i want to be reminded to water the ferns",
        "need to water the ferns remind me",
    ] {
        assert_eq!(title_and_due(message), ("water the ferns".into(), None), "{message}");
    }
}

#[test]
fn the_date_may_stand_anywhere() {
    for message in [
        "remind me tomorrow at 5pm to phone Zoe",
        "remind me to phone Zoe tomorrow at 5pm",
        "tomorrow at 5pm remind me to phone Zoe",
        "set a reminder for tomorrow at 5pm to phone Zoe",
        "set a 5pm reminder to phone Zoe tomorrow",
        "add phone Zoe by tomorrow at 5pm",
    ] {
        assert_eq!(title_and_due(message), ("phone Zoe".into(), Some("2026-11-24T17:00".into())), "{message}");
    }
}

#[test]
fn several_things_become_several_tasks() {
    assert_eq!(titles("add milk, eggs and bread"), ["milk", "eggs", "bread"]);
    assert_eq!(titles("add tea and honey to my shopping list"), ["tea", "honey"]);
    assert_eq!(titles("buy bread and butter"), ["buy bread and butter"]);
    assert_eq!(titles("remind me to buy milk, eggs and bread"), ["buy milk, eggs and bread"]);
    assert_eq!(titles("remind me to stop at the bank and get cash"), ["stop at the bank and get cash"]);
}

#[test]
fn a_pasted_list_is_one_task_for_each_line() {
    assert_eq!(titles("add:\n- milk\n- eggs\n- brown bread"), ["milk", "eggs", "brown bread"]);
    assert_eq!(titles("add these:\n1. call Bob\n2. email Ann\n3. pay rent"), ["call Bob", "email Ann", "pay rent"]);
    assert_eq!(
        titles("Please add the following tasks:\n\n* paint, then sand\n* buy bread and butter"),
        ["paint, then sand", "buy bread and butter"]
    );
    assert_eq!(titles("- milk\n- eggs"), ["milk", "eggs"]);
    assert_eq!(titles("todo:\nmilk\neggs\n"), ["milk", "eggs"]);
    assert_eq!(titles("buy:\n\u{2022} milk\n\u{2022} 3.5 litres of juice"), ["buy milk", "buy 3.5 litres of juice"]);
    assert_eq!(titles("add:\n[ ] pack the tent\n[x] buy gas\n[ ] call the hut"), ["pack the tent", "call the hut"]);
    assert_eq!(titles("- [x] milk\n- [ ] eggs\n- [ ] tea"), ["eggs", "tea"]);
    let lists: Vec<_> = added("add to my shopping list:\n- tea\n- jam").into_iter().map(|task| task.list).collect();
    assert_eq!(lists, [Some("Shopping".to_owned()), Some("Shopping".to_owned())]);
    let due: Vec<_> = added("remind me tomorrow:\n- call Bob\n- email Ann on friday\n- pay rent at 5pm")
        .into_iter()
        .map(|task| task.due.map(|due| due.to_iso()))
        .collect();
    let want = ["2026-11-24", "2026-11-27", "2026-11-23T17:00"].map(|due| Some(due.to_owned()));
    assert_eq!(due, want);
}

#[test]
fn a_row_of_days_is_one_date() {
    assert_eq!(title_and_due("add dentist on the 15th at 3pm"), ("dentist".into(), Some("2026-12-15T15:00".into())));
    assert_eq!(title_and_due("add gym every mon, wed, fri at 7am"), ("gym".into(), Some("2026-11-25T07:00".into())));
    assert_eq!(
        title_and_due("add team lunch on the first monday of next month"),
        ("team lunch".into(), Some("2026-12-07".into()))
    );
}

#[test]
fn several_dates_are_several_tasks() {
    let all = |message: &str| -> Vec<(String, Option<String>)> {
        added(message).into_iter().map(|task| (task.title, task.due.map(|due| due.to_iso()))).collect()
    };
    let want = |title: &str, dates: [&str; 2]| dates.map(|date| (title.to_owned(), Some(date.to_owned()))).to_vec();
    assert_eq!(all("add swim on monday and thursday"), want("swim", ["2026-11-30", "2026-11-26"]));
    assert_eq!(
        all("remind me to take pills tomorrow at 8am and 8pm"),
        want("take pills", ["2026-11-24T08:00", "2026-11-24T20:00"])
    );
    assert_eq!(
        all("add call Bob on monday and email Ann on thursday"),
        [
            ("call Bob".to_owned(), Some("2026-11-30".to_owned())),
            ("email Ann".to_owned(), Some("2026-11-26".to_owned()))
        ]
    );
    assert!(matches!(reading("add vitamins every day at 8am and 8pm"), Reading::Ask { .. }));
}

#[test]
fn fields_may_be_spoken_in_any_order() {
    for message in [
        "add call Ann, high priority, label work, in the list Office",
        "add high priority call Ann, label work, list Office",
        "add call Ann with label work and high priority in the list Office",
        "add call Ann, tagged work, priority high, on my list Office",
    ] {
        let task = one(message);
        let labels = task.labels.clone().unwrap_or_default();
        assert_eq!((task.title.as_str(), task.priority), ("call Ann", Some(Priority::High)), "{message}");
        assert_eq!((labels, task.list.as_deref()), (vec!["work".to_owned()], Some("Office")), "{message}");
    }
    assert_eq!(one("add call Ann tomorrow, low priority").due.map(|due| due.to_iso()).as_deref(), Some("2026-11-24"));
    for title in [
        "print label sheets",
        "buy a label maker",
        "ask for the price list",
        "read the priority mail",
        "tag along with Ann",
    ] {
        assert_eq!(title_and_due(&format!("add {title}")), (title.to_owned(), None));
    }
}

#[test]
fn two_lines_are_not_a_list() {
    for message in [
        "don't add:\n- milk\n- eggs",
        "Bob said:\n- milk\n- eggs",
        "I like these:\n- milk\n- eggs",
        "should I add:\n- milk",
        "hello\nhow are you",
        "- milk",
    ] {
        assert!(crate::support::changes_nothing(&reading(message)), "{message}: {:?}", reading(message));
    }
}

#[test]
fn a_date_said_once_holds_for_all() {
    let tasks = added("remind me to call Bob and email Ann tomorrow");
    let said: Vec<_> =
        tasks.iter().map(|task| (task.title.as_str(), task.due.as_ref().map(DueInput::to_iso))).collect();
    let tomorrow = Some("2026-11-24".to_owned());
    assert_eq!(said, [("call Bob", tomorrow.clone()), ("email Ann", tomorrow)]);
}

#[test]
fn lists_priorities_and_labels_are_understood() {
    let task = one("put lentils on the grocery list");
    assert_eq!((task.title.as_str(), task.list.as_deref()), ("lentils", Some("grocery")));
    assert_eq!(one("set an urgent reminder to renew the visa").priority, Some(Priority::Urgent));
    assert_eq!(one("add file taxes #money !high").labels, Some(vec!["money".to_owned()]));
}

#[test]
fn repetition_is_understood_before_and_after_the_task() {
    for message in ["set a weekly reminder to call Zoe on Wednesdays", "remind me to call Zoe every Wednesday"] {
        let rule = one(message).recurrence.map(|recurrence| recurrence.rule);
        assert_eq!(rule.as_deref(), Some("FREQ=WEEKLY;BYDAY=WE"), "{message}");
    }
}

#[test]
fn a_reminder_without_a_subject_still_reminds() {
    assert_eq!(title_and_due("remind me in 10 minutes"), ("Reminder".into(), Some("2026-11-23T10:10".into())));
    assert_eq!(title_and_due("set a reminder for 1 hour"), ("Reminder".into(), Some("2026-11-23T11:00".into())));
}

#[test]
fn the_second_of_two_dates_stays_in_the_title() {
    let (title, due) = title_and_due("remind me tomorrow at 1pm to schedule a call for Friday at 4pm");
    assert_eq!((title.as_str(), due.as_deref()), ("schedule a call for Friday at 4pm", Some("2026-11-24T13:00")));
}

#[test]
fn quoted_words_are_the_title_and_nothing_else() {
    assert_eq!(
        title_and_due("add \"meet Ann tomorrow\" on friday"),
        ("meet Ann tomorrow".into(), Some("2026-11-27".into()))
    );
}

#[test]
fn a_missing_title_is_asked_for() {
    for message in ["remind me", "set a reminder", "add a task", "new reminder please"] {
        assert!(matches!(reading(message), Reading::Ask { .. }), "{message}");
    }
}

#[test]
fn what_is_only_mentioned_is_proposed_and_not_added() {
    for message in
        ["I need to hire a gardener", "I have a dentist appointment on Friday at 3", "read 1984", "polish the silver"]
    {
        assert!(matches!(reading(message), Reading::Ask { .. }), "{message}: {:?}", reading(message));
    }
}

#[test]
fn what_points_at_a_task_of_a_list_is_no_name_of_a_new_one() {
    for message in ["the first one on friday", "the last one tomorrow", "the second two on monday"] {
        let proposed = matches!(reading(message), Reading::Ask { question, .. } if question.contains("add"));
        assert!(!proposed, "{message}: {:?}", reading(message));
    }
    assert!(matches!(reading("the first lesson on friday"), Reading::Ask { .. }));
}

#[test]
fn an_addition_and_another_command_are_two() {
    let actions = actions("add buy stamps and mark task 4 as done");
    assert!(matches!(&actions[..], [Action::Add(_), Action::Complete { .. }]), "{actions:?}");
}

#[test]
fn lists_are_named_before_after_and_without_the_word() {
    let item = |message: &str| {
        let task = one(message);
        (task.title, task.list)
    };
    for message in [
        "shopping list: add apples",
        "jot down apples on the shopping list",
        "put apples at the top of my shopping list",
        "add a new item to my shopping list: apples",
        "I need apples, could you add that to my shopping list",
        "add apples to shopping",
    ] {
        let (title, list) = item(message);
        assert_eq!(
            (title.as_str(), list.map(|list| list.to_lowercase()).as_deref()),
            ("apples", Some("shopping")),
            "{message}"
        );
    }
    for message in ["make a list called camping", "create a packing list", "make me a to-do list for tomorrow"] {
        assert_eq!(reading(message), Reading::Respond(tandem_nl::Response::HowLists), "{message}");
    }
}

#[test]
fn fields_in_words_need_no_commas() {
    let task = one("add buy bread high priority label food in the list Home tomorrow at 5pm");
    assert_eq!((task.title.as_str(), task.priority), ("buy bread", Some(Priority::High)));
    assert_eq!((task.list.as_deref(), task.labels), (Some("Home"), Some(vec!["food".to_owned()])));
    for (message, title, priority) in [
        ("high priority: call mum on friday", "call mum", Priority::High),
        ("urgent: pay the rent", "pay the rent", Priority::Urgent),
    ] {
        let task = one(message);
        assert_eq!((task.title.as_str(), task.priority), (title, Some(priority)), "{message}");
    }
    assert_eq!(one("add discuss high priority items with Ann").title, "discuss high priority items with Ann");
}

#[test]
fn tasks_with_their_own_dates_are_several() {
    let tasks = added("add milk tomorrow and eggs on friday");
    let read: Vec<_> =
        tasks.iter().map(|task| (task.title.as_str(), task.due.as_ref().map(DueInput::to_iso))).collect();
    assert_eq!(read, [("milk", Some("2026-11-24".to_owned())), ("eggs", Some("2026-11-27".to_owned()))]);
}

#[test]
fn a_condition_stays_in_the_title() {
    for message in ["when I get home remind me to feed the cat", "remind me to feed the cat when I get home"] {
        assert_eq!(one(message).title.to_lowercase(), "feed the cat when i get home", "{message}");
    }
}

#[test]
fn a_count_that_no_rule_holds_is_asked_about() {
    for message in ["add gym three times a week", "add piano twice a week"] {
        let Reading::Ask { question, .. } = reading(message) else { panic!("{message} is no rule") };
        assert!(question.contains("certain days"), "{question}");
        let Reading::Act(agreed) = read_with("yes", &[], &[], Some(message)) else { panic!("it was agreed to") };
        assert!(matches!(&agreed[..], [Action::Add(task)] if task.recurrence.is_none()), "{agreed:?}");
    }
}

#[test]
fn a_second_request_is_no_title() {
    use crate::support::{actions, changes_nothing, ids, reading};
    use tandem_nl::{Action, Reading};

    let title = |action: &Action| match action {
        Action::Add(task) => task.title.clone(),
        other => panic!("{other:?}"),
    };
    for (message, added, second) in [
        ("add bread and delete the oat milk", "bread", Action::Delete { ids: ids(&[4]) }),
        ("add bread to my shopping list and cancel the plumber", "bread", Action::Delete { ids: ids(&[5]) }),
        ("add eggs, then complete the annual report", "eggs", Action::Complete { ids: ids(&[3]) }),
    ] {
        let found = actions(message);
        assert_eq!((title(&found[0]).as_str(), &found[1..]), (added, &[second][..]), "{message}");
    }
    let found = actions("add eggs and move the annual report to friday");
    assert!(matches!(&found[..], [Action::Add(_), Action::Reschedule { .. }]), "{found:?}");
    for message in ["add bread and delete the unicorn", "add bread and rename the unicorn to horse"] {
        let reading = reading(message);
        assert!(changes_nothing(&reading) && matches!(reading, Reading::Ask { .. }), "{message}: {reading:?}");
    }
    // Which meeting is not clear, so nothing is done.
    assert!(changes_nothing(&reading("add tea and delete the meeting")));
    assert_eq!(title(&actions("add bread and butter")[0]), "bread and butter");
    assert_eq!(title(&actions("add wash and finish the car")[0]), "wash and finish the car");
}

#[test]
fn a_list_of_ticked_lines_adds_nothing() {
    for list in ["add these:\n- [x] soap\n- [x] tape", "add to groceries:\n[x] soap", "[x] soap\n[x] tape"] {
        let reading = reading(list);
        assert!(crate::support::changes_nothing(&reading), "{list}: {reading:?}");
    }
}
