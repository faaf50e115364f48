//! Commands: changes that a client may retry. The id of a command (REST: `Idempotency-Key`) is kept with its answer in
//! the transaction of the change, so that a second try gets the first answer and changes nothing.

use super::{Admitted, Result, ServiceError, Services, UnitOfWork, Work, answers, chat, quota, tasks, undo};
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use tandem_auth::Caller;
use tandem_protocol::{CommandId, enums::Scope, live::Command};
use tandem_store::StoredCommand;
use tracing::Instrument as _;

/// The work that a command is, over REST and on the socket alike.
#[must_use]
pub fn work_of(command: &Command) -> Work {
    match command {
        Command::MessageSend(_)
        | Command::MessageCancel(_)
        | Command::MessageRetry(_)
        | Command::MessageApprove(_)
        | Command::ConversationCreate(_)
        | Command::ConversationUpdate(_)
        | Command::ConversationDelete(_)
        | Command::ConversationRead(_)
        | Command::TaskCreate(_)
        | Command::TaskUpdate(_)
        | Command::TaskComplete(_)
        | Command::TaskReopen(_)
        | Command::TaskDelete(_)
        | Command::Undo(_) => Work::Change,
    }
}

/// What a command answers.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The HTTP status of the answer.
    pub status: u16,
    /// Of the last event of the change; the newest one when nothing changed.
    pub seq: i64,
    /// The body, over REST and in an `ack` alike.
    pub body: Box<RawValue>,
}

impl Services {
    /// Does a command, once.
    pub async fn execute(&self, caller: Admitted, id: Option<CommandId>, command: Command) -> Result<Outcome> {
        if !caller.may(Scope::Write) {
            return Err(ServiceError::InsufficientScope(Some(Scope::Write)));
        }
        let services = self.clone();
        let span =
            tracing::info_span!("command", command = command.name(), command_id = id.map(tracing::field::display));
        let work = async move { services.execute_here(&caller, id, command).await };
        self.detached(work.instrument(span)).await
    }

    async fn execute_here(&self, caller: &Caller, id: Option<CommandId>, command: Command) -> Result<Outcome> {
        let fingerprint: [u8; 32] = Sha256::digest(serde_json::to_vec(&command)?).into();
        let mut unit = self.begin(caller, id).await?;
        if let Some(done) = unit.done.take() {
            return if done.fingerprint == fingerprint {
                answers::whole(&mut unit, done).await?.try_into()
            } else {
                Err(ServiceError::IdempotencyConflict)
            };
        }
        if quota::adds(&command) {
            unit.ensure_room().await?;
        }
        let outcome = dispatch(&mut unit, command).await?;
        if let Some(id) = id {
            let (body, elsewhere) = answers::shortened(outcome.body.get(), unit.events());
            let done = StoredCommand { id, fingerprint, status: outcome.status, seq: outcome.seq, body, elsewhere };
            let now = unit.now;
            unit.tx.save_command(&done, now).await?;
        }
        unit.commit().await?;
        Ok(outcome)
    }
}

async fn dispatch(unit: &mut UnitOfWork, command: Command) -> Result<Outcome> {
    match command {
        Command::MessageSend(args) => outcome(202, chat::send(unit, args).await?, unit),
        Command::MessageCancel(args) => outcome(200, chat::cancel(unit, args.message_id).await?, unit),
        Command::MessageRetry(args) => outcome(202, chat::retry(unit, args.message_id).await?, unit),
        Command::MessageApprove(args) => outcome(200, chat::approve(unit, args).await?, unit),
        Command::ConversationCreate(args) => outcome(201, chat::create(unit, args).await?, unit),
        Command::ConversationUpdate(args) => outcome(200, chat::rename(unit, args).await?, unit),
        Command::ConversationDelete(args) => outcome(200, chat::delete(unit, args.conversation_id).await?, unit),
        Command::ConversationRead(args) => outcome(200, chat::mark_read(unit, args).await?, unit),
        Command::TaskCreate(draft) => outcome(201, tasks::create(unit, draft).await?, unit),
        Command::TaskUpdate(args) => outcome(200, tasks::update(unit, args.task_id, args.patch).await?, unit),
        Command::TaskComplete(args) => outcome(200, tasks::complete(unit, args.task_id).await?, unit),
        Command::TaskReopen(args) => outcome(200, tasks::reopen(unit, args.task_id).await?, unit),
        Command::TaskDelete(args) => outcome(200, tasks::delete(unit, args.task_id).await?, unit),
        Command::Undo(args) => outcome(200, undo::undo(unit, args.undo_token.as_deref()).await?, unit),
    }
}

fn outcome(status: u16, body: impl Serialize, unit: &UnitOfWork) -> Result<Outcome> {
    Ok(Outcome { status, seq: unit.seq(), body: serde_json::value::to_raw_value(&body)? })
}

impl TryFrom<StoredCommand> for Outcome {
    type Error = ServiceError;

    fn try_from(done: StoredCommand) -> Result<Self> {
        Ok(Self { status: done.status, seq: done.seq, body: RawValue::from_string(done.body)? })
    }
}
