//! The commands that a device sends, and the rate limits of its socket.
//!
//! A command over the socket does what a request over REST does, with the same limits for its user. The socket has
//! limits of its own besides: a device that keeps sending is closed, since refusing costs work too.
//!
//! Every command has one answer: `ack` or `error`.

use super::wire::{Encoded, encode};
use serde_json::value::RawValue;
use std::time::{Duration, Instant};
use tandem_auth::Caller;
use tandem_protocol::{
    CommandId,
    error::FieldError,
    limits::{COMMAND_BURST, COMMANDS_PER_SECOND},
    live::{
        Command, ServerFrame,
        command::CommandParseError,
        server::{Ack, ErrorFrame},
    },
};
use tandem_service::{Outcome, ServiceError, Services, limits::Bucket};

/// A command as the device sent it.
#[derive(Debug)]
pub struct CommandFrame {
    /// The id as text: one that is no UUID is sent back as it is.
    pub id: String,
    pub name: String,
    pub args: Box<RawValue>,
}

/// What the rate limit decides about a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    Admitted,
    /// The command is refused; it may be tried again after this.
    Refused(Duration),
    /// The socket is closed: the device does not stop.
    Close,
}

/// The rate limits of one socket. Commands over the limit are refused, and after too many of them the socket is closed.
/// Other frames have no answer that could refuse them: it is closed at once.
#[derive(Debug)]
pub struct SocketLimit {
    commands: Option<Bucket>,
    frames: Option<Bucket>,
    refused: u32,
}

impl SocketLimit {
    /// Creates full limits, or none when `on` is false.
    pub fn new(on: bool, now: Instant) -> Self {
        let full = || Bucket::full(f64::from(COMMANDS_PER_SECOND), f64::from(COMMAND_BURST), now);
        Self { commands: on.then(full), frames: on.then(full), refused: 0 }
    }

    /// Counts a command against the limit.
    pub fn admit(&mut self, now: Instant) -> Admission {
        let Some(bucket) = &mut self.commands else { return Admission::Admitted };
        match bucket.take(now) {
            Ok(()) => {
                // A device that slows down makes up for its refusals, and is not closed for them later.
                self.refused = self.refused.saturating_sub(1);
                Admission::Admitted
            }
            Err(wait) => {
                self.refused += 1;
                if self.refused > COMMAND_BURST { Admission::Close } else { Admission::Refused(wait) }
            }
        }
    }

    /// Counts a frame that is no command; false when the socket is to be closed.
    pub fn admit_frame(&mut self, now: Instant) -> bool {
        self.frames.as_mut().is_none_or(|bucket| bucket.take(now).is_ok())
    }
}

/// Runs a command and encodes its answer.
pub async fn answer(services: Services, caller: Caller, frame: CommandFrame) -> Encoded {
    let CommandFrame { id, name, args } = frame;
    // A wrong id does not close the socket: the answer returns it, so that the device finds its command.
    let result = match (id.parse::<CommandId>(), Command::parse(&name, &args)) {
        (Err(_), _) => Err(ServiceError::invalid("id", "expected a UUID")),
        (_, Err(error)) => Err(refused_arguments(&error)),
        (Ok(id), Ok(command)) => execute(&services, caller, id, command).await.map(|outcome| (id, outcome)),
    };
    encode(&match result {
        Ok((id, outcome)) => ServerFrame::Ack(Ack { id, seq: outcome.seq, result: outcome.body }),
        Err(error) => error_frame(Some(id), &error),
    })
}

async fn execute(
    services: &Services,
    caller: Caller,
    id: CommandId,
    command: Command,
) -> Result<Outcome, ServiceError> {
    // However many sockets a user has, all of them together may do what one client may do over REST.
    services.count_request(caller.owner.user())?;
    let caller = services.admit(caller, tandem_service::work_of(&command)).await?;
    services.execute(caller, Some(id), command).await
}

/// The `error` frame of a refusal.
pub fn error_frame(id: Option<String>, error: &ServiceError) -> ServerFrame {
    if let ServiceError::Internal(source) | ServiceError::Unavailable(source) = error {
        tracing::error!(error = source.as_ref() as &dyn std::error::Error, command = ?id, "a command failed");
    }
    ServerFrame::Error(ErrorFrame {
        id,
        code: error.code(),
        message: error.detail(),
        retry_after_ms: error.retry_after().map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
        task: error.current_task().cloned().map(Box::new),
    })
}

fn refused_arguments(error: &CommandParseError) -> ServiceError {
    let field = if matches!(error, CommandParseError::UnknownName(_)) { "name" } else { "args" };
    ServiceError::Invalid(vec![FieldError { field: field.into(), message: error.to_string() }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use serde_json::json;
    use tandem_auth::{Authority, Owner};
    use tandem_protocol::{
        UserId,
        enums::{ActorKind, Scope},
        live::Actor,
    };
    use tandem_service::{Work, testing::Node};
    use tokio::time::timeout;

    /// Arguments that each command takes. A new one is to be added here: it stops the test.
    fn arguments(name: &str) -> serde_json::Value {
        let id = uuid::Uuid::nil();
        match name {
            "message.send" => json!({"conversation_id": id, "text": "x"}),
            "message.cancel" | "message.retry" => json!({"message_id": id}),
            "message.approve" => json!({"message_id": id, "call_id": "x", "decision": "deny"}),
            "conversation.update" => json!({"conversation_id": id, "title": "x"}),
            "conversation.delete" => json!({"conversation_id": id}),
            "conversation.read" => json!({"conversation_id": id, "message_id": id}),
            "task.create" => json!({"title": "x"}),
            "task.update" | "task.complete" | "task.skip" | "task.reopen" | "task.delete" => json!({"task_id": 1}),
            "reminder.ack" => json!({"task_id": 1, "reminder_id": id}),
            "reminder.snooze" => json!({"task_id": 1, "reminder_id": id, "for": "PT10M"}),
            "conversation.create" | "undo" => json!({}),
            other => panic!("no arguments are known for {other}"),
        }
    }

    fn caller(name: &str) -> Caller {
        Caller {
            owner: Owner::for_test(UserId::from(name)),
            authority: Authority::Run,
            scopes: vec![Scope::Read, Scope::Write],
            actor: Actor { kind: ActorKind::User, device_id: None },
            address: None,
        }
    }

    async fn answer_to(services: &Services, caller: &Caller, name: &str) -> serde_json::Value {
        let args = RawValue::from_string(arguments(name).to_string()).unwrap();
        let frame = CommandFrame { id: services.env().id().to_string(), name: name.into(), args };
        serde_json::from_str(&answer(services.clone(), caller.clone(), frame).await).unwrap()
    }

    #[tokio::test]
    async fn a_user_without_permits_is_refused_by_every_command_and_others_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let services = Node::open(folder.path(), "test", true).await.services;
        let [ann, ben] = ["ann", "ben"].map(caller);
        let mut held = Vec::new();
        for work in Work::BUDGETED {
            while let Ok(permit) = timeout(Duration::from_millis(250), services.admit(ann.clone(), work)).await {
                held.push(permit.unwrap());
            }
        }
        join_all(Command::NAMES.iter().map(async |name| {
            let refused = answer_to(&services, &ann, name).await;
            assert_eq!((&refused["type"], &refused["code"]), (&json!("error"), &json!("rate_limited")), "{name}");
            assert!(refused["retry_after_ms"].as_u64().is_some_and(|wait| wait >= 1_000), "{name}: {refused}");
        }))
        .await;
        for name in Command::NAMES {
            assert_ne!(answer_to(&services, &ben, name).await["code"], "rate_limited", "{name}");
        }
    }

    #[tokio::test]
    async fn commands_of_all_sockets_of_a_user_count_as_requests() {
        let folder = tempfile::tempdir().unwrap();
        let services = Node::open(folder.path(), "test", true).await.services;
        let [ann, ben] = ["ann", "ben"].map(caller);
        while services.count_request(ann.owner.user()).is_ok() {}
        assert_eq!(answer_to(&services, &ann, "undo").await["code"], "rate_limited");
        assert_ne!(answer_to(&services, &ben, "undo").await["code"], "rate_limited");
    }

    #[test]
    fn a_device_that_goes_on_over_the_limit_is_closed() {
        let now = Instant::now();
        let mut limit = SocketLimit::new(true, now);
        let admissions: Vec<Admission> = (0..=2 * COMMAND_BURST).map(|_| limit.admit(now)).collect();
        let burst = COMMAND_BURST as usize;
        assert!(admissions[..burst].iter().all(|admission| *admission == Admission::Admitted));
        assert!(admissions[burst..2 * burst].iter().all(|admission| matches!(admission, Admission::Refused(_))));
        assert_eq!(admissions[2 * burst], Admission::Close);
    }

    #[test]
    fn other_frames_have_a_limit_of_their_own() {
        let now = Instant::now();
        let mut limit = SocketLimit::new(true, now);
        assert!((0..COMMAND_BURST).all(|_| limit.admit_frame(now)));
        assert!(!limit.admit_frame(now));
        assert_eq!(limit.admit(now), Admission::Admitted);
        let mut off = SocketLimit::new(false, now);
        assert!((0..10_000).all(|_| off.admit_frame(now)));
    }

    #[test]
    fn a_patient_device_is_never_closed() {
        let start = Instant::now();
        let mut limit = SocketLimit::new(true, start);
        let spaced = |n: u32| start + Duration::from_millis(u64::from(n) * 51);
        assert!((0..2_000).all(|n| limit.admit(spaced(n)) == Admission::Admitted));
    }
}
