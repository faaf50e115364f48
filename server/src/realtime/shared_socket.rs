//! The bytes of a socket. Two may write them: the websocket_unflushed that speaks WebSocket for the connection, and a [`round`] that
//! brings news to sockets whose connections unsent.
//!
//! Neither begins in the middle of what the other has begun. What a round could not get rid of is kept here and goes out
//! before anything else, when the connection flushes; that is where a slow device is waited for.
//!
//! [`round`]: super::round

use super::{frame_batch::FrameBatch, send_queue::Wire};
use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};

/// A socket and what is begun on it.
#[derive(Debug)]
pub struct SharedSocket {
    stream: TcpStream,
    writing: Mutex<Writing>,
}

#[derive(Debug, Default)]
struct Writing {
    /// The websocket_unflushed has written since it last flushed: it may be in the middle of a frame.
    websocket_unflushed: bool,
    /// The end of what a round has begun.
    unsent: Vec<u8>,
    /// When a round last wrote.
    last_write: Option<Instant>,
}

impl SharedSocket {
    /// The line of a socket on which nothing is begun.
    #[must_use]
    pub fn new(stream: TcpStream) -> Arc<Self> {
        Arc::new(Self { stream, writing: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_write_ready(cx))?;
            match self.stream.try_write(bytes) {
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
        // What is rare need not keep its room.
        *unsent = Vec::new();
        Poll::Ready(Ok(()))
    }
}

impl Wire for SharedSocket {
    fn carry(&self, batch: &mut FrameBatch, now: Instant, fill: &mut dyn FnMut(&mut FrameBatch) -> bool) -> bool {
        let mut writing = self.lock();
        if writing.websocket_unflushed || !writing.unsent.is_empty() {
            return false;
        }
        if !fill(batch) {
            return true;
        }
        writing.last_write = Some(now);
        let bytes = batch.bytes();
        // The connection meets an error again when it flushes, and ends of it.
        let written = self.stream.try_write(bytes).unwrap_or(0);
        writing.unsent.extend_from_slice(&bytes[written..]);
        written == bytes.len()
    }

    fn last_write(&self) -> Option<Instant> {
        self.lock().last_write
    }
}

/// The websocket_unflushed's end of a line.
#[derive(Clone, Debug)]
pub struct WebSocketIo(pub Arc<SharedSocket>);

impl AsyncRead for WebSocketIo {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
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
        writing.websocket_unflushed = true;
        self.0.poll_write(cx, bytes)
    }

    /// The websocket_unflushed flushes when it has written all that it was given.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut writing = self.0.lock();
        writing.websocket_unflushed = false;
        self.0.poll_unsent(cx, &mut writing.unsent)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush(cx))?;
        Poll::Ready(socket2::SockRef::from(&self.0.stream).shutdown(std::net::Shutdown::Write))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpSocket},
    };

    /// A line with little room in the system, and its far end.
    async fn line() -> (Arc<SharedSocket>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let (far, near) = tokio::join!(socket.connect(listener.local_addr().unwrap()), listener.accept());
        let near = near.unwrap().0;
        socket2::SockRef::from(&near).set_send_buffer_size(4096).unwrap();
        near.writable().await.unwrap();
        (SharedSocket::new(near), far.unwrap())
    }

    fn carry(line: &SharedSocket, byte: char, len: usize) -> bool {
        let text = byte.to_string().repeat(len);
        line.carry(&mut FrameBatch::default(), Instant::now(), &mut |batch| {
            batch.fill(false, |frames| frames.push(text.as_str().into()))
        })
    }

    #[tokio::test]
    async fn a_parcel_that_fits_is_gone_at_once() {
        let (line, mut far) = line().await;
        assert_eq!(line.last_write(), None);
        assert!(carry(&line, 'a', 3));
        assert!(line.last_write().is_some());
        let mut read = [0; 5];
        far.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"\x81\x03aaa");
    }

    #[tokio::test]
    async fn what_the_library_has_begun_is_not_interrupted() {
        let (line, mut far) = line().await;
        let mut websocket_unflushed = WebSocketIo(Arc::clone(&line));
        websocket_unflushed.write_all(b"half of ").await.unwrap();
        assert!(!carry(&line, 'a', 3), "and nothing was filled");
        websocket_unflushed.write_all(b"a frame").await.unwrap();
        websocket_unflushed.flush().await.unwrap();
        assert!(carry(&line, 'b', 1));
        let mut read = [0; 18];
        far.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"half of a frame\x81\x01b");
    }

    #[tokio::test]
    async fn what_a_visit_has_begun_goes_out_before_anything_else() {
        const MANY: usize = 1_000_000;
        let (line, mut far) = line().await;
        assert!(!carry(&line, 'a', MANY), "more than there is room for");
        assert!(!carry(&line, 'b', 1), "the first has not ended");
        let mut websocket_unflushed = WebSocketIo(Arc::clone(&line));
        let writing = async {
            websocket_unflushed.write_all(b"next").await.unwrap();
            websocket_unflushed.shutdown().await.unwrap();
        };
        let mut read = Vec::new();
        let ((), all) = tokio::join!(writing, far.read_to_end(&mut read));
        all.unwrap();
        let (head, body) = read.split_at(10);
        assert_eq!(head[..2], [0x81, 127]);
        assert!(body[..MANY].iter().all(|byte| *byte == b'a'));
        assert_eq!(&body[MANY..], b"next");
    }

    #[tokio::test]
    async fn a_broken_socket_is_found_by_who_flushes() {
        let (line, far) = line().await;
        far.set_zero_linger().unwrap();
        drop(far);
        let mut websocket_unflushed = WebSocketIo(Arc::clone(&line));
        assert!(websocket_unflushed.read_u8().await.is_err(), "reset");
        while carry(&line, 'a', 3) {}
        assert!(websocket_unflushed.flush().await.is_err());
    }
}
