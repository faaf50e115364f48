//! Where time and new ids come from. They are arguments everywhere else, so that tests can say what they are.

use std::{fmt::Debug, sync::Arc};
use tandem_protocol::Timestamp;
use uuid::Uuid;

/// Gives the time.
pub trait Clock: Send + Sync + Debug {
    /// Now, in milliseconds.
    fn now(&self) -> Timestamp;
}

/// Makes ids.
pub trait IdSource: Send + Sync + Debug {
    /// A new version 7 UUID, later than the ones before in its order.
    fn next(&self) -> Uuid;
}

/// The machine's clock.
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
        Uuid::now_v7()
    }
}

/// Clock and ids together, as everything that changes data needs them.
#[derive(Clone, Debug)]
pub struct Env {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
}

impl Env {
    /// The machine's.
    #[must_use]
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock), ids: Arc::new(SystemIds) }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new id.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.ids.next()
    }
}
