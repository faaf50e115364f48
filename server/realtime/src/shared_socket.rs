//! A TCP stream with two writers: the WebSocket library, which writes for the connection, and the [`fan_out`] task,
//! which writes to sockets whose connections are idle.
//!
//! Waking the task of a connection for every frame costs about as much as the send itself, so that the fan-out writes
//! directly. It never waits. Bytes that the system did not take stay in the [`SharedSocket`] until the connection
//! flushes; that is also where a slow device is waited for.
//!
//! Neither writer begins in the middle of a frame of the other: the fan-out only writes while the library has nothing
//! unflushed, and the library first writes what the fan-out left unsent.
//!
//! [`fan_out`]: super::fan_out

use super::{
    frame_batch::FrameBatch,
    sync::{Mutex, MutexGuard},
};
use std::{
    fmt, io,
    pin::Pin,
    sync::{Arc, PoisonError},
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};

/// A stream that can be written to without waiting.
pub trait DirectWriter: fmt::Debug + Send + Sync {
    /// Writes as many bytes as the stream takes now, and returns how many.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when it takes none, any other error when it is broken.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;
}

impl DirectWriter for TcpStream {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        TcpStream::try_write(self, bytes)
    }
}

/// A stream and the state of its two writers.
#[derive(Debug)]
pub struct SharedSocket<S: ?Sized = TcpStream> {
    writing: Mutex<Writing>,
    stream: S,
}

/// A shared socket as the send queue sees it: over TCP, or over memory in tests.
pub type DirectSocket = SharedSocket<dyn DirectWriter>;

#[derive(Debug, Default)]
struct Writing {
    /// The library has written since it last flushed: it may be in the middle of a frame.
    websocket_unflushed: bool,
    /// The end of a batch that was begun by a direct write.
    unsent: Vec<u8>,
    last_direct_write: Option<Instant>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Written {
    /// The system has all of it.
    Sent,
    /// The rest is kept as unsent bytes: the connection has to flush.
    Partial,
}

/// The right to write one batch. While it is held the connection cannot write.
#[derive(Debug)]
pub struct DirectWrite<'a> {
    writing: MutexGuard<'a, Writing>,
    stream: &'a dyn DirectWriter,
}

impl<S> SharedSocket<S> {
    pub fn new(stream: S) -> Arc<Self> {
        Arc::new(Self { stream, writing: Mutex::default() })
    }
}

impl<S: ?Sized> SharedSocket<S> {
    /// When a batch was last written directly.
    pub fn last_direct_write(&self) -> Option<Instant> {
        self.lock().last_direct_write
    }

    fn lock(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DirectSocket {
    /// Begins a direct write. `None` when something else is begun on the socket: the connection has to flush first.
    pub fn try_begin(&self) -> Option<DirectWrite<'_>> {
        let writing = self.lock();
        let free = !writing.websocket_unflushed && writing.unsent.is_empty();
        free.then(|| DirectWrite { writing, stream: &self.stream })
    }
}

impl DirectWrite<'_> {
    /// Writes a batch as far as the system takes it, and keeps the rest.
    pub fn write(mut self, batch: &FrameBatch, now: Instant) -> Written {
        let bytes = batch.bytes();
        self.writing.last_direct_write = Some(now);
        // An error counts as nothing written. The connection meets it again when it flushes, and ends because of it.
        let written = self.stream.try_write(bytes).unwrap_or(0);
        self.writing.unsent.extend_from_slice(&bytes[written..]);
        if written == bytes.len() { Written::Sent } else { Written::Partial }
    }
}

impl SharedSocket {
    fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_write_ready(cx))?;
            match self.stream.try_write(bytes) {
                // Readiness is a hint. The failed attempt has cleared it, so that the next poll registers the waker.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    fn poll_unsent(&self, cx: &mut Context<'_>, unsent: &mut Vec<u8>) -> Poll<io::Result<()>> {
        while !unsent.is_empty() {
            match ready!(self.poll_write(cx, unsent))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => drop(unsent.drain(..written)),
            }
        }
        // Few sockets ever have unsent bytes: the memory is not kept for the next time.
        *unsent = Vec::new();
        Poll::Ready(Ok(()))
    }
}

/// The stream that the WebSocket library reads and writes.
#[derive(Clone, Debug)]
pub struct WebSocketIo(pub Arc<SharedSocket>);

impl AsyncRead for WebSocketIo {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // Not by the `AsyncRead` of the stream, which needs exclusive access: the stream is shared.
        let stream = &self.0.stream;
        loop {
            ready!(stream.poll_read_ready(cx))?;
            match stream.try_read(buf.initialize_unfilled()) {
                Ok(read) => {
                    buf.advance(read);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for WebSocketIo {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut writing = self.0.lock();
        ready!(self.0.poll_unsent(cx, &mut writing.unsent))?;
        // Set before the attempt: one that is pending is repeated with the same frame.
        writing.websocket_unflushed = true;
        self.0.poll_write(cx, bytes)
    }

    /// The library flushes when it has written all that it was given, so that it is between two frames here.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut writing = self.0.lock();
        writing.websocket_unflushed = false;
        self.0.poll_unsent(cx, &mut writing.unsent)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush(cx))?;
        // Again, the shutdown of `TcpStream` needs exclusive access.
        Poll::Ready(socket2::SockRef::from(&self.0.stream).shutdown(std::net::Shutdown::Write))
    }
}

#[cfg(test)]
impl<S: DirectWriter> SharedSocket<S> {
    /// The stream, once the connection has written what was unsent, as [`WebSocketIo`] does it. `mid_frame`: the
    /// connection goes on to write a frame of its own.
    pub(super) fn connection_writes(&self, mid_frame: bool, mut write: impl FnMut(&S, &[u8])) -> &S {
        let mut writing = self.lock();
        write(&self.stream, &std::mem::take(&mut writing.unsent));
        writing.websocket_unflushed = mid_frame;
        &self.stream
    }

    pub(super) fn stream(&self) -> &S {
        &self.stream
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpSocket},
    };

    /// A socket with small buffers in the system, and its peer.
    async fn socket_pair() -> (Arc<SharedSocket>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let (peer, accepted) = tokio::join!(socket.connect(listener.local_addr().unwrap()), listener.accept());
        let accepted = accepted.unwrap().0;
        socket2::SockRef::from(&accepted).set_send_buffer_size(4096).unwrap();
        accepted.writable().await.unwrap();
        (SharedSocket::new(accepted), peer.unwrap())
    }

    /// Writes a frame directly; `None` when something else is begun.
    fn write_directly(socket: &Arc<SharedSocket>, byte: char, len: usize) -> Option<Written> {
        let socket: Arc<DirectSocket> = Arc::clone(socket) as _;
        let mut batch = FrameBatch::default();
        batch.next_frames().push(byte.to_string().repeat(len).into());
        batch.fill(false);
        socket.try_begin().map(|direct| direct.write(&batch, Instant::now()))
    }

    #[tokio::test]
    async fn a_batch_that_fits_is_sent_at_once() {
        let (socket, mut peer) = socket_pair().await;
        assert_eq!(socket.last_direct_write(), None);
        assert_eq!(write_directly(&socket, 'a', 3), Some(Written::Sent));
        assert!(socket.last_direct_write().is_some());
        let mut read = [0; 5];
        peer.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"\x81\x03aaa");
    }

    #[tokio::test]
    async fn a_frame_of_the_websocket_is_not_interrupted() {
        let (socket, mut peer) = socket_pair().await;
        let mut websocket = WebSocketIo(Arc::clone(&socket));
        websocket.write_all(b"half of ").await.unwrap();
        assert_eq!(write_directly(&socket, 'a', 3), None);
        websocket.write_all(b"a frame").await.unwrap();
        websocket.flush().await.unwrap();
        assert_eq!(write_directly(&socket, 'b', 1), Some(Written::Sent));
        let mut read = [0; 18];
        peer.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"half of a frame\x81\x01b");
    }

    #[tokio::test]
    async fn a_batch_that_was_begun_goes_out_before_anything_else() {
        const MANY: usize = 1_000_000;
        let (socket, mut peer) = socket_pair().await;
        assert_eq!(write_directly(&socket, 'a', MANY), Some(Written::Partial), "more than there is room for");
        assert_eq!(write_directly(&socket, 'b', 1), None, "the first has not ended");
        let mut websocket = WebSocketIo(Arc::clone(&socket));
        let writing = async {
            websocket.write_all(b"next").await.unwrap();
            websocket.shutdown().await.unwrap();
        };
        let mut read = Vec::new();
        let ((), all) = tokio::join!(writing, peer.read_to_end(&mut read));
        all.unwrap();
        let (head, body) = read.split_at(10);
        assert_eq!(head[..2], [0x81, 127]);
        assert!(body[..MANY].iter().all(|byte| *byte == b'a'));
        assert_eq!(&body[MANY..], b"next");
    }

    #[tokio::test]
    async fn a_broken_socket_is_found_by_the_next_flush() {
        let (socket, peer) = socket_pair().await;
        peer.set_zero_linger().unwrap();
        drop(peer);
        let mut websocket = WebSocketIo(Arc::clone(&socket));
        assert!(websocket.read_u8().await.is_err(), "reset");
        while write_directly(&socket, 'a', 3) == Some(Written::Sent) {}
        assert!(websocket.flush().await.is_err());
    }
}
