//! Where time and new ids enter. Everywhere else they are arguments, so that tests choose them.
//!
//! **Invariant:** clippy refuses other sources of either (`clippy.toml`).

use std::{fmt::Debug, sync::Arc};
use tandem_protocol::Timestamp;
use uuid::Uuid;

pub trait Clock: Send + Sync + Debug {
    /// The time now, to the millisecond.
    fn now(&self) -> Timestamp;
}

pub trait IdSource: Send + Sync + Debug {
    /// A new version 7 UUID, later than the ones before in its order.
    fn next(&self) -> Uuid;
}

#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the time enters")]
    fn now(&self) -> Timestamp {
        jiff::Timestamp::now().into()
    }
}

/// Ids of the machine's clock and generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where ids enter")]
    fn next(&self) -> Uuid {
        // Counts within a millisecond (RFC 9562, section 6.2), so that the ids of this process ascend.
        Uuid::now_v7()
    }
}

/// Clock and ids together, as everything that changes data needs them.
#[derive(Clone, Debug)]
pub struct Env {
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
}

impl Env {
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock), ids: Arc::new(SystemIds) }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn id(&self) -> Uuid {
        self.ids.next()
    }
}
