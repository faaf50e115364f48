//! Commands: changes that a client may retry, over REST and on the socket alike.
//!
//! A command comes with an id, under which its answer is kept (see [`CommandKey`]): a second attempt gets the first
//! answer and changes nothing. It runs detached from its request, because a client that hangs up between commit and
//! publishing would keep the change from the other devices until the next one.

use super::{
    Admitted, CommandKey, Outcome, Result, ServiceError, Services, UnitOfWork, Work, chat, reminders, tasks, undo,
    unit::quota,
};
use serde::Serialize;
use tandem_auth::Caller;
use tandem_protocol::{CommandId, enums::Scope, live::Command, rest::ProviderInfo};
use tracing::Instrument as _;

/// The kind of work that a command is, over REST and on the socket alike. The match has no wildcard: somebody who adds a
/// command decides what it costs.
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
        | Command::TaskSkip(_)
        | Command::TaskReopen(_)
        | Command::TaskDelete(_)
        | Command::ReminderAck(_)
        | Command::ReminderSnooze(_)
        | Command::Undo(_) => Work::Change,
    }
}

impl Services {
    /// Does a command, once.
    ///
    /// # Errors
    /// [`ServiceError::InsufficientScope`] when the caller may only read, [`ServiceError::IdempotencyConflict`] when
    /// the id was used for another command, [`ServiceError::SessionRevoked`] when the right has ended,
    /// [`ServiceError::Limit`] when the user has no storage left; else what the command itself refuses.
    #[tracing::instrument(level = "debug", skip_all)]
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
        let content = serde_json::to_vec(&command)?;
        let mut unit = self.begin(caller, id.map(|id| CommandKey::new(id, content))).await?;
        if let Some(earlier) = unit.earlier_answer().await.transpose() {
            return unit.leave(earlier).await;
        }
        match change(&mut unit, command, &self.providers()).await {
            Ok(outcome) => {
                unit.commit().await?;
                Ok(outcome)
            }
            refused => unit.leave(refused).await,
        }
    }
}

/// Makes the change of a command that was not done before.
async fn change(unit: &mut UnitOfWork, command: Command, providers: &[ProviderInfo]) -> Result<Outcome> {
    // After the earlier answer: a repetition is answered also when the storage is used up.
    if quota::adds(&command) {
        unit.ensure_room().await?;
    }
    let outcome = dispatch(unit, command, providers).await?;
    unit.save_answer(&outcome).await?;
    Ok(outcome)
}

async fn dispatch(unit: &mut UnitOfWork, command: Command, providers: &[ProviderInfo]) -> Result<Outcome> {
    match command {
        Command::MessageSend(args) => outcome(202, chat::send(unit, args).await?, unit),
        Command::MessageCancel(args) => outcome(200, chat::cancel(unit, args.message_id).await?, unit),
        Command::MessageRetry(args) => outcome(202, chat::retry(unit, args.message_id).await?, unit),
        Command::MessageApprove(args) => outcome(200, chat::approve(unit, args).await?, unit),
        Command::ConversationCreate(args) => outcome(201, chat::create(unit, args).await?, unit),
        Command::ConversationUpdate(args) => outcome(200, chat::update(unit, args, providers).await?, unit),
        Command::ConversationDelete(args) => outcome(200, chat::delete(unit, args.conversation_id).await?, unit),
        Command::ConversationRead(args) => outcome(200, chat::mark_read(unit, args).await?, unit),
        Command::TaskCreate(draft) => outcome(201, tasks::create(unit, draft).await?, unit),
        Command::TaskUpdate(args) => outcome(200, tasks::update(unit, args.task_id, args.patch).await?, unit),
        Command::TaskComplete(args) => outcome(200, tasks::complete(unit, args).await?, unit),
        Command::TaskSkip(args) => outcome(200, tasks::skip(unit, args.task_id).await?, unit),
        Command::TaskReopen(args) => outcome(200, tasks::reopen(unit, args.task_id).await?, unit),
        Command::TaskDelete(args) => outcome(200, tasks::delete(unit, args.task_id).await?, unit),
        Command::ReminderAck(args) => outcome(200, reminders::ack(unit, args).await?, unit),
        Command::ReminderSnooze(args) => outcome(200, reminders::snooze(unit, args).await?, unit),
        Command::Undo(args) => outcome(200, undo::undo_body(unit, args).await?, unit),
    }
}

/// The answer, made after the change: its seq is that of the last event.
fn outcome(status: u16, body: impl Serialize, unit: &UnitOfWork) -> Result<Outcome> {
    unit.outcome(status, &body)
}
