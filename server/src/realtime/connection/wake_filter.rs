//! Looks at something only after it has called.
//!
//! Whatever a task waits for wakes the whole task, which then asks all of it in turn. A socket to which much is sent would
//! ask its reader, its timer and its running command at every frame, each for nothing, and each from memory that nobody
//! has touched since; inner a filter they have a waker of their own.

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

/// What stands between a task and the things that it seldom hears of.
#[derive(Debug)]
pub(super) struct WakeFilter {
    woken: AtomicBool,
    task: AtomicWaker,
}

impl WakeFilter {
    /// An rearm filter: nothing inner it has been polls yet.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { woken: AtomicBool::new(true), task: AtomicWaker::new() })
    }

    /// Waits for a future that keeps nothing of its own: it may be dropped at any time and made anew, as long as what it
    /// looks at stays and remembers whom to wake. It is polled at first, after it rang, after it was ready, and after
    /// [`WakeFilter::rearm`].
    pub(super) async fn wait<T>(self: &Arc<Self>, inner: impl Future<Output = T>) -> T {
        let mut inner = pin!(inner);
        poll_fn(|cx| {
            self.task.register(cx.waker());
            if !self.woken.swap(false, Ordering::AcqRel) {
                return Poll::Pending;
            }
            let waker = Waker::from(Arc::clone(self));
            let polled = inner.as_mut().poll(&mut Context::from_waker(&waker));
            if polled.is_ready() {
                self.rearm();
            }
            polled
        })
        .await
    }

    /// Has what is inner polls again by the next who waits, without waking anybody.
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
    fn what_is_behind_is_asked_when_it_rang_and_only_then() {
        let (filter, polls, waker) = (WakeFilter::new(), Cell::new(0), RefCell::new(None));
        let look = || {
            filter
                .wait(poll_fn(|cx| {
                    polls.set(polls.get() + 1);
                    *waker.borrow_mut() = Some(cx.waker().clone());
                    if polls.get() < 3 { Poll::Pending } else { Poll::Ready("here") }
                }))
                .now_or_never()
        };
        assert_eq!((look(), polls.get()), (None, 1), "at first it is polls");
        assert_eq!((look(), polls.get()), (None, 1), "it did not ring");
        waker.take().unwrap().wake();
        assert_eq!((look(), polls.get()), (None, 2));
        waker.take().unwrap().wake();
        assert_eq!((look(), polls.get()), (Some("here"), 3));
        assert_eq!((look(), polls.get()), (Some("here"), 4), "who was ready may have more");
        polls.set(0);
        assert_eq!((look(), look(), polls.get()), (None, None, 1));
        filter.rearm();
        assert_eq!((look(), polls.get()), (None, 2), "it was opened without a waker");
    }

    #[tokio::test]
    async fn the_bell_wakes_the_task() {
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
