//! A socket in memory. Its other end can stop reading; what is sent then is taken up to a bound, as by a kernel.

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

/// Bytes that the bound takes.
const KERNEL_BYTES: usize = 8 * 1024;

/// The end that is served.
pub(super) struct Near {
    incoming: mpsc::UnboundedReceiver<Message>,
    pipe: Arc<Pipe>,
}

/// The device's end.
pub(super) struct Far {
    outgoing: Option<mpsc::UnboundedSender<Message>>,
    pipe: Arc<Pipe>,
    frames: VecDeque<Value>,
    messages: usize,
    closed: Option<u16>,
}

#[derive(Default)]
struct Pipe {
    state: Mutex<Way>,
    arrived: Notify,
}

#[derive(Default)]
struct Way {
    messages: VecDeque<Message>,
    bytes: usize,
    reads: bool,
    over: bool,
    writer: Option<Waker>,
}

impl Pipe {
    fn lock(&self) -> MutexGuard<'_, Way> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Both ends of a socket.
pub(super) fn pair() -> (Near, Far) {
    let (outgoing, incoming) = mpsc::unbounded_channel();
    let pipe = Arc::new(Pipe { state: Mutex::new(Way { reads: true, ..Way::default() }), arrived: Notify::new() });
    let far =
        Far { outgoing: Some(outgoing), pipe: Arc::clone(&pipe), frames: VecDeque::new(), messages: 0, closed: None };
    (Near { incoming, pipe }, far)
}

impl Stream for Near {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.incoming.poll_recv(cx).map(|message| message.map(Ok))
    }
}

impl Sink<Message> for Near {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut way = self.pipe.lock();
        if way.reads || way.bytes < KERNEL_BYTES {
            return Poll::Ready(Ok(()));
        }
        way.writer = Some(cx.waker().clone());
        Poll::Pending
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        let mut way = self.pipe.lock();
        way.bytes += message.len();
        way.messages.push_back(message);
        drop(way);
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

impl Drop for Near {
    fn drop(&mut self) {
        self.pipe.lock().over = true;
        self.pipe.arrived.notify_one();
    }
}

impl Far {
    /// Sends a frame.
    pub(super) fn say(&mut self, frame: &Value) {
        // A socket that is closed meanwhile is seen by who reads.
        let _ = self.outgoing.as_ref().unwrap().send(Message::text(frame.to_string()));
    }

    /// Closes in good order.
    pub(super) fn close(&mut self) {
        let _ = self.outgoing.as_ref().unwrap().send(Message::Close(None));
    }

    /// Takes nothing more.
    pub(super) fn stop_reading(&mut self) {
        self.pipe.lock().reads = false;
    }

    /// Takes everything again.
    pub(super) fn read_on(&mut self) {
        let mut way = self.pipe.lock();
        way.reads = true;
        if let Some(writer) = way.writer.take() {
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
            let (message, over) = {
                let mut way = self.pipe.lock();
                let message = way.messages.pop_front();
                way.bytes -= message.as_ref().map_or(0, Message::len);
                (message, way.over)
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
                None if over => return None,
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

    /// The next frame of a type; others are passed over.
    pub(super) async fn until(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await.unwrap_or_else(|| panic!("the socket ended before {kind}"));
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// Reads to the end: the codes of `bye` and of the close.
    pub(super) async fn farewell(&mut self) -> (Option<u64>, Option<u16>) {
        let mut bye = None;
        while let Some(frame) = self.next().await {
            if frame["type"] == "bye" {
                bye = frame["code"].as_u64();
            }
        }
        (bye, self.closed)
    }
}
