//! The TCP connection as the HTTP library sees it: a client that takes too little is cut off, and the connection comes back
//! to whoever accepted it.
//!
//! An answer may wait for its client for a time, and each piece that is taken gives some of that time back. So no answer
//! waits for longer than in proportion to its size, with its permit and what it holds of memory and disk.

use super::connections::Ticket;
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

/// Bytes that a client takes to have the whole time again. With the 30 seconds that are the default it is what the slowest
/// of mobile networks carry.
const WHOLE: u32 = 128 * 1024;

/// A connection and its place among all connections.
#[derive(Debug)]
pub(super) struct Link {
    /// `None` after [`Link::into_parts`] has taken it.
    parts: Option<(TcpStream, Ticket)>,
    /// Longest time in which the client takes nothing.
    patience: Duration,
    /// What is left of it.
    left: Duration,
    /// Since when a write waits for the client, and until when it may.
    stalled: Option<(Instant, Pin<Box<Sleep>>)>,
    /// Where the connection goes when the library drops it.
    back: Option<oneshot::Sender<(TcpStream, Ticket)>>,
}

impl Link {
    /// A connection, and the place where it comes back when the library is done with it.
    pub(super) fn new(
        stream: TcpStream,
        ticket: Ticket,
        patience: Duration,
    ) -> (Self, oneshot::Receiver<(TcpStream, Ticket)>) {
        let (back, came_back) = oneshot::channel();
        (Self { parts: Some((stream, ticket)), patience, left: patience, stalled: None, back: Some(back) }, came_back)
    }

    /// The bare connection: it does not come back, and has no write time-out any more.
    pub(super) fn into_parts(mut self) -> Option<(TcpStream, Ticket)> {
        self.parts.take()
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        let (stream, _) = self.parts.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        Ok(Pin::new(stream))
    }

    /// Ends a write that waits for too long.
    fn timed(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(result) = written {
            if let Some((since, _)) = self.stalled.take() {
                self.left = self.left.saturating_sub(since.elapsed());
            }
            let taken = result.as_ref().map_or(0, |taken| u32::try_from(*taken).unwrap_or(WHOLE).min(WHOLE));
            self.left = self.patience.min(self.left + self.patience / WHOLE * taken);
            return Poll::Ready(result);
        }
        let left = self.left;
        let (_, stalled) = self.stalled.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
        ready!(stalled.as_mut().poll(cx));
        metrics::counter!("tandem_connections_cut_total", "why" => "write_timeout").increment(1);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let (Some(parts), Some(back)) = (self.parts.take(), self.back.take()) {
            // Nobody waits for it when the node is being cut; then it is closed here.
            let _ = back.send(parts);
        }
    }
}

impl AsyncRead for Link {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.get_mut().stream()?.poll_read(cx, buffer)
    }
}

impl AsyncWrite for Link {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = this.stream()?.poll_write(cx, bytes);
        this.timed(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = this.stream()?.poll_write_vectored(cx, bytes);
        this.timed(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().stream()?.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().stream()?.poll_shutdown(cx)
    }
}
