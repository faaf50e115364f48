//! Bodies of REST, requests and answers, and the objects inside them.

mod admin;

use crate::{json, listing, parse, samples, with_each_surprise, with_surprise};
use insta::assert_snapshot;
use serde::{Serialize, de::DeserializeOwned};
use tandem_protocol::{
    ErrorCode, Problem,
    enums::{
        ActorKind, Decision, DueFilter, ObjectKind, Priority, PushAnswer, Scope, StatusFilter, TaskStatus,
        TokenTransport, UndoAction, WireEnum,
    },
    error::FieldError,
    id::SessionId,
    live::{
        Actor, Event, EventBody,
        command::{ConversationCreate, MessageSend},
    },
    push::{PushAnswerBody, PushAnswered, PushKey, PushTest},
    reminder::SnoozeBody,
    rest::*,
};

/// A body: its place in the contract, its text, and for each object in it whether one more field is accepted there.
struct Body {
    name: &'static str,
    text: String,
    tolerant: Vec<bool>,
}

fn body<T: Serialize + DeserializeOwned>(name: &'static str, value: &T) -> Body {
    let text = json(value);
    let read: T = parse(&text).unwrap();
    assert_eq!(json(&read), text, "{name} is read as it was written");
    let tolerant = with_each_surprise(&text).iter().map(|text| parse::<T>(text).is_ok()).collect();
    Body { name, text, tolerant }
}

fn text_of(bodies: &[Body]) -> String {
    bodies.iter().flat_map(|body| [body.name, "\n  ", &body.text, "\n"]).collect()
}

fn account_requests() -> Vec<Body> {
    let password = || "correct horse".to_owned();
    vec![
        body(
            "POST /auth/register",
            &Register {
                email: "ann@example.org".into(),
                password: password(),
                name: Some("Ann".into()),
                ..Register::default()
            },
        ),
        body(
            "POST /auth/register with an invitation",
            &Register {
                email: "ann@example.org".into(),
                password: password(),
                invitation: Some("i1".into()),
                setup_code: Some("s1".into()),
                ..Register::default()
            },
        ),
        body(
            "POST /auth/login",
            &Login {
                email: "ann@example.org".into(),
                password: password(),
                device_name: Some("Laptop".into()),
                transport: Some(TokenTransport::Body),
            },
        ),
        body("POST /auth/refresh", &Refresh { refresh_token: Some("r1".into()) }),
        body(
            "PATCH /me",
            &UserPatch {
                name: Some("Ann".into()),
                time_zone: Some("Europe/Paris".into()),
                settings: Some(samples::settings_patch()),
            },
        ),
        body("DELETE /me", &DeleteAccount { password: password() }),
        body(
            "POST /me/password",
            &ChangePassword {
                current_password: password(),
                new_password: "new password".into(),
                keep_tokens: vec!["calendar script".into()],
            },
        ),
        body(
            "POST /tokens",
            &NewToken {
                name: "calendar script".into(),
                scopes: vec![Scope::Read],
                expires_at: Some(samples::at(3600)),
                password: Some(password()),
            },
        ),
    ]
}

fn chat_and_task_requests() -> Vec<Body> {
    vec![
        body("GET a list", &PageQuery { limit: Some(50), cursor: Some("c".into()) }),
        body(
            "POST /conversations",
            &ConversationCreate { id: Some(samples::conversation().id), title: Some("Groceries".into()) },
        ),
        body(
            "PATCH /conversations/{id}",
            &ConversationPatch {
                title: Some("Shopping".into()),
                pinned: Some(true),
                archived: Some(false),
                provider: Some(None),
            },
        ),
        body("POST /conversations/{id}/read", &ReadBody { message_id: samples::user_message().id }),
        body(
            "POST /conversations/{id}/messages",
            &MessageBody {
                id: Some(samples::user_message().id),
                text: "Hello".into(),
                parent_id: Some(Some(samples::queued_reply().id)),
            },
        ),
        body("POST /messages/{id}/approve", &ApproveBody { call_id: "call_1".into(), decision: Decision::Approve }),
        body(
            "GET /tasks",
            &TaskQuery {
                status: Some(StatusFilter::All),
                due: Some(DueFilter::Overdue),
                list: Some("Shopping".into()),
                label: Some("home".into()),
                priority: Some(Priority::High),
                parent: Some(StatusFilter::Open),
                q: Some("milk".into()),
                limit: Some(10),
                cursor: Some("c".into()),
            },
        ),
        body("POST /tasks", &samples::new_task()),
        body("PATCH /tasks/{id}", &samples::task_patch()),
        body("POST /tasks/{id}/complete", &CompleteBody { occurrence: Some(samples::START) }),
        body(
            "POST /tasks/{id}/reminders/{reminder_id}/snooze",
            &SnoozeBody { duration: Some("PT1H".parse().unwrap()), until: samples::reminder_inputs().remove(1).at },
        ),
        body("POST /feeds", &samples::new_feed()),
        body("POST /push/subscriptions", &samples::new_subscription()),
        body("POST /push/answers", &PushAnswerBody { token: "t".into(), answer: PushAnswer::Snooze }),
        body("POST /undo", &UndoBody { undo_token: Some("undo_1".into()), undo_tokens: None }),
        body("POST /undo", &UndoBody { undo_token: None, undo_tokens: Some(vec!["undo_1".into(), "undo_2".into()]) }),
        body("GET /search", &SearchQuery { q: "milk".into(), limit: Some(10), cursor: Some("c".into()) }),
        body("GET /events", &EventsQuery { since: 7, epoch: Some("e1".into()) }),
    ]
}

fn account_answers() -> Vec<Body> {
    vec![
        body("POST /auth/register", &Registered::Accepted),
        body(
            "POST /auth/login",
            &SignedIn {
                access_token: "a.b.c".into(),
                token_type: "Bearer".into(),
                expires_in: 600,
                user: samples::user(),
                session: samples::session(),
                refresh_token: Some("r1".into()),
            },
        ),
        body("GET /me", &samples::user()),
        body("GET /sessions", &Page::whole(vec![samples::session()])),
        body("GET /tokens", &Page::whole(vec![samples::personal_token()])),
        body("POST /tokens", &TokenCreated { token: "tnd_secret".into(), info: samples::personal_token() }),
        body(
            "GET /me/export",
            &Export {
                version: 1,
                exported_at: samples::at(9),
                user: samples::user(),
                conversations: vec![samples::conversation()],
                messages: vec![samples::user_message()],
                tasks: vec![samples::bare_task()],
                completions: vec![samples::completion()],
                sessions: vec![samples::session()],
                tokens: vec![samples::personal_token()],
                feeds: vec![samples::feed()],
                push_subscriptions: vec![samples::subscription()],
                storage: Storage { bytes: 4_096, max_bytes: 1_000_000, rows: 12, max_rows: 1_000 },
                record: vec![admin::entry()],
            },
        ),
    ]
}

fn chat_and_task_answers() -> Vec<Body> {
    let sent =
        MessageSent { user_message: samples::user_message(), assistant_message: samples::queued_reply(), seq: 9 };
    let past = PastChange {
        at: samples::at(3),
        actor: Actor { kind: ActorKind::Assistant, device_id: None },
        name: "task.updated".into(),
        fields: vec!["due".into()],
        status: TaskStatus::Open,
        due: samples::task().due,
    };
    let undone = UndoneItem { kind: ObjectKind::Task, id: samples::uuid(6).to_string(), action: UndoAction::Restored };
    vec![
        body("GET /conversations", &Page { items: vec![samples::conversation()], next_cursor: Some("c".into()) }),
        body("POST /conversations", &ConversationWritten { conversation: samples::conversation(), seq: 9 }),
        body("POST /conversations/{id}/messages", &sent),
        body("POST /messages/{id}/cancel", &MessageWritten { message: samples::failed_reply(), seq: 9 }),
        body("POST /messages/{id}/retry", &MessageRetried { assistant_message: samples::queued_reply(), seq: 9 }),
        body("GET /tasks/{id}", &samples::task()),
        body(
            "PATCH /tasks/{id}",
            &TaskWritten { task: samples::bare_task(), seq: 9, undo_token: Some("undo_1".into()) },
        ),
        body("DELETE /tasks/{id}", &Deleted { seq: 9, undo_token: Some("undo_1".into()) }),
        body("DELETE /conversations/{id}", &Deleted { seq: 9, undo_token: None }),
        body(
            "GET /tasks/{id}/history",
            &TaskHistory { changes: vec![past], conversation_id: Some(samples::conversation().id) },
        ),
        body("GET /feeds", &Page::whole(vec![samples::feed()])),
        body("POST /feeds", &FeedCreated { url: "/calendar/secret.ics".into(), feed: samples::feed() }),
        body("GET /push/key", &PushKey { public_key: "BCVx".into() }),
        body("POST /push/subscriptions", &samples::subscription()),
        body("POST /push/subscriptions/{id}/test", &PushTest { status: "accepted".into() }),
        body("POST /push/answers", &PushAnswered { answer: PushAnswer::Snooze, snoozed_until: Some(samples::at(9)) }),
        body("a push", &samples::push_payload()),
        body("POST /undo", &Undone { undone: vec![undone], seq: 9, undo_token: Some("undo_2".into()) }),
    ]
}

fn sync_answers() -> Vec<Body> {
    let created = EventBody::TaskCreated { task: samples::bare_task() };
    let event = Event {
        seq: 9,
        at: samples::at(3),
        name: created.name().into(),
        data: serde_json::value::to_raw_value(&created).unwrap(),
        actor: Actor { kind: ActorKind::Mcp, device_id: None },
        command_id: None,
    };
    let hit = SearchHit {
        kind: ObjectKind::Message,
        id: samples::uuid(4).to_string(),
        conversation_id: Some(samples::conversation().id),
        title: "Groceries".into(),
        snippet: vec![SnippetPiece { text: "milk".into(), is_match: true }],
        at: Some(samples::at(3)),
    };
    let problem = Problem {
        kind: "about:blank".into(),
        title: ErrorCode::Conflict.title().into(),
        status: ErrorCode::Conflict.status(),
        code: ErrorCode::Conflict,
        detail: "The task has changed.".into(),
        request_id: "req_1".into(),
        errors: vec![FieldError { field: "due.date".into(), message: "expected a date".into() }],
        task: Some(samples::bare_task()),
    };
    vec![
        body(
            "GET /snapshot",
            &Snapshot {
                epoch: "e1".into(),
                seq: 9,
                user: samples::user(),
                conversations: Page { items: vec![samples::conversation()], next_cursor: None },
                tasks: vec![samples::bare_task()],
                active_messages: vec![samples::queued_reply()],
            },
        ),
        body("GET /events", &EventList { items: vec![event], epoch: "e1".into(), seq: 9 }),
        body("GET /search", &Page::whole(vec![hit])),
        body("a refusal", &problem.clone()),
        body("a refusal without more", &Problem { errors: Vec::new(), task: None, ..problem }),
    ]
}

#[test]
fn every_request_body_looks_as_the_contract_says() {
    assert_snapshot!("account_requests", text_of(&account_requests()));
    assert_snapshot!("admin_requests", text_of(&admin::requests()));
    assert_snapshot!("chat_and_task_requests", text_of(&chat_and_task_requests()));
}

#[test]
fn every_answer_looks_as_the_contract_says() {
    assert_snapshot!("account_answers", text_of(&account_answers()));
    assert_snapshot!("admin_answers", text_of(&admin::answers()));
    assert_snapshot!("chat_and_task_answers", text_of(&chat_and_task_answers()));
    assert_snapshot!("sync_answers", text_of(&sync_answers()));
}

#[test]
fn request_bodies_with_an_unknown_field_are_refused() {
    for body in account_requests().into_iter().chain(admin::requests()).chain(chat_and_task_requests()) {
        assert!(!body.tolerant.contains(&true), "{} {:?}", body.name, body.tolerant);
    }
    assert!(parse::<MessageSend>(&with_surprise(&json(&message_send()))).is_err());
}

#[test]
fn answers_may_say_more_than_a_client_knows() {
    let answers = [account_answers(), admin::answers(), chat_and_task_answers(), sync_answers()];
    for body in answers.into_iter().flatten() {
        assert!(!body.tolerant.contains(&false), "{} {:?}", body.name, body.tolerant);
    }
}

#[test]
fn every_error_code_has_the_status_of_the_contract() {
    let codes = ErrorCode::ALL.iter().map(|code| (code.as_str(), (code.status(), code.title())));
    assert_snapshot!("error_codes", listing(codes));
}

fn message_send() -> MessageSend {
    MessageSend { conversation_id: samples::conversation().id, id: None, text: "Hello".into(), parent_id: None }
}

#[test]
fn what_is_optional_may_be_left_out() {
    assert_eq!(json(&message_send()), r#"{"conversation_id":"01939c2e-7b1a-7c3e-9f00-2b6d1c0a0003","text":"Hello"}"#);
    assert_eq!(json(&NewTask { title: "Buy milk".into(), ..NewTask::default() }), r#"{"title":"Buy milk"}"#);
    assert_eq!(json(&TaskPatch::default()), "{}");
    let login: Login = parse(r#"{"email":"a@b.c","password":"correct horse"}"#).unwrap();
    assert_eq!((login.device_name, login.transport), (None, None));
    let session: SessionId = parse(r#""01939c2e-7b1a-7c3e-9f00-2b6d1c0a0001""#).unwrap();
    assert_eq!(session, samples::session().id);
}
