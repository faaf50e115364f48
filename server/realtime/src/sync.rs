//! The locks of the hub, the send queues and the shared sockets. Under the feature `shuttle` the scheduler of the tests
//! decides which thread gets a lock next.

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
