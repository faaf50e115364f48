//! How a connection ends, and what is still said then.

use crate::realtime::{send_queue::Closing, wire::encode};
use futures_util::{Sink, SinkExt as _};
use std::time::Duration;
use tandem_protocol::live::{CloseCode, ServerFrame, server::Bye};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{
    Error, Message,
    error::CapacityError,
    protocol::{CloseFrame, frame::coding::CloseCode as WireCode},
};

/// `bye` and close of a device that does not read get this long to leave; then the connection is cut.
const BYE_TIMEOUT: Duration = Duration::from_secs(10);
/// The answer to a close of the other side gets this long.
const CLOSE_REPLY_TIMEOUT: Duration = Duration::from_secs(1);

/// How a connection ended.
#[derive(Debug)]
pub(super) enum CloseOutcome {
    /// The other side went away.
    Lost,
    /// The other side closed in good order.
    PeerClosed,
    /// We close it, with a `bye`.
    Close(Closing),
    /// It broke the WebSocket protocol: closed without `bye`.
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
    /// How a connection ends to which nothing could be written.
    pub(super) fn of_write(error: &Error) -> Self {
        match error {
            // More than the library keeps for a socket, which still is there.
            Error::WriteBufferFull(_) | Error::Capacity(_) => CloseCode::Lagging.into(),
            _ => Self::Lost,
        }
    }

    /// Says what there is to send_last, for as long as the device takes it. Whether it did makes no difference to us.
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

/// `bye`, then close.
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
