//! One value of everything, every optional field filled.

use jiff::civil;
use serde_json::json;
use tandem_protocol::{
    CommandId, CompletionId, Timestamp,
    enums::*,
    id::{ConnectionId, ConversationId, FeedId, MessageId, ReminderId, SessionId, SubscriptionId, TaskId, TokenId},
    live::{Command, EventBody, command::*},
    model::*,
    push::{NewSubscription, PushPayload, PushedReminder, Subscription, SubscriptionKeys},
    reminder::{Reminder, ReminderInput, ReminderTime, ReminderTimeInput},
    rest::*,
    settings::{
        PushSettings, PushSettingsPatch, QuietHoursInput, ReminderDefaults, ReminderDefaultsPatch, SettingsPatch,
        UserSettings,
    },
    time::ClockTime,
};
use uuid::Uuid;

pub(crate) fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(0x0193_9c2e_7b1a_7c3e_9f00_2b6d_1c0a_0000 + n)
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(1_795_426_200_000 + second * 1000)
}

pub(crate) fn user() -> User {
    User {
        id: "usr_old-text-id".into(),
        email: "ann@example.org".into(),
        name: "Ann".into(),
        email_verified: true,
        image: Some("https://example.org/ann.png".into()),
        time_zone: "Europe/Paris".into(),
        created_at: at(0),
        role: UserRole::Owner,
        settings: UserSettings {
            reminders: ReminderDefaults { timed: Some("PT30M".parse().unwrap()), ..ReminderDefaults::default() },
            push: PushSettings { kinds: vec![PushKind::Reminder], quiet: Some(quiet_hours_input().into()) },
            twelve_hours: true,
            month_first: false,
        },
    }
}

/// One that changes every setting.
pub(crate) fn settings_patch() -> SettingsPatch {
    let all_day = Some(Some(ClockTime(civil::time(8, 30, 0, 0))));
    SettingsPatch {
        reminders: Some(ReminderDefaultsPatch { timed: Some(None), all_day }),
        push: Some(PushSettingsPatch { kinds: Some(vec![PushKind::Reply]), quiet: Some(Some(quiet_hours_input())) }),
        twelve_hours: Some(true),
        month_first: Some(true),
    }
}

fn quiet_hours_input() -> QuietHoursInput {
    QuietHoursInput { from: ClockTime(civil::time(22, 30, 0, 0)), to: ClockTime(civil::time(7, 0, 0, 0)) }
}

pub(crate) fn session() -> Session {
    Session {
        id: SessionId(uuid(1)),
        device_name: Some("Laptop".into()),
        ip: Some("192.0.2.7".into()),
        user_agent: Some("Mozilla/5.0".into()),
        created_at: at(0),
        last_seen_at: at(60),
        expires_at: at(3600),
        current: true,
    }
}

pub(crate) fn personal_token() -> PersonalToken {
    PersonalToken {
        id: TokenId(uuid(2)),
        name: "calendar script".into(),
        scopes: vec![Scope::Read, Scope::Write],
        created_at: at(0),
        last_used_at: Some(at(60)),
        expires_at: Some(at(3600)),
    }
}

pub(crate) fn conversation() -> Conversation {
    Conversation {
        id: ConversationId(uuid(3)),
        title: Some("Groceries".into()),
        created_at: at(0),
        updated_at: at(1),
        last_message_at: Some(at(2)),
        unread: 1,
        pinned: true,
        archived: false,
        provider: Some("openai".into()),
    }
}

pub(crate) fn user_message() -> Message {
    Message {
        id: MessageId(uuid(4)),
        conversation_id: ConversationId(uuid(3)),
        parent_id: None,
        role: Role::User,
        state: MessageState::Complete,
        parts: vec![Part::text("Add a task to buy milk")],
        attempt: 1,
        provider: None,
        error: None,
        created_at: at(2),
        completed_at: Some(at(2)),
        usage: None,
        undo_token: None,
        summary: None,
    }
}

pub(crate) fn queued_reply() -> Message {
    Message {
        id: MessageId(uuid(5)),
        parent_id: Some(MessageId(uuid(4))),
        role: Role::Assistant,
        state: MessageState::Queued,
        parts: Vec::new(),
        completed_at: None,
        ..user_message()
    }
}

pub(crate) fn tool_call() -> Part {
    Part::ToolCall(ToolCall {
        call_id: "call_1".into(),
        name: "add_task".into(),
        arguments: json!({"title": "Buy milk"}),
        state: ToolState::Done,
        result: json!({"task": {"number": 1}}),
        undo_token: Some("undo_1".into()),
        step: 0,
        decided: None,
    })
}

pub(crate) fn failed_reply() -> Message {
    Message {
        state: MessageState::Interrupted,
        parts: vec![
            Part::Reasoning { text: "The user wants milk.".into(), duration_ms: 2_400 },
            Part::text("Done: "),
            tool_call(),
        ],
        attempt: 2,
        provider: Some(ProviderRef { name: "openai".into(), model: "gpt-5-mini".into(), instead_of: None }),
        error: Some(ReplyError { code: ReplyErrorCode::Limit, message: "The limit of this run was reached.".into() }),
        completed_at: Some(at(5)),
        usage: Some(Usage { prompt_tokens: 120, completion_tokens: 7, first_token_ms: Some(310) }),
        undo_token: Some(uuid(5).to_string()),
        summary: Some(Summary { text: "Groceries were planned.".into(), created_at: at(6) }),
        ..queued_reply()
    }
}

pub(crate) fn task() -> Task {
    Task {
        id: TaskId(uuid(6)),
        number: 1,
        title: "Buy milk".into(),
        description: "Two litres".into(),
        status: TaskStatus::Done,
        priority: Priority::High,
        due: Some(Due {
            date: civil::date(2026, 11, 24),
            time: Some(civil::time(17, 0, 0, 0)),
            time_zone: "Europe/Paris".into(),
        }),
        recurrence: Some(Recurrence {
            rule: "FREQ=WEEKLY;BYDAY=MO".into(),
            anchor: Anchor::Completion,
            start: Some(START),
        }),
        occurrence: Some(START),
        reminders: vec![before_due(), at_a_time()],
        labels: vec!["home".into()],
        list: Some("Shopping".into()),
        parent_id: Some(TaskId(uuid(7))),
        position: "a0".into(),
        rev: 3,
        created_at: at(0),
        updated_at: at(9),
        completed_at: Some(at(9)),
    }
}

/// A reminder that was snoozed.
pub(crate) fn before_due() -> Reminder {
    Reminder {
        id: ReminderId(uuid(11)),
        before: Some("PT30M".parse().unwrap()),
        at: None,
        state: ReminderState::Snoozed,
        fires_at: at(0),
        snoozed_until: Some(at(600)),
    }
}

pub(crate) fn at_a_time() -> Reminder {
    let time_zone = "Europe/Paris".to_owned();
    let time = ReminderTime { date: START, time: ClockTime(civil::time(16, 0, 30, 0)), time_zone };
    Reminder {
        id: ReminderId(uuid(12)),
        before: None,
        at: Some(time),
        state: ReminderState::Fired,
        snoozed_until: None,
        ..before_due()
    }
}

pub(crate) fn reminder_inputs() -> Vec<ReminderInput> {
    let floating = ReminderTimeInput { date: START, time: ClockTime(civil::time(9, 0, 0, 0)), time_zone: None };
    vec![before_due().into(), at_a_time().into(), ReminderInput::at(floating)]
}

/// The first date of its series.
pub(crate) const START: civil::Date = civil::date(2026, 11, 23);

pub(crate) fn completion() -> Completion {
    Completion {
        id: CompletionId(uuid(10)),
        task_id: TaskId(uuid(6)),
        title: "Buy milk".into(),
        occurrence: Some(START),
        completed_at: at(9),
    }
}

/// A task with every field that may be empty left empty.
pub(crate) fn bare_task() -> Task {
    Task {
        description: String::new(),
        status: TaskStatus::Open,
        priority: Priority::None,
        due: None,
        recurrence: None,
        occurrence: None,
        reminders: Vec::new(),
        labels: Vec::new(),
        list: None,
        parent_id: None,
        completed_at: None,
        ..task()
    }
}

pub(crate) fn due_input() -> DueInput {
    DueInput {
        date: civil::date(2026, 11, 24),
        time: Some(civil::time(17, 0, 0, 0)),
        time_zone: Some("Europe/Paris".into()),
    }
}

pub(crate) fn new_task() -> NewTask {
    NewTask {
        id: Some(TaskId(uuid(6))),
        title: "Buy milk".into(),
        description: Some("Two litres".into()),
        priority: Some(Priority::High),
        due: Some(due_input()),
        recurrence: Some(RecurrenceInput { rule: "FREQ=DAILY".into(), anchor: Anchor::Due, start: Some(START) }),
        labels: Some(vec!["home".into()]),
        list: Some("Shopping".into()),
        parent_id: Some(TaskId(uuid(7)).into()),
        reminders: Some(reminder_inputs()),
        position: Some("a0".into()),
    }
}

pub(crate) fn task_patch() -> TaskPatch {
    TaskPatch {
        title: Some("Buy oat milk".into()),
        description: Some(String::new()),
        priority: Some(Priority::Urgent),
        due: Some(None),
        recurrence: Some(None),
        labels: Some(Vec::new()),
        list: Some(Some("Home".into())),
        parent_id: Some(None),
        reminders: Some(Vec::new()),
        position: Some("b".into()),
        after: Some(None),
        if_rev: Some(3),
    }
}

pub(crate) fn feed() -> Feed {
    Feed {
        id: FeedId(uuid(13)),
        name: "Ours".into(),
        lists: Some(vec!["Shopping".into()]),
        kind: FeedKind::Tasks,
        include_done: true,
        created_at: at(0),
    }
}

pub(crate) fn new_feed() -> NewFeed {
    let Feed { id, name, lists, kind, include_done, .. } = feed();
    NewFeed { id: Some(id), name, lists, kind: Some(kind), include_done }
}

pub(crate) fn events() -> Vec<EventBody> {
    vec![
        EventBody::ConversationCreated { conversation: conversation() },
        EventBody::ConversationUpdated { conversation: conversation() },
        EventBody::ConversationDeleted { conversation_id: ConversationId(uuid(3)) },
        EventBody::MessageCreated { message: queued_reply() },
        EventBody::MessageUpdated { message: Message { state: MessageState::Streaming, ..queued_reply() } },
        EventBody::MessageCompleted { message: failed_reply() },
        EventBody::MessagePart { message_id: MessageId(uuid(5)), index: 1, part: tool_call() },
        EventBody::MessageRestarted { message_id: MessageId(uuid(5)), attempt: 2, parts: vec![Part::text("Done")] },
        EventBody::TaskCreated { task: bare_task() },
        EventBody::TaskUpdated { task: task() },
        EventBody::ReminderDue {
            task_id: TaskId(uuid(6)),
            reminder_id: ReminderId(uuid(12)),
            at: at(0),
            late: false,
            task: task(),
        },
        EventBody::TaskDeleted { task_id: TaskId(uuid(6)) },
        EventBody::SessionCreated { session: session() },
        EventBody::SessionRevoked { session_id: SessionId(uuid(1)) },
        EventBody::UserUpdated { user: user() },
    ]
}

pub(crate) fn commands() -> Vec<Command> {
    let message = MessageRefArgs { message_id: MessageId(uuid(5)) };
    let task = TaskRefArgs { task_id: TaskId(uuid(6)).into() };
    let conversation_id = ConversationId(uuid(3));
    vec![
        Command::MessageSend(MessageSend {
            conversation_id,
            id: Some(MessageId(uuid(4))),
            text: "Add a task to buy milk".into(),
            parent_id: Some(Some(MessageId(uuid(8)))),
        }),
        Command::MessageCancel(message),
        Command::MessageRetry(message),
        Command::MessageApprove(MessageApprove {
            message_id: MessageId(uuid(5)),
            call_id: "call_1".into(),
            decision: Decision::Deny,
        }),
        Command::ConversationCreate(ConversationCreate { id: Some(conversation_id), title: Some("Groceries".into()) }),
        Command::ConversationUpdate(ConversationUpdate {
            title: Some("Shopping".into()),
            pinned: Some(false),
            provider: Some(None),
            ..ConversationUpdate::of(conversation_id)
        }),
        Command::ConversationDelete(ConversationRefArgs { conversation_id }),
        Command::ConversationRead(ConversationRead { conversation_id, message_id: MessageId(uuid(5)) }),
        Command::TaskCreate(new_task()),
        Command::TaskUpdate(TaskUpdate { task_id: TaskId(uuid(6)).into(), patch: task_patch() }),
        Command::TaskComplete(TaskComplete { task_id: TaskId(uuid(6)).into(), occurrence: Some(START) }),
        Command::TaskSkip(task),
        Command::TaskReopen(task),
        Command::TaskDelete(task),
        Command::ReminderAck(ReminderAck { task_id: TaskId(uuid(6)).into(), reminder_id: ReminderId(uuid(12)) }),
        Command::ReminderSnooze(ReminderSnooze {
            task_id: TaskId(uuid(6)).into(),
            reminder_id: ReminderId(uuid(12)),
            duration: Some("PT10M".parse().unwrap()),
            until: Some(at_a_time().at.unwrap().into()),
        }),
        Command::Undo(UndoBody { undo_token: Some("undo_1".into()), undo_tokens: None }),
    ]
}

pub(crate) fn connection() -> ConnectionId {
    ConnectionId(uuid(9))
}

pub(crate) fn subscription() -> Subscription {
    Subscription {
        id: SubscriptionId(uuid(14)),
        device_id: "phone".into(),
        endpoint: "https://push.example.org/abc".into(),
        kinds: vec![PushKind::Reminder, PushKind::Reply],
        created_at: at(0),
    }
}

pub(crate) fn new_subscription() -> NewSubscription {
    let Subscription { device_id, endpoint, kinds, .. } = subscription();
    let keys = SubscriptionKeys { p256dh: "BCVx".into(), auth: "BTBZ".into() };
    NewSubscription { endpoint, keys, device_id, kinds: Some(kinds) }
}

pub(crate) fn push_payload() -> PushPayload {
    PushPayload {
        kind: PushKind::Reminder,
        title: "Buy milk".into(),
        body: "Today at 5 PM".into(),
        path: "/tasks/1".into(),
        badge: 2,
        tag: "r".into(),
        reminder: Some(PushedReminder {
            task_id: TaskId(uuid(6)),
            reminder_id: ReminderId(uuid(15)),
            token: "t".into(),
            command_id: CommandId(uuid(16)),
        }),
    }
}
