//! The bytes of a socket. Two may write them: the library that speaks WebSocket for the connection, and a [`round`] that
//! brings news to sockets whose connections rest.
//!
//! Neither begins in the middle of what the other has begun. What a round could not get rid of is kept here and goes out
//! before anything else, when the connection flushes; that is where a slow device is waited for.
//!
//! [`round`]: super::round

use super::{outbox::Wire, parcel::Parcel};
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
pub struct Line {
    stream: TcpStream,
    writing: Mutex<Writing>,
}

#[derive(Debug, Default)]
struct Writing {
    /// The library has written since it last flushed: it may be in the middle of a frame.
    library: bool,
    /// The end of what a round has begun.
    rest: Vec<u8>,
    /// When a round last wrote.
    carried: Option<Instant>,
}

impl Line {
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

    fn poll_rest(&self, cx: &mut Context<'_>, rest: &mut Vec<u8>) -> Poll<io::Result<()>> {
        while !rest.is_empty() {
            match ready!(self.poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => drop(rest.drain(..written)),
            }
        }
        // What is rare need not keep its room.
        *rest = Vec::new();
        Poll::Ready(Ok(()))
    }
}

impl Wire for Line {
    fn carry(&self, parcel: &mut Parcel, now: Instant, pack: &mut dyn FnMut(&mut Parcel) -> bool) -> bool {
        let mut writing = self.lock();
        if writing.library || !writing.rest.is_empty() {
            return false;
        }
        if !pack(parcel) {
            return true;
        }
        writing.carried = Some(now);
        let bytes = parcel.bytes();
        // The connection meets an error again when it flushes, and ends of it.
        let written = self.stream.try_write(bytes).unwrap_or(0);
        writing.rest.extend_from_slice(&bytes[written..]);
        written == bytes.len()
    }

    fn carried(&self) -> Option<Instant> {
        self.lock().carried
    }
}

/// The library's end of a line.
#[derive(Clone, Debug)]
pub struct LibraryEnd(pub Arc<Line>);

impl AsyncRead for LibraryEnd {
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

impl AsyncWrite for LibraryEnd {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut writing = self.0.lock();
        ready!(self.0.poll_rest(cx, &mut writing.rest))?;
        writing.library = true;
        self.0.poll_write(cx, bytes)
    }

    /// The library flushes when it has written all that it was given.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut writing = self.0.lock();
        writing.library = false;
        self.0.poll_rest(cx, &mut writing.rest)
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
    async fn line() -> (Arc<Line>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let (far, near) = tokio::join!(socket.connect(listener.local_addr().unwrap()), listener.accept());
        let near = near.unwrap().0;
        socket2::SockRef::from(&near).set_send_buffer_size(4096).unwrap();
        near.writable().await.unwrap();
        (Line::new(near), far.unwrap())
    }

    fn carry(line: &Line, byte: char, len: usize) -> bool {
        let text = byte.to_string().repeat(len);
        line.carry(&mut Parcel::default(), Instant::now(), &mut |parcel| {
            parcel.pack(false, |frames| frames.push(text.as_str().into()))
        })
    }

    #[tokio::test]
    async fn a_parcel_that_fits_is_gone_at_once() {
        let (line, mut far) = line().await;
        assert_eq!(line.carried(), None);
        assert!(carry(&line, 'a', 3));
        assert!(line.carried().is_some());
        let mut read = [0; 5];
        far.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"\x81\x03aaa");
    }

    #[tokio::test]
    async fn what_the_library_has_begun_is_not_interrupted() {
        let (line, mut far) = line().await;
        let mut library = LibraryEnd(Arc::clone(&line));
        library.write_all(b"half of ").await.unwrap();
        assert!(!carry(&line, 'a', 3), "and nothing was packed");
        library.write_all(b"a frame").await.unwrap();
        library.flush().await.unwrap();
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
        let mut library = LibraryEnd(Arc::clone(&line));
        let writing = async {
            library.write_all(b"next").await.unwrap();
            library.shutdown().await.unwrap();
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
        let mut library = LibraryEnd(Arc::clone(&line));
        assert!(library.read_u8().await.is_err(), "reset");
        while carry(&line, 'a', 3) {}
        assert!(library.flush().await.is_err());
    }
}
