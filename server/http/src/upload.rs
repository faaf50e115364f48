//! A request body that records whether it was read to its end.
//!
//! A handler may answer without reading the body. The connection cannot serve another request then, and has to be
//! closed in a way that lets the answer arrive (see [`super::serve()`]).

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

/// A body and the flag that is set while some of it is unread.
#[derive(Debug)]
pub(super) struct Upload {
    body: Incoming,
    unread: Arc<AtomicBool>,
}

impl Upload {
    /// Wraps a body. Sets `unread` unless it is empty.
    pub(super) fn new(body: Incoming, unread: &Arc<AtomicBool>) -> Self {
        // Relaxed: the task of the connection polls the body, and reads the flag after the answer.
        unread.store(!body.is_end_stream(), Ordering::Relaxed);
        Self { body, unread: Arc::clone(unread) }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.body).poll_frame(cx);
        // With an announced length the end is known with the last frame, and the body is not polled again.
        if matches!(polled, Poll::Ready(None)) || this.body.is_end_stream() {
            this.unread.store(false, Ordering::Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
