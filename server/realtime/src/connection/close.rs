//! How a connection ends, and the frames that are sent last.
//!
//! The client has to know why it was disconnected, to decide whether to reconnect, resume or sign in again. So the
//! server sends `bye` before each close of its own, except to a peer that broke the WebSocket protocol.
//!
//! A close never waits for ever for a peer that does not read.

use crate::{send_queue::Closing, wire::encode};
use futures_util::{Sink, SinkExt as _};
use std::time::Duration;
use tandem_protocol::live::{CloseCode, ServerFrame, server::Bye};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{
    Error, Message,
    error::CapacityError,
    protocol::{CloseFrame, frame::coding::CloseCode as WireCode},
};

/// How long `bye` and close may take with a device that does not read.
const BYE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the answer to a close of the peer may take.
const CLOSE_REPLY_TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) enum CloseOutcome {
    /// The peer is gone without a close.
    Lost,
    PeerClosed,
    /// The server closes it with a `bye`.
    Close(Closing),
    /// The peer broke the WebSocket protocol: closed without a `bye`.
    Violation(WireCode),
}

impl From<CloseCode> for CloseOutcome {
    fn from(code: CloseCode) -> Self {
        Self::Close(code.into())
    }
}

impl From<&Error> for CloseOutcome {
    fn from(error: &Error) -> Self {
        match error {
            Error::Capacity(CapacityError::MessageTooLong { .. }) => CloseCode::TooBig.into(),
            Error::Utf8(_) => Self::Violation(WireCode::Invalid),
            Error::Protocol(_) => Self::Violation(WireCode::Protocol),
            _ => Self::Lost,
        }
    }
}

impl CloseOutcome {
    /// The outcome of a failed write.
    pub(super) fn of_write(error: &Error) -> Self {
        match error {
            // The frame exceeds the buffer of the library; the socket itself is intact.
            Error::WriteBufferFull(_) | Error::Capacity(_) => CloseCode::Lagging.into(),
            _ => Self::Lost,
        }
    }

    /// Sends the last frames and closes. Errors are ignored: the connection ends in either case.
    pub(super) async fn send_last<S>(self, socket: &mut S)
    where
        S: Sink<Message, Error = Error> + Unpin,
    {
        match self {
            Self::Lost => {}
            Self::PeerClosed => {
                let _ = timeout(CLOSE_REPLY_TIMEOUT, socket.close()).await;
            }
            Self::Close(closing) => {
                let code = closing.code.code();
                metrics::counter!("tandem_socket_closes_total", "code" => code.to_string()).increment(1);
                let _ = timeout(BYE_TIMEOUT, bye(socket, closing)).await;
            }
            Self::Violation(code) => {
                let frame = CloseFrame { code, reason: "".into() };
                let _ = timeout(BYE_TIMEOUT, socket.send(Message::Close(Some(frame)))).await;
            }
        }
    }
}

/// Sends `bye`, then the close frame.
async fn bye<S>(socket: &mut S, Closing { code, reconnect_after_ms }: Closing) -> Result<(), Error>
where
    S: Sink<Message, Error = Error> + Unpin,
{
    let bye = Bye { code: code.code(), reason: code.reason().into(), reconnect_after_ms };
    let frame = CloseFrame { code: WireCode::from(code.code()), reason: code.reason().into() };
    socket.feed(Message::Text(encode(&ServerFrame::Bye(bye)))).await?;
    socket.send(Message::Close(Some(frame))).await?;
    socket.close().await
}
