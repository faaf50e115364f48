//! Polls a future only after that future has been woken.
//!
//! A task has one waker: whatever wakes it, everything it waits for is polled. A connection to which much is sent would
//! poll its reader, its timer and its running command for every frame, each in vain and from memory that is cold.
//! Behind a filter they have a waker of their own.
//!
//! No wake-up is lost: the flag is set before the task is woken, and the task is registered before the flag is read.

use futures_util::task::AtomicWaker;
use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// The waker of futures that are seldom ready, in front of the waker of their task.
#[derive(Debug)]
pub(super) struct WakeFilter {
    woken: AtomicBool,
    task: AtomicWaker,
}

impl WakeFilter {
    /// Creates an armed filter: the first wait polls its future.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { woken: AtomicBool::new(true), task: AtomicWaker::new() })
    }

    /// Waits for a future without state of its own: it may be dropped and created again between two polls, as long as
    /// the objects that it borrows keep the waker. It is polled at first, after it was woken, after it was ready, and
    /// after [`WakeFilter::rearm`].
    pub(super) async fn wait<T>(self: &Arc<Self>, inner: impl Future<Output = T>) -> T {
        let mut inner = pin!(inner);
        poll_fn(|cx| {
            // Before the flag is read: a wake-up after this wakes the task, one before it is seen in the flag.
            self.task.register(cx.waker());
            // Cleared before the poll and not after it, so that a wake-up during the poll is kept for the next one.
            if !self.woken.swap(false, Ordering::AcqRel) {
                return Poll::Pending;
            }
            let waker = Waker::from(Arc::clone(self));
            let polled = inner.as_mut().poll(&mut Context::from_waker(&waker));
            // The next item may be there already: nothing would wake the task for it.
            if polled.is_ready() {
                self.rearm();
            }
            polled
        })
        .await
    }

    /// Has the next wait poll its future, without waking the task.
    pub(super) fn rearm(&self) {
        self.woken.store(true, Ordering::Release);
    }
}

impl Wake for WakeFilter {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rearm();
        self.task.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt as _, task::noop_waker_ref};
    use std::cell::{Cell, RefCell};

    #[test]
    fn a_future_is_polled_after_it_was_woken_and_only_then() {
        let (filter, polls, waker) = (WakeFilter::new(), Cell::new(0), RefCell::new(None));
        let poll = || {
            filter
                .wait(poll_fn(|cx| {
                    polls.set(polls.get() + 1);
                    *waker.borrow_mut() = Some(cx.waker().clone());
                    if polls.get() < 3 { Poll::Pending } else { Poll::Ready("here") }
                }))
                .now_or_never()
        };
        assert_eq!((poll(), polls.get()), (None, 1), "at first it is polled");
        assert_eq!((poll(), polls.get()), (None, 1), "it was not woken");
        waker.take().unwrap().wake();
        assert_eq!((poll(), polls.get()), (None, 2));
        waker.take().unwrap().wake();
        assert_eq!((poll(), polls.get()), (Some("here"), 3));
        assert_eq!((poll(), polls.get()), (Some("here"), 4), "one that was ready may have more");
        polls.set(0);
        assert_eq!((poll(), poll(), polls.get()), (None, None, 1));
        filter.rearm();
        assert_eq!((poll(), polls.get()), (None, 2), "it was rearmed without a waker");
    }

    #[tokio::test]
    async fn the_waker_of_the_filter_wakes_the_task() {
        let (filter, (send, mut receive)) = (WakeFilter::new(), tokio::sync::mpsc::channel(1));
        let waiting = filter.wait(receive.recv());
        let mut waiting = pin!(waiting);
        assert!(waiting.as_mut().poll(&mut Context::from_waker(noop_waker_ref())).is_pending());
        let waking = async {
            tokio::task::yield_now().await;
            send.send(7).await
        };
        let (received, sent) = tokio::join!(waiting, waking);
        assert_eq!((received, sent), (Some(7), Ok(())));
    }
}
