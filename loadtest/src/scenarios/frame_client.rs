//! A socket without a replica, for requests whose frames only have to be counted: commands by name, frames as text.

use crate::virtual_user::{
    Target,
    api::{Api, ApiError},
    socket::{self, Route, Socket},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tandem_protocol::{
    limits::PROTOCOL_VERSION,
    live::{
        ClientFrame,
        client::{Hello, HelloDevice},
    },
};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use tokio_tungstenite::tungstenite::{self, Message};

/// Time limit for an answer or a reply.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The name of the event that ends a reply.
const ENDED: &str = r#""message.completed""#;

/// Opens a socket as a new device.
pub(super) async fn open(target: &Target, api: &Api, device: &str, narrow: bool) -> Result<Socket, tungstenite::Error> {
    let route = Route { from: None, narrow, client: target.client };
    let mut socket = socket::open(target.address, &api.access_token(), route).await?;
    let device = HelloDevice { id: device.into(), name: String::new() };
    // Without `batch` a message is one frame, which the searches for text below rely on.
    let hello = Hello { version: PROTOCOL_VERSION, device, resume: None, streams: Vec::new(), caps: Vec::new() };
    socket::send(&mut socket, &ClientFrame::Hello(hello)).await?;
    Ok(socket)
}

/// An open socket that a task reads all the time.
#[derive(Debug)]
pub(super) struct FrameClient {
    outgoing: mpsc::UnboundedSender<String>,
    frames: mpsc::UnboundedReceiver<String>,
    /// Whether a reply has ended since [`FrameClient::discard`]; its event may precede the acknowledgement.
    ended: bool,
    task: JoinHandle<()>,
}

impl FrameClient {
    pub(super) async fn open(target: &Target, api: &Api, device: &str) -> Result<Self, ApiError> {
        let socket = open(target, api, device, false).await.map_err(|error| ApiError::NoAnswer(error.to_string()))?;
        let (outgoing, commands) = mpsc::unbounded_channel();
        let (arrived, frames) = mpsc::unbounded_channel();
        let task = tokio::spawn(run(socket, commands, arrived));
        let mut client = Self { outgoing, frames, ended: false, task };
        client.until(r#""type":"live""#).await?;
        Ok(client)
    }

    /// Sends a command and returns the frame that answers it.
    pub(super) async fn command(&mut self, id: &str, name: &str, args: &Value) -> Result<String, ApiError> {
        let frame = json!({"type": "command", "id": id, "name": name, "args": args});
        self.outgoing.send(frame.to_string()).map_err(|_| closed())?;
        let answer = self.until(&format!(r#""id":"{id}""#)).await?;
        match serde_json::from_str::<Value>(&answer) {
            Ok(frame) if frame["type"] == "error" => Err(ApiError::Refused {
                status: 0,
                code: frame["code"].to_string(),
                detail: frame["message"].to_string(),
                retry_after: None,
            }),
            _ => Ok(answer),
        }
    }

    /// Waits for the frame that contains a text, and skips those before it.
    pub(super) async fn until(&mut self, text: &str) -> Result<String, ApiError> {
        let found = async {
            loop {
                let frame = self.frames.recv().await;
                self.ended |= frame.as_ref().is_some_and(|frame| frame.contains(ENDED));
                match frame {
                    // Events also contain the ids of commands, so only other frames can be the answer to one.
                    Some(frame) if frame.contains(text) && !(text.starts_with(r#""id""#) && is_event(&frame)) => {
                        return Ok(frame);
                    }
                    Some(_) => {}
                    None => return Err(closed()),
                }
            }
        };
        timeout(TIMEOUT, found).await.map_err(|_| ApiError::NoAnswer(format!("no frame with {text}")))?
    }

    /// Waits until a reply has ended since [`FrameClient::discard`].
    pub(super) async fn until_ended(&mut self) -> Result<(), ApiError> {
        if self.ended { Ok(()) } else { self.until(ENDED).await.map(drop) }
    }

    /// Waits until one more reply has ended.
    pub(super) async fn until_next_end(&mut self) -> Result<(), ApiError> {
        self.until(ENDED).await.map(drop)
    }

    /// Discards the frames that have arrived.
    pub(super) fn discard(&mut self) {
        while self.frames.try_recv().is_ok() {}
        self.ended = false;
    }
}

impl Drop for FrameClient {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn is_event(frame: &str) -> bool {
    frame.starts_with(r#"{"type":"event""#)
}

fn closed() -> ApiError {
    ApiError::NoAnswer("the socket was closed".into())
}

async fn run(
    mut socket: Socket,
    mut commands: mpsc::UnboundedReceiver<String>,
    arrived: mpsc::UnboundedSender<String>,
) {
    loop {
        let sent = tokio::select! {
            command = commands.recv() => match command {
                Some(command) => socket.send(Message::text(command)).await,
                None => return,
            },
            frame = socket.next() => match frame {
                // Without pongs the server would close the socket.
                Some(Ok(Message::Text(frame))) if frame.starts_with(r#"{"type":"ping""#) => {
                    socket.send(Message::text(r#"{"type":"pong"}"#)).await
                }
                Some(Ok(Message::Text(frame))) => {
                    if arrived.send(frame.to_string()).is_err() {
                        return;
                    }
                    Ok(())
                }
                Some(Ok(_)) => Ok(()),
                Some(Err(_)) | None => return,
            },
        };
        if sent.is_err() {
            return;
        }
    }
}
