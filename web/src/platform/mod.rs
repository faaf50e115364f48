//! Wrappers of the browser: time, storage, randomness, locks, the window.
//!
//! Everything stateful that comes from outside of the program enters here, so that [`crate::state`] stays pure and can
//! be tested on the host.

pub(crate) mod case;
pub(crate) mod clock;
pub(crate) mod clock_offset;
pub(crate) mod device;
pub(crate) mod events;
pub(crate) mod focus;
pub(crate) mod history;
pub(crate) mod kept;
pub(crate) mod locale;
pub(crate) mod lock;
pub(crate) mod notification;
pub(crate) mod push;
pub(crate) mod random;
pub(crate) mod storage;
pub(crate) mod theme;
pub(crate) mod version;
pub(crate) mod window;
