//! Sentences in, calls out; results in, sentences out.

use super::{Builtin, OwnedContext, plan_answer, read_message, results};
use crate::provider::{LocalContext, Provider as _, Request};
use futures_util::StreamExt as _;
use jiff::Zoned;
use serde_json::{Value, json};
use tandem_protocol::{
    ConversationId, MessageId, TaskId, Timestamp,
    enums::{MessageState, Role, TaskStatus, ToolState},
    model::{Due, Message, Part, Task, ToolCall},
    settings::DateStyle,
};
use tandem_service::TaskCounts;
use uuid::Uuid;

/// A conversation on Monday, 23 November 2026, half past nine in Berlin.
struct Conversation {
    now: Zoned,
    history: Vec<Message>,
    reply: Vec<Part>,
    tasks: Vec<Task>,
    style: DateStyle,
}

impl Conversation {
    fn new(titles: &[&str]) -> Self {
        let tasks = titles.iter().zip(1..).map(|(title, number)| task(number, title)).collect();
        let now = "2026-11-23T09:30:00[Europe/Berlin]".parse().unwrap();
        Self { now, history: Vec::new(), reply: Vec::new(), tasks, style: DateStyle::default() }
    }

    fn user(mut self, text: &str) -> Self {
        self.history.push(message(Role::User, vec![Part::text(text)]));
        self
    }

    fn assistant(mut self, parts: Vec<Part>) -> Self {
        self.history.push(message(Role::Assistant, parts));
        self
    }

    fn local(&self) -> LocalContext<'_> {
        let &Self { ref now, ref history, ref reply, ref tasks, style } = self;
        let open = tasks.iter().filter(|task| task.status == TaskStatus::Open).count();
        let counts = TaskCounts { open: i64::try_from(open).unwrap(), ..TaskCounts::default() };
        let (all_day, instead_of) = (tandem_nl::MORNING, None);
        LocalContext { now, all_day, style, history, reply, rounds: 0, counts, tasks, instead_of }
    }

    /// The calls that the last message leads to.
    fn calls(&self) -> Vec<(String, Value)> {
        let calls = read_message(&self.local()).calls;
        calls.into_iter().map(|call| (call.name, serde_json::from_str(&call.arguments).unwrap())).collect()
    }

    fn text(&self) -> String {
        read_message(&self.local()).text
    }

    /// The sentence about a call of the reply.
    fn about(mut self, name: &str, arguments: Value, state: ToolState, result: Value) -> String {
        self.reply.push(call(name, arguments, state, result));
        results::compose(&self.local())
    }
}

fn call(name: &str, arguments: Value, state: ToolState, result: Value) -> Part {
    Part::ToolCall(ToolCall {
        call_id: "c".into(),
        name: name.into(),
        arguments,
        state,
        result,
        undo_token: None,
        step: 0,
        decided: None,
    })
}

fn message(role: Role, parts: Vec<Part>) -> Message {
    Message {
        id: MessageId(Uuid::nil()),
        conversation_id: ConversationId(Uuid::nil()),
        parent_id: None,
        role,
        state: MessageState::Complete,
        parts,
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

fn task(number: i64, title: &str) -> Task {
    Task { number, title: title.into(), rev: 1, ..Task::empty(id(number), Timestamp::from_millis(0)) }
}

fn id(number: i64) -> TaskId {
    TaskId(Uuid::from_u128(u128::from(number.unsigned_abs())))
}

fn one(number: i64) -> Value {
    json!({ "task_id": id(number) })
}

#[test]
fn the_phrases_of_the_original_work() {
    let titles = ["Buy milk", "Prepare the meeting", "Water plants"];
    let call = |text: &str| {
        let mut calls = Conversation::new(&titles).user(text).calls();
        assert_eq!(calls.len(), 1, "{text}: {calls:?}");
        calls.remove(0)
    };
    let added = |text: &str| {
        let (name, arguments) = call(text);
        assert_eq!(name, "add_task", "{text}");
        arguments["title"].as_str().unwrap_or_default().to_lowercase()
    };
    assert_eq!(added("Add a task to buy groceries"), "buy groceries");
    assert_eq!(added("I need to remember to pay bills"), "pay bills");
    assert_eq!(call("Show me all my tasks").0, "list_tasks");
    assert_eq!(call("What's pending?"), ("list_tasks".into(), json!({ "status": "pending" })));
    assert_eq!(call("What have I completed?"), ("list_tasks".into(), json!({ "status": "completed" })));
    assert_eq!(call("Mark task 3 as complete"), ("complete_task".into(), one(3)));
    assert_eq!(call("Delete the meeting task"), ("delete_task".into(), one(2)));
    let renamed = json!({ "task_id": id(1), "title": "Call mom tonight" });
    assert_eq!(call("Change task 1 to 'Call mom tonight'"), ("update_task".into(), renamed));
}

#[test]
fn dates_go_to_the_tools_in_iso_form() {
    let calls = Conversation::new(&[]).user("Add a task to buy milk tomorrow at 5pm").calls();
    assert_eq!(calls[0].1["due"], json!("2026-11-24T17:00"));
}

#[test]
fn several_tasks_are_added_by_one_call() {
    let calls = Conversation::new(&[]).user("add milk, eggs and bread").calls();
    assert_eq!(calls.len(), 1);
    assert_eq!((calls[0].0.as_str(), calls[0].1["tasks"].as_array().map(Vec::len)), ("add_tasks", Some(3)));
}

#[test]
fn deleting_several_announces_the_approval() {
    let conversation = Conversation::new(&["Milk", "Eggs"]).user("delete tasks 1 and 2");
    assert_eq!(conversation.calls(), [("delete_task".to_owned(), one(1)), ("delete_task".to_owned(), one(2))]);
    assert!(conversation.text().contains("approval"), "{}", conversation.text());
}

#[test]
fn an_undo_takes_the_last_request_back_as_a_whole() {
    let made = |name: &str, token: &str, state: ToolState| {
        let result = json!({ "task": task(1, "Milk"), "undo_token": token });
        let Part::ToolCall(made) = call(name, json!({}), state, result) else { unreachable!() };
        Part::ToolCall(ToolCall { undo_token: Some(token.to_owned()), ..made })
    };
    let deleted = vec![made("delete_task", "a", ToolState::Done), made("delete_task", "b", ToolState::Done)];
    let tokens = |conversation: &Conversation| -> Vec<Value> {
        conversation.calls().into_iter().map(|(_, arguments)| arguments["undo_token"].clone()).collect()
    };
    let first = Conversation::new(&["Milk"]).user("add x").assistant(vec![made("add_task", "x", ToolState::Done)]);
    let conversation =
        first.user("delete both").assistant(deleted).user("thanks").assistant(vec![Part::text("Welcome.")]);
    assert_eq!(tokens(&conversation.user("undo")), ["b", "a"]);
    let taken_back = Conversation::new(&["Milk"])
        .user("add x")
        .assistant(vec![made("add_task", "x", ToolState::Done)])
        .user("complete it")
        .assistant(vec![made("complete_task", "y", ToolState::Undone)])
        .user("undo")
        .assistant(vec![made("undo", "z", ToolState::Done)])
        .user("undo");
    assert_eq!(tokens(&taken_back), ["x"]);
    assert_eq!(Conversation::new(&[]).user("undo").calls(), [("undo".to_owned(), json!({}))]);
}

#[test]
fn it_is_not_one_of_a_list_that_was_shown_since() {
    let added = vec![call("add_task", json!({}), ToolState::Done, json!({ "task": task(2, "Call Ann") }))];
    let conversation = Conversation::new(&["Buy milk", "Call Ann"])
        .user("add call Ann")
        .assistant(added)
        .user("show my tasks")
        .assistant(vec![Part::text("You have 2 open tasks:\n\n1. **Buy milk** (#1)\n2. **Call Ann** (#2)")])
        .user("delete it");
    assert_eq!(conversation.calls(), []);
    assert!(conversation.text().contains("Which one"), "{}", conversation.text());
}

#[test]
fn a_series_is_not_deleted_for_one_occurrence() {
    let mut conversation = Conversation::new(&["Team meeting"]);
    let due = Due { date: jiff::civil::date(2026, 11, 25), time: None, time_zone: "Europe/Berlin".into() };
    conversation.tasks[0].due = Some(due);
    let rule = json!({ "rule": "FREQ=WEEKLY;BYDAY=WE", "anchor": "due", "start": "2026-11-25" });
    conversation.tasks[0].recurrence = serde_json::from_value(rule).unwrap();
    let conversation = conversation.user("cancel the team meeting this week");
    let calls = conversation.calls();
    if crate::tools::spec("skip_task").is_some() {
        assert_eq!(calls, [("skip_task".to_owned(), one(1))]);
    } else {
        assert_eq!((calls.len(), conversation.text().contains("left the series")), (0, true));
    }
}

#[test]
fn what_was_not_asked_is_answered_in_a_sentence() {
    for (text, part) in [
        ("I didn't buy milk", "stays open"),
        ("I should buy milk", "Tell me when"),
        ("if it rains delete buy milk", "can't wait"),
    ] {
        let answer = Conversation::new(&["Buy milk"]).user(text).text();
        assert!(answer.contains(part) && !answer.contains('?'), "{text}: {answer}");
    }
}

#[test]
fn an_answer_picks_from_the_choices_that_were_shown() {
    let conversation = Conversation::new(&["Call Ann", "Buy milk", "Call Bob"]).user("complete the call task");
    let question = conversation.text();
    assert!(question.contains("?\n\n1. **Call Ann**\n2. **Call Bob**"), "{question}");
    let answered = conversation.assistant(vec![Part::text(question)]).user("the second one");
    assert_eq!(answered.calls(), [("complete_task".to_owned(), one(3))]);
}

#[test]
fn a_list_that_was_shown_can_be_pointed_at() {
    let shown = vec![
        call("list_tasks", json!({}), ToolState::Done, json!({})),
        Part::text("You have 2 open tasks:\n\n1. **Buy milk** (#2)\n2. **Call Ann** (#1)"),
    ];
    let conversation = Conversation::new(&["Call Ann", "Buy milk"])
        .user("show my tasks")
        .assistant(shown)
        .user("complete the first one");
    assert_eq!(conversation.calls(), [("complete_task".to_owned(), one(2))]);
}

#[test]
fn what_was_touched_last_is_it() {
    let added = vec![call("add_task", json!({}), ToolState::Done, json!({ "task": task(2, "Call Ann") }))];
    let conversation =
        Conversation::new(&["Buy milk", "Call Ann"]).user("add call Ann").assistant(added).user("delete it");
    assert_eq!(conversation.calls(), [("delete_task".to_owned(), one(2))]);
}

#[test]
fn what_is_not_understood_changes_nothing() {
    for text in ["what is the capital of France", "qwertz uiop", "tell me a joke", "🙂", ""] {
        let conversation = Conversation::new(&["Buy milk"]).user(text);
        let writes =
            conversation.calls().into_iter().filter(|(name, arguments)| crate::tools::writes(name, arguments) > 0);
        assert_eq!(writes.count(), 0, "{text}");
    }
}

#[test]
fn a_second_misunderstanding_sounds_different() {
    let first = Conversation::new(&[]).user("of the with");
    let text = first.text();
    let second = first.assistant(vec![Part::text(text.clone())]).user("at the of");
    assert_ne!(second.text(), text);
    let again = second.text();
    assert_eq!(second.assistant(vec![Part::text(again)]).user("the of to").text(), text);
}

#[test]
fn it_names_itself() {
    for question in ["hello", "help", "/help", "who are you", "what is the capital of France"] {
        let text = Conversation::new(&[]).user(question).text();
        assert!(text.contains("built-in assistant"), "{question}: {text}");
    }
}

#[test]
fn an_added_task_is_said_with_the_date_as_understood() {
    let due = Due {
        date: jiff::civil::date(2026, 11, 24),
        time: Some(jiff::civil::time(17, 0, 0, 0)),
        time_zone: "Europe/Berlin".into(),
    };
    let task = Task { due: Some(due), ..task(3, "Buy milk") };
    let text = Conversation::new(&[]).user("x").about("add_task", json!({}), ToolState::Done, json!({ "task": task }));
    assert_eq!(text, "Added **Buy milk**, due Tue 24 Nov, 17:00 (#3).");
}

#[test]
fn lists_are_numbered_and_say_how_many() {
    let tasks =
        json!([{ "number": 1, "title": "Buy milk" }, { "number": 4, "title": "Call Ann", "due": "Fri 27 Nov" }]);
    let list = |total: u64| json!({ "tasks": tasks, "total": total });
    let arguments = json!({ "status": "pending" });
    let list_text = |total| {
        Conversation::new(&[]).user("show my tasks").about(
            "list_tasks",
            arguments.clone(),
            ToolState::Done,
            list(total),
        )
    };
    assert_eq!(list_text(2), "You have 2 open tasks:\n\n1. **Buy milk**\n2. **Call Ann**, due Fri 27 Nov");
    assert!(list_text(9).ends_with("… and 7 more."));
    let counted = Conversation::new(&[]).user("how many tasks do I have");
    assert_eq!(counted.about("list_tasks", arguments.clone(), ToolState::Done, list(2)), "You have 2 open tasks.");
}

#[test]
fn refusals_and_failures_are_told() {
    let conversation = || Conversation::new(&["Buy milk"]).user("x");
    assert_eq!(
        conversation().about("delete_task", one(1), ToolState::Denied, Value::Null),
        "Left **Buy milk** (#1) as it is."
    );
    let error = json!({ "code": "not_found", "message": "There is no task #9." });
    assert_eq!(conversation().about("get_task", json!({}), ToolState::Failed, error), "There is no task #9.");
}

#[tokio::test]
async fn the_reply_streams_in_small_pieces_that_make_up_the_text() {
    let conversation = Conversation::new(&[]).user("hello");
    let local = LocalContext { instead_of: Some("The AI provider has a problem right now."), ..conversation.local() };
    let request = Request { system: "", turns: &[], tools: &[], local: Some(local) };
    let chunks: Vec<_> =
        Builtin::default().stream(request).await.unwrap().map(|chunk| chunk.unwrap().text).collect().await;
    assert!(chunks.len() > 10, "{chunks:?}");
    let text = chunks.concat();
    assert!(
        text.starts_with("*The AI provider has a problem right now. The built-in assistant answers instead.*"),
        "{text}"
    );
    assert!(text.ends_with(&conversation.text()));
}

#[test]
fn times_of_another_zone_are_read_on_the_users_clock() {
    let mut talk = Conversation::new(&["Call Tokyo", "Water the ferns"]);
    // 07:00 on Tuesday in Tokyo is 23:00 on Monday in Berlin.
    let due = |time| Due { date: jiff::civil::date(2026, 11, 24), time, time_zone: "Asia/Tokyo".to_owned() };
    talk.tasks[0].due = Some(due(Some(jiff::civil::time(7, 0, 0, 0))));
    talk.tasks[1].due = Some(due(None));
    let calls = |message: &str| {
        let talk =
            Conversation { now: talk.now.clone(), tasks: talk.tasks.clone(), ..Conversation::new(&[]) }.user(message);
        let plan = plan_answer(&OwnedContext::of(&talk.local()).borrow());
        plan.calls.into_iter().map(|call| serde_json::from_str::<Value>(&call.arguments).unwrap()).collect::<Vec<_>>()
    };
    let ids = |calls: &[Value]| calls.iter().map(|call| call["task_id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&calls("complete everything due today")), [json!(talk.tasks[0].id)]);
    assert_eq!(ids(&calls("complete everything due tomorrow")), [json!(talk.tasks[1].id)]);
    assert_eq!(calls("move Call Tokyo half an hour later")[0]["due"], json!("2026-11-23T23:30"));
}

#[test]
fn a_field_is_taken_away_by_the_tool_that_can() {
    let mut report = Conversation::new(&["Write the report"]);
    report.tasks[0].due = Some(Due {
        date: jiff::civil::date(2026, 11, 25),
        time: Some(jiff::civil::time(15, 0, 0, 0)),
        time_zone: "Europe/Berlin".into(),
    });
    report.tasks[0].list = Some("Office".into());
    let report = report.user("remove the time from the report");
    assert_eq!(report.calls(), [("update_task".to_owned(), json!({ "task_id": id(1), "due": "2026-11-25" }))]);
    let report = report.user("take the report off the office list");
    assert_eq!(report.calls(), [("update_task".to_owned(), json!({ "task_id": id(1), "list": "none" }))]);
    let report = report.user("delete the office list");
    assert_eq!(report.calls(), []);
    assert!(report.text().contains("nothing was changed"), "{}", report.text());
}

#[test]
fn skips_of_a_set_belong_to_its_approval() {
    let mut set = Conversation::new(&["Team meeting", "Pay the rent"]);
    for task in &mut set.tasks {
        task.due = Some(Due { date: jiff::civil::date(2026, 11, 25), time: None, time_zone: "Europe/Berlin".into() });
    }
    set.tasks[0].recurrence =
        serde_json::from_value(json!({ "rule": "FREQ=WEEKLY", "anchor": "due", "start": "2026-11-25" })).ok();
    let set = set.user("delete all tasks due this week");
    let calls = set.calls();
    assert_eq!(calls, [("skip_task".to_owned(), one(1)), ("delete_task".to_owned(), one(2))]);
    // The run asks for approval by the sum of these.
    let removed = |(name, arguments): &(String, Value)| crate::tools::CallImpact::of_arguments(name, arguments).deletes;
    assert_eq!(calls.iter().map(removed).sum::<usize>(), 2);
    assert!(
        set.text().contains("Deleting one task and skipping one task this time needs your approval."),
        "{}",
        set.text()
    );
}

#[test]
fn a_no_after_a_change_says_that_it_stays() {
    let refusals = ["scratch that", "actually cancel that", "no", "never mind"];
    for text in refusals {
        let done = call("complete_task", one(1), ToolState::Done, json!({ "task": task(1, "Pay the rent") }));
        let after = Conversation::new(&["Pay the rent", "Write the report"])
            .user("complete the rent")
            .assistant(vec![done, Part::text("Completed.")])
            .user(text);
        assert!(after.text().contains("stays. Say “undo”"), "{text}: {}", after.text());
        assert_eq!(after.calls(), [], "{text}");
    }
    for text in refusals {
        let asked = Conversation::new(&["Pay the rent"])
            .user("what's on my list")
            .assistant(vec![Part::text("One task.")])
            .user(text);
        assert!(!asked.text().contains("undo"), "{text}: {}", asked.text());
    }
}

#[test]
fn a_correction_that_names_another_task_takes_the_last_request_back() {
    let undo_token = Some("t".to_owned());
    let mut done = call("complete_task", one(1), ToolState::Done, json!({ "task": { "id": id(1) } }));
    if let Part::ToolCall(call) = &mut done {
        call.undo_token = undo_token;
    }
    let conversation = || Conversation::new(&["Pay the rent", "Buy milk"]).user("mark the rent done");
    let corrected = conversation().assistant(vec![done, Part::text("Completed.")]).user("no, I meant the milk");
    let want = [("undo".to_owned(), json!({ "undo_token": "t" })), ("complete_task".to_owned(), one(2))];
    assert_eq!(corrected.calls(), want, "{}", corrected.text());
    // Without a change there is nothing to take back.
    let talk = conversation().assistant(vec![Part::text("There is no such task.")]).user("no, I meant the milk");
    assert_eq!(talk.calls(), []);
}

#[test]
fn the_part_that_was_not_understood_is_named() {
    let message = "remind me to ring mum, no, dad";
    let conversation = || Conversation::new(&["Buy milk"]).user(message);
    let first = conversation().text();
    assert_eq!((conversation().calls().len(), first.contains("dad")), (0, true), "{first}");
    let second = conversation().assistant(vec![Part::text(&first)]).user(message).text();
    assert_ne!(second, first);
}

#[test]
fn a_no_to_no_question_does_not_sound_as_if_there_was_one() {
    let titles = ["Write the report", "Send the report"];
    assert_eq!(Conversation::new(&titles).user("wait").text(), "All right. I asked nothing, and nothing was changed.");
    let asked = Conversation::new(&titles).user("delete the report");
    let question = asked.text();
    let refused = asked.assistant(vec![Part::text(&question)]).user("no");
    assert_eq!(refused.text(), "All right, I'll leave it.");
}

#[test]
fn a_question_that_is_asked_again_takes_an_answer() {
    let mut asked = Conversation::new(&["Write the report", "Send the report"]).user("delete the report");
    for unclear in ["what?", "what?"] {
        let question = asked.text();
        asked = asked.assistant(vec![Part::text(&question)]).user(unclear);
    }
    let again = asked.text();
    assert!(again.starts_with("That does not say which. ") && again.contains("1. **"), "{again}");
    let answered = asked.assistant(vec![Part::text(&again)]).user("2");
    assert_eq!(answered.calls(), [("delete_task".to_owned(), one(2))]);
}

#[test]
fn days_are_counted_to_a_date() {
    assert_eq!(Conversation::new(&[]).user("how many days until christmas").text(), "32 days: Fri 25 Dec.");
    assert_eq!(Conversation::new(&[]).user("how many days until tomorrow").text(), "One day: Tue 24 Nov.");
}

#[test]
fn another_rhythm_is_no_move() {
    let due = Due { date: jiff::civil::date(2026, 11, 28), time: None, time_zone: "Europe/Berlin".into() };
    let result = json!({ "task": Task { due: Some(due), ..task(1, "Clean the garage") } });
    let said = |arguments: Value| {
        Conversation::new(&[]).user("").about("reschedule_task", arguments, ToolState::Done, result.clone())
    };
    assert_eq!(said(json!({ "recurrence": "FREQ=WEEKLY" })), "Changed **Clean the garage**, due Sat 28 Nov (#1).");
    assert_eq!(said(json!({ "due": "2026-11-28" })), "Moved **Clean the garage**, due Sat 28 Nov (#1).");
}

#[test]
fn dates_and_times_are_written_as_the_user_has_chosen() {
    let american = || Conversation {
        style: DateStyle { twelve_hours: true, month_first: true },
        ..Conversation::new(&["Buy milk", "Write the report"])
    };
    let question = american().user("haircut friday at 2").text();
    assert!(question.contains("Fri Nov 27, 2:00 PM"), "{question}");
    let time = american().user("what time is it").text();
    assert_eq!(time, "It is Monday, November 23, 2026, 9:30 AM.");
    let summary = json!({ "number": 2, "title": "Write the report", "due": "Fri 27 Nov, 17:00", "reminders": ["Fri 27 Nov, 16:30"] });
    let listed = american().about("list_tasks", json!({}), ToolState::Done, json!({ "total": 1, "tasks": [summary] }));
    assert!(listed.contains("due Fri Nov 27, 5:00 PM, reminder 4:30 PM"), "{listed}");
}
