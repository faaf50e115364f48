//! The HTTP upgrade to a WebSocket: the handshake of RFC 6455 with our credentials.
//!
//! A missing or forged token is refused before the upgrade. A genuine token that has expired is accepted, and the
//! socket is closed with code 4401: a script of a page cannot read the status of a refused upgrade, and could not
//! distinguish an expired token from a network that is down.
//!
//! Every socket is counted for its address until it has ended, and for its user until its `hello`.

use super::{
    connection,
    connection_limiter::{AddressPermit, ConnectionLimiter},
    resume::{Handshake, Identity},
    shared_socket::{SharedSocket, WebSocketIo},
};
use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
    routing::{MethodRouter, get},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use std::{sync::Arc, time::Duration};
use tandem_http::{Origin, Refusal, client_address, into_tcp};
use tandem_protocol::{id::ConnectionId, limits::MAX_FRAME_BYTES, live::CloseCode};
use tandem_runtime::tasks;
use tandem_service::ServiceError;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::derive_accept_key,
        protocol::{Role, WebSocketConfig},
    },
};

const SUBPROTOCOL: &str = "tandem.v1";
/// The prefix of the subprotocol that holds the token of a browser.
const BEARER_PROTOCOL: &str = "bearer.";
/// The buffers of a socket. The default of the library, 128 KiB, would be most of the memory of an idle socket, which
/// keeps its read buffer all the time. Frames of devices are short.
const READ_BUFFER_BYTES: usize = 2048;
const WRITE_BUFFER_BYTES: usize = 4096;
/// A closed socket is read for this long and this far: a connection that is dropped with unread bytes is reset, and the
/// peer might never receive the reason.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: u64 = 16 * 1024 * 1024;
/// Bytes that the library may buffer before a write waits for the peer: more than the largest event.
const WRITE_LIMIT_BYTES: usize = 2 * 1024 * 1024;

#[derive(Clone, Debug)]
pub struct UpgradeState {
    pub handshake: Arc<Handshake>,
    pub limiter: Arc<ConnectionLimiter>,
    pub own: Origin,
    /// Other origins that may open sockets.
    pub allowed: Arc<[Origin]>,
}

pub fn route(state: UpgradeState) -> MethodRouter {
    get(upgrade).with_state(state)
}

/// The result of checking a token that this server issued.
enum TokenCheck {
    Valid(Identity),
    Expired,
}

async fn upgrade(State(state): State<UpgradeState>, mut request: Request) -> Result<Response, Refusal> {
    let headers = request.headers();
    let accept = accept_key(headers)?;
    let by_protocol = protocol_token(headers);
    if !state.may_open(headers, by_protocol.is_some()) {
        return Err(Refusal::ForbiddenOrigin);
    }
    let subprotocol_offered = header_words(headers, header::SEC_WEBSOCKET_PROTOCOL).any(|word| word == SUBPROTOCOL);
    let bearer = bearer_token(headers).or(by_protocol).ok_or(ServiceError::Unauthenticated)?;
    let services = &state.handshake.services;
    if services.is_draining() {
        return Err(ServiceError::Overloaded.into());
    }
    let token = state.check_token(bearer).await?;
    let address_permit = state.limiter.of_address(client_address(&request))?;
    let upgrade: OnUpgrade = hyper::upgrade::on(&mut request);
    // The upgrade is only there when the response has been sent, so that another task has to wait for it.
    tasks::spawn(services.tracker(), serve_upgraded(upgrade, token, Arc::clone(&state.handshake), address_permit));
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let answer = response.headers_mut();
    answer.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    answer.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    answer.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    if subprotocol_offered {
        answer.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    }
    Ok(response)
}

impl UpgradeState {
    /// Whether the request may open a socket: pages of this server and of allowed origins may. Programs send no origin,
    /// and have to send their token in the header.
    fn may_open(&self, headers: &HeaderMap, by_protocol: bool) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => !by_protocol,
            (Some(origin), None) => origin
                .to_str()
                .ok()
                .and_then(|text| text.parse::<Origin>().ok())
                .is_some_and(|origin| self.own.is_own(&origin) || self.allowed.contains(&origin)),
            (Some(_), Some(_)) => false,
        }
    }

    /// Sockets are for signed-in sessions: a personal token, which no revocation of a session would close, is refused.
    async fn check_token(&self, bearer: &str) -> Result<TokenCheck, ServiceError> {
        // A handshake reads a session, and often the log: it counts as a request, so that reconnecting in a loop is
        // refused.
        let grant = match self.handshake.services.admit_request(bearer).await {
            Ok(grant) => grant,
            Err(ServiceError::TokenExpired) => return Ok(TokenCheck::Expired),
            Err(error) => return Err(error),
        };
        let (Some(session), Some(expires_at)) = (grant.caller.session(), grant.expires_at) else {
            return Err(ServiceError::InvalidToken);
        };
        let before_hello = Some(self.limiter.before_hello(grant.caller.owner.user())?);
        let connection = ConnectionId(self.handshake.services.env().id());
        Ok(TokenCheck::Valid(Identity { connection, caller: grant.caller, session, expires_at, before_hello }))
    }
}

async fn serve_upgraded(
    upgrade: OnUpgrade,
    token: TokenCheck,
    handshake: Arc<Handshake>,
    address_permit: Option<AddressPermit>,
) {
    // The permit counts the socket as one connection of the listener, until the socket has ended.
    let Some((stream, early, permit)) = upgrade.await.ok().and_then(into_tcp) else { return };
    let mut config = WebSocketConfig::default();
    config.read_buffer_size = READ_BUFFER_BYTES;
    config.write_buffer_size = WRITE_BUFFER_BYTES;
    config.max_write_buffer_size = WRITE_LIMIT_BYTES;
    config.max_message_size = Some(MAX_FRAME_BYTES);
    config.max_frame_size = Some(MAX_FRAME_BYTES);
    let shared = SharedSocket::new(stream);
    let io = WebSocketIo(Arc::clone(&shared));
    // A client may send its first frame together with the upgrade request.
    let socket = WebSocketStream::from_partially_read(io, early, Role::Server, Some(config)).await;
    let socket = match token {
        TokenCheck::Valid(identity) => connection::serve(socket, Some(shared), identity, handshake).await,
        TokenCheck::Expired => connection::reject(socket, CloseCode::TokenExpired).await,
    };
    linger(socket.into_inner()).await;
    drop((address_permit, permit));
}

/// Ends a connection so that the frames that were sent last arrive.
async fn linger(mut stream: WebSocketIo) {
    let ending = async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(LINGER_BYTES), &mut tokio::io::sink()).await
    };
    // The connection ends in either case.
    let _ = timeout(LINGER, ending).await;
}

/// The answer to the key of the client. Refuses a request that is no WebSocket handshake.
fn accept_key(headers: &HeaderMap) -> Result<HeaderValue, Refusal> {
    let refused = || Refusal::invalid("upgrade", "expected a WebSocket handshake");
    let has = |name, word: &str| header_words(headers, name).any(|known| known.eq_ignore_ascii_case(word));
    if !has(header::CONNECTION, "upgrade") || !has(header::UPGRADE, "websocket") {
        return Err(refused());
    }
    if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(Refusal::SocketVersion);
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).ok_or_else(refused)?;
    HeaderValue::try_from(derive_accept_key(key.as_bytes())).map_err(|_| refused())
}

fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn protocol_token(headers: &HeaderMap) -> Option<&str> {
    header_words(headers, header::SEC_WEBSOCKET_PROTOCOL).find_map(|word| word.strip_prefix(BEARER_PROTOCOL))
}

/// The items of a comma-separated header, over all of its lines.
fn header_words(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}
