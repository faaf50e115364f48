//! The connection of a device.

use super::Shared;
use futures_util::{SinkExt as _, StreamExt as _, stream::SplitSink};
use std::{
    fmt::Display,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
};
use tandem_protocol::live::{ClientFrame, ServerFrame};
use tokio::{net::TcpStream, sync::Mutex, task::JoinHandle};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest as _,
        http::{HeaderValue, Request, StatusCode},
    },
};

type Sender = SplitSink<WebSocketStream<TcpStream>, Message>;

/// How the upgrade is authorised.
#[derive(Clone, Debug)]
pub enum Credentials {
    None,
    /// `Authorization: Bearer …`, as programs do.
    Header(String),
    /// `Sec-WebSocket-Protocol: tandem.v1, bearer.…` with an `Origin`, as browsers do.
    Subprotocol {
        token: String,
        /// The origin of the page.
        origin: Option<String>,
    },
    /// Headers as they are.
    Headers(Vec<(&'static str, String)>),
    /// A query string, which the server must refuse.
    Query(String),
}

/// The upgrade was answered, but not with an upgrade.
#[derive(Debug)]
pub struct Refused {
    pub status: StatusCode,
    pub body: String,
}

/// There is no connection.
#[derive(Debug)]
pub(super) enum OpenError {
    /// The server refused the upgrade.
    Refused(Refused),
    Unreachable(String),
}

/// The address and the credentials of a connection.
#[derive(Debug)]
pub(super) struct ConnectOptions<'a> {
    /// The server's own address.
    pub(super) origin: &'a str,
    /// Another way to it than straight.
    pub(super) by: Option<SocketAddr>,
    /// The network address that the server is to see.
    pub(super) address: &'a str,
    pub(super) credentials: Credentials,
}

/// An open connection. Dropped, it is cut without a word.
#[derive(Debug)]
pub(super) struct Wire {
    sender: Arc<Mutex<Option<Sender>>>,
    reader: JoinHandle<()>,
}

impl Wire {
    pub(super) async fn open(options: ConnectOptions<'_>, shared: Arc<Shared>) -> Result<Self, OpenError> {
        let ConnectOptions { origin, by, address, credentials } = options;
        let host = origin.strip_prefix("http://").expect("tests speak plain HTTP");
        let unreachable = |error: &dyn Display| OpenError::Unreachable(error.to_string());
        let stream = match by {
            Some(by) => TcpStream::connect(by).await,
            None => TcpStream::connect(host).await,
        };
        let stream = stream.map_err(|error| unreachable(&error))?;
        let (socket, answer) = match client_async(upgrade(host, address, &credentials), stream).await {
            Ok(open) => open,
            Err(Error::Http(answer)) => {
                let body = String::from_utf8_lossy(answer.body().as_deref().unwrap_or_default()).into_owned();
                return Err(OpenError::Refused(Refused { status: answer.status(), body }));
            }
            Err(error) => return Err(unreachable(&error)),
        };
        if matches!(credentials, Credentials::Subprotocol { .. }) {
            let chosen = answer.headers().get("sec-websocket-protocol").map(HeaderValue::as_bytes);
            assert_eq!(chosen, Some(b"tandem.v1".as_slice()), "the answer never repeats the token");
        }
        let (sender, mut frames) = socket.split();
        let sender = Arc::new(Mutex::new(Some(sender)));
        let replies = Arc::clone(&sender);
        let reader = tokio::spawn(async move {
            let mut code = None;
            while let Some(message) = frames.next().await {
                match message {
                    Ok(Message::Text(text)) => take(text.as_str(), &shared, &replies).await,
                    Ok(Message::Close(close)) => code = close.map(|close| close.code.into()),
                    Ok(Message::Binary(_)) => shared.seen().violations.push("a binary message".to_owned()),
                    Ok(_) => {}
                    Err(_) => break,
                }
            }
            shared.seen().end(code);
            shared.changed.send_replace(());
        });
        Ok(Self { sender, reader })
    }

    /// Sends a message. On a connection that the server has closed it is lost, as it is in life.
    pub(super) async fn send(&self, message: Message) {
        if let Some(sender) = self.sender.lock().await.as_mut() {
            let _ = sender.send(message).await;
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.reader.abort();
        // Both halves go at once, so that the connection is closed now and not when the task has been cleared away.
        if let Ok(mut sender) = self.sender.try_lock() {
            sender.take();
        }
    }
}

async fn take(text: &str, shared: &Shared, replies: &Mutex<Option<Sender>>) {
    let frames = match ServerFrame::parse(text) {
        Ok(frames) => frames,
        Err(error) => {
            shared.seen().violations.push(format!("{error} in {text}"));
            return;
        }
    };
    let mut pinged = false;
    {
        let mut seen = shared.seen();
        seen.bytes += text.len();
        for frame in frames {
            pinged |= matches!(frame, ServerFrame::Ping(_));
            seen.take(frame);
        }
    }
    shared.changed.send_replace(());
    if pinged && shared.answers_pings.load(Ordering::Relaxed) {
        let seq = shared.seen().replica.seq();
        let pong = serde_json::to_string(&ClientFrame::Pong { seq }).expect("frames serialise");
        if let Some(sender) = replies.lock().await.as_mut() {
            // The connection may have ended, in which case no pong is needed.
            let _ = sender.send(Message::text(pong)).await;
        }
    }
}

fn upgrade(host: &str, address: &str, credentials: &Credentials) -> Request<()> {
    let query = if let Credentials::Query(query) = credentials { query.as_str() } else { "" };
    let mut request = format!("ws://{host}/api/v1/ws{query}").into_client_request().expect("the address is one");
    let headers = request.headers_mut();
    let mut set = |name: &'static str, value: &str| {
        headers.insert(name, HeaderValue::from_str(value).expect("tests send readable headers"));
    };
    set("x-forwarded-for", address);
    match credentials {
        Credentials::None | Credentials::Query(_) => {}
        Credentials::Header(token) => set("authorization", &format!("Bearer {token}")),
        Credentials::Subprotocol { token, origin } => {
            set("sec-websocket-protocol", &format!("tandem.v1, bearer.{token}"));
            if let Some(origin) = origin {
                set("origin", origin);
            }
        }
        Credentials::Headers(all) => all.iter().for_each(|(name, value)| set(name, value)),
    }
    request
}
