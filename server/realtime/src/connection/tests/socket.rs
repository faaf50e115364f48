//! A socket in memory. Its client can stop reading; then it buffers up to a bound, as the system does.

use futures_util::{Sink, Stream};
use serde_json::Value;
use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};
use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::tungstenite::{Error, Message};

/// Bytes that are buffered for a client that does not read.
const BUFFER_BYTES: usize = 8 * 1024;

/// The end that the connection serves.
pub(super) struct ServerEnd {
    incoming: mpsc::UnboundedReceiver<Message>,
    pipe: Arc<Pipe>,
}

/// The end of the device.
pub(super) struct ClientEnd {
    outgoing: Option<mpsc::UnboundedSender<Message>>,
    pipe: Arc<Pipe>,
    frames: VecDeque<Value>,
    messages: usize,
    closed: Option<u16>,
}

#[derive(Default)]
struct Pipe {
    state: Mutex<PipeState>,
    arrived: Notify,
}

#[derive(Default)]
struct PipeState {
    messages: VecDeque<Message>,
    bytes: usize,
    reading: bool,
    ended: bool,
    writer: Option<Waker>,
}

impl Pipe {
    fn lock(&self) -> MutexGuard<'_, PipeState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Both ends of a socket.
pub(super) fn pair() -> (ServerEnd, ClientEnd) {
    let (outgoing, incoming) = mpsc::unbounded_channel();
    let pipe = Arc::new(Pipe {
        state: Mutex::new(PipeState { reading: true, ..PipeState::default() }),
        arrived: Notify::new(),
    });
    let client = ClientEnd {
        outgoing: Some(outgoing),
        pipe: Arc::clone(&pipe),
        frames: VecDeque::new(),
        messages: 0,
        closed: None,
    };
    (ServerEnd { incoming, pipe }, client)
}

impl Stream for ServerEnd {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.incoming.poll_recv(cx).map(|message| message.map(Ok))
    }
}

impl Sink<Message> for ServerEnd {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut state = self.pipe.lock();
        if state.reading || state.bytes < BUFFER_BYTES {
            return Poll::Ready(Ok(()));
        }
        state.writer = Some(cx.waker().clone());
        Poll::Pending
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        let mut state = self.pipe.lock();
        state.bytes += message.len();
        state.messages.push_back(message);
        drop(state);
        self.pipe.arrived.notify_one();
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_ready(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_ready(cx)
    }
}

impl Drop for ServerEnd {
    fn drop(&mut self) {
        self.pipe.lock().ended = true;
        self.pipe.arrived.notify_one();
    }
}

impl ClientEnd {
    pub(super) fn send(&mut self, frame: &Value) {
        // A socket that was closed in the meantime is noticed by the next read.
        let _ = self.outgoing.as_ref().unwrap().send(Message::text(frame.to_string()));
    }

    /// Sends a close frame.
    pub(super) fn close(&mut self) {
        let _ = self.outgoing.as_ref().unwrap().send(Message::Close(None));
    }

    /// Stops reading from the socket.
    pub(super) fn stop_reading(&mut self) {
        self.pipe.lock().reading = false;
    }

    /// Reads from the socket again.
    pub(super) fn read_on(&mut self) {
        let mut state = self.pipe.lock();
        state.reading = true;
        if let Some(writer) = state.writer.take() {
            writer.wake();
        }
    }

    /// How many messages came.
    pub(super) fn messages(&self) -> usize {
        self.messages
    }

    /// The next frame; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                return Some(frame);
            }
            let (message, ended) = {
                let mut state = self.pipe.lock();
                let message = state.messages.pop_front();
                state.bytes -= message.as_ref().map_or(0, Message::len);
                (message, state.ended)
            };
            match message {
                Some(Message::Text(text)) => {
                    self.messages += 1;
                    match serde_json::from_str(&text).unwrap() {
                        Value::Array(frames) => self.frames.extend(frames),
                        frame => self.frames.push_back(frame),
                    }
                }
                Some(Message::Close(frame)) => self.closed = frame.map(|frame| frame.code.into()),
                Some(other) => panic!("{other:?} was sent"),
                None if ended => return None,
                None => self.pipe.arrived.notified().await,
            }
        }
    }

    /// The types of the next frames.
    pub(super) async fn types(&mut self, count: usize) -> Vec<String> {
        let mut types = Vec::new();
        while types.len() < count {
            let frame = self.next().await.unwrap();
            types.push(frame["type"].as_str().unwrap().to_owned());
        }
        types
    }

    /// The next frame of a type; others are skipped.
    pub(super) async fn until(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await.unwrap_or_else(|| panic!("the socket ended before {kind}"));
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// Reads to the end: the codes of `bye` and of the close.
    pub(super) async fn read_to_close(&mut self) -> (Option<u64>, Option<u16>) {
        let mut bye = None;
        while let Some(frame) = self.next().await {
            if frame["type"] == "bye" {
                bye = frame["code"].as_u64();
            }
        }
        (bye, self.closed)
    }
}
