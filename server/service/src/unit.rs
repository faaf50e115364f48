//! A unit of work: one transaction of one user, the events that it writes, and what is published after its commit.
//!
//! The transaction is private to this module. Others read through [`UnitOfWork::reads`] and write by the methods of
//! `rows`, each of which writes a row together with the event that carries it. A change without its event, or an event
//! about a row that was not written, can therefore not be expressed outside of this folder. What no device is sent
//! (runs, passwords, retention) has an accessor for exactly those rows.
//!
//! **Invariant:** rows, events, the undo entry and the answer to the command are one transaction; nothing is published
//! before it is durable, and everything is published after.

mod answers;
mod idempotency;
mod pushes;
pub(crate) mod quota;
mod rows;
mod secrets;
pub(crate) mod spending;
mod view;

pub use idempotency::{CommandKey, Outcome};
pub use spending::Spent;
pub use view::{Moment, View};

use super::{Result, ServiceError, Services, budget::Limits};
use tandem_auth::Caller;
use tandem_bus::{BusMessage, Control};
use tandem_domain::clock::IdSource;
use tandem_protocol::{
    ConversationId, MessageId, Timestamp, UserId,
    enums::AuditAction,
    live::{Event, EventBody},
    rest::AuditEntry,
    settings::{ReminderDefaults, UserSettings},
};
use tandem_store::{
    Account, AccountAdmin, BeginOptions, Begun, ConversationRow, ConversationState, CredentialWrites, EventDraft,
    FeedWrites, MessageRow, ReadTx, RunWrites, StoredCommand, UndoOrigin, UsageWrites, WriteTx,
};
use uuid::Uuid;

/// A change that has begun. Dropped without [`UnitOfWork::commit`] it leaves nothing; what it has read may be lost then, so an
/// answer from that is returned by [`UnitOfWork::leave`].
pub struct UnitOfWork {
    services: Services,
    tx: Box<dyn WriteTx>,
    /// The account as the unit found it, and what the unit has changed of it.
    pub(crate) account: Account,
    /// The time of everything in it.
    pub(crate) now: Timestamp,
    caller: Caller,
    command: Option<CommandKey>,
    /// What the command answered when it was done before.
    done: Option<StoredCommand>,
    /// The tool call that this unit runs, if it runs one.
    origin: Option<UndoOrigin>,
    /// Who makes the change, for the record, when that is not the user.
    by: Option<String>,
    events: Vec<Event>,
    controls: Vec<Control>,
    /// Whether the commit may wait for others to share it.
    shares_commit: bool,
    /// Whether a reminder was set that fires before the next look for them.
    reminder_soon: bool,
    /// The events that are pushed to devices.
    pushed: Option<pushes::Pushed>,
}

impl Services {
    /// Begins a change on behalf of a caller. The caller's right is checked once more inside of the transaction: a
    /// session that was revoked after its token was checked changes nothing any more.
    ///
    /// # Errors
    /// [`ServiceError::SessionRevoked`] when the right or the account has ended, [`ServiceError::Unavailable`] when
    /// other changes of this user, or the database, take too long.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn begin(&self, caller: &Caller, command: Option<CommandKey>) -> Result<UnitOfWork> {
        self.begin_with(caller, command, None).await
    }

    /// Begins a change of an account, which may be disabled, that somebody else makes; `by` is who, for the record.
    pub(super) async fn begin_by(&self, caller: &Caller, by: String) -> Result<UnitOfWork> {
        self.begin_with(caller, None, Some(by)).await
    }

    async fn begin_with(&self, caller: &Caller, command: Option<CommandKey>, by: Option<String>) -> Result<UnitOfWork> {
        let now = self.env().now();
        let (right, command_id) = (Some((caller.authority, now)), command.map(CommandKey::id));
        let options = BeginOptions { right, command: command_id, disabled: by.is_some() };
        let Begun { mut tx, allowed, done } = self.store().begin(&caller.owner, options).await?;
        if !allowed {
            return Err(ServiceError::SessionRevoked);
        }
        // No trip: the transaction has read it with the lock.
        let account = tx.account().await?;
        Ok(UnitOfWork {
            services: self.clone(),
            tx,
            account,
            now,
            caller: caller.clone(),
            command,
            done,
            origin: None,
            by,
            events: Vec::new(),
            controls: Vec::new(),
            shares_commit: false,
            reminder_soon: false,
            pushed: None,
        })
    }
}

impl UnitOfWork {
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    pub fn user(&self) -> &UserId {
        self.caller.owner.user()
    }

    pub fn time_zone(&self) -> &str {
        &self.account.user.time_zone
    }

    /// The user's settings for reminders.
    pub fn reminder_defaults(&self) -> &ReminderDefaults {
        &self.account.user.settings.reminders
    }

    pub(crate) fn settings(&self) -> &UserSettings {
        &self.account.user.settings
    }

    pub(crate) fn ids(&self) -> &dyn IdSource {
        self.services.env().ids.as_ref()
    }

    /// A new id, later in its order than the ones before.
    pub fn id(&self) -> Uuid {
        self.services.env().id()
    }

    pub fn node_id(&self) -> &str {
        self.services.node_id()
    }

    pub fn limits(&self) -> &Limits {
        self.services.limits()
    }

    pub fn is_draining(&self) -> bool {
        self.services.is_draining()
    }

    /// The seq of the newest event, this unit's own included.
    pub fn seq(&self) -> i64 {
        self.events.last().map_or(self.account.seq, |event| event.seq)
    }

    /// Names the tool call that this unit runs: an undo of its changes is shown there.
    pub fn set_origin(&mut self, origin: UndoOrigin) {
        self.origin = Some(origin);
    }

    /// Publishes something for nodes to do after the commit.
    pub fn after_commit(&mut self, control: Control) {
        self.controls.push(control);
    }

    /// The user's rows, with what this unit has written. The first read after some writes sends those writes to the
    /// database: to read first and write then costs fewer trips to it.
    pub(crate) fn reads(&mut self) -> &mut dyn ReadTx {
        self.tx.as_mut()
    }

    pub(crate) async fn conversation(&mut self, id: ConversationId) -> Result<ConversationRow> {
        match self.reads().conversation(id).await? {
            ConversationState::Live(row) => Ok(row),
            ConversationState::Absent | ConversationState::Deleted => Err(ServiceError::NotFound("conversation")),
        }
    }

    /// # Errors
    /// [`ServiceError::NotFound`] when there is none, or its conversation was deleted.
    pub async fn message(&mut self, id: MessageId) -> Result<MessageRow> {
        self.reads().message(id).await?.ok_or(ServiceError::NotFound("message"))
    }

    /// The rows of runs. No device is sent them; devices see the message that a run writes.
    pub(crate) fn runs(&mut self) -> &mut dyn RunWrites {
        self.tx.as_mut()
    }

    /// Passwords and personal tokens. No event is about them.
    pub(crate) fn credentials(&mut self) -> &mut dyn CredentialWrites {
        self.tx.as_mut()
    }

    /// What others than the user do with the account. Events are about its effect only.
    pub(crate) fn managed(&mut self) -> &mut dyn AccountAdmin {
        self.tx.as_mut()
    }

    /// Adds an entry to the record of accounts, which is there when this change is.
    pub(crate) async fn audit(&mut self, action: AuditAction, detail: Option<String>) -> Result<()> {
        let entry = self.services.entry_of(action, self.parties().map(Some), self.caller.address);
        Ok(self.tx.record(&AuditEntry { detail, ..entry }).await?)
    }

    /// As the record names who changes the account, and the account.
    fn parties(&self) -> [String; 2] {
        let user = self.user().to_string();
        [self.by.clone().unwrap_or_else(|| user.clone()), user]
    }

    /// Undoes what was begun, records that it was refused, and returns why.
    pub(crate) async fn refuse<T>(self, action: AuditAction, why: ServiceError) -> Result<T> {
        let (services, parties, address) = (self.services.clone(), self.parties(), self.caller.address);
        // Its transaction ends first: it may hold who the owners are.
        drop(self);
        services.record_refusal(action, parties.map(Some), address).await?;
        Err(why)
    }

    /// Ends the account, and makes that durable. Its rows are still to be removed.
    pub(crate) async fn delete_account(mut self) -> Result<()> {
        self.tx.delete_account(self.now).await?;
        Ok(self.tx.commit().await?)
    }

    /// Calendar feeds. No event is about them.
    pub(crate) fn feeds(&mut self) -> &mut dyn FeedWrites {
        self.tx.as_mut()
    }

    /// What is removed because it is bounded. No event is about it.
    pub(crate) fn retention(&mut self) -> &mut dyn UsageWrites {
        self.tx.as_mut()
    }

    /// Appends an event about a row that was just written.
    pub(crate) async fn record(&mut self, body: EventBody) -> Result<()> {
        let actor = self.caller.actor.clone();
        let command_id = self.command.map(CommandKey::id);
        let draft = EventDraft { at: self.now, body, actor, command_id };
        self.events.push(self.tx.append(&draft).await?);
        Ok(())
    }

    /// Ends it without a change, and returns an answer about what it has found, once that is durable.
    ///
    /// # Errors
    /// That of the answer; [`ServiceError::Unavailable`] when what it has found was not confirmed to be durable.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn leave<T, E: From<ServiceError>>(self, answer: std::result::Result<T, E>) -> std::result::Result<T, E> {
        match (self.tx.leave().await, answer) {
            (Err(error), Ok(_)) => Err(ServiceError::from(error).into()),
            (_, answer) => answer,
        }
    }

    /// Lets the commit wait a moment for another change to share it with, which costs less. For a change that nobody waits for.
    pub fn share_commit(&mut self) {
        self.shares_commit = true;
    }

    /// Makes it durable, then publishes it. Returns the seq of the newest event.
    ///
    /// # Errors
    /// That of the first write that failed, if any: writes are gathered and may only now go to the database.
    /// [`ServiceError::Unavailable`] when the commit was not confirmed; it may have been applied all the same.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn commit(mut self) -> Result<i64> {
        // By the change that finds it too long: the log shrinks as fast as it grows, and no sweep has to catch up.
        self.shorten_log().await?;
        let seq = self.seq();
        let Self { services, tx, caller, events, controls, reminder_soon, pushed, shares_commit, .. } = self;
        let user = caller.owner.user();
        let committed = if shares_commit { tx.commit_soon().await } else { tx.commit().await };
        if let Err(error) = committed {
            // The commit may have been applied although its answer was lost. Nodes read the log to find out.
            services.bus().publish(user, BusMessage::Control(Control::ResyncHint));
            return Err(error.into());
        }
        tracing::debug!(seq, events = events.len(), "the change is committed");
        if reminder_soon {
            services.reminder_soon.notify_one();
        }
        // Events first: whoever acts on a control, such as starting a run, may read what the events are about.
        if !events.is_empty() {
            services.bus().publish(user, BusMessage::Events(events.into()));
        }
        if let Some(pushed) = pushed {
            services.bus().publish(user, BusMessage::Control(pushed.control()));
            services.push_soon.notify_one();
        }
        for control in controls {
            services.bus().publish(user, BusMessage::Control(control));
        }
        Ok(seq)
    }
}
