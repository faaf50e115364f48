//! A unit of work: one transaction of one user, the events that it writes, and what is published after its commit.

use super::{Result, ServiceError, Services, budget::Limits};
use tandem_auth::Caller;
use tandem_bus::{BusMessage, Control};
use tandem_domain::change::{KeptChange, TaskChange};
use tandem_protocol::{
    CommandId, Timestamp, UserId,
    live::{Event, EventBody},
};
use tandem_store::{Account, BeginOptions, Begun, EventDraft, ReadTx, StoredCommand, UndoEntry, UndoOrigin, WriteTx};
use uuid::Uuid;

/// A change in the making. Dropped without [`UnitOfWork::commit`], it never happened.
pub struct UnitOfWork {
    services: Services,
    /// The transaction. Reads here see what the unit has written.
    pub tx: Box<dyn WriteTx>,
    /// The account as the unit found it.
    pub account: Account,
    /// When it happens: one time for everything in it.
    pub now: Timestamp,
    caller: Caller,
    command_id: Option<CommandId>,
    /// What its command answered when it was done before.
    pub done: Option<StoredCommand>,
    /// The tool call that this unit runs, if it runs one.
    pub origin: Option<UndoOrigin>,
    events: Vec<Event>,
    controls: Vec<Control>,
}

impl Services {
    /// Begins a change on behalf of a caller, whose right is checked once more inside of the transaction.
    pub async fn begin(&self, caller: &Caller, command_id: Option<CommandId>) -> Result<UnitOfWork> {
        let now = self.env().now();
        let opening = BeginOptions { right: Some((caller.authority, now)), command: command_id };
        let Begun { mut tx, allowed, done } = self.store().open(&caller.owner, opening).await?;
        if !allowed {
            return Err(ServiceError::SessionRevoked);
        }
        let account = tx.account().await?;
        Ok(UnitOfWork {
            services: self.clone(),
            tx,
            account,
            now,
            caller: caller.clone(),
            command_id,
            done,
            origin: None,
            events: Vec::new(),
            controls: Vec::new(),
        })
    }
}

/// One moment of a user's data, for what only reads: it waits for nobody who writes.
pub struct View {
    pub tx: Box<dyn ReadTx>,
    /// The account at that moment.
    pub account: Account,
    /// When it is read.
    pub now: Timestamp,
}

impl Services {
    /// Shows a caller's data as they are now.
    pub async fn view(&self, caller: &Caller) -> Result<View> {
        let mut tx = self.store().read(&caller.owner).await?;
        let account = tx.account().await?;
        Ok(View { tx, account, now: self.env().now() })
    }
}

/// What a change and a view have in common: the user's data, read at a time.
pub trait Moment: Send {
    fn reads(&mut self) -> &mut dyn ReadTx;
    fn now(&self) -> Timestamp;
    /// The user's time zone.
    fn zone(&self) -> &str;
}

impl Moment for UnitOfWork {
    fn reads(&mut self) -> &mut dyn ReadTx {
        self.tx.as_mut()
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn zone(&self) -> &str {
        self.time_zone()
    }
}

impl Moment for View {
    fn reads(&mut self) -> &mut dyn ReadTx {
        self.tx.as_mut()
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn zone(&self) -> &str {
        &self.account.user.time_zone
    }
}

impl UnitOfWork {
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The user whose data it is.
    #[must_use]
    pub fn user(&self) -> &UserId {
        self.caller.owner.user()
    }

    /// The user's time zone.
    #[must_use]
    pub fn time_zone(&self) -> &str {
        &self.account.user.time_zone
    }

    #[must_use]
    pub fn id(&self) -> Uuid {
        self.services.env().id()
    }

    /// Names the node that does it.
    #[must_use]
    pub fn node_id(&self) -> &str {
        self.services.node_id()
    }

    /// The numbers of all budgets.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.services.limits()
    }

    /// Whether that node is about to stop.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.services.is_draining()
    }

    /// Of the newest event, this unit's own included.
    #[must_use]
    pub fn seq(&self) -> i64 {
        self.events.last().map_or(self.account.seq, |event| event.seq)
    }

    /// Writes an event about what was just changed.
    pub async fn record(&mut self, body: EventBody) -> Result<()> {
        let actor = self.caller.actor.clone();
        let draft = EventDraft { at: self.now, body, actor, command_id: self.command_id };
        self.events.push(self.tx.append(&draft).await?);
        Ok(())
    }

    /// The events so far.
    pub(super) fn events(&self) -> &[Event] {
        &self.events
    }

    /// Keeps what was done to tasks, so that it can be taken back; gives the token for it.
    pub async fn keep_undo(&mut self, changes: Vec<impl Into<KeptChange>>) -> Result<String> {
        self.keep(changes, false).await
    }

    /// The same for what took another change back: it is found by its token alone, so that one undo after another goes
    /// back through the changes, and not to and fro.
    pub async fn keep_reversal(&mut self, changes: Vec<TaskChange>) -> Result<String> {
        self.keep(changes, true).await
    }

    async fn keep(&mut self, changes: Vec<impl Into<KeptChange>>, reversal: bool) -> Result<String> {
        let changes = changes.into_iter().map(Into::into).collect();
        let token = self.id().simple().to_string();
        let (at, origin) = (self.now, self.origin);
        self.tx.save_undo(&UndoEntry { token: token.clone(), at, used: false, reversal, changes, origin }).await?;
        Ok(token)
    }

    /// Publishes something for nodes to do after the commit.
    pub fn then(&mut self, control: Control) {
        self.controls.push(control);
    }

    /// Makes it durable, then publishes it. Gives the seq of the newest event.
    pub async fn commit(mut self) -> Result<i64> {
        self.shorten_log().await?;
        let seq = self.seq();
        let Self { services, tx, caller, events, controls, .. } = self;
        let user = caller.owner.user();
        if let Err(error) = tx.commit().await {
            services.bus().publish(user, BusMessage::Control(Control::ResyncHint));
            return Err(error.into());
        }
        tracing::debug!(seq, events = events.len(), "the change is committed");
        if !events.is_empty() {
            services.bus().publish(user, BusMessage::Events(events.into()));
        }
        for control in controls {
            services.bus().publish(user, BusMessage::Control(control));
        }
        Ok(seq)
    }
}
