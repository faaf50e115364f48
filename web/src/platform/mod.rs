//! The browser's facts: time, storage, randomness, locks, the window. Everything stateful that comes from outside of the
//! program enters here, so that [`crate::state`] can be told what it is and be tested on the host.

pub mod clock;
pub mod clock_offset;
pub mod device;
pub mod history;
pub mod letters;
pub mod lock;
pub mod random;
pub mod storage;
pub mod theme;
pub mod version;
pub mod window;
