//! What hub and send_queues lock with. Under the feature `shuttle` a scheduler of the tests decides who gets a lock when.

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
