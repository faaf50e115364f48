//! Looks at something only after it has called.
//!
//! Whatever a task waits for wakes the whole task, which then asks all of it in turn. A socket to which much is sent would
//! ask its reader, its timer and its running command at every frame, each for nothing, and each from memory that nobody
//! has touched since; behind a gate they have a bell of their own.

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
pub(super) struct Gate {
    rung: AtomicBool,
    task: AtomicWaker,
}

impl Gate {
    /// An open gate: nothing behind it has been asked yet.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { rung: AtomicBool::new(true), task: AtomicWaker::new() })
    }

    /// Waits for a future that keeps nothing of its own: it may be dropped at any time and made anew, as long as what it
    /// looks at stays and remembers whom to wake. It is polled at first, after it rang, after it was ready, and after
    /// [`Gate::open`].
    pub(super) async fn pass<T>(self: &Arc<Self>, behind: impl Future<Output = T>) -> T {
        let mut behind = pin!(behind);
        poll_fn(|cx| {
            self.task.register(cx.waker());
            if !self.rung.swap(false, Ordering::AcqRel) {
                return Poll::Pending;
            }
            let bell = Waker::from(Arc::clone(self));
            let polled = behind.as_mut().poll(&mut Context::from_waker(&bell));
            if polled.is_ready() {
                self.open();
            }
            polled
        })
        .await
    }

    /// Has what is behind asked again by the next who waits, without waking anybody.
    pub(super) fn open(&self) {
        self.rung.store(true, Ordering::Release);
    }
}

impl Wake for Gate {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.open();
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
        let (gate, asked, bell) = (Gate::new(), Cell::new(0), RefCell::new(None));
        let look = || {
            gate.pass(poll_fn(|cx| {
                asked.set(asked.get() + 1);
                *bell.borrow_mut() = Some(cx.waker().clone());
                if asked.get() < 3 { Poll::Pending } else { Poll::Ready("here") }
            }))
            .now_or_never()
        };
        assert_eq!((look(), asked.get()), (None, 1), "at first it is asked");
        assert_eq!((look(), asked.get()), (None, 1), "it did not ring");
        bell.take().unwrap().wake();
        assert_eq!((look(), asked.get()), (None, 2));
        bell.take().unwrap().wake();
        assert_eq!((look(), asked.get()), (Some("here"), 3));
        assert_eq!((look(), asked.get()), (Some("here"), 4), "who was ready may have more");
        asked.set(0);
        assert_eq!((look(), look(), asked.get()), (None, None, 1));
        gate.open();
        assert_eq!((look(), asked.get()), (None, 2), "it was opened without a bell");
    }

    #[tokio::test]
    async fn the_bell_wakes_the_task() {
        let (gate, (send, mut receive)) = (Gate::new(), tokio::sync::mpsc::channel(1));
        let waiting = gate.pass(receive.recv());
        let mut waiting = pin!(waiting);
        assert!(waiting.as_mut().poll(&mut Context::from_waker(noop_waker_ref())).is_pending());
        let ringing = async {
            tokio::task::yield_now().await;
            send.send(7).await
        };
        let (heard, sent) = tokio::join!(waiting, ringing);
        assert_eq!((heard, sent), (Some(7), Ok(())));
    }
}
