//! Pushes of a change: they are in the outbox when the change is there, and are sent after its commit.

use super::{Result, UnitOfWork};
use std::time::Duration;
use tandem_bus::Control;
use tandem_protocol::{
    CommandId, Timestamp,
    enums::{PushKind, WireEnum as _},
    id::SubscriptionId,
};
use tandem_store::{NewPush, PushSubject, PushWrites};

/// Pushes of one user that are kept, those included that were sent and can be answered. So many devices get so many pushes
/// in a day only by somebody who wants the table to be large.
const MAX_KEPT: i64 = 1_000;
/// A push is given up after this time.
const GIVEN_UP: Duration = Duration::from_hours(24);
/// With several nodes, pushes wait for this long: a node with devices of the user holds those back that are about to be
/// shown, and learns of them by the bus.
const OTHERS_FIRST: Duration = Duration::from_millis(150);

/// The events of a unit that are pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pushed {
    kind: PushKind,
    first: i64,
    last: i64,
}

impl Pushed {
    pub(super) fn control(self) -> Control {
        Control::PushesAdded { kind: self.kind, first: self.first, last: self.last }
    }
}

impl UnitOfWork {
    /// The devices that are pushed this kind. Read before the first write of a change, so that all writes go to the
    /// database together.
    pub(crate) async fn push_targets(&mut self, kind: PushKind) -> Result<Vec<SubscriptionId>> {
        if !self.settings().push.kinds.contains(&kind) {
            return Ok(Vec::new());
        }
        let subscriptions = self.tx.push_subscriptions().await?.into_iter();
        let targets: Vec<_> = subscriptions.filter(|one| one.kinds.contains(&kind)).map(|one| one.id).collect();
        if targets.is_empty() || self.tx.kept_pushes(MAX_KEPT).await? < MAX_KEPT {
            return Ok(targets);
        }
        self.tx.forget_sent_pushes().await?;
        if self.tx.kept_pushes(MAX_KEPT).await? < MAX_KEPT {
            return Ok(targets);
        }
        metrics::counter!("tandem_pushes_total", "kind" => kind.as_str(), "result" => "too_many").increment(1);
        Ok(Vec::new())
    }

    /// Adds pushes about the newest event of this unit.
    pub(super) async fn push_newest(&mut self, targets: &[SubscriptionId], subject: PushSubject) -> Result<()> {
        let seq = self.seq();
        for target in targets {
            self.add_push(*target, seq, subject).await?;
        }
        if !targets.is_empty() {
            let first = self.pushed.map_or(seq, |pushed| pushed.first);
            self.pushed = Some(Pushed { kind: subject.kind, first, last: seq });
        }
        Ok(())
    }

    /// Adds a push to one device. No event is about it.
    pub(crate) async fn add_push(&mut self, to: SubscriptionId, seq: i64, subject: PushSubject) -> Result<()> {
        let wait = self.services.bus().is_shared() && subject.kind != PushKind::Test;
        let push = NewPush {
            subscription: to,
            seq,
            subject,
            command: CommandId(self.id()),
            created_at: self.now,
            next_at: if wait { self.now.plus(OTHERS_FIRST) } else { Timestamp::from_millis(0) },
            gives_up_at: self.now.plus(GIVEN_UP),
        };
        Ok(self.tx.add_push(&push).await?)
    }

    /// The rows of devices that receive pushes. No event is about them.
    pub(crate) fn subscriptions(&mut self) -> &mut dyn PushWrites {
        self.tx.as_mut()
    }
}
