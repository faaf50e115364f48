//! The locks of the hub, the send queues and the shared sockets. With the feature `shuttle` they are those of a test
//! scheduler, which decides the thread that takes a lock next.

#[cfg(not(feature = "shuttle"))]
pub(super) use {
    dashmap::DashMap,
    std::sync::{Mutex, MutexGuard},
};
#[cfg(feature = "shuttle")]
pub(super) use {
    shuttle::sync::{Mutex, MutexGuard},
    shuttle_dashmap_impl::DashMap,
};
