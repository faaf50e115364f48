//! The TCP stream that the HTTP library reads and writes: it cuts off a client that reads too slowly, and returns the
//! connection to the task that accepted it.
//!
//! An answer that waits for its client holds a permit, and memory or disk. A time limit for each write would let a
//! client hold them for ever with one byte now and then; a limit for the whole answer would refuse large exports to
//! slow networks. So waiting uses up a budget of time, and every byte that the client reads gives some of it back.
//!
//! The longest time that an answer can wait is in proportion to its size.

use super::connections::ConnectionPermit;
use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::oneshot,
    time::{Instant, Sleep, sleep},
};

/// Bytes that a client has to read to restore the whole time budget. With the default of 30 seconds this is about 4
/// KiB/s, which the slowest mobile networks carry.
const RESTORE_BYTES: u32 = 128 * 1024;

/// A connection with its permit, and the time budget of its writes.
#[derive(Debug)]
pub(super) struct TimedStream {
    /// `None` after [`TimedStream::into_parts`] has taken it.
    parts: Option<(TcpStream, ConnectionPermit)>,
    /// The whole budget: the longest time in which the client reads nothing.
    write_timeout: Duration,
    left: Duration,
    /// When the pending write began to wait for the client, and the timer that ends it.
    stalled: Option<(Instant, Pin<Box<Sleep>>)>,
    /// Receives the connection when the library drops this.
    back: Option<oneshot::Sender<(TcpStream, ConnectionPermit)>>,
}

impl TimedStream {
    /// Wraps a connection. The receiver has it again when the library has dropped the stream.
    pub(super) fn new(
        stream: TcpStream,
        permit: ConnectionPermit,
        write_timeout: Duration,
    ) -> (Self, oneshot::Receiver<(TcpStream, ConnectionPermit)>) {
        let (back, returned) = oneshot::channel();
        let parts = Some((stream, permit));
        (Self { parts, write_timeout, left: write_timeout, stalled: None, back: Some(back) }, returned)
    }

    /// Unwraps the connection. It has no time budget any more, and the receiver of [`TimedStream::new`] gets nothing.
    pub(super) fn into_parts(mut self) -> Option<(TcpStream, ConnectionPermit)> {
        self.parts.take()
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        let (stream, _) = self.parts.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        Ok(Pin::new(stream))
    }

    /// Charges the time that a write waited, and fails it when the budget is used up.
    fn charge(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(result) = written {
            if let Some((since, _)) = self.stalled.take() {
                self.left = self.left.saturating_sub(since.elapsed());
            }
            let written = result.as_ref().map_or(0, |written| u32::try_from(*written).unwrap_or(RESTORE_BYTES));
            let restored = self.write_timeout / RESTORE_BYTES * written.min(RESTORE_BYTES);
            self.left = self.write_timeout.min(self.left + restored);
            return Poll::Ready(result);
        }
        // The timer is only made for a write that has to wait, which few ever do.
        let left = self.left;
        let (_, stalled) = self.stalled.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
        ready!(stalled.as_mut().poll(cx));
        metrics::counter!("tandem_connections_cut_total", "why" => "write_timeout").increment(1);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Drop for TimedStream {
    fn drop(&mut self) {
        if let (Some(parts), Some(back)) = (self.parts.take(), self.back.take()) {
            // When the node is cut off in the middle nothing receives it, and the connection is closed here.
            let _ = back.send(parts);
        }
    }
}

impl AsyncRead for TimedStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.get_mut().stream()?.poll_read(cx, buffer)
    }
}

impl AsyncWrite for TimedStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = this.stream()?.poll_write(cx, bytes);
        this.charge(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = this.stream()?.poll_write_vectored(cx, bytes);
        this.charge(cx, written)
    }

    // Lets hyper write head and body of an answer in one call.
    fn is_write_vectored(&self) -> bool {
        true
    }

    // Not charged: TCP has nothing to flush.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().stream()?.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().stream()?.poll_shutdown(cx)
    }
}
