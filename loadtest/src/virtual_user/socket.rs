//! Opens the socket of a device, with a chosen source address and buffer size.

use futures_util::SinkExt;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tandem_protocol::live::ClientFrame;
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, Message,
        client::IntoClientRequest,
        http::{HeaderValue, header::AUTHORIZATION},
        protocol::WebSocketConfig,
    },
};

/// Size of the read buffer: more than a token, and small enough for thousands of sockets.
const BUFFER: usize = 4096;
/// Time limit of the handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(20);
/// The TCP segment size of an Ethernet, in bytes.
const ETHERNET_SEGMENT: u32 = 1448;
/// The smallest receive buffer that Linux grants, in bytes.
const SMALL_RECEIVE_BUFFER: u32 = 4096;

pub(crate) type Socket = WebSocketStream<TcpStream>;

/// The path of a connection to the server.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Route {
    /// The source address; `None` leaves it to the system.
    pub(crate) from: Option<IpAddr>,
    /// Small segments and a small receive buffer, as for a remote device. Over loopback a server can write megabytes to a
    /// device that does not read; with these, some ten thousand bytes.
    pub(crate) narrow: bool,
    /// The address in `X-Forwarded-For`.
    pub(crate) client: Option<IpAddr>,
}

/// Connects and performs the WebSocket handshake with an access token.
///
/// # Errors
/// When the server cannot be reached, refuses, or takes too long.
pub(crate) async fn open(address: SocketAddr, token: &str, route: Route) -> Result<Socket, tungstenite::Error> {
    let mut request = format!("ws://{address}/api/v1/ws").into_client_request()?;
    request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}"))?);
    if let Some(client) = route.client.and_then(|client| HeaderValue::from_str(&client.to_string()).ok()) {
        request.headers_mut().insert("X-Forwarded-For", client);
    }
    // A write buffer of zero sends each frame immediately, so that its time of sending is exact.
    let config = WebSocketConfig::default().read_buffer_size(BUFFER).write_buffer_size(0);
    let handshake = timeout(HANDSHAKE_TIMEOUT, async {
        let stream = connect(address, route).await?;
        client_async_with_config(request, stream, Some(config)).await
    });
    let (socket, _) = handshake.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    Ok(socket)
}

/// Connects along a route.
///
/// # Errors
/// When the server cannot be reached.
pub(crate) async fn connect(address: SocketAddr, route: Route) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if route.narrow {
        socket.set_recv_buffer_size(SMALL_RECEIVE_BUFFER)?;
        #[cfg(unix)]
        socket2::SockRef::from(&socket).set_tcp_mss(ETHERNET_SEGMENT)?;
    }
    if let Some(from) = route.from {
        socket.bind((from, 0).into())?;
    }
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Sends a frame.
///
/// # Errors
/// When the socket is closed.
pub(crate) async fn send(socket: &mut Socket, frame: &ClientFrame) -> Result<(), tungstenite::Error> {
    // Frames have string keys only, so this cannot fail; the server would refuse an empty text.
    let text = serde_json::to_string(frame).unwrap_or_default();
    socket.send(Message::text(text)).await
}

/// Closes a socket as a lost network does: with a reset and without a close frame.
pub(super) fn cut(socket: Socket) {
    // A reset also frees the port, which otherwise stays in TIME_WAIT. An error means that the socket is closed already.
    let _ = socket.get_ref().set_zero_linger();
    drop(socket);
}
