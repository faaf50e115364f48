//! The TCP connection as the HTTP library sees it: a client that takes nothing for too long is cut off, and the
//! connection comes back to whoever accepted it.

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
    time::{Sleep, sleep},
};

/// A connection and its place among all connections.
#[derive(Debug)]
pub(super) struct Link {
    /// There until [`Link::into_parts`].
    parts: Option<(TcpStream, Ticket)>,
    /// Longest time in which the client takes nothing.
    patience: Duration,
    /// Runs while a write waits for the client.
    stalled: Option<Pin<Box<Sleep>>>,
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
        (Self { parts: Some((stream, ticket)), patience, stalled: None, back: Some(back) }, came_back)
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
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
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
